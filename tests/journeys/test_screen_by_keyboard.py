"""A lead works through a list without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations

pytestmark = pytest.mark.journey

LEAD = "lead@fenland.example"


def open_newest_list(page: Page) -> None:
    page.goto("/cohorts/lists/")
    page.locator(".app-row a").first.click()
    page.goto(f"{page.url}?show=all")


def focused(page: Page) -> str:
    """The words of whatever has the focus."""
    return str(page.evaluate("document.activeElement.innerText"))


def test_a_lead_rates_opens_and_decides_by_keyboard(open_as: Callable[..., Page]) -> None:
    page = open_as(LEAD)
    open_newest_list(page)
    cards = page.locator("[data-board] > li")
    if not cards.first.get_by_role("button", name="Better later").count():
        page.goto(page.url.replace("show=all", "show=undecided"))
    expect(page.get_by_text("Work through the list by keyboard")).to_be_visible()
    assert violations(page) == []
    cards.first.focus()
    page.keyboard.press("j")
    assert focused(page).startswith("2.") or cards.count() == 1
    page.keyboard.press("k")
    assert focused(page).split(".")[0] == cards.first.inner_text().split(".")[0]
    page.keyboard.press("3")
    expect(page.get_by_text("noted.")).to_be_visible()
    # Back where the lead was, with the focus on the first card.
    assert page.url.endswith("#people")
    expect(cards.first).to_be_focused()
    expect(cards.first).to_contain_text("Better later")
    page.keyboard.press("t")
    assert focused(page).startswith("Take on")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.press("j")  # a letter in the list of reasons, and no key of the board
    assert page.evaluate("document.activeElement.name") == "reason"
    cards.first.focus()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Likely to benefit")).to_be_visible()
    assert violations(page) == []
