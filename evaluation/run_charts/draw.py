"""A run chart as inline SVG: points, mean and limits, with the points of a signal filled.

As in `evaluation.charts` a withheld or unsupplied month is a gap, never a zero, and the table stands below.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from evaluation.charts import read_point
from evaluation.disclosure import SUPPRESSED_TEXT
from governance import svg
from governance.svg import GRID, INK, LETTER, LINE_HEIGHT, SMALL, WIDTH

LEFT, RIGHT, TOP, PLOT = 56, 470, 14, 200
Point = float | str | None


def run(
    chart_id: str,
    *,
    title: str,
    desc: str,
    months: Sequence[str],
    points: Sequence[Point],
    signals: Sequence[bool],
    centre: tuple[float, float, float] | None,
    unit: str,
) -> str:
    """Months in order with a point each; `centre` is lower limit, mean and upper limit.

    Raises ValueError for a value below zero, or points and signals that do not match the months.
    """
    if not len(months) == len(points) == len(signals) or not months:
        raise ValueError("A run chart needs one point and one signal for each month, at least one.")
    read = [read_point(point) for point in points]
    highest = max([value for value, _ in read if value is not None] + [centre[2] if centre else 0])
    step, top = svg.scale(highest)
    plot_top = TOP + LINE_HEIGHT * 3.5
    zero = plot_top + PLOT
    slot = (RIGHT - LEFT) / len(months)

    def up(value: float) -> float:
        return zero - value / top * PLOT

    places = [LEFT + (j + 0.5) * slot for j in range(len(months))]
    parts = [svg.text(LEFT, plot_top - 18, unit, size=SMALL)]
    for k in range(round(top / step) + 1):
        y = up(k * step)
        parts.append(svg.line(LEFT, y, RIGHT, y, colour=GRID if k else INK))
        parts.append(svg.text(LEFT - 6, y + 5, svg.number(k * step), anchor="end"))
    parts += _legend(with_limits=centre is not None)
    if centre:
        parts += [
            svg.stroke(i, LEFT, up(value), RIGHT, up(value))
            for i, value in zip((1, 3, 1), centre, strict=True)
        ]
    known = [
        (x, up(value)) if value is not None else None for x, (value, _) in zip(places, read, strict=True)
    ]
    parts += [svg.stroke(0, *here, *there) for here, there in pairwise(known) if here and there]
    for x, place, (_, words), marked in zip(places, known, read, signals, strict=True):
        if place:
            parts.append(svg.marker(0, *place, hollow=not marked))
        else:
            sign = words if words == SUPPRESSED_TEXT else "–"
            parts.append(svg.text(x, zero - 4, sign, anchor="middle", size=SMALL))
    parts += _names(months, places, slot, zero)
    return svg.document(chart_id, title, desc, zero + LINE_HEIGHT * 1.6, parts)


def _legend(*, with_limits: bool) -> list[str]:
    y = TOP + LINE_HEIGHT * 0.5
    parts = [svg.marker(0, LEFT + 8, y - 5), svg.text(LEFT + 22, y, "Part of a signal")]
    parts += [svg.marker(0, LEFT + 200, y - 5, hollow=True), svg.text(LEFT + 214, y, "No signal")]
    if with_limits:
        y += LINE_HEIGHT
        parts += [svg.stroke(3, LEFT, y - 5, LEFT + 36, y - 5), svg.text(LEFT + 44, y, "Mean")]
        parts += [svg.stroke(1, LEFT + 192, y - 5, LEFT + 228, y - 5), svg.text(LEFT + 236, y, "Limits")]
    return parts


def _names(months: Sequence[str], places: Sequence[float], slot: float, zero: float) -> list[str]:
    """As many names of months as fit, the last one always among them."""
    widest = max(len(name) for name in months) * svg.FONT * LETTER + 24
    every = max(1, -(-int(widest) // max(int(slot), 1)))
    shown = range(len(months) - 1, -1, -every)
    y = zero + LINE_HEIGHT
    return [svg.text(min(places[j], WIDTH - widest / 2), y, months[j], anchor="middle") for j in shown]
