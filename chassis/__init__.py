"""The microservice chassis: what every service needs and no domain should repeat.

The story of a message, in the order of the files: ``outbox`` keeps it with the row that it tells of,
``relay`` carries it in a batch, ``worker`` takes the batch from RQ, ``inbox`` applies it exactly once
through the ``handlers`` of the domain, ``dead_letters`` keeps what could not be applied.
"""
