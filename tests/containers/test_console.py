"""The console and the API's pages, served by nginx in its container, whose file system is read-only."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urljoin

from tests.containers.compose import Compose
from tests.shop import Shop

TYPES = {
    "": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".http": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

# How a page, a style sheet or a module names another file of this folder or of /console/.
REFERENCE = re.compile(r"""(?:href=|src=|from |import |url\()["']?((?:/console/|\./|\.\./)[^"')\s]+|/openapi\.json)""")

PAGES = ["/", "/docs"]


def fetched(shop: Shop) -> dict[str, str]:
    """The content type of both pages and of every file that they name, and those files in turn."""
    found: dict[str, str] = {}
    left = list(PAGES)
    while left:
        path = left.pop()
        answer = shop.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.headers["Content-Type"]
        if answer.headers["Content-Type"].startswith("text/") and "/vendor/" not in path:
            left += {urljoin(path, name) for name in REFERENCE.findall(answer.text)} - found.keys()
    return found


def test_every_page_and_what_it_needs_comes_through_the_published_port(suite: Compose) -> None:
    found = fetched(Shop(suite.url))

    assert {"/console/js/main.js", "/console/js/poll.js", "/console/css/base.css", "/openapi.json"} <= found.keys()
    assert "/console/vendor/swagger-ui/swagger-ui-bundle.js" in found
    assert found == {path: TYPES[PurePosixPath(path).suffix] for path in found}


def test_the_description_is_json_that_names_every_service(suite: Compose) -> None:
    paths = Shop(suite.url).get("/openapi.json").json()["paths"]

    assert {"/api-commands/users", "/api-queries/products", "/api-queries/orders"} <= paths.keys()
