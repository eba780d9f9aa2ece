"""The command side of orders: POST /api-commands/orders."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.commands import create_api, json_body
from chassis.database import create, transaction
from chassis.idempotency import answer
from chassis.waiting import require, waits_for_replicas
from orders.base import Order, Product, User, app, order_schema, process_order, q, snapshot

api = create_api(app)


class OrderListResource(Resource):
    """All orders."""

    @waits_for_replicas
    def post(self) -> Response:
        """Accept an order and queue it. Raises NotHeardOf when the replica lacks its user or product."""
        data = order_schema.load(json_body())
        with transaction():
            user = require(User, data["user"])
            product = require(Product, data["product"])
            new_order = create(Order, **data, state="processing", **snapshot(user, product))
            # add to queue to process order
            q.enqueue(process_order, new_order.id)
            return answer(order_schema.dump(new_order))


api.add_resource(OrderListResource, "/api-commands/orders")
