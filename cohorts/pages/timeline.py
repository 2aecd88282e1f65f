"""Attendances as a line of dots, one dot a day, drawn by the server. Pure: no queries."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cohorts.rules import counted, months_before, window

MONTHS = 12
# Two units a day, so that whole numbers keep the days apart; see templates/cohorts/timeline.html.
_LEFT = 6
_UNITS_A_DAY = 2
_BASE = 80
_STEP = 16  # between the dots of one day
_MOST_A_DAY = 5


@dataclass(frozen=True)
class Timeline:
    """What the template draws, short enough for 25 on a page, and the same thing in words."""

    dots: str  # an SVG path
    ticks: str  # an SVG path: the first of each month
    letters: str  # of the months
    letter_places: str  # one x for each letter
    words: str


def draw(days: Iterable[datetime.date], *, as_at: datetime.date, measure: str) -> Timeline:
    """The twelve months to `as_at`; days outside them are left away."""
    span = window(as_at, MONTHS)
    a_day = Counter(day for day in days if span.first <= day <= span.last)

    def x(day: datetime.date) -> int:
        return _LEFT + _UNITS_A_DAY * (day - span.first).days

    # A line of no length with round ends is a dot: a tenth of the markup of as many circles.
    dots = "".join(
        f"M{x(day)} {_BASE - _STEP * above}h0"
        for day, times in sorted(a_day.items())
        for above in range(min(times, _MOST_A_DAY))
    )
    starts = [span.first, *(day for day in _firsts_of_months(as_at) if day > span.first)]
    ends = [*starts[1:], span.last]
    return Timeline(
        dots=dots,
        ticks="".join(f"M{x(start)} 93v8" for start in starts),
        letters="".join(f"{start:%b}"[0] for start in starts),
        letter_places=" ".join(
            str((x(start) + x(end)) // 2) for start, end in zip(starts, ends, strict=True)
        ),
        words=_in_words(a_day, as_at, measure),
    )


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
    months = ", ".join(f"{month:%b %Y}: {times}" for month, times in sorted(by_month.items()))
    return f"{counted(a_day.total(), measure)} {until}. {months}."
