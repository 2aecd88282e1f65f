"""The report as a tagged PDF, from the same HTML."""

from __future__ import annotations

from evaluation.models import Report
from evaluation.render import html
from governance.printing import MISSING, CannotDraw, from_html, why_not

__all__ = ["MISSING", "CannotDraw", "draw", "from_html", "why_not"]


def draw(report: Report) -> bytes:
    """The PDF of a report. Raises CannotDraw where Pango is missing."""
    if why_not():
        raise CannotDraw(why_not())
    return from_html(html.document(report, paper=True), identifier=report.sha256)
