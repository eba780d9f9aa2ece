"""The query side of products: GET /api-queries/products."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.api_journeys import JourneysResource
from chassis.api_streams import StreamsResource
from chassis.app import create_app
from chassis.reading import ReadModel, create_api

app = create_app("products", "products-queries")
api = create_api(app)

products = ReadModel("product", "SELECT id, name, description, value, stock FROM products")
ledger = ReadModel("product", "SELECT id, stock, supplied FROM products")


class ProductListResource(Resource):
    """All products."""

    def get(self) -> Response:
        """List them, or a page of them."""
        return products.listing()


class ProductResource(Resource):
    """One product."""

    def get(self, id: int) -> Response:
        """Show it."""
        return products.one(id)


class LedgerResource(Resource):
    """What came into the stock of each product: its first stock and every change by PUT."""

    def get(self) -> Response:
        """List it, or a page of it: ``supplied`` less what was sold is the stock."""
        return ledger.listing()


api.add_resource(ProductListResource, "/api-queries/products")
api.add_resource(ProductResource, "/api-queries/products/<int:id>")
api.add_resource(LedgerResource, "/api-queries/products/ledger")
api.add_resource(StreamsResource, "/api-queries/products/streams")
api.add_resource(JourneysResource, "/api-queries/products/journeys")
