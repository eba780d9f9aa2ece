"""The way of the last messages, step by step: ``GET /api-queries/<domain>/journeys``."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis import reading
from chassis.paging import Page

# Of each stream, what a client gets that does not say how many it wants.
USUAL_LIMIT = 50

# The last messages of each stream, the newest first; a batch that holds a message tells when it was sent.
MESSAGES = """
    SELECT message.request_id, message.receiver, message.seq, message.handler,
        message.created_at, delivery.sent_at, delivery.acknowledged_at
    FROM outbox_stream AS stream
    JOIN outbox AS message ON message.receiver = stream.receiver AND message.seq > stream.last - :limit
    LEFT JOIN outbox_delivery AS delivery ON delivery.receiver = message.receiver
        AND message.seq BETWEEN delivery.first AND delivery.last
    ORDER BY message.created_at DESC, message.receiver, message.seq DESC
"""
# The last batch is the one with the highest numbers: by its times it may not be, where the clock was set back.
CONTACTS = """
    SELECT stream.receiver, sent.sent_at, answered.acknowledged_at AS answered_at
    FROM outbox_stream AS stream
    LEFT JOIN outbox_delivery AS sent ON sent.receiver = stream.receiver AND sent.first =
        (SELECT max(first) FROM outbox_delivery WHERE receiver = stream.receiver)
    LEFT JOIN outbox_delivery AS answered ON answered.receiver = stream.receiver AND answered.first =
        (SELECT max(first) FROM outbox_delivery WHERE receiver = stream.receiver AND acknowledged_at IS NOT NULL)
    ORDER BY stream.receiver
"""


class JourneysResource(Resource):
    """When the last messages of this domain were committed, sent and applied."""

    def get(self) -> Response:
        """Tell it of the last ``?limit=`` messages of each stream; times are seconds since 1970, null where not known.

        ``contacts`` tells when each receiver was last sent something and last answered; at rest, a hello
        goes out every few seconds.
        """
        limit = Page.asked_for().limit or USUAL_LIMIT
        return reading.tagged({"messages": reading.rows(MESSAGES, limit=limit), "contacts": reading.rows(CONTACTS)})
