"""The microservice chassis: what every service needs and no domain should repeat.

A message, in the order of its way: ``outbox`` keeps it with the row that it tells of, ``nudge`` wakes the
``relay``, whose ``stream`` carries what is ``outgoing`` in a ``batch`` by the ``transport``; the ``worker`` takes
the ``job``, the ``inbox`` applies it exactly once through the domain's ``handlers`` and tells its ``position``.
``dead_letters`` keeps what could not be applied. Read these first: they are the heart.

A command: ``app``, ``commands``, ``fields`` and ``schemas``; its transaction: ``database``, ``work``, ``writer``,
``connection``, ``turns``; and ``idempotency`` and ``waiting`` for who asks for them. A query: ``reading`` through
``readers`` and their ``pool``, ``paging``, ``api_streams``, ``api_journeys``. Whatever goes wrong becomes an answer in
``errors``.

What only SQLite or PostgreSQL has stands in ``sqlite`` and ``sqlite_reader``, ``backup`` (with ``backup_commands``),
``postgresql`` and ``postgresql_reader``, and ``database_errors``; what SQLAlchemy does in ``tables``, ``engine`` and
``orm``. Around all: ``config``, ``requests``, ``tracing``, ``health``, ``cli``. On the side: ``hold`` (the delay for
the classroom), ``deliveries`` (what the console shows), ``time_limit``, ``gunicorn_conf``.
"""
