"""The command side of users: POST /api-commands/users."""

from __future__ import annotations

from flask import Response
from flask_restful import Resource

from chassis.commands import create_api, json_body
from chassis.database import create, transaction
from chassis.errors import conflict
from chassis.idempotency import answer
from users.base import User, app, q, user_schema
from users.sender import send_user

api = create_api(app)


class UserListResource(Resource):
    """All users."""

    def post(self) -> Response:
        """Create a user and tell orders. Raises Conflict when the username is taken."""
        data = user_schema.load(json_body())
        with transaction():
            with conflict(f"the username {data['username']!r} is taken"):
                new_user = create(User, **data)
            q.enqueue(send_user, user_schema.dump(new_user))
            return answer(user_schema.dump(new_user))


api.add_resource(UserListResource, "/api-commands/users")
