"""Put a measured table into docs/benchmarks.md, so that nobody copies figures by hand."""

from __future__ import annotations

from pathlib import Path

PAGE = Path("docs/benchmarks.md")


def put(name: str, text: str) -> None:
    """Replace what stands between the marks of a name.

    Args:
        name: such as ``"usual"``: the marks are ``<!-- usual -->`` and ``<!-- end of usual -->``.
        text: what shall stand there.
    """
    page = PAGE.read_text()
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
