"""Baseline (a): a Flask app that returns a constant, the least that a request through Flask can cost."""

from __future__ import annotations

from flask import Flask, Response

app = Flask(__name__, static_folder=None)

ANSWER = b'{"id":1,"username":"ana"}'


@app.route("/<path:path>", methods=["GET", "POST"])
def constant(path: str) -> Response:
    """The same answer to whatever is asked."""
    return Response(ANSWER, content_type="application/json")
