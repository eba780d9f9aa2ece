"""The processes of the suite without Docker, and supervisor's configuration for them.

They have the names of the services in docker-compose.yml. ``run.sh`` calls this from the project's folder;
all paths are relative to it, since the path of a Unix socket may have only 104 bytes.
"""

from __future__ import annotations

import os
import sys

GUNICORN = "{bin}/gunicorn -c python:chassis.gunicorn_conf"

# Nothing in Redis needs to survive: it is not saved, and no other machine or user reaches it.
REDIS = '{redis} --port 0 --unixsocket {var}/run/redis.sock --unixsocketperm 700 --save "" --appendonly no'

# Commands that wait (`Prefer: wait`) hold a thread each; queries are fastest with one.
SERVICES = {
    "redis": (REDIS, {}),
    "users-commands": (f"{GUNICORN} users.api_commands:app", {"WEB_THREADS": "16"}),
    "users-queries": (f"{GUNICORN} users.api_queries:app", {}),
    "users-relay": ("{bin}/python -m chassis.relay users", {}),
    "products-commands": (f"{GUNICORN} products.api_commands:app", {"WEB_THREADS": "16"}),
    "products-queries": (f"{GUNICORN} products.api_queries:app", {}),
    "products-relay": ("{bin}/python -m chassis.relay products", {}),
    "worker-products": ("{bin}/flask --app products.base worker", {}),
    "orders-commands": (f"{GUNICORN} orders.api_commands:app", {"WEB_THREADS": "16"}),
    "orders-queries": (f"{GUNICORN} orders.api_queries:app", {}),
    "orders-relay": ("{bin}/python -m chassis.relay orders", {}),
    "worker-orders": ("{bin}/flask --app orders.base worker", {}),
    "nginx": ("{nginx} -p . -c {var}/nginx/nginx.conf -e stderr", {}),
}

SUPERVISOR = """\
[supervisord]
logfile = {var}/log/supervisord.log
pidfile = {var}/run/supervisord.pid
childlogdir = {var}/log
[unix_http_server]
file = {socket}
chmod = 0600
[supervisorctl]
serverurl = unix://{socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

# What dies is started again, for ever; what is stopped may finish the batch or the requests in hand.
PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
stdout_logfile = {var}/log/{name}.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 1
redirect_stderr = true
autorestart = true
startsecs = 1
startretries = 1000000
stopwaitsecs = 20
stopasgroup = false
killasgroup = true
"""


def configuration(socket: str, bin: str, redis: str, nginx: str, var: str) -> str:
    """Supervisor's configuration.

    Args:
        socket: where supervisor listens for ``run.sh``.
        bin: the folder of the virtual environment's programs.
        redis: a redis-server or valkey-server.
        nginx: an nginx.
        var: the folder of data, logs and sockets.
    """
    parts = [SUPERVISOR.format(socket=socket, var=var)]
    for name, (command, variables) in SERVICES.items():
        given = dict(variables)
        if "gunicorn" in command:
            given["BIND"] = f"unix:{var}/run/{name}.sock"
        environment = ",".join(f'{variable}="{value}"' for variable, value in given.items())
        filled = command.format(bin=bin, redis=redis, nginx=nginx, var=var)
        parts.append(PROGRAM.format(name=name, command=filled.replace("%", "%%"), environment=environment, var=var))
    return "".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["names"]:
        print("\n".join(SERVICES))
    else:
        given = ("SOCKET", "BIN", "REDIS_SERVER", "NGINX", "VAR")
        sys.stdout.write(configuration(*(os.environ[name] for name in given)))
