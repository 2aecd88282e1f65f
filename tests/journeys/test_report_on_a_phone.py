"""The HTML file of a report, opened on a phone: it fetches nothing and nobody scrolls it sideways."""

import pytest
from playwright.sync_api import Browser

from evaluation import blocks, disclosure
from evaluation.render import html
from tests.factories.evaluation import ReportFactory
from tests.journeys.axe import violations
from tests.journeys.conftest import SIZES

pytestmark = pytest.mark.journey
WIDE = [f"Person-years in window {n}" for n in range(9)]
LONG = "National Cost Collection, table 4: " + "emergency care of every kind and currency " * 6


@pytest.fixture
def document() -> str:
    """With a table of many columns and long words, drawn before the browser is there."""
    report = ReportFactory.build()
    numbers = [disclosure.count(1_234_567) for _ in WIDE]
    columns = [blocks.column(each, figure="people") for each in WIDE]
    wide = blocks.table(
        "wide",
        "Many columns",
        first="Window",
        columns=columns,
        rows=[blocks.row("9 months", numbers)],
        how=LONG,
    )
    words = blocks.table(
        "words",
        "Long words",
        first="Measure",
        columns=[blocks.words_column(each, figure=each) for each in ("Cost of one", "Price year", "Source")],
        rows=[blocks.row("Emergency admissions", ["£1", "2023/24", LONG])],
        how=LONG,
    )
    report.snapshot["sections"].append(blocks.section("wide", "Wide", [wide, words]))
    return html.document(report)


def test_a_phone_shows_it_without_scrolling_sideways(document: str, browser: Browser, size: str) -> None:
    page = browser.new_page(viewport=SIZES[size])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(document)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert page.locator("td", has_text="emergency care").locator(".nhsuk-table__heading").is_visible() == (
        size == "phone"
    )
    assert violations(page) == []
    assert asked == []
