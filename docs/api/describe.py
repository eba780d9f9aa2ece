"""Write what describes the gateway anew: ``python -m docs.api.describe``.

The OpenAPI description, a Postman collection and an .http file, all in console/, where nginx serves them.
"""

from __future__ import annotations

import json
from pathlib import Path

from docs.api.collection import collection
from docs.api.description import description
from docs.api.http_file import http_file

CONSOLE = Path(__file__).parent.parent.parent / "console"


def files() -> dict[str, str]:
    """Each file's name and what belongs into it."""
    described = description()
    return {
        "openapi.json": pretty(described),
        "foto-alpes.postman_collection.json": pretty(collection(described)),
        "foto-alpes.http": http_file(described),
    }


def pretty(data: object) -> str:
    """JSON as a person reads it, and as git shows what has changed."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, text in files().items():
        (CONSOLE / name).write_text(text, encoding="utf-8")
        print(f"console/{name}")
