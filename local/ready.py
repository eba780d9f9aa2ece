"""Wait until the gateway answers for every service: ``python local/ready.py http://localhost:8080``.

Paths after that, such as ``/rq/``, are waited for as well.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request

from processes import DOMAINS  # this file is run, never imported: its own folder is where Python looks first

# A laptop that has just unpacked the packages may take this long.
PATIENCE_SECONDS = 90

QUERIES = [f"/api-queries/{domain}?limit=1" for domain in DOMAINS]
# A GET of a command's route is refused by the service itself, so 405 shows that it is there.
COMMANDS = [f"/api-commands/{domain}" for domain in DOMAINS]


def status(url: str) -> tuple[int, bool]:
    """The status of an answer, and whether a service gave it and not the gateway."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, True
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "/api-" in json.loads(error.read() or b"{}").get("instance", "")
    except (OSError, ValueError):
        return 0, False


def missing(base: str, more: list[str]) -> list[str]:
    """The routes that are not answered as they should be."""
    expected = {**dict.fromkeys([*QUERIES, *more], 200), **dict.fromkeys(COMMANDS, 405)}
    return [path for path, code in expected.items() if status(base + path) != (code, True)]


def main(base: str, more: list[str]) -> int:
    """Wait; returns 0 when all answer, 1 when time is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := missing(base, more):
        if time.monotonic() > deadline:
            print(f"no answer from {', '.join(left)} after {PATIENCE_SECONDS} s", file=sys.stderr)
            return 1
        time.sleep(0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/"), sys.argv[2:]))
