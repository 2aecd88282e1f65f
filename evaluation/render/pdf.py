"""The report as a tagged PDF (PDF/UA-1), from the same HTML. Fetches nothing from anywhere."""

from __future__ import annotations

import logging
from functools import cache

from evaluation.models import Report
from evaluation.render import html

MISSING = (
    "A PDF cannot be made on this server, because the Pango library is not installed. "
    "Print this page instead, or take the workbook or the CSV file."
)
logger = logging.getLogger(__name__)
# One line for each page drawn is not news.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)


class CannotDraw(Exception):
    """Raised with a sentence when PDFs cannot be made here."""


@cache
def why_not() -> str:
    """Why no PDF can be made here, in a sentence; empty when one can."""
    try:
        import weasyprint  # noqa: F401  loads Pango
    except (ImportError, OSError):
        logger.warning("WeasyPrint cannot load Pango; reports are offered without a PDF.")
        return MISSING
    return ""


def draw(report: Report) -> bytes:
    """The PDF of a report. Raises CannotDraw where Pango is missing."""
    if why_not():
        raise CannotDraw(why_not())
    return from_html(html.document(report), identifier=report.sha256)


def from_html(document: str, *, identifier: str) -> bytes:
    """Any document of ours as a PDF. Addresses other than data: are refused, redirects too."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    page = HTML(string=document, url_fetcher=fetcher)
    return page.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier[:32].encode())
