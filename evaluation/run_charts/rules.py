"""Centre, limits and signals of a run chart, as NHS England's Making Data Count draws it. No queries, no clock.

Sources: the rules and factors of Making Data Count (NHS England) as its R package NHSRplotthedots applies them;
2.66 and 3.267 are Shewhart's factors for moving ranges of two points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

# The first so many points decide the limits; with fewer these are on trial and move with each new point.
BASELINE = 12
# With fewer points there is neither a limit nor a signal.
FEWEST = 8
LIMIT, SCREEN = 2.66, 3.267
RUN = 7
ZONE = 2 / 3


class Signal(StrEnum):
    """What a point takes part in that chance alone would hardly do; the four rules and no more."""

    OUTSIDE = "outside the limits"
    SIDE = f"one of {RUN} or more in a row on the same side of the mean"
    TREND = f"one of {RUN} or more in a row that all rise or all fall"
    NEAR = "one of three in a row of which two are close to a limit"


@dataclass(frozen=True)
class RunChart:
    """Points in order (None for a month that is not known), and what they show."""

    points: tuple[float | None, ...]
    mean: float | None
    lower: float | None
    upper: float | None
    on_trial: bool
    signals: tuple[frozenset[Signal], ...]


def run_chart(points: Sequence[float | None]) -> RunChart:
    """Limits of the first 12 known points, and the signals of all of them. Values are rates: never below zero.

    A missing point ends a run: what it was nobody knows. Moving ranges that are themselves beyond their limit do
    not widen the limits.
    """
    known = [value for value in points if value is not None]
    none = tuple(frozenset[Signal]() for _ in points)
    if len(known) < FEWEST:
        return RunChart(tuple(points), None, None, None, on_trial=True, signals=none)
    first = _until(points, BASELINE)
    base = [value for value in first if value is not None]
    mean = sum(base) / len(base)
    reach = LIMIT * _mean_range(first)
    signals = tuple(frozenset(found) for found in _signals(points, mean, reach))
    return RunChart(tuple(points), mean, max(mean - reach, 0.0), mean + reach, len(known) < BASELINE, signals)


def _until(points: Sequence[float | None], count: int) -> list[float | None]:
    """The points up to the `count`-th known one."""
    taken: list[float | None] = []
    for value in points:
        taken.append(value)
        if sum(each is not None for each in taken) == count:
            break
    return taken


def _mean_range(points: Sequence[float | None]) -> float:
    ranges = [abs(b - a) for a, b in pairwise(points) if a is not None and b is not None]
    if not ranges:
        return 0.0
    rough = sum(ranges) / len(ranges)
    kept = [each for each in ranges if each <= SCREEN * rough]
    return sum(kept) / len(kept)


def _signals(points: Sequence[float | None], mean: float, reach: float) -> list[set[Signal]]:
    found: list[set[Signal]] = [set() for _ in points]
    for place, value in enumerate(points):
        if value is not None and abs(value - mean) > reach:
            found[place].add(Signal.OUTSIDE)

    def mark(length: int, signal: Signal, holds: Callable[[list[float]], bool]) -> None:
        for start in range(len(points) - length + 1):
            some = [value for value in points[start : start + length] if value is not None]
            if len(some) == length and holds(some):
                for place in range(start, start + length):
                    found[place].add(signal)

    mark(RUN, Signal.SIDE, lambda some: _one_side(some, mean))
    mark(RUN, Signal.TREND, _one_way)
    mark(3, Signal.NEAR, lambda some: _one_side(some, mean) and _near(some, mean, reach) >= 2)
    return found


def _one_side(values: Sequence[float], mean: float) -> bool:
    return all(value > mean for value in values) or all(value < mean for value in values)


def _one_way(values: Sequence[float]) -> bool:
    steps = [b - a for a, b in pairwise(values)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def _near(values: Sequence[float], mean: float, reach: float) -> int:
    """How many lie in the outer third between the mean and a limit."""
    return sum(ZONE * reach < abs(value - mean) <= reach for value in values)
