"""The microservice chassis: what every service needs and no domain should repeat.

A message, in the order of its way: ``outbox`` keeps it with the row that it tells of, ``nudge`` wakes the
``relay``, whose ``stream`` carries it in a ``batch`` by the ``transport``; the ``worker`` takes the ``job``,
the ``inbox`` applies it exactly once through the domain's ``handlers`` and tells its ``position``.
``dead_letters`` keeps what could not be applied.

A command: ``app``, ``commands``, ``fields`` and ``schemas``, ``database``, and ``idempotency`` and ``waiting``
for who asks for them. A query: ``reading``, ``paging``, ``api_streams``, ``api_journeys``. Whatever goes wrong
becomes an answer in ``errors``.

Around both: ``config``, ``tables``, ``sqlite``, ``requests``, ``tracing``, ``health``, ``cli``, ``backup``.
"""
