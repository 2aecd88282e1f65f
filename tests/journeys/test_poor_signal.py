"""Contacts written without a network: kept, sealed, sent once, in order, and by nobody but their author.

The server is really gone and the browser really killed. HIU_ATTEMPTS says how many are written (50 at most).
"""

import itertools
import json
import os
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SIZES
from tests.journeys.phone import Phone
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

CONTACTS = min(int(os.environ.get("HIU_ATTEMPTS", "4")), 50)
LEAD = "lead@fenland.example"
OF_WORKER = "(SELECT id FROM governance_user WHERE email = 'worker@fenland.example')"
ANSWERS = [
    (401, ""),
    (403, "no"),
    (409, "{}"),
    (413, ""),
    (422, "{}"),
    (500, "oops"),
    (200, "<h1>Hotel</h1>"),
]
ALL_OF = """
  const allOf = (store) => new Promise((done) => { indexedDB.open("hiu-outbox", 1).onsuccess = (e) => {
    e.target.result.transaction(store).objectStore(store).getAll().onsuccess = (f) => done(f.target.result); }; });
"""
FORGED = json.dumps({"outcome": "taken in", "receipt": "AAAA"})


@pytest.fixture
def cases(stack: Stack) -> list[int]:
    """Cases of the service, the worker's own first; no more than contacts are written."""
    service = f"(SELECT service_id FROM governance_membership WHERE user_id = {OF_WORKER} LIMIT 1)"
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as owner:
        rows = owner.execute(
            f"SELECT id FROM casework_case WHERE service_id = {service} "
            f"ORDER BY worker_id IS NOT DISTINCT FROM {OF_WORKER} DESC, id LIMIT {CONTACTS}"
        ).fetchall()
        return [row[0] for row in rows]


def planted(stack: Stack, cases: list[int]) -> list[str]:
    """Names found nowhere else, given to the people of the cases, which are the worker's."""
    names = [f"Quillfeather{number:02}x" for number in range(len(cases))]
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as owner:
        for case, name in zip(cases, names, strict=True):
            mine = f"UPDATE casework_case SET worker_id = {OF_WORKER} WHERE id = %s RETURNING person_id"
            row = owner.execute(mine, [case]).fetchone()  # type: ignore[call-overload]
            change = "UPDATE governance_person SET first_name = %s, last_name = %s WHERE id = %s"
            owner.execute(change, [name, name, row[0]])
    return names


def stored(stack: Stack, notes: str) -> list[str]:
    """Notes that begin like this, in the order in which they were stored."""
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as owner:
        query = "SELECT note FROM casework_contact WHERE note LIKE %s ORDER BY id"
        return [row[0] for row in owner.execute(query, [f"{notes}%"]).fetchall()]


