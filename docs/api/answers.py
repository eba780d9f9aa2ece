"""What the gateway answers with, as marshmallow schemas: the domains' own, and what only the read side shows."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from orders.base import OrderSchema as PlacedOrderSchema
from orders.replicas import ProductReplicaSchema as ProductAsSentSchema
from orders.replicas import UserReplicaSchema
from products.base import ProductSchema
from users.base import UserSchema


def count(**options: bool) -> fields.Integer:
    """A whole number of 0 or more, as a member of an answer."""
    return fields.Integer(strict=True, validate=validate.Range(0), **options)


def state() -> fields.String:
    """How far an order is."""
    return fields.String(validate=validate.OneOf(["processing", "completed", "failed"]))


class OrderSchema(PlacedOrderSchema):
    """An order as the command answers it."""

    state = state()


class OrderReadSchema(OrderSchema):
    """An order as the query side tells it."""

    user_username = fields.String()
    product_name = fields.String()
    product_value = count()
    total = count()
    reason = fields.String(allow_none=True)


class ProductReplicaSchema(ProductAsSentSchema):
    """The copy of a product, and how much of it is promised to orders that products has not answered yet."""

    reserved = count()


class LedgerSchema(Schema):
    """What came into the stock of a product."""

    id = count()
    stock = count()
    supplied = fields.Integer(strict=True)


class OutgoingSchema(Schema):
    """How far a receiver is."""

    receiver = fields.String()
    last = count()
    acknowledged = count()
    oldest_age = fields.Float(allow_none=True)


class IncomingSchema(Schema):
    """How far the messages of a sender are applied."""

    sender = fields.String()
    applied = count()
    left_epochs = count()


class StreamsSchema(Schema):
    """All streams of a service."""

    outgoing = fields.List(fields.Nested(OutgoingSchema))
    incoming = fields.List(fields.Nested(IncomingSchema))
    dead_letters = count()


class TravelSchema(Schema):
    """The times of one message, in seconds since 1970; null where it has not come so far, or nobody remembers."""

    request_id = fields.String()
    receiver = fields.String()
    seq = count()
    handler = fields.String()
    created_at = fields.Float()
    sent_at = fields.Float(allow_none=True)
    acknowledged_at = fields.Float(allow_none=True)


class ContactSchema(Schema):
    """When a receiver was last sent something and last answered, in seconds since 1970; a hello counts."""

    receiver = fields.String()
    sent_at = fields.Float(allow_none=True)
    answered_at = fields.Float(allow_none=True)


class JourneysSchema(Schema):
    """The last messages of each stream of a service, the newest first, and its contacts."""

    messages = fields.List(fields.Nested(TravelSchema))
    contacts = fields.List(fields.Nested(ContactSchema))


class HealthSchema(Schema):
    """The gateway's own health."""

    status = fields.String(validate=validate.OneOf(["up"]))


class DashboardSchema(Schema):
    """Whether RQ's dashboard runs, which is optional."""

    status = fields.String(validate=validate.OneOf(["up", "down"]))


class ProblemSchema(Schema):
    """An error, RFC 9457; ``error`` repeats ``detail`` for clients of the original suite."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer(strict=True, validate=validate.Range(400, 599))
    detail = fields.String()
    instance = fields.String()
    error = fields.String()


# Each under the name that it has in the description.
ANSWERS: dict[str, type[Schema]] = {
    "User": UserSchema,
    "Product": ProductSchema,
    "PlacedOrder": OrderSchema,
    "Order": OrderReadSchema,
    "UserReplica": UserReplicaSchema,
    "ProductReplica": ProductReplicaSchema,
    "Ledger": LedgerSchema,
    "Outgoing": OutgoingSchema,
    "Incoming": IncomingSchema,
    "Streams": StreamsSchema,
    "Travel": TravelSchema,
    "Contact": ContactSchema,
    "Journeys": JourneysSchema,
    "Health": HealthSchema,
    "Dashboard": DashboardSchema,
    "Problem": ProblemSchema,
}
