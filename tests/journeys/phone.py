"""A phone: a browser with a profile on disk, which can be killed and started again."""

import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from hiu.demo.cast import PASSWORD
from tests.journeys.conftest import CHROMIUM, FLAGS, PATIENCE, SIZES
from tests.journeys.stack import Stack

WORKER = "worker@fenland.example"
OUTBOX = "const outbox = await import(document.querySelector('script[data-outbox]').src);"


class Phone:
    """Started at once. `page` is its one tab."""

    def __init__(self, playwright: Playwright, stack: Stack, profile: Path) -> None:
        self.playwright, self.stack, self.profile = playwright, stack, profile
        self.context: BrowserContext
        self.page: Page
        self.start()

    def start(self) -> None:
        assert CHROMIUM is not None
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=CHROMIUM,
            args=FLAGS,
            viewport=SIZES["phone"],
            base_url=self.stack.address,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.pages[0]

    def kill(self) -> None:
        """As an empty battery would: every process of this very profile, at once."""
        named = f"--user-data-dir={self.profile}"
        mine = [p for p in psutil.process_iter(["cmdline"]) if named in (p.info["cmdline"] or [])]
        assert mine
        family = {child for process in mine for child in process.children(recursive=True)} | set(mine)
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(list(family), timeout=10)

    def sign_in(self, email: str = WORKER) -> None:
        """From the sign-in page to the first page, with the shell kept on the phone."""
        self.page.goto("/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def keep_the_shell(self) -> None:
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    def run(self, script: str, *given: Any) -> Any:
        """Run a script with the functions of the page's own outbox at hand."""
        return self.page.evaluate(f"async (given) => {{ {OUTBOX} {script} }}", list(given))

    def write(self, case: int, note: str) -> None:
        """Log a contact by its code, on the shell."""
        self.page.goto(f"/casework/cases/{case}/contact/")
        expect(self.page.get_by_role("heading", name="Log a contact by its code")).to_be_visible()
        self.page.get_by_text("No answer", exact=True).click()
        self.page.get_by_text("No date for now", exact=True).click()
        self.page.get_by_label("Note (optional)").fill(note)
        self.page.get_by_role("button", name="Save contact").click()
        expect(self.page.get_by_role("heading", name="Kept on this phone")).to_be_visible()

    def bar(self) -> str:
        return self.page.locator("#outbox [data-outbox-words]").inner_text()

    def waiting(self) -> int:
        """How many entries there are, whoever wrote them."""
        return self.page.evaluate(
            """() => new Promise((done) => {
              const opening = indexedDB.open("hiu-outbox", 1);
              opening.onsuccess = () => {
                const count = opening.result.transaction("entries").objectStore("entries").count();
                count.onsuccess = () => { opening.result.close(); done(count.result); };
              };
            })"""
        )

    def wait_until_sent(self, seconds: float = 30) -> float:
        """Seconds until nothing waits any more."""
        begun = time.monotonic()
        while self.waiting():
            assert time.monotonic() - begun < seconds, self.bar()
            self.page.wait_for_timeout(100)
        return time.monotonic() - begun

    def holds(self, words: list[str]) -> list[str]:
        """Which of these words stand anywhere in the files of the profile, in either way of writing them."""
        found = set()
        for path in self.profile.rglob("*"):
            if not path.is_file():
                continue
            content = path.read_bytes().lower()
            for word in words:
                plain = word.lower()
                if plain.encode() in content or plain.encode("utf-16-le") in content:
                    found.add(f"{word} in {path.relative_to(self.profile)}")
        return sorted(found)
