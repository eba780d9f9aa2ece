"""How gunicorn serves every app: ``gunicorn -c python:chassis.gunicorn_conf orders.api_queries:app``."""

from __future__ import annotations

import gc
import os
from typing import Any

from gevent import monkey

# One thread serves all requests of a process: each lets the others on where it waits, for its client, for its turn to
# write or for replication (`Prefer: wait`). Threads would wait for the interpreter as well: an order took 14 switches
# from one to another. What waits has to be replaced before anything imports it, so it is done here.
monkey.patch_all()
worker_class = "gevent"

bind = os.environ.get("BIND", "0.0.0.0:5000")
workers = int(os.environ.get("WEB_WORKERS") or "2")
# Connections of each process at once; more wait until one of them ends.
worker_connections = 250

# The app is imported once and forked: a third of the memory, and it starts sooner.
preload_app = True


def when_ready(server: Any) -> None:
    """Do once what every process would do at its first request, and keep a copy of its own of.

    A commands app makes its database here: its queries, relay and worker wait for the tables.
    """
    import encodings.idna  # noqa: F401 - the standard library's way to look up a host, loaded when it is first used

    app = server.app.wsgi()
    app.test_client().get("/healthz")
    if "database" in app.extensions:
        app.extensions["database"].make()


def pre_fork(server: Any, worker: Any) -> None:
    """Keep the collector off what was imported, so that the forked processes go on sharing it."""
    gc.collect()
    gc.freeze()


# Longer than the gateway keeps its connections, so that it never sends a request into one that is closing.
keepalive = 75
# A request takes 10 s at most (`Prefer: wait=10`); the container's grace period is longer than this. A process that is
# told to end waits so long for idle connections too: the gateway closes its own after a second.
graceful_timeout = 15
# A process that has stood still so long is replaced. While a commit waits for the disk, it stands still.
timeout = 300

# Heartbeats of the workers belong in memory, not on a disk that is full or slow.
MEMORY = "/dev/shm"  # noqa: S108 - it is the worker's own file in there that is made safely
worker_tmp_dir = MEMORY if os.path.isdir(MEMORY) else None
# It would be made in the home folder, which a read-only container has not.
control_socket_disable = True

# The app logs one line for each request, with its id.
accesslog = None
errorlog = "-"
loglevel = "warning"
