"""The command side of products: POST /api-commands/products and PUT /api-commands/products/<id>."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.commands import create_api, json_body
from chassis.database import create, transaction
from chassis.errors import no_such
from chassis.idempotency import answer
from products.base import Product, app, db, product_schema, q
from products.putter import put_product
from products.sender import send_product

api = create_api(app)


class ProductListResource(Resource):
    """All products."""

    def post(self) -> Response:
        """Create a product and tell orders."""
        data = product_schema.load(json_body())
        with transaction():
            new_product = create(Product, **data, supplied=data["stock"])
            q.enqueue(send_product, product_schema.dump(new_product))
            return answer(product_schema.dump(new_product))


class ProductResource(Resource):
    """One product."""

    def put(self, id: int) -> Response:
        """Change some of its members and tell orders. Raises NotFound when there is no such product."""
        changes = product_schema.load(json_body(), partial=True)
        with transaction():
            product = db.session.get(Product, id, with_for_update=True)
            if product is None:
                raise no_such("product", id)
            product.supplied += changes.get("stock", product.stock) - product.stock
            for name, value in changes.items():
                setattr(product, name, value)
            q.enqueue(put_product, product_schema.dump(product))
            return answer(product_schema.dump(product))


api.add_resource(ProductListResource, "/api-commands/products")
api.add_resource(ProductResource, "/api-commands/products/<int:id>")
