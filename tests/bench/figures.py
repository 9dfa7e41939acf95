"""Medians and tables."""

from collections.abc import Iterable
from math import ceil
from statistics import median


def p95(values: Iterable[float]) -> float:
    return quantile(values, 0.95)


def quantile(values: Iterable[float], share: float) -> float:
    """The nearest rank: the smallest that this share of them does not exceed; not a number when
    there are none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


def middle(values: Iterable[float]) -> float:
    found = list(values)
    return median(found) if found else float("nan")


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
