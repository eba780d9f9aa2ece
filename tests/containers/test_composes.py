"""Both Composes bring the suite up, as a user would, and it does what it does everywhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import pytest

from local.processes import SERVICES
from tests.containers.compose import OURS, V1, V2, Compose, call, why_not
from tests.shop import Shop
from tests.waiting import eventually

# On 4 cores that have nothing else to do, images built.
LONGEST_START_SECONDS = 12.0
MOST_MEMORY_MB = 600.0

# What docker stats counts in.
UNITS_MB = {"KiB": 2**10 / 1e6, "MiB": 2**20 / 1e6, "GiB": 2**30 / 1e6}


@pytest.fixture(scope="module", params=[V1, V2], ids=" ".join)
def stack(request: pytest.FixtureRequest) -> Iterator[Compose]:
    if reason := why_not(request.param):
        pytest.skip(reason)
    stack = Compose(request.param)
    stack.down()
    stack.run("build")
    yield stack
    stack.down()


def name_of(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.id)


def test_the_gateway_answers_for_every_service_soon(
    stack: Compose, figures: list[str], request: pytest.FixtureRequest
) -> None:
    began = time.monotonic()
    stack.up()
    stack.ready()
    seconds = time.monotonic() - began
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    figures.append(
        f"{name_of(request)}: {seconds:.1f} s from up -d to the gateway answering for every service "
        f"(load average {load:.1f} on {cores} cores)"
    )

    # What else this machine does at the time is not the suite's.
    assert seconds <= LONGEST_START_SECONDS * max(1.0, load / cores)


def test_every_container_gets_well(stack: Compose) -> None:
    stack.up()
    containers = stack.containers()

    assert len(containers) == len(SERVICES)
    eventually(lambda: all(container.is_well() for container in containers), "healthy containers")


def test_up_waits_for_health_when_asked_to(stack: Compose, request: pytest.FixtureRequest) -> None:
    if name_of(request) == "docker-compose":
        pytest.skip("docker-compose 1.29 has no --wait")
    stack.up("--wait")

    assert all(container.is_well() for container in stack.containers())


def test_the_suite_at_rest_is_small(stack: Compose, figures: list[str], request: pytest.FixtureRequest) -> None:
    stack.up()
    stack.ready()
    ids = [container.id for container in stack.containers()]
    lines = call("docker", "stats", "--no-stream", "--format", "{{.MemUsage}}\t{{.Name}}", *ids).splitlines()
    used = {line.split("\t")[1]: megabytes(line.split()[0]) for line in lines}
    figures.append(f"{name_of(request)}: {len(used)} containers, {sum(used.values()):.0f} MB at rest")
    figures.extend(f"    {mb:5.1f} MB {name}" for name, mb in sorted(used.items()))

    assert sum(used.values()) <= MOST_MEMORY_MB


def megabytes(text: str) -> float:
    return float(text[:-3]) * UNITS_MB[text[-3:]]


@pytest.mark.timeout(600)
def test_the_end_to_end_tests_pass_through_the_published_port(stack: Compose) -> None:
    stack.up()
    stack.ready()

    call(sys.executable, "-m", "pytest", "-q", "-x", "tests/e2e", GATEWAY_URL=stack.url)
    call(sys.executable, "check.py", stack.url)


def test_the_dashboard_is_started_when_its_profile_is_asked_for(stack: Compose) -> None:
    stack.up()
    stack.ready()
    shop = Shop(stack.url)
    assert shop.get("/rq/status").json() == {"status": "down"}
    assert shop.get("/rq/").status_code in (502, 504)

    stack.run("--profile", "dashboard", "up", "-d", "--build")

    eventually(lambda: "RQ dashboard" in shop.get("/rq/").text, "the dashboard's page")
    assert shop.get("/rq/status").json() == {"status": "up"}
    listed = shop.get("/rq/0/data/queues.json").json()["queues"]
    assert [queue["name"] for queue in listed] == ["orders", "products"]


def test_down_with_v_leaves_nothing(stack: Compose, recwarn: pytest.WarningsRecorder) -> None:
    stack.up()
    stack.down()

    assert call("docker", "ps", "-aq", "--filter", OURS) == ""
    assert call("docker", "volume", "ls", "-q", "--filter", OURS) == ""
    if not any("the engine keeps" in str(warning.message) for warning in recwarn):
        assert call("docker", "network", "ls", "-q", "--filter", OURS) == ""
