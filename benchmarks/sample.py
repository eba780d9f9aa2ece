"""Figures from several runs: the median, how far they spread, and the ratio to a baseline of the same run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that this share of the values does not exceed (nearest rank).

    Args:
        values: at least one.
        percent: 0 to 100; 50 is the median, 99 what all but the slowest hundredth keep to.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def ratio(suite: Sequence[float], others: Sequence[float]) -> float | None:
    """The median of the ratios of runs that were made next to each other.

    A pair shares the machine's mood of that minute, so its ratio moves less than the two figures do. Where
    the baseline was run less often, the ratio of the medians is taken. None where there is no baseline, or
    where it is 0.
    """
    if not others or not all(others):
        return None
    if len(suite) == len(others):
        return median(mine / other for mine, other in zip(suite, others, strict=True))
    return median(suite) / median(others)


def brief(value: float) -> str:
    """A figure with three digits that matter: 1,234 — 56.7 — 0.89."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the most in brackets where there are several."""
    middle = brief(median(values))
    return f"{middle} ({brief(min(values))}–{brief(max(values))})" if len(values) > 1 else middle
