"""The Postman collection, https://schema.postman.com/json/collection/v2.1.0/docs/index.html."""

from __future__ import annotations

from typing import Any

from docs.api.walk import Json, Step, steps

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(described: Json) -> Json:
    """The walk, in a folder for each group."""
    folders: dict[str, list[Json]] = {}
    for step in steps(described):
        folders.setdefault(step.group, []).append(item(step))
    about = "Run it from top to bottom: each request keeps the id that it was given for those after it."
    variables = [{"key": "base_url", "value": "http://localhost"}]
    variables += [{"key": f"{what}_id", "value": ""} for what in ("user", "product", "order")]
    return {
        "info": {"name": described["info"]["title"], "description": about, "schema": SCHEMA},
        "item": [{"name": name, "item": items} for name, items in folders.items()],
        "variable": variables,
    }


def item(step: Step) -> Json:
    """One request, and the test that its answer is 200."""
    path = step.path_text("{{%s_id}}")
    headers = dict(step.headers)
    request: dict[str, Any] = {"method": step.method, "header": []}
    if step.body is not None:
        headers = {"Content-Type": "application/json", **headers}
        language = {"raw": {"language": "json"}}
        request["body"] = {"mode": "raw", "raw": step.body_text("{{%s_id}}"), "options": language}
    request["header"] = [{"key": name, "value": value} for name, value in headers.items()]
    request["url"] = {"raw": "{{base_url}}" + path, "host": ["{{base_url}}"], "path": path.strip("/").split("/")}
    script = ['pm.test("200", () => pm.response.to.have.status(200));']
    if step.makes:
        script.append(f'pm.collectionVariables.set("{step.makes}_id", pm.response.json().id);')
    event = {"listen": "test", "script": {"type": "text/javascript", "exec": script}}
    return {"name": step.title, "event": [event], "request": request}
