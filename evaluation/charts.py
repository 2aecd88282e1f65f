"""Charts as inline SVG: grouped bars, lines over quarters, and intervals.

Plain text out, every word escaped. Colours and sizes are presentation attributes and class names, never
`style`, so a strict content security policy lets them through and WeasyPrint prints them. Series differ by
pattern, dash and marker as well as by colour. A withheld or unsupplied value is a labelled gap, never a zero.
Every chart needs its table beneath it: the chart shows the shape, the table the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.disclosure import NOT_SUPPLIED_TEXT, SUPPRESSED_TEXT, Disclosed
from governance import svg
from governance.svg import GRID, INK, LETTER, LINE_HEIGHT, SMALL, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Point = float | int | str | None | Disclosed

MAX_SERIES = 4
LEFT, RIGHT, TOP, PLOT = 56, 470, 14, 200
SIDE = 28  # margin on both sides of an interval plot
RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10, 20, 50, 100)
WIDEST_BAR = 60


@dataclass(frozen=True)
class Series:
    """A name for the legend and one point for each category: a number, "*", or None for not supplied."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Interval:
    """One row of an interval plot. Leave the numbers out, and say why in `note`, when none may be shown."""

    label: str
    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    note: str = NOT_SUPPLIED_TEXT


def grouped_bars(
    chart_id: str, *, title: str, desc: str, categories: Sequence[str], series: Sequence[Series], unit: str
) -> str:
    """Bars side by side in each category, from zero; `unit` names the scale.

    Raises ValueError for more than four series, points that do not match the categories, or a negative value.
    """
    frame = _Frame(categories, series, unit)
    parts = [svg.patterns(chart_id), *frame.axes()]
    for i, each in enumerate(series):
        fill = svg.fill(chart_id, i)
        parts.append(svg.box(LEFT, frame.legend_y(i) - 12, 20, 14, fill=fill, name="chart__key"))
        parts.append(svg.text(LEFT + 28, frame.legend_y(i), each.name))
        parts += [frame.bar(i, j, point, fill) for j, point in enumerate(each.points)]
    return svg.document(chart_id, title, desc, frame.height, parts)


def lines(
    chart_id: str, *, title: str, desc: str, quarters: Sequence[str], series: Sequence[Series], unit: str
) -> str:
    """A line for each series over quarters, from zero, broken where a value is missing. Raises as bars do."""
    frame = _Frame(quarters, series, unit, gaps_below=True)
    parts = frame.axes()
    for i, each in enumerate(series):
        y = frame.legend_y(i)
        parts += [svg.stroke(i, LEFT, y - 5, LEFT + 40, y - 5), svg.marker(i, LEFT + 20, y - 5)]
        parts += [svg.text(LEFT + 50, y, each.name), *frame.line(i, each.points)]
    return svg.document(chart_id, title, desc, frame.height, parts)


def intervals(
    chart_id: str, *, title: str, desc: str, rows: Sequence[Interval], unit: str = "Rate ratio"
) -> str:
    """Rate ratios and their intervals on a logarithmic scale around 1, no change.

    Raises ValueError unless 0 < lo <= value <= hi in every row that has numbers.
    """
    limits = [math.log(limit) for row in rows for limit in _limits(row)]
    low, high = min([*limits, math.log(0.45)]), max([*limits, math.log(2.2)])

    def across(ratio: float) -> float:
        return SIDE + (math.log(ratio) - low) / (high - low) * (WIDTH - 2 * SIDE)

    ticks = [tick for tick in RATIO_TICKS if low <= math.log(tick) <= high]
    bottom = TOP + 3 * LINE_HEIGHT * len(rows)
    parts = [svg.text(across(t), bottom + LINE_HEIGHT, f"{t:g}", anchor="middle") for t in ticks]
    parts.append(svg.line(SIDE, bottom, WIDTH - SIDE, bottom))
    parts.append(svg.text(WIDTH / 2, bottom + 2.2 * LINE_HEIGHT, f"{unit} (1 is no change)", anchor="middle"))
    for i, row in enumerate(rows):
        parts += _interval(row, TOP + 3 * LINE_HEIGHT * i, across, ticks)
    return svg.document(chart_id, title, desc, bottom + 2.8 * LINE_HEIGHT, parts)


