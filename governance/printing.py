"""Documents of ours on paper: the style sheet, and a tagged PDF (PDF/UA-1) that fetches nothing from anywhere."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

STYLES = "css/report-print.css"
MISSING = (
    "A PDF cannot be made on this server, because the Pango library is not installed. "
    "Print this page instead, or take another kind of file where there is one."
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
        CannotDraw: where Pango is missing.
    """
    if why_not():
        raise CannotDraw(why_not())
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    with _without_collector():
        page = HTML(string=document, url_fetcher=fetcher)
        return page.write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=identifier[:32].encode(), finisher=_index_named_elements
        )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Boxes of a page are many and all in use: looking for ones that are not takes a quarter of the time of drawing."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _index_named_elements(document: Any, pdf: Any) -> None:
    """Table cells name their heads; the standard (ISO 32000-1, 14.7.2) asks for an index of these names in the root of
    the structure, which WeasyPrint leaves out.
    """
    import pydyf

    tags = [each for each in pdf.objects if isinstance(each, pydyf.Dictionary)]
    roots = [each for each in tags if each.get("Type") == "/StructTreeRoot"]
    named = sorted((each["ID"].data, each["ID"], each.reference) for each in tags if "ID" in each)
    if not (roots and named):
        return
    names = pydyf.Array([part for _, name, reference in named for part in (name, reference)])
    limits = pydyf.Array([named[0][1], named[-1][1]])
    leaf = pydyf.Dictionary({"Names": names, "Limits": limits})
    pdf.add_object(leaf)
    root = pydyf.Dictionary({"Kids": pydyf.Array([leaf.reference])})
    pdf.add_object(root)
    roots[0]["IDTree"] = root.reference


def pdf_response(template: str, context: dict[str, Any], *, name: str) -> HttpResponse:
    """A document template as a PDF to keep, called `name`.pdf. Raises CannotDraw where Pango is missing."""
    document = render_to_string(template, {**context, "styles": styles()})
    content = from_html(document, identifier=name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@cache
def styles() -> SafeString:
    """The style sheet for paper, our own file."""
    path = finders.find(STYLES)
    if not isinstance(path, str):
        raise FileNotFoundError(f"{STYLES} is missing from the static files. Run make setup.")
    with open(path, encoding="utf-8") as file:
        return mark_safe(file.read())  # noqa: S308  # nosec  # our own file, nothing typed
