import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hiu.demo.cast import PASSWORD
from tests.journeys.stack import ROOT, Stack

if TYPE_CHECKING:
    from tests.journeys.phone import Phone

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
]
# Milliseconds: two processors are shared with another test and with workers that are being killed.
PATIENCE = 30_000
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, prepared: str) -> Iterator[Stack]:
    if not (ROOT / "staticfiles").exists():
        pytest.skip("static files are not collected: run make setup")
    # Each parallel runner has a stack of its own: a database and a queue that no other one reads.
    runner = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    folder = tmp_path_factory.mktemp("stack")
    stack = Stack(folder, database=f"hiu_journeys_{os.getpid()}", broker=5 + runner)
    try:
        stack.start(prepared)
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """One for each test: while it is open, its event loop keeps Django from the database in this thread."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def open_as(stack: Stack, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_as("lead@fenland.example", "phone")` is a page on which they are signed in.

    The page fails the test on any script error or breach of the content security policy.
    """
    contexts = []
    complaints: list[str] = []

    def opened(email: str, size: str = "desk") -> Page:
        context = browser.new_context(viewport=SIZES[size], base_url=stack.address, accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto("/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def make_extract(stack: Stack, tmp_path: Path) -> Callable[..., Path]:
    """An extract file of the demo's layout, as a trust would send it."""

    def made(rows: int, *, seed: int) -> Path:
        path = tmp_path / f"extract-{seed}.csv"
        stack.manage("make_extract", str(path), "--rows", str(rows), "--seed", str(seed))
        return path

    return made


@pytest.fixture
def phone(stack: Stack, tmp_path: Path) -> Iterator["Phone"]:
    """A browser with a profile on disk, which can be killed."""
    from tests.journeys.phone import Phone

    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = Phone(playwright, stack, tmp_path / "profile")
        yield started
        started.context.close()
