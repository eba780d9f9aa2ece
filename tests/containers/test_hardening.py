"""What an intruder in a container would find: each point is tried, or read from the running container."""

from __future__ import annotations

import pytest

from local.processes import OPTIONAL, SERVICES
from tests.containers.compose import PROJECT, Compose, Container, call

# Nothing answers at an address of another network; a packet that is dropped gives no answer at all.
NO_ANSWER_SECONDS = 2

NAMES = [*SERVICES, *OPTIONAL]

ALL = pytest.mark.parametrize("service", NAMES)
NOT_NGINX = pytest.mark.parametrize("service", [name for name in NAMES if name != "nginx"])

OWN_IMAGE = pytest.mark.parametrize("service", [name for name in NAMES if name not in ("nginx", "redis")])
EACH_IMAGE = pytest.mark.parametrize("service", ["users-commands", "products-commands", "orders-commands", "dashboard"])


def status(container: Container) -> dict[str, str]:
    """What the kernel says of the container's first process."""
    lines = container.bash("cat /proc/1/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@ALL
def test_no_process_is_roots(suite: Compose, service: str) -> None:
    users = call("docker", "top", suite.container(service).id, "-eo", "uid,pid").splitlines()[1:]

    assert users
    assert not [line for line in users if line.split()[0] == "0"]


@ALL
def test_the_root_file_system_is_read_only(suite: Compose, service: str) -> None:
    message = suite.container(service).bash("echo >/intruder", fails=True)

    assert "Read-only file system" in message
    assert suite.container(service).inspect()["HostConfig"]["ReadonlyRootfs"]


@ALL
def test_no_process_has_or_can_get_capabilities(suite: Compose, service: str) -> None:
    kernel = status(suite.container(service))

    assert {kernel[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert kernel["NoNewPrivs"] == "1"


def test_the_gateway_alone_publishes_a_port(suite: Compose) -> None:
    published = {}
    for service in NAMES:
        ports = suite.container(service).inspect()["NetworkSettings"]["Ports"]
        published[service] = [binding["HostPort"] for bindings in ports.values() for binding in bindings or []]

    assert {int(port) for port in published.pop("nginx")} == {suite.port}
    assert not any(published.values())


@NOT_NGINX
def test_nothing_but_the_gateway_has_a_way_out(suite: Compose, service: str) -> None:
    joined = suite.container(service).networks()

    assert joined.keys() <= {"web", "messages"}
    for name in joined:
        assert call("docker", "network", "inspect", "--format", "{{.Internal}}", f"{PROJECT}_{name}").strip() == "true"


def test_nginx_cannot_reach_redis(suite: Compose) -> None:
    nginx, redis = suite.container("nginx"), suite.container("redis")
    (address,) = redis.networks().values()
    ping = f"exec 3<>/dev/tcp/{address}/6379; echo PING >&3; read -r answer <&3; echo $answer"
    ask = f"timeout {NO_ANSWER_SECONDS} bash -c '{ping}'"

    assert "PONG" in suite.container("orders-relay").bash(ask)
    assert not nginx.networks().keys() & redis.networks().keys()
    nginx.bash(ask, fails=True)
    nginx.bash("getent hosts redis", fails=True)


@OWN_IMAGE
def test_an_image_holds_its_own_domain_and_the_chassis_alone(suite: Compose, service: str) -> None:
    domain = service.removeprefix("worker-").partition("-")[0]

    assert suite.container(service).bash("ls /app").split() == sorted(["chassis", domain, "requirements.txt"])


@EACH_IMAGE
def test_an_image_has_no_compiler_and_no_tests(suite: Compose, service: str) -> None:
    container = suite.container(service)

    for tool in ("cc", "gcc", "g++", "clang", "make", "ld"):
        container.bash(f"command -v {tool}", fails=True)
    assert container.bash("python -c 'import importlib.util as u; print(u.find_spec(\"pytest\"))'").strip() == "None"
    assert container.bash("find /app -name 'test*' -not -path '*/site-packages/*'") == ""


@EACH_IMAGE
def test_the_bytecode_is_in_the_image(suite: Compose, service: str) -> None:
    compiled = "${f%/*}/__pycache__/$(basename $f .py).cpython-*.pyc"

    assert suite.container(service).bash(f"for f in $(find /app -name '*.py'); do ls {compiled} >/dev/null; done") == ""
