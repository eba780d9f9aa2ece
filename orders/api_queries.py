"""The query side of orders: GET /api-queries/orders, and the replicas that orders keeps."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.api_journeys import JourneysResource
from chassis.api_streams import StreamsResource
from chassis.app import create_app
from chassis.reading import ReadModel, create_api

app = create_app("orders", "orders-queries")
api = create_api(app)

# A user or product whose database was lost is shown as it was when the order was placed.
orders = ReadModel(
    "order",
    """
    SELECT orders.id, orders."user", orders.product, orders.quantity, orders.state,
        coalesce(users.username, orders.user_username) AS user_username,
        coalesce(products.name, orders.product_name) AS product_name,
        coalesce(products.value, orders.product_value) AS product_value,
        orders.product_value * orders.quantity AS total,
        orders.reason
    FROM orders
    LEFT JOIN users ON users.id = orders."user" AND users.epoch = orders.user_epoch
    LEFT JOIN products ON products.id = orders.product AND products.epoch = orders.product_epoch
    """,
)
user_replicas = ReadModel("user", "SELECT id, username FROM users")
product_replicas = ReadModel("product", "SELECT id, name, description, value, stock, reserved FROM products")


class OrderListResource(Resource):
    """All orders."""

    def get(self) -> Response:
        """List them, or a page of them."""
        return orders.listing()


class OrderResource(Resource):
    """One order."""

    def get(self, id: int) -> Response:
        """Show it."""
        return orders.one(id)


class UserReplicaListResource(Resource):
    """The copies of users that orders holds."""

    def get(self) -> Response:
        """List them, or a page of them."""
        return user_replicas.listing()


class ProductReplicaListResource(Resource):
    """The copies of products that orders holds, and what is promised of each."""

    def get(self) -> Response:
        """List them, or a page of them."""
        return product_replicas.listing()


api.add_resource(OrderListResource, "/api-queries/orders")
api.add_resource(OrderResource, "/api-queries/orders/<int:id>")
api.add_resource(UserReplicaListResource, "/api-queries/orders/replicas/users")
api.add_resource(ProductReplicaListResource, "/api-queries/orders/replicas/products")
api.add_resource(StreamsResource, "/api-queries/orders/streams")
api.add_resource(JourneysResource, "/api-queries/orders/journeys")
