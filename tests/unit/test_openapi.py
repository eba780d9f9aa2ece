"""The description of the gateway: it is up to date, and leaves nothing out."""

from __future__ import annotations

import importlib
import re

import pytest

from docs.api import describe
from docs.api.description import description

APPS = [f"{domain}.api_{side}" for domain in ("users", "products", "orders") for side in ("commands", "queries")]


@pytest.mark.parametrize(("name", "text"), describe.files().items(), ids=list(describe.files()))
def test_the_files_in_the_console_are_as_the_schemas_say(name: str, text: str) -> None:
    assert (describe.CONSOLE / name).read_text(encoding="utf-8") == text, "run: python -m docs.api.describe"


def test_every_route_of_every_app_is_described_and_no_other() -> None:
    # The gateway's own; the health of the apps is not reached through it.
    served = {"GET /healthz", "GET /rq/status"}
    for name in APPS:
        for rule in importlib.import_module(name).app.url_map.iter_rules():
            if rule.rule.startswith("/api-"):
                path = re.sub(r"<int:(\w+)>", r"{\1}", rule.rule)
                served |= {f"{method} {path}" for method in rule.methods or set()}

    described = {f"{method.upper()} {path}" for path, item in description()["paths"].items() for method in item}

    unsaid = {f"{method} {path}" for method in ("HEAD", "OPTIONS") for path in description()["paths"]}
    assert described == served - unsaid


def test_every_operation_documents_its_answer_with_an_example() -> None:
    for path, item in description()["paths"].items():
        for method, operation in item.items():
            content = operation["responses"]["200"]["content"]["application/json"]
            assert "example" in content, f"{method} {path}"
