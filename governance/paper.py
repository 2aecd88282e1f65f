"""Documents on paper: our own HTML as a tagged PDF (PDF/UA-1), with our own style sheet inside."""

import logging
from functools import cache

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

STYLES = "css/report-print.css"
MISSING = (
    "A PDF cannot be made on this server, because the Pango library is not installed. "
    "Print this page instead, or take another format."
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
        logger.warning("WeasyPrint cannot load Pango; documents are offered without a PDF.")
        return MISSING
    return ""


def from_html(document: str, *, identifier: str) -> bytes:
    """Any document of ours as a PDF. Addresses other than data: are refused, redirects too.

    Raises:
        CannotDraw: Pango is missing.
    """
    if why_not():
        raise CannotDraw(why_not())
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    page = HTML(string=document, url_fetcher=fetcher)
    return page.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier[:32].encode())


@cache
def styles() -> SafeString:
    """The style sheet for paper, our own file."""
    path = finders.find(STYLES)
    if not isinstance(path, str):
        raise FileNotFoundError(f"{STYLES} is missing from the static files. Run make setup.")
    with open(path, encoding="utf-8") as file:
        return mark_safe(file.read())  # noqa: S308  our own file, nothing typed
