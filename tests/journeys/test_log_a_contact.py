"""A link worker on a phone logs what just happened, and takes a slip back."""

import json
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.axe import violations

pytestmark = pytest.mark.journey

WORKER = "worker@fenland.example"
MOST_TAPS = 6


def test_a_contact_takes_six_taps_at_most(
    open_as: Callable[..., Page], capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_as(WORKER, "phone")
    taps = 0

    def tap(what: Locator) -> None:
        nonlocal taps
        what.click()
        taps += 1

    begun = time.perf_counter()
    tap(page.get_by_role("main").get_by_role("button", name="Log contact").first)
    tap(page.get_by_text("No answer", exact=True))
    tap(page.get_by_text(re.compile("^In 3 days")))
    tap(page.get_by_role("button", name="Save contact"))
    expect(page.get_by_role("alert")).to_contain_text("Phone call, no answer, today")
    seconds = time.perf_counter() - begun
    assert taps <= MOST_TAPS
    assert violations(page) == []
    with capsys.disabled():
        print(json.dumps({"taps": taps, "scripted seconds": round(seconds, 2)}))  # noqa: T201
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("main")).to_contain_text("was taken back")
    assert violations(page) == []
