"""The report as a tagged PDF (PDF/UA-1), from the same HTML. Fetches nothing from anywhere."""

from __future__ import annotations

from evaluation.models import Report
from evaluation.render import html
from governance.paper import MISSING, CannotDraw, from_html, why_not

__all__ = ["MISSING", "CannotDraw", "draw", "from_html", "why_not"]


def draw(report: Report) -> bytes:
    """The PDF of a report. Raises CannotDraw where Pango is missing."""
    if why_not():
        raise CannotDraw(why_not())
    return from_html(html.document(report), identifier=report.sha256)
