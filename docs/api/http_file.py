"""The .http file, as the REST client of Visual Studio Code and of Visual Studio read it."""

from __future__ import annotations

from docs.api.walk import Json, Step, steps

HEAD = """\
# Foto Alpes: send these from top to bottom; each takes the ids that it needs from the answers before it.
# Works with the REST Client of Visual Studio Code, httpYac and Visual Studio.
@base_url = http://localhost
"""


def http_file(described: Json) -> str:
    """The walk."""
    return "\n".join([HEAD, *(request(step) for step in steps(described))])


def request(step: Step) -> str:
    """One request, named so that later ones can read its answer."""
    variable = "{{post_%ss.response.body.$.id}}"
    lines = [f"### {step.title}", f"# @name {step.name}"]
    lines.append(f"{step.method} {{{{base_url}}}}{step.path_text(variable)}")
    headers = dict(step.headers)
    if step.body is not None:
        headers = {"Content-Type": "application/json", **headers}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if step.body is not None:
        lines += ["", step.body_text(variable)]
    return "\n".join([*lines, ""])
