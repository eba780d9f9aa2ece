"""One line of the result: what was measured, beside what, and whether it is what it should be."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks import sample


@dataclass(frozen=True)
class Target:
    """What a figure has to reach.

    Args:
        least: it has to be this or more, or
        most: this or less.
        of_ratio: the ratio to the baseline is meant, not the figure itself.
    """

    least: float | None = None
    most: float | None = None
    of_ratio: bool = True

    def is_met_by(self, value: float) -> bool:
        """Whether a value is within it."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        least = "" if self.least is None else f"≥ {sample.brief(self.least)}"
        most = "" if self.most is None else f"≤ {sample.brief(self.most)}"
        return ("ratio " if self.of_ratio else "") + least + most


@dataclass
class Row:
    """One line of the result.

    Args:
        work: what was done, such as ``"GET of one user, 8 clients"``.
        unit: of the figures, such as ``"requests/s"``.
        suite: the suite's figure of each run.
        baseline: what it is compared with, such as ``"bare Flask"``; empty for nothing.
        others: the baseline's figure of each run.
        target: what issue and docs ask for; None for a figure that is only told.
        detail: whatever else was seen, for the JSON file.
        any_size: its name in the growth table, where ``work`` tells a number of rows.
    """

    work: str
    unit: str
    suite: list[float]
    baseline: str = ""
    others: list[float] = field(default_factory=list)
    target: Target | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    any_size: str = ""

    @property
    def ratio(self) -> float | None:
        """The suite's figure by the baseline's."""
        return sample.ratio(self.suite, self.others)

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        value = self.ratio if self.target.of_ratio else median(self.suite)
        return value is not None and self.target.is_met_by(value)

    def as_data(self) -> dict[str, Any]:
        """What the JSON file says of it."""
        shown = {"median": median(self.suite), "ratio": self.ratio, "met": self.met}
        return {**asdict(self), "target": str(self.target or ""), **shown}
