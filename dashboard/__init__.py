"""RQ's own view of the queues: rq-dashboard, an optional service behind the gateway."""
