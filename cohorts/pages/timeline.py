"""Attendances as a line of dots, one dot a day, drawn by the server. Pure: no queries."""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cohorts.rules import Window, counted, months_before, window

MONTHS = 12
# Two units a day, so that whole numbers keep the days apart; see templates/cohorts/timeline.html.
_LEFT = 6
_UNITS_A_DAY = 2
_BASE = 80
_STEP = 16  # between the dots of one day
_MOST_A_DAY = 5


@dataclass(frozen=True)
class Timeline:
    """The attendances of one person, short enough for a page full of them, and the same thing in words."""

    dots: str  # an SVG path with a dot at each corner
    words: str


@dataclass(frozen=True)
class Axis:
    """What is under every timeline of a page, drawn once."""

    ticks: str  # an SVG path: the first of each month
    letters: str  # of the months
    letter_places: str  # one x for each letter


def draw(days: Iterable[datetime.date], *, as_at: datetime.date, measure: str) -> Timeline:
    """The twelve months to `as_at`; days outside them are left away."""
    span = window(as_at, MONTHS)
    a_day = Counter(day for day in days if span.first <= day <= span.last)
    places = [
        (_x(day, span), _BASE - _STEP * above)
        for day, times in sorted(a_day.items())
        for above in range(min(times, _MOST_A_DAY))
    ]
    return Timeline(dots=_dots(places), words=_in_words(a_day, as_at, measure))


def axis(as_at: datetime.date) -> Axis:
    """The twelve months to `as_at`."""
    span = window(as_at, MONTHS)
    starts = [span.first, *(day for day in _firsts_of_months(as_at) if day > span.first)]
    ends = [*starts[1:], span.last]
    middles = [(_x(start, span) + _x(end, span)) // 2 for start, end in zip(starts, ends, strict=True)]
    return Axis(
        ticks="".join(f"M{_x(start, span)} 93v8" for start in starts),
        letters="".join(f"{start:%b}"[0] for start in starts),
        letter_places=" ".join(map(str, middles)),
    )


def _x(day: datetime.date, span: Window) -> int:
    return _LEFT + _UNITS_A_DAY * (day - span.first).days


def _dots(places: Sequence[tuple[int, int]]) -> str:
    """A path nobody sees, with a marker at each corner: a twentieth of the markup of as many circles."""
    steps = [f"M{x} {y}" for x, y in places[:1]]
    for (x0, y0), (x, y) in pairwise(places):
        if y == y0:
            steps.append(f"h{x - x0}")
        else:
            steps.append(f"v{y - y0}" if x == x0 else f"l{x - x0} {y - y0}")
    return "".join(steps)


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
    said, year = [], 0
    for month, times in sorted(by_month.items()):
        said.append(f"{month:%b %Y}: {times}" if month.year != year else f"{month:%b}: {times}")
        year = month.year
    return f"{counted(a_day.total(), measure)} {until}. {', '.join(said)}."