def test_written_without_a_network_killed_and_sent_once_in_order(
    stack: Stack, phone: Phone, cases: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    names = planted(stack, cases)
    mark = uuid.uuid4().hex[:8]
    notes = [f"Brambleshank{mark}n{number:03}" for number in range(CONTACTS)]
    phone.sign_in()
    phone.keep_the_shell()
    for case in cases:
        phone.page.goto(f"/casework/cases/{case}/")
    # A slip that comes back with its error, and a draft that nobody saves.
    phone.page.goto(f"/casework/cases/{cases[0]}/contact/")
    draft = phone.page.get_by_label("Note (optional)")
    draft.fill(f"Brambleshank{mark}draft")
    phone.page.get_by_role("button", name="Save contact").click()
    expect(phone.page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert draft.input_value() == f"Brambleshank{mark}draft"
    phone.page.wait_for_timeout(600)
    [kept] = phone.run(f"{ALL_OF} return await allOf('drafts');")
    assert sorted(kept) == ["at", "author", "ephemeral", "iv", "kid", "name", "sealed"]
    assert uuid.UUID(kept["name"])

    stack.kill_web()
    for case, note in zip(itertools.cycle(cases), notes, strict=False):
        phone.write(case, note)
    assert violations(phone.page) == []
    assert phone.bar().startswith(f"{CONTACTS} contact")
    entry = phone.run(f"{ALL_OF} return (await allOf('entries'))[0].id;")
    phone.kill()
    # What is looked for is really seen: the id of an entry stands in the profile in clear.
    assert phone.holds([entry])
    after_the_kill = phone.holds([*names, *notes, f"Brambleshank{mark}draft"])
    assert after_the_kill == []

    phone.start()
    # After a crash the browser brings its session back, and would send at once. Here the session has ended too.
    phone.context.clear_cookies()
    stack.start_web()
    phone.page.goto("/")
    expect(phone.page.locator("#outbox")).to_contain_text(f"{CONTACTS} contacts wait on this phone since")
    assert violations(phone.page) == []
    assert phone.waiting() == CONTACTS
    phone.sign_in()
    seconds = phone.wait_until_sent()
    assert stored(stack, f"Brambleshank{mark}n") == notes
    phone.page.goto("/casework/today/")
    expect(phone.page.locator("#outbox")).to_contain_text("You began a contact and did not save it")
    assert violations(phone.page) == []
    phone.page.get_by_role("button", name="Go on with the contact you began").click()
    phone.page.wait_for_url(f"**/casework/cases/{cases[0]}/contact/")
    expect(phone.page.get_by_label("Note (optional)")).to_have_value(f"Brambleshank{mark}draft")
    phone.context.close()
    assert phone.holds([*names, *notes, f"Brambleshank{mark}draft"]) == []
    with capsys.disabled():
        figures = {
            "written offline": CONTACTS,
            "stored": len(stored(stack, f"Brambleshank{mark}n")),
            "seconds to send": round(seconds, 1),
            "names and notes looked for": len(names) + len(notes) + 1,
            "found": 0,
        }
        print(json.dumps(figures))  # noqa: T201


def test_only_the_author_sends_and_only_a_receipt_removes(
    stack: Stack, phone: Phone, cases: list[int]
) -> None:
    note = f"Brambleshank{uuid.uuid4().hex}"
    phone.sign_in()
    phone.keep_the_shell()
    phone.context.set_offline(True)
    phone.write(cases[0], note)
    # From now on nothing gets through but what is answered here, whenever the page tries by itself.
    phone.context.route("**/casework/outbox/", lambda route: route.abort())
    phone.context.set_offline(False)
    for status, body in [*ANSWERS, (200, FORGED)]:
        kind = "application/json" if body.startswith("{") else "text/html"
        answer = {"status": status, "body": body, "content_type": kind}
        phone.context.route("**/casework/outbox/", answering(answer))
        phone.page.goto("/casework/today/")
        phone.run("await outbox.sendAll();")
        assert phone.waiting() == 1
        expect(phone.page.locator("#outbox")).to_contain_text("1 contact waits on this phone")
    phone.page.once("dialog", lambda dialog: dialog.dismiss())
    phone.context.route("**/casework/outbox/", lambda route: route.abort())
    phone.page.goto("/casework/today/")
    phone.page.get_by_role("button", name="Sign out").click()
    assert "today" in phone.page.url
    phone.page.once("dialog", lambda dialog: dialog.accept())
    phone.page.get_by_role("button", name="Sign out").click()
    phone.page.wait_for_url("**/sign-in/**")
    phone.context.unroute("**/casework/outbox/")
    expect(phone.page.locator("#outbox")).to_contain_text("of somebody who is not signed in")
    phone.context.set_offline(True)
    phone.page.goto("/casework/log/")
    expect(phone.page.get_by_text("Nobody is signed in on this phone")).to_be_visible()
    assert violations(phone.page) == []
    phone.context.set_offline(False)

    phone.sign_in(LEAD)
    phone.run("await outbox.sendAll();")
    expect(phone.page.locator("#outbox")).to_contain_text("of somebody who is not signed in")
    assert phone.waiting() == 1
    assert stored(stack, note) == []
    phone.page.get_by_role("button", name="Sign out").click()
    phone.page.wait_for_url("**/sign-in/**")
    phone.sign_in()
    phone.wait_until_sent()
    assert stored(stack, note) == [note]


def answering(answer: dict[str, Any]) -> Callable[[Route], None]:
    """A greeting goes through; what is sent meets the answer of a failure, or of somebody between."""

    def answered(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(**answer)
        else:
            route.continue_()

    return answered


def test_an_update_of_the_page_and_an_ended_session_lose_nothing(
    stack: Stack, phone: Phone, cases: list[int]
) -> None:
    note = f"Brambleshank{uuid.uuid4().hex}"
    phone.sign_in()
    phone.keep_the_shell()
    before = phone.page.evaluate("caches.keys()")
    kept = phone.page.evaluate(
        "(name) => caches.open(name).then((c) => c.keys()).then((all) => all.map((r) => new URL(r.url).pathname))",
        before[0],
    )
    assert [path for path in kept if not path.startswith(("/static/", "/brand.css"))] == ["/casework/log/"]
    phone.context.set_offline(True)
    phone.write(cases[0], note)
    phone.context.set_offline(False)
    phone.context.clear_cookies()
    phone.page.goto("/casework/today/")
    expect(phone.page.locator("#outbox")).to_contain_text("1 contact waits on this phone")
    stack.kill_web()
    stack.environment["HIU_PRODUCT_NAME"] = "HIU casework, updated"
    stack.start_web()
    cdp = phone.context.new_cdp_session(phone.page)
    cdp.send("Network.clearBrowserCache")
    phone.context.route("**/casework/outbox/", lambda route: route.abort())
    phone.sign_in()
    phone.page.evaluate("navigator.serviceWorker.ready.then((r) => r.update())")
    phone.page.wait_for_function(
        "async (old) => { const now = await caches.keys(); return now.length === 1 && now[0] !== old; }",
        arg=before[0],
    )
    assert phone.waiting() == 1
    phone.context.unroute("**/casework/outbox/")
    phone.run("await outbox.sendAll();")
    phone.wait_until_sent()
    assert stored(stack, note) == [note]


@pytest.mark.parametrize("size", list(SIZES))
def test_what_cannot_be_logged_is_put_right_by_its_author(
    stack: Stack, phone: Phone, cases: list[int], size: str
) -> None:
    note = f"Brambleshank{uuid.uuid4().hex}"
    page: Page = phone.page
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    phone.sign_in()
    page.goto("/casework/log/")
    expect(page.get_by_label("Case code")).to_be_visible()
    assert violations(page) == []
    fields = f"kind=call&outcome=&next_contact=none&code=1A&note={note}"
    phone.run("await outbox.keep(crypto.randomUUID(), given[0], false);", fields)
    phone.run("await outbox.sendAll();")
    expect(page.locator("#outbox")).to_contain_text("1 contact could not be logged as written")
    assert violations(page) == []
    page.get_by_role("link", name="Put right what could not be logged").click()
    assert violations(page) == []
    page.get_by_role("button", name="Put right").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert violations(page) == []
    expect(page.get_by_label("Note (optional)")).to_have_value(note)
    page.goto(f"/casework/cases/{cases[0]}/")
    code = page.locator(".app-person-banner__name").inner_text().split()[-1]
    page.go_back()
    page.get_by_label("Case code").fill(code)
    page.get_by_text("No answer", exact=True).click()
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_role("alert")).to_contain_text("no answer")
    assert stored(stack, note) == [note]
