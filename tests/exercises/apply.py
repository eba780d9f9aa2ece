"""Make the changes of an exercise's page: ``python3 -m tests.exercises.apply docs/lessons/exercises-1-a-field.md``.

A whole new file is a block of code behind a line that ends with the file's name, such as ``New file `a/b.py`:``. All
other changes are blocks of type ``diff``, which git applies. The standard library and git are enough.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?:^[^\n]*`(?P<path>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
TYPED = ("console", "text")  # a block that is typed or read, and no file
CHANGED = re.compile(r"^\+\+\+ b/(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """One block of a page.

    Args:
        paths: the files that it makes or changes.
        text: the whole new file, or the diff.
        is_new: whether it is a whole new file.
    """

    paths: tuple[str, ...]
    text: str
    is_new: bool

    def apply(self, folder: Path) -> None:
        """Make it in a copy of the project.

        Raises:
            SystemExit: the files are not as the page expects them.
        """
        if self.is_new:
            self._create(folder / self.paths[0])
            return
        done = subprocess.run(["git", "apply", "-"], cwd=folder, input=self.text.encode(), stderr=subprocess.PIPE)
        if done.returncode:
            raise SystemExit(f"{', '.join(self.paths)}: this change does not fit\n{self.text}{done.stderr.decode()}")

    def _create(self, path: Path) -> None:
        if path.exists():
            raise SystemExit(f"{path} is there already")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, encoding="utf-8")


def changes(page: str) -> list[Change]:
    """The changes that a page tells, in its order."""
    found = []
    for block in BLOCK.finditer(page):
        if block["kind"] == "diff":
            found.append(Change(tuple(CHANGED.findall(block["text"])), block["text"], is_new=False))
        elif block["path"] and block["kind"] not in TYPED:
            found.append(Change((block["path"],), block["text"], is_new=True))
    return found


def main(pages: list[str]) -> None:
    """Make the changes of these pages in the folder at hand."""
    for page in pages:
        for change in changes(Path(page).read_text(encoding="utf-8")):
            change.apply(Path())
            print(", ".join(change.paths))


if __name__ == "__main__":
    main(sys.argv[1:])
