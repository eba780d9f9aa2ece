"""The command side of users: POST /api-commands/users."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from chassis.commands import create_api, json_body
from chassis.database import transaction
from chassis.errors import conflict
from chassis.idempotency import answer
from users.base import User, app, db, q, user_schema
from users.sender import send_user

api = create_api(app)


class UserListResource(Resource):
    """All users."""

    def post(self) -> dict[str, Any]:
        """Create a user and tell orders. Raises Conflict when the username is taken."""
        new_user = User(**user_schema.load(json_body()))
        with transaction():
            db.session.add(new_user)
            with conflict(f"the username {new_user.username!r} is taken"):
                db.session.flush()  # gives the user its id
            q.enqueue(send_user, user_schema.dump(new_user))
            return answer(user_schema.dump(new_user))


api.add_resource(UserListResource, "/api-commands/users")
