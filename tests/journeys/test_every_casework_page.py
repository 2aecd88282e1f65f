"""Every page of casework that shows something, and what its form says when it is sent empty, at both widths.

All rules of axe, nothing cut off at the side, no script error. The pages are opened once and their width changed.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.conftest import SIZES
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

WORKER, LEAD = "worker@fenland.example", "lead@fenland.example"
# A folder to keep pictures in, for somebody to look at.
SHOTS = os.environ.get("HIU_SHOTS", "")
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
PAGES = {
    WORKER: [
        "today/", "contact/", "log/", "held/", "held/{held}/", "find/", "cases/", "cases/{mine}/",
        "cases/{mine}/contact/", "cases/{mine}/stage/", "cases/{mine}/score/", "cases/{mine}/scores/",
        "cases/{mine}/risk/", "cases/{mine}/risk-form/", "cases/{mine}/visit/", "cases/{mine}/communication/",
        "cases/{mine}/boundaries/", "cases/{mine}/review/", "cases/{mine}/consent/",
        "cases/{mine}/privacy-notice/", "cases/{mine}/sharing/", "cases/{mine}/message/", "cases/{theirs}/reason/",
        "recalls/", "cases/{mine}/experience/", "experience/new/",
    ],
    LEAD: [
        "today/", "board/", "caseload/", "caseload/{member}/", "caseload/{member}/fewer-hours/",
        "caseload/{member}/profile/", "caseload/{member}/move/", "caseload/{member}/move/?to={other}&case={mine}",
        "caseload/{member}/leaver/", "weights/", "weights/change/", "weights/minutes/",
        "weights/minutes/{calibration}/", "what-if/", "what-if/?leaver={user}&cases=2&score=40", "allocation/", "way-of-working/",
        "instruments/", "instruments/wording/", "cases/", "cases/?worker=nobody", "cases/{mine}/", "cases/{new}/allocate/",
        "cases/{mine}/roles/", "cases/{mine}/needs/", "cases/{ended}/", "cases/{ended}/again/", "cases/{back}/", "held/",
        "held/{held}/take-over/", "experience/",
    ],
}  # fmt: skip
# Forms in which something must be filled in: sent as they are opened, they come back with what is wrong.
INCOMPLETE = {
    "held/{held}/", "cases/{mine}/contact/", "cases/{mine}/stage/", "cases/{mine}/score/", "cases/{mine}/risk/",
    "cases/{mine}/risk-form/", "cases/{mine}/visit/", "caseload/{member}/fewer-hours/",
    "caseload/{member}/move/?to={other}&case={mine}", "caseload/{member}/leaver/", "weights/change/",
    "weights/minutes/{calibration}/", "cases/{mine}/roles/", "held/{held}/take-over/",
    "cases/{mine}/experience/", "experience/new/",
}  # fmt: skip
ROWS = {
    "held": "INSERT INTO casework_heldcontact (service_id, by_id, key, written_at, received_at, reason, content)"
    " SELECT {service}, {worker}, gen_random_uuid(), now() - interval '3 days', now() - interval '3 days',"
    " 'Choose how it went.', 'code=1A&kind=call&note=She+was+out' RETURNING id",
    # Given to them: whom the worker has depends on the day the demo is made.
    "mine": "UPDATE casework_case SET worker_id = {worker} WHERE id = (SELECT min(id) FROM casework_case"
    " WHERE service_id = {service} AND stage = 'active' AND {open}) RETURNING id",
    "theirs": "SELECT min(c.id) FROM casework_case c JOIN governance_user u ON u.id = c.worker_id WHERE"
    " service_id = {service} AND u.email IN ('dev@fenland.example', 'ola@fenland.example') AND {open}",
    "new": "SELECT id FROM casework_case WHERE service_id = {service} AND worker_id IS NULL"
    " AND stage = 'offered' ORDER BY id",
    "ended": "SELECT id FROM casework_case WHERE service_id = {service} AND stage = 'open_door' ORDER BY id",
    "back": "SELECT case_id FROM casework_reappearance WHERE service_id = {service} AND answered_at IS NULL",
    "member": "SELECT id FROM governance_membership WHERE service_id = {service} AND user_id = {worker}",
    "user": "SELECT {worker}",
    "other": "SELECT id FROM governance_user WHERE email = 'ola@fenland.example'",
    "calibration": "SELECT id FROM casework_calibration WHERE service_id = {service} ORDER BY id",
}


@pytest.fixture
def ids(stack: Stack) -> Iterator[dict[str, int]]:
    """A row for each word in an address. What is held goes again: other journeys count what is held."""
    told = {
        "service": "(SELECT id FROM governance_service WHERE slug = 'fenland')",
        "worker": f"(SELECT id FROM governance_user WHERE email = '{WORKER}')",
        "open": "person_id NOT IN (SELECT person_id FROM governance_seal)",
    }
    found = {}
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as owner:
        for name, query in ROWS.items():
            row = owner.execute(query.format(**told)).fetchone()  # type: ignore[call-overload]
            assert row, f"The demo has no row for {name}"
            found[name] = row[0]
        # A note may hold an address of a page, which is one long word.
        owner.execute(
            "UPDATE casework_contact SET note = note || %s WHERE case_id = ANY(%s)",
            [f" https://fenland.example/{'help' * 20}", [found["mine"], found["ended"], found["back"]]],
        )
    yield found
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as owner:
        owner.execute("DELETE FROM casework_heldcontact WHERE id = %s", [found["held"]])


def faults(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open, at each width."""
    found = []
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        # The menu folds itself a moment after the width has changed. Asked again and again from here: waiting
        # inside of the page would need what our security policy forbids.
        for _ in range(50):
            if page.evaluate(FITS):
                break
            page.wait_for_timeout(100)
        else:
            found.append(f"{name} at {size}: too wide")
        found += [f"{name} at {size}: {broken}" for broken in violations(page)]
        if SHOTS:
            shot = "".join(letter if letter.isalnum() else "-" for letter in name)
            page.screenshot(path=Path(SHOTS) / f"{shot}{size}.png", full_page=True)
    return found


@pytest.mark.parametrize("email", list(PAGES))
def test_every_page_at_both_widths(open_as: Callable[..., Page], ids: dict[str, int], email: str) -> None:
    page = open_as(email)
    page.wait_for_url("**/casework/**")
    found: list[str] = []
    for pattern in PAGES[email]:
        address = f"/casework/{pattern.format(**ids)}"
        answer = page.goto(address)
        assert answer
        if answer.status != 200 or not page.url.endswith(address):
            found.append(f"{pattern}: {answer.status} {page.url}")
            continue
        found += faults(page, f"{email.split('@')[0]} {pattern}")
        if pattern in INCOMPLETE:
            page.locator("main form[method=post] button[type=submit]:visible").last.click()
            expect(page.locator(".nhsuk-error-summary")).to_be_visible()
            found += faults(page, f"{email.split('@')[0]} {pattern} error")
    assert not found, "\n".join(found)
