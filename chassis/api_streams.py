"""How far each stream of messages is: ``GET /api-queries/<domain>/streams``."""

from __future__ import annotations

import time

from flask import Response
from flask_restful import Resource

from chassis import reading

OUTGOING = """
    SELECT stream.receiver, stream.last, stream.acknowledged, oldest.created_at AS oldest
    FROM outbox_stream AS stream
    LEFT JOIN outbox AS oldest ON oldest.receiver = stream.receiver AND oldest.seq = stream.acknowledged + 1
    ORDER BY stream.receiver
"""
INCOMING = """
    SELECT sender, applied,
        (SELECT count(*) FROM inbox_left_epoch AS earlier WHERE earlier.sender = inbox.sender) AS left_epochs
    FROM inbox ORDER BY sender
"""


class StreamsResource(Resource):
    """What this domain has sent and received, and what waits."""

    def get(self) -> Response:
        """Tell each stream's numbers; ``oldest_age`` is in seconds, null where nothing waits."""
        now = time.time()
        outgoing = reading.rows(OUTGOING)
        for stream in outgoing:
            oldest = stream.pop("oldest")
            stream["oldest_age"] = None if oldest is None else round(max(0.0, now - oldest), 3)
        dead_letters = reading.rows("SELECT count(*) AS n FROM dead_letter")[0]["n"]
        return reading.tagged({"outgoing": outgoing, "incoming": reading.rows(INCOMING), "dead_letters": dead_letters})
