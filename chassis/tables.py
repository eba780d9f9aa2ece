"""The tables that each database has beside its domain's own."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table, Text

metadata = MetaData()

# A whole number of 64 bits. SQLite's have that many, and it gives new ids to an INTEGER only.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")

# Made with the database and never changed but by a restore from an older copy: see ``outgoing.leave_epoch``.
epoch = Table("outbox_epoch", metadata, Column("epoch", String(32), primary_key=True))

# One row for each receiver: how many messages it has been written, how many it says that it has applied.
stream = Table(
    "outbox_stream",
    metadata,
    Column("receiver", String(50), primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("acknowledged", BigInteger, nullable=False),
)

# Every message ever written, in order; kept after delivery, so that a lost replica can be built again.
outbox = Table(
    "outbox",
    metadata,
    Column("receiver", String(50), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", String(32), nullable=False),
    Column("handler", String(200), nullable=False),
    Column("payload", Text, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("created_at", Float(53), nullable=False),
    sqlite_with_rowid=False,  # in the order of its key: one tree to write instead of two
)

# One row for each of the last batches: what was sent when, and applied when; a hello carries no message.
delivery = Table(
    "outbox_delivery",
    metadata,
    Column("receiver", String(50), primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("sent_at", Float(53), nullable=False),
    Column("acknowledged_at", Float(53)),
)

# One row for each sender: how far its messages have been applied here.
inbox = Table(
    "inbox",
    metadata,
    Column("sender", String(50), primary_key=True),
    Column("epoch", String(32), nullable=False),
    Column("applied", BigInteger, nullable=False),
    Column("message_id", String(32), nullable=False),
)

# Epochs that a sender has left: a late job of one is refused.
left_epoch = Table(
    "inbox_left_epoch",
    metadata,
    Column("sender", String(50), primary_key=True),
    Column("epoch", String(32), primary_key=True),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", WHOLE, primary_key=True),
    Column("sender", String(50), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("message_id", String(32), nullable=False),
    Column("handler", String(200), nullable=False),
    Column("payload", Text, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("error", Text, nullable=False),
    Column("failed_at", Float(53), nullable=False),
)

# The first answer under each Idempotency-Key; without a body, the command is still running.
idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("body", Text),
    Column("expires_at", Float(53), nullable=False, index=True),
)
