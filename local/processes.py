"""The processes of the suite without Docker, and the configuration that supervisor and nginx need for them.

They have the names of the services in docker-compose.yml. ``run.sh`` calls this from the project's folder;
all paths are relative to it, since the path of a Unix socket may have only 104 bytes.
"""

from __future__ import annotations

import os
import sys

GUNICORN = "{bin}/gunicorn -c python:chassis.gunicorn_conf"

# Nothing in Redis needs to survive: it is not saved, and no other machine or user reaches it.
REDIS = '{redis} --port 0 --unixsocket {var}/run/redis.sock --unixsocketperm 700 --save "" --appendonly no'

# What each domain has beside its two apps: a relay where it sends messages, a worker where it receives some.
DOMAINS = {
    "users": {"relay"},
    "products": {"relay", "worker"},
    "orders": {"relay", "worker"},
}


def processes_of(domain: str) -> dict[str, tuple[str, dict[str, str]]]:
    """The command of each process of a domain, and its environment.

    A database has one writer at a time, so one process takes all commands: none waits for another's commit.
    """
    commands = {"WEB_WORKERS": os.environ.get("WEB_WORKERS") or "1"}
    found: dict[str, tuple[str, dict[str, str]]] = {
        f"{domain}-commands": (f"{GUNICORN} {domain}.api_commands:app", commands),
        f"{domain}-queries": (f"{GUNICORN} {domain}.api_queries:app", {}),
    }
    if "relay" in DOMAINS[domain]:
        found[f"{domain}-relay"] = (f"{{bin}}/python -m chassis.relay {domain}", {})
    if "worker" in DOMAINS[domain]:
        found[f"worker-{domain}"] = (f"{{bin}}/flask --app {domain}.base worker", {})
    return found


SERVICES = {
    "redis": (REDIS, {}),
    **{name: process for domain in DOMAINS for name, process in processes_of(domain).items()},
    "nginx": ("sh local/nginx.sh {nginx} {var}", {}),
}

# What runs only when it is asked for, under the name that a profile of docker-compose.yml has.
OPTIONAL = {
    "dashboard": (f"{GUNICORN} dashboard.app:app", {"WEB_WORKERS": "1"}),
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

# What dies is started again, for ever; what is stopped may finish the batch or the requests in hand. Each writes
# its log by itself: through supervisor, a line would cost as much as what it tells of.
PROGRAM = """
[program:{name}]
command = /bin/sh -c 'exec {command} >>{var}/log/{name}.log 2>&1'
environment = {environment}
stdout_logfile = NONE
stderr_logfile = NONE
stopsignal = {stopsignal}
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
    places = {"bin": bin, "redis": redis, "nginx": nginx, "var": var}
    return SUPERVISOR.format(socket=socket, var=var) + "".join(program(name, places) for name in SERVICES)


# A kept connection stays with one process of its app. Were it never renewed, all could stay with the same process,
# while the other has nothing to do. A process that is told to end waits for its connections: idle ones end soon.
UPSTREAM = """\
upstream {name} {{
    server unix:{var}/run/{name}.sock;
    keepalive 16;
    keepalive_requests 20;
    keepalive_timeout 1s;
}}
"""


def program(name: str, places: dict[str, str]) -> str:
    """Supervisor's section for one process.

    Args:
        name: of the process.
        places: what its command names: ``bin`` and ``var``, for Redis and nginx their programs too.
    """
    command, variables = {**SERVICES, **OPTIONAL}[name]
    given = dict(variables)
    if "gunicorn" in command:
        given["BIND"] = f"unix:{places['var']}/run/{name}.sock"
    environment = ",".join(f'{variable}="{value}"' for variable, value in given.items())
    filled = command.format(**places).replace("%", "%%")
    stopsignal = "QUIT" if name == "nginx" else "TERM"  # at TERM, nginx drops the requests in hand
    var = places["var"]
    return PROGRAM.format(name=name, command=filled, environment=environment, stopsignal=stopsignal, var=var)


def upstreams(var: str) -> str:
    """Where nginx finds each app; the names are those of the containers."""
    apps = [name for name, (command, _) in {**SERVICES, **OPTIONAL}.items() if "gunicorn" in command]
    return "".join(UPSTREAM.format(name=name, var=var) for name in apps)


if __name__ == "__main__":
    if sys.argv[1:] == ["upstreams"]:
        sys.stdout.write(upstreams(os.environ["VAR"]))
    elif sys.argv[1:]:
        sys.stdout.write(program(sys.argv[1], {"bin": os.environ["BIN"], "var": os.environ["VAR"]}))
    else:
        given = ("SOCKET", "BIN", "REDIS_SERVER", "NGINX", "VAR")
        sys.stdout.write(configuration(*(os.environ[name] for name in given)))
