"""Passkeys, the end of a session and what was typed before it, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from hiu.demo.cast import PASSWORD
from tests.journeys.axe import violations
from tests.journeys.conftest import PATIENCE, SIZES
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

# People whom no other journey signs in as: from here on they are asked for a passkey.
KEEPER_OF = {"phone": "auditor@fenland.example", "desk": "ig@fenland.example"}
WORKER, COLLEAGUE = "kit@fenland.example", "dev@fenland.example"
NOTE = "We talked about the letter from the council."
MINUTE = 60_000


@pytest.fixture
def with_passkeys(stack: Stack, browser: Browser, size: str) -> Iterator[Page]:
    """A page of a device that can make passkeys, at a name for which browsers allow them without HTTPS."""
    context = browser.new_context(viewport=SIZES[size], base_url=f"http://localhost:{stack.port}")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


def give_password(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_made_and_asked_for_at_the_next_sign_in(with_passkeys: Page, size: str) -> None:
    page = with_passkeys
    page.goto("/")
    give_password(page, KEEPER_OF[size])
    page.get_by_role("link", name="Sign-in security").click()
    page.get_by_role("button", name="Add a second factor").click()
    assert violations(page) == []
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_alt_text("QR code for the authenticator app")).to_be_visible()
    assert violations(page) == []
    page.goto("/security/set-up/passkey/")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("link", name="Enter a name for this device.")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("A name for this device").fill("work phone")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    give_password(page, KEEPER_OF[size])
    expect(page.get_by_role("heading", name="Show that it is you")).to_be_visible()
    assert violations(page) == []
    page.goto("/governance/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    give_password(page, KEEPER_OF[size])
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Governance", exact=True)).to_be_visible()
    page.goto("/security/")
    expect(page.get_by_text("Passkey: work phone")).to_be_visible()
    assert violations(page) == []


@pytest.fixture
def writing(open_as: Callable[..., Page]) -> Page:
    """The link worker has typed something about somebody and not sent it. A contact is kept elsewhere."""
    page = open_as(WORKER)
    page.clock.install()
    page.goto("/casework/cases/")
    page.goto(str(page.locator("main a[href*='/cases/']").first.get_attribute("href")) + "risk/")
    page.locator("main textarea").first.press_sequentially(NOTE)
    page.wait_for_timeout(100)
    page.clock.run_for(1000)
    page.wait_for_function("Object.keys(sessionStorage).length === 1")
    return page


def note(page: Page) -> str:
    return page.locator("main textarea").first.input_value()


def wait_for_the_end(page: Page) -> None:
    page.clock.run_for(16 * MINUTE)
    expect(page.get_by_text("You were signed out after 15 minutes without use.")).to_be_visible()


def test_one_tap_keeps_a_session_alive(writing: Page) -> None:
    page, warning = writing, writing.get_by_role("dialog")
    page.clock.run_for(12 * MINUTE)
    expect(warning).not_to_be_visible()
    page.clock.run_for(1.5 * MINUTE)
    expect(warning).to_contain_text("Are you still there?")
    assert violations(page) == []
    page.get_by_role("button", name="Keep working").click()
    expect(warning).not_to_be_visible()
    page.clock.run_for(5 * MINUTE)
    expect(warning).not_to_be_visible()
    assert note(page) == NOTE


def test_what_was_typed_is_there_again_after_signing_in(writing: Page) -> None:
    page, address = writing, writing.url
    wait_for_the_end(page)
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "council" not in kept
    give_password(page, WORKER)
    expect(page.get_by_text("What you had typed before you signed in again is back.")).to_be_visible()
    assert page.url == address
    assert note(page) == NOTE
    assert violations(page) == []


def test_somebody_else_at_the_same_computer_gets_nothing_of_it(writing: Page) -> None:
    page = writing
    wait_for_the_end(page)
    give_password(page, COLLEAGUE)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.wait_for_function("Object.keys(sessionStorage).length === 0")
    assert note(page) == ""


def test_nothing_is_kept_after_signing_out(writing: Page) -> None:
    page, address = writing, writing.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    page.goto(address)
    give_password(page, WORKER)
    assert note(page) == ""