class _Frame:
    """Scale, axes and places that bars and lines share."""

    def __init__(
        self, categories: Sequence[str], series: Sequence[Series], unit: str, *, gaps_below: bool = False
    ) -> None:
        if not 1 <= len(series) <= MAX_SERIES:
            raise ValueError(f"A chart holds 1 to {MAX_SERIES} series, not {len(series)}. Draw two charts.")
        for each in series:
            if len(each.points) != len(categories) or not categories:
                raise ValueError(f"Series '{each.name}' needs one point for each category, at least one.")
        self.n, self.unit = len(series), unit
        read = [read_point(point) for each in series for point in each.points]
        self.step, self.top = svg.scale(max((value for value, _ in read if value is not None), default=0))
        self.slot = (RIGHT - LEFT) / len(categories)
        self.plot_top = TOP + LINE_HEIGHT * (len(series) + 1.5)
        self.zero = self.plot_top + PLOT
        self.band = _band([text for value, text in read if value is None]) if gaps_below else 0
        self.labels = [svg.wrap(name, self.slot) for name in categories]
        self.height = self.zero + self.band + LINE_HEIGHT * (max(map(len, self.labels)) + 0.6)

    def legend_y(self, i: int) -> float:
        return TOP + LINE_HEIGHT * (i + 0.5)

    def up(self, value: float) -> float:
        return self.zero - value / self.top * PLOT

    def middle(self, j: int) -> float:
        return LEFT + (j + 0.5) * self.slot

    def axes(self) -> list[str]:
        parts = [svg.text(LEFT, self.plot_top - 18, self.unit, size=SMALL)]
        for k in range(round(self.top / self.step) + 1):
            y = self.up(k * self.step)
            parts.append(svg.line(LEFT, y, RIGHT, y, colour=GRID if k else INK))
            parts.append(svg.text(LEFT - 6, y + 5, svg.number(k * self.step), anchor="end"))
        for j, words in enumerate(self.labels):
            for k, word in enumerate(words, start=1):
                y = self.zero + self.band + LINE_HEIGHT * k
                parts.append(svg.text(self.middle(j), y, word, anchor="middle"))
        return parts

    def bar(self, i: int, j: int, point: Point, fill: str) -> str:
        value, words = read_point(point)
        width = min(0.8 * self.slot / self.n, WIDEST_BAR)
        x = self.middle(j) + (i - self.n / 2) * width
        if value is None:
            return _bar_gap(x + width / 2, self.zero, words, size=min(SMALL, width))
        drawn = svg.box(x, self.up(value), width, self.zero - self.up(value), fill=fill, name="chart__bar")
        if len(words) * SMALL * LETTER > width:
            return drawn
        return drawn + svg.text(x + width / 2, self.up(value) - 4, words, anchor="middle", size=SMALL)

    def line(self, i: int, points: Sequence[Point]) -> list[str]:
        read = [read_point(point) for point in points]
        parts = []
        for j, ((here, _), (there, _)) in enumerate(pairwise(read)):
            if here is not None and there is not None:
                places = (self.middle(j), self.up(here), self.middle(j + 1), self.up(there))
                parts.append(svg.stroke(i, *places))
        for j, (value, words) in enumerate(read):
            if value is not None:
                parts.append(svg.marker(i, self.middle(j), self.up(value)))
            else:
                parts += self.line_gap(i, j, words)
        return parts

    def line_gap(self, i: int, j: int, words: str) -> list[str]:
        """Below the axis, where no value can be meant: the series' own marker, hollow, and the word."""
        x = self.middle(j) + (i - (self.n - 1) / 2) * SMALL
        if len(words) == 1:
            name = svg.text(x, self.zero + 30, words, anchor="middle")
        else:
            name = svg.text(x + 4, self.zero + 18, words, anchor="end", size=SMALL, upright=True)
        return [svg.marker(i, x, self.zero + 10, hollow=True), name]


def read_point(point: Point) -> tuple[float | None, str]:
    """A point's number, None for a gap, and its words. Raises ValueError for anything else or below zero."""
    if isinstance(point, Disclosed):
        value, words = point.value, point.text
    elif point is None or point in (SUPPRESSED_TEXT, NOT_SUPPLIED_TEXT):
        value, words = None, str(point or NOT_SUPPLIED_TEXT)
    elif isinstance(point, str):
        raise ValueError(f"'{point}' is no value for a chart. Give a number, '*' or nothing.")
    else:
        value, words = float(point), svg.number(point)
    if value is not None and not 0 <= value < math.inf:
        raise ValueError(f"{words} cannot be drawn: bars and lines start at zero.")
    return value, words


def _band(gaps: Sequence[str]) -> float:
    """Height kept free below the axis for markers of gaps and their words."""
    longest = max(map(len, gaps), default=0)
    if longest <= 1:
        return 34 * longest
    return 24 + longest * SMALL * LETTER


def _bar_gap(x: float, y: float, words: str, *, size: float) -> str:
    if len(words) == 1:
        return svg.text(x, y - 3, words, anchor="middle")
    return svg.text(x + 4, y - 4, words, size=size, upright=True)


def _limits(row: Interval) -> list[float]:
    given = [x for x in (row.lo, row.value, row.hi) if x is not None]
    if given and (len(given) < 3 or given[0] <= 0 or given != sorted(given)):
        raise ValueError(
            f"Interval '{row.label}' must hold 0 < lower limit <= ratio <= upper limit, or nothing."
        )
    return given


def _interval(
    row: Interval, top: float, across: Callable[[float], float], ticks: Sequence[float]
) -> list[str]:
    y = top + 2 * LINE_HEIGHT
    label = svg.text(SIDE, top + LINE_HEIGHT, row.label)
    if row.value is None or row.lo is None or row.hi is None:
        return [label, svg.text(SIDE, y + 3, row.note, size=SMALL)]
    x, left, right = across(row.value), across(row.lo), across(row.hi)
    words = f"{row.value:.2f} ({row.lo:.2f} to {row.hi:.2f})"
    grid = [svg.line(across(t), y - 12, across(t), y + 12, colour=INK if t == 1 else GRID) for t in ticks]
    return [
        *grid,
        label,
        svg.text(WIDTH - SIDE, top + LINE_HEIGHT, words, anchor="end"),
        *(svg.line(end, y - 5, end, y + 5, width=2) for end in (left, right)),
        svg.line(left, y, right, y, width=2),
        svg.box(x - 5, y - 5, 10, 10, fill=svg.COLOURS[0], name="chart__estimate"),
    ]
