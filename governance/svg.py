"""Pieces of SVG: text, lines, markers and scales, with nothing in them that a strict policy refuses."""

from __future__ import annotations

import math
import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 480  # so narrow that letters of 15 are still 11 CSS pixels high on a phone of 390
FONT, SMALL = 15, 12
LINE_HEIGHT = 18
LETTER = 0.55  # mean width of a letter, as a share of the font size
INK, GRID, PAPER = "#212b32", "#aeb7bd", "#ffffff"
COLOURS = ("#005eb8", "#768692", "#330072", "#212b32")
DASHES = ("", "9 4", "2 4", "12 4 2 4")
CORNERS = (
    ((-4, -4), (4, -4), (4, 4), (-4, 4)),
    ((0, -6), (6, 5), (-6, 5)),
    ((0, -6), (6, 0), (0, 6), (-6, 0)),
)


def document(chart_id: str, title: str, desc: str, height: float, parts: Sequence[str]) -> str:
    """The whole picture, named and described for those who do not see it. Raises ValueError for a bad id."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", chart_id):
        raise ValueError(f"'{chart_id}' is no chart id. Use small letters, digits and hyphens.")
    named = f'aria-labelledby="{chart_id}-title {chart_id}-desc"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'role="img" {named} font-family="Arial, sans-serif" fill="{INK}">'
        f'<title id="{chart_id}-title">{escape(title)}</title>'
        f'<desc id="{chart_id}-desc">{escape(desc)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def text(
    x: float, y: float, words: str, *, anchor: str = "start", size: float = FONT, upright: bool = False
) -> str:
    """Words on a baseline that starts, ends or has its middle at a point; upright ones read from below."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:.10g}"'
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if upright else ""
    return f'<text class="chart__text" {place}{turn} fill="{INK}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1) -> str:
    """A plain line."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def stroke(i: int, x1: float, y1: float, x2: float, y2: float) -> str:
    """A line in the colour and dash of series i."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
    return f'<line class="chart__line" {ends} stroke="{COLOURS[i]}" stroke-width="2.5"{dash}/>'


def marker(i: int, x: float, y: float, *, hollow: bool = False) -> str:
    """Series i's circle, square, triangle or diamond; hollow where it marks a gap."""
    name = "chart__gap" if hollow else "chart__marker"
    look = f'class="{name}" fill="{PAPER if hollow else COLOURS[i]}" stroke="{COLOURS[i]}"'
    if i == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" {look}/>'
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in CORNERS[i - 1])
    return f'<polygon points="{points}" {look}/>'


def box(x: float, y: float, width: float, height: float, *, fill: str, name: str) -> str:
    """A filled rectangle with an outline."""
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{name}" {size} fill="{fill}" stroke="{INK}"/>'


def patterns(chart_id: str) -> str:
    """Diagonals, dots and rungs for series 1 to 3, told apart in grey print too."""
    shapes = (
        f'<path d="M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6" stroke="{COLOURS[1]}" stroke-width="2" fill="none"/>',
        f'<circle cx="4" cy="4" r="2.4" fill="{COLOURS[2]}"/>',
        f'<path d="M0 4 H8" stroke="{COLOURS[3]}" stroke-width="1.5" fill="none"/>',
    )
    drawn = "".join(
        f'<pattern id="{chart_id}-pattern-{i}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{PAPER}"/>{shape}</pattern>'
        for i, shape in enumerate(shapes, start=1)
    )
    return f"<defs>{drawn}</defs>"


def fill(chart_id: str, i: int) -> str:
    """The fill of series i: solid for the first, a pattern for the others."""
    return COLOURS[0] if i == 0 else f"url(#{chart_id}-pattern-{i})"


def scale(highest: float) -> tuple[float, float]:
    """Step and end of a scale from zero with at most six steps of 1, 2 or 5 times a power of ten."""
    if highest <= 0:
        return 1, 1
    power = 10 ** math.floor(math.log10(highest / 5))
    step = next(m * power for m in (1, 2, 5, 10) if highest <= 6 * m * power)
    return step, step * math.ceil(highest / step - 1e-9)


def number(value: float) -> str:
    """A number with thousands separated and no needless zeros."""
    return f"{value:,.10g}"


def wrap(words: str, width: float) -> list[str]:
    """Words in as many rows as the width asks for, broken after spaces and hyphens."""
    rows = [""]
    for piece in re.findall(r"[^\s-]+-?|-", words):
        joined = rows[-1] + ("" if rows[-1].endswith("-") or not rows[-1] else " ") + piece
        if rows[-1] and len(joined) * FONT * LETTER > width:
            rows.append(piece)
        else:
            rows[-1] = joined
    return rows
