"""Attendances as a line of dots, one dot a day, drawn by the server. Pure: no queries."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cohorts.rules import counted, months_before, window

WIDTH = 360
HEIGHT = 62
MONTHS = 12
_LEFT, _RIGHT = 4, 356
_BASE = 40
_STEP = 8  # between the dots of one day
_MOST_A_DAY = 5


@dataclass(frozen=True)
class Tick:
    """The first of a month: where it is, and its letter between this tick and the next."""

    x: float
    letter: str
    letter_x: float


@dataclass(frozen=True)
class Timeline:
    """What the template draws: the dots as one SVG path, the months, and the same thing in words."""

    dots: str
    ticks: list[Tick]
    words: str


def draw(days: Iterable[datetime.date], *, as_at: datetime.date, measure: str) -> Timeline:
    """The twelve months to `as_at`; days outside them are left away."""
    span = window(as_at, MONTHS)
    a_day = Counter(day for day in days if span.first <= day <= span.last)
    total = (span.last - span.first).days

    def x(day: datetime.date) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (day - span.first).days / total, 1)

    # A line of no length with round ends is a dot: a tenth of the markup of as many circles.
    dots = "".join(
        f"M{x(day):g} {_BASE - _STEP * above}h0"
        for day, times in sorted(a_day.items())
        for above in range(min(times, _MOST_A_DAY))
    )
    starts = [span.first, *(day for day in _firsts_of_months(as_at) if day > span.first)]
    ends = [*starts[1:], span.last]
    ticks = [
        Tick(x(start), f"{start:%b}"[0], round((x(start) + x(end)) / 2, 1))
        for start, end in zip(starts, ends, strict=True)
    ]
    return Timeline(dots, ticks, _in_words(a_day, as_at, measure))


def _firsts_of_months(as_at: datetime.date) -> list[datetime.date]:
    return sorted(months_before(as_at, back).replace(day=1) for back in range(MONTHS + 1))


def _in_words(a_day: Counter[datetime.date], as_at: datetime.date, measure: str) -> str:
    """For those who do not see the drawing: the total and the months in which anything happened."""
    until = f"in the {MONTHS} months to {as_at:%-d %B %Y}"
    if not a_day:
        return f"No single dates are known {until}."
    by_month: Counter[datetime.date] = Counter()
    for day, times in a_day.items():
        by_month[day.replace(day=1)] += times
    months = ", ".join(f"{month:%B %Y}: {times}" for month, times in sorted(by_month.items()))
    return f"{counted(a_day.total(), measure)} {until}. {months}."
