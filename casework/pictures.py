"""Small pictures of how a figure went over time. Pure: text in, SVG out."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from governance import svg

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 130, 16, 96, 44, 464


@dataclass(frozen=True)
class Point:
    """A figure of one day; None where there was none to work out."""

    on: datetime.date
    value: float | None


def trend(
    chart_id: str,
    title: str,
    points: Sequence[Point],
    *,
    ends: tuple[float, float] | None = None,
    target: float | None = None,
) -> str:
    """A line from the oldest to the newest figure; a gap where there is none, never a zero.

    `ends` are the ends of the scale; without them it reaches from the lowest to the highest figure. `target`
    draws a second, dashed line.
    """
    known = [point.value for point in points if point.value is not None]
    low, high = ends or _ends([*known, *([target] if target is not None else [])])
    first, last = points[0].on, points[-1].on
    days = max(1, (last - first).days)

    def across(day: datetime.date) -> float:
        return LEFT + (RIGHT - LEFT) * (day - first).days / days if len(points) > 1 else (LEFT + RIGHT) / 2

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    parts = [
        svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, colour=svg.GRID),
        svg.line(LEFT, TOP, RIGHT, TOP, colour=svg.GRID),
        svg.text(LEFT - 8, BOTTOM + 5, svg.number(low), anchor="end", size=svg.SMALL),
        svg.text(LEFT - 8, TOP + 5, svg.number(high), anchor="end", size=svg.SMALL),
    ]
    if target is not None:
        parts.append(svg.stroke(1, LEFT, up(target), RIGHT, up(target)))
    for before, after in pairwise(points):
        if before.value is not None and after.value is not None:
            parts.append(
                svg.stroke(0, across(before.on), up(before.value), across(after.on), up(after.value))
            )
    parts += [svg.marker(0, across(p.on), up(p.value)) for p in points if p.value is not None]
    parts.append(svg.text(LEFT, BOTTOM + 24, f"{first:%-d %b %Y}"))
    if last != first:
        parts.append(svg.text(RIGHT, BOTTOM + 24, f"{last:%-d %b %Y}", anchor="end"))
    return svg.document(chart_id, title, _told(points, target), HEIGHT, parts)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    return (min(0.0, low), high) if high > min(0.0, low) else (low - 1, high + 1)


def _told(points: Sequence[Point], target: float | None) -> str:
    """What the picture shows, for those who do not see it."""
    told = [
        f"{point.on:%-d %B %Y}: {'no figure' if point.value is None else svg.number(point.value)}"
        for point in points
    ]
    return "; ".join(told) + (f". Agreed: {svg.number(target)}." if target is not None else ".")
