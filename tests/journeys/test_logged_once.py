"""However often one contact arrives, it is stored once: replays, double clicks, two tabs and lost answers.

HIU_ATTEMPTS says how many (`make drill`: 1,000). Of fifty, 46 are sent five times at the same moment and once more
after; one is saved by a double click, one in each of two tabs, one in two tabs that share a draft, and one loses its
answer on the way back.
"""

import json
import os
import time
import uuid

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.phone import OUTBOX, Phone
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

ATTEMPTS = int(os.environ.get("HIU_ATTEMPTS", "5"))
# Kept as a phone keeps it, then sent by hand: the server must tell the copies apart from contacts.
REPLAY = """
  const [code, note, url] = given;
  const form = new URLSearchParams({ code, note, kind: "call", outcome: "reached", next_contact: "none" }).toString();
  const entry = await outbox.keep(crypto.randomUUID(), form, false);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const { seq, receipt, attended, ...envelope } = entry;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const body = JSON.stringify(envelope);
  const posted = () => fetch(url, { method: "POST", headers, body }).then((answer) => answer.status);
  const found = await Promise.all(Array.from({ length: 5 }, posted));
  await outbox.sendAll();
  return found;
"""


def stored(stack: Stack, mark: str) -> dict[str, int]:
    """How often each note of this run is there."""
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as owner:
        query = "SELECT note, count(*) FROM casework_contact WHERE note LIKE %s GROUP BY note"
        return dict(owner.execute(query, [f"{mark}%"]).fetchall())


def fill(page: Page, form: str, note: str) -> None:
    page.goto(form)
    answer(page, note)


def answer(page: Page, note: str) -> None:
    page.get_by_text("Reached them", exact=True).click()
    page.get_by_text("No date for now", exact=True).click()
    page.get_by_label("Note (optional)").fill(note)


def double_click(page: Page, form: str, note: str) -> list[str]:
    fill(page, form, note)
    page.get_by_role("button", name="Save contact").dblclick()
    page.wait_for_url("**?logged=*")
    return [note]


def two_tabs(page: Page, form: str, note: str) -> list[str]:
    other = page.context.new_page()
    notes = [f"{note}-first", f"{note}-second"]
    page.goto(form)
    other.goto(form)
    for tab, words in zip((page, other), notes, strict=True):
        answer(tab, words)
    for tab in (page, other):
        tab.get_by_role("button", name="Save contact").click(no_wait_after=True)
    for tab in (page, other):
        tab.wait_for_url("**?logged=*")
    other.close()
    return notes


def one_draft_in_two_tabs(page: Page, form: str, note: str) -> list[str]:
    fill(page, form, note)
    page.wait_for_function(f"async () => {{ {OUTBOX} return outbox.openDraft(location.pathname); }}")
    other = page.context.new_page()
    other.goto(form)
    expect(other.get_by_label("Note (optional)")).to_have_value(note)
    for tab in (page, other):
        tab.get_by_role("button", name="Save contact").click()
        tab.wait_for_url("**?logged=*")
    other.close()
    return [note]


def lost_answer(page: Page, form: str, note: str) -> list[str]:
    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    fill(page, form, note)
    page.context.route(f"**{form}", lose)
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_role("heading", name="Kept on this phone")).to_be_visible()
    page.context.unroute(f"**{form}")
    expect(page.locator("#outbox")).to_be_hidden()
    return [note]


def replay(page: Page, form: str, note: str) -> list[str]:
    code_of = page.locator("form[data-log-form] input[name=code]")
    if not code_of.count():
        page.goto(form)
    code = code_of.input_value()
    answers = page.evaluate(f"async (given) => {{ {OUTBOX} {REPLAY} }}", [code, note, "/casework/outbox/"])
    assert answers == [200] * 5
    return [note]


def test_one_contact_each(stack: Stack, phone: Phone, capsys: pytest.CaptureFixture[str]) -> None:
    phone.sign_in()
    page = phone.page
    form = page.get_by_role("main").get_by_role("button", name="Log contact").first.get_attribute("href")
    assert form is not None
    ways = [double_click, two_tabs, one_draft_in_two_tabs, lost_answer, *[replay] * 46]
    mark = f"Once{uuid.uuid4().hex[:8]}"
    wanted: list[str] = []
    begun = time.monotonic()
    for attempt in range(ATTEMPTS):
        wanted += ways[attempt % len(ways)](page, form, f"{mark}n{attempt}")
    found = stored(stack, mark)
    with capsys.disabled():
        figures = {
            "attempts": ATTEMPTS,
            "contacts": len(wanted),
            "stored": len(found),
            "stored more than once": sum(1 for times in found.values() if times > 1),
            "seconds": round(time.monotonic() - begun),
        }
        print(json.dumps(figures))  # noqa: T201
    assert found == dict.fromkeys(wanted, 1)
