"""The growth table: every figure again with more rows and with fewer cores, in Markdown for the docs."""

from __future__ import annotations

from statistics import median

from benchmarks import sample
from benchmarks.row import Row


def name(row: Row) -> str:
    """What a row is called whatever the number of orders."""
    title = row.any_size or row.work
    return f"{title}, beside {row.baseline}" if row.others else title


def cell(row: Row | None) -> str:
    """A figure, and its ratio to what stands beside it."""
    if row is None:
        return ""
    ratio = "" if row.ratio is None else f" ({sample.brief(row.ratio)})"
    return sample.brief(median(row.suite)) + ratio


def table(runs: dict[str, list[Row]]) -> str:
    """One line for each kind of work, one column for each run.

    Args:
        runs: the rows of each run, by what stands over its column.
    """
    found = {column: {name(row): row for row in rows} for column, rows in runs.items()}
    units = {name(row): row.unit for rows in runs.values() for row in rows}
    lines = [f"| work | unit | {' | '.join(runs)} |", "|---|---|" + "---:|" * len(runs)]
    for title, unit in units.items():
        cells = " | ".join(cell(rows.get(title)) for rows in found.values())
        lines.append(f"| {title} | {unit} | {cells} |")
    return "\n".join(lines)
