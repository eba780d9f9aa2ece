"""The query side of users: GET /api-queries/users."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.api_journeys import JourneysResource
from chassis.api_streams import StreamsResource
from chassis.app import create_app
from chassis.reading import ReadModel, create_api

app = create_app("users", "users-queries")
api = create_api(app)

users = ReadModel("user", "SELECT id, username FROM users")


class UserListResource(Resource):
    """All users."""

    def get(self) -> Response:
        """List them, or a page of them."""
        return users.listing()


class UserResource(Resource):
    """One user."""

    def get(self, id: int) -> Response:
        """Show it."""
        return users.one(id)


api.add_resource(UserListResource, "/api-queries/users")
api.add_resource(UserResource, "/api-queries/users/<int:id>")
api.add_resource(StreamsResource, "/api-queries/users/streams")
api.add_resource(JourneysResource, "/api-queries/users/journeys")
