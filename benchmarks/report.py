"""The result: a table for the terminal or for the docs, and a JSON file."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import sample
from benchmarks.row import Row

HEAD = ("work", "unit", "suite", "beside it", "ratio", "target", "met")
VERDICT = {True: "yes", False: "NO", None: ""}


def machine(load_before: float) -> dict[str, Any]:
    """Where and when it was measured; a high load says that something else was running."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_before": load_before,
        "load_after": os.getloadavg()[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def place(where: dict[str, Any]) -> str:
    """The machine in one line."""
    load = f"load {where['load_before']:.1f} before, {where['load_after']:.1f} after"
    return f"{where['system']}, {where['cores']} cores, Python {where['python']}, SQLite {where['sqlite']}; {load}"


def cells(row: Row) -> tuple[str, ...]:
    """A row as text."""
    beside = f"{row.baseline}: {sample.spread(row.others)}" if row.others else ""
    ratio = "" if row.ratio is None else sample.brief(row.ratio)
    return row.work, row.unit, sample.spread(row.suite), beside, ratio, str(row.target or ""), VERDICT[row.met]


def table(rows: list[Row]) -> str:
    """All rows, in columns."""
    lines = [HEAD, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(" | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)


def markdown(rows: list[Row]) -> str:
    """The same for the docs."""
    lines = [HEAD, ("---",) * len(HEAD), *(cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def details(rows: list[Row]) -> str:
    """What else was seen: how long requests took and what they cost, and single figures."""
    lines = []
    for row in rows:
        for what, seen in row.detail.items():
            if isinstance(seen, dict) and "p99_ms" in seen:
                times = f"p50 {sample.brief(seen['p50_ms'])} ms, p99 {sample.brief(seen['p99_ms'])} ms"
                cost = f"{sample.brief(seen['server_cpu_ms'])} ms of processor time for each"
                lines.append(
                    f"  {row.work}: {what}: {times}; {cost}; the clients took {seen['client_cores']:.2f} cores"
                )
            elif isinstance(seen, float):
                lines.append(f"  {row.work}: {what}: {sample.brief(seen)}")
    return "\n".join(lines)


def as_text(rows: list[Row], where: dict[str, Any]) -> str:
    """What the terminal shows."""
    note = "Median (least–most) of the runs. The ratio is to what stands beside it, measured in turn in this run."
    return "\n".join((place(where), "", table(rows), "", note, "", details(rows)))


def write(path: Path, rows: list[Row], where: dict[str, Any], plan: dict[str, Any]) -> None:
    """Keep the whole result, every run's figure in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {"machine": where, "plan": plan, "rows": [row.as_data() for row in rows]}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
