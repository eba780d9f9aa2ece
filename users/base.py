"""The write model of users, and the queue to who copies it."""

from __future__ import annotations

from marshmallow_sqlalchemy import auto_field
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.app import create_app
from chassis.database import Database
from chassis.fields import Text
from chassis.outbox import Outbox
from chassis.schemas import RowSchema

app = create_app("users", "users-commands")
db = Database(app)
q = Outbox(db, "orders")


class User(db.Model):  # type: ignore[name-defined]
    """Someone who orders."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}  # an id is never given twice

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(50), unique=True)


class UserSchema(RowSchema):
    """A user as the contract has it."""

    class Meta:
        model = User

    id = auto_field(dump_only=True)
    username = Text(1, 50, trimmed=True, required=True)


user_schema = UserSchema()  # type: ignore[no-untyped-call]
