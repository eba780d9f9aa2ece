"""The query side of users: GET /api-queries/users."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.app import create_app
from chassis.journeys import JourneysResource
from chassis.reading import ReadModel, create_api
from chassis.streams import StreamsResource

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
