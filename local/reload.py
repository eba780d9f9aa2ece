"""Run a command, and start it again when a Python file of this folder changes: ``python reload.py gunicorn …``.

For classroom edits: docker-compose.dev.yml puts it in front of every process. It looks at the files' times
instead of listening for changes, since Docker Desktop tells a container nothing of a change on its host.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

LOOK_SECONDS = 0.5
# A process that ended by itself is started again after this time: by then Redis may be back.
RETRY_SECONDS = 5


def times() -> dict[Path, int]:
    """When each Python file was changed, in nanoseconds."""
    found = {}
    for path in Path().rglob("*.py"):
        try:
            found[path] = path.stat().st_mtime_ns
        except OSError:  # an editor is just replacing it
            found[path] = 0
    return found


def run_until_changed(command: list[str]) -> None:
    """Run the command until a file changes; one that ended, such as with a SyntaxError, may lie for a while."""
    seen = times()
    process = subprocess.Popen(command)  # noqa: S603 - the command is its caller's
    ended: float | None = None
    try:
        while (now := times()) == seen:
            if process.poll() is not None:
                ended = ended or time.monotonic()
                if time.monotonic() - ended > RETRY_SECONDS:
                    return
            time.sleep(LOOK_SECONDS)
        changed = sorted(str(path) for path in seen.keys() | now.keys() if seen.get(path) != now.get(path))
        print(f"reload: {', '.join(changed)} changed", flush=True)
    finally:
        process.terminate()
        process.wait()


def main(command: list[str]) -> None:
    """Run the command until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        run_until_changed(command)


if __name__ == "__main__":
    main(sys.argv[1:])
