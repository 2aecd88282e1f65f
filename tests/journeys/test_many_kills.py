"""A load of 20,000 rows killed at random moments: nothing lost, nothing doubled.

HIU_ATTEMPTS says how often (`make drill`: 200); three of four kills hit the pool's child, the fourth everything.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from tests.journeys.stack import Stack
from tests.journeys.test_from_extract_to_report import LEAD

pytestmark = pytest.mark.journey

ROWS = 20_000
ATTEMPTS = int(os.environ.get("HIU_ATTEMPTS", "2"))
PATIENCE = 150
# A session ends by itself; this many attempts are well within one.
A_SESSION = 20
# About how long the work takes that is to be hit somewhere, in seconds.
WORK = 2.5
NEWEST = "(SELECT max(id) FROM cohorts_extract)"
# What is stored of the newest extract, whatever its rows are called.
STORED = f"""
SELECT count(*), count(DISTINCT id),
       sum(hashtext(concat_ws('|', started_on, started_at_time, age, arrival_mode, attendance_category, site,
                              complaint, disposal, admitted, duration_minutes, person_id)))
  FROM cohorts_activity WHERE extract_id = {NEWEST}
"""


class Killed:
    """A worker whose only child does the work, beside a scheduler that lives on."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.worker: subprocess.Popen
        self.beat = stack._program(
            "beat", "-m", "celery", "-A", "hiu", "beat", "--schedule", f"{stack.folder}/b"
        )
        self.start()

    def start(self) -> None:
        self.worker = self.stack._program(
            "worker", "-m", "celery", "-A", "hiu", "worker", "--concurrency", "1"
        )

    def kill_child(self) -> None:
        for child in psutil.Process(self.worker.pid).children():
            child.kill()

    def kill_everything(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.start()

    def stop(self) -> None:
        for process in (self.worker, self.beat):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def killed(stack: Stack) -> Iterator[Killed]:
    stack.kill_worker()
    killed = Killed(stack)
    yield killed
    killed.stop()
    stack.start_worker()


def wait_for(stack: Stack, *states: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        (status,) = stack.one(f"SELECT status FROM cohorts_extract WHERE id = {NEWEST}")
        if status in states:
            return
        time.sleep(0.05)
    raise AssertionError(f"still {status}: {(stack.folder / 'worker.log').read_text()[-2000:]}")


def post(page: Page, address: str, **fields: object) -> str:
    """Send a form as the page would; returns the address it leads to."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.request.post(address, multipart={"csrfmiddlewaretoken": token, **fields})
    assert answer.ok, answer.status
    assert not answer.url.endswith(("/upload/", "/sign-in/")), answer.url
    return answer.url


def test_twenty_thousand_rows_killed_at_random_moments(
    stack: Stack,
    open_as: Callable[..., Page],
    make_extract: Callable[..., Path],
    killed: Killed,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = make_extract(ROWS, seed=77).read_text()
    chance = random.Random(ATTEMPTS)
    recovered: list[float] = []
    wrong, hashes = [], set()
    for attempt in range(ATTEMPTS):
        if attempt % A_SESSION == 0:
            page = open_as(LEAD, "desk")
            page.goto("/cohorts/extracts/upload/")
            source = page.locator("select[name=source] option").nth(1).get_attribute("value")
        kill_everything, while_storing = attempt % 4 == 3, chance.random() < 0.5
        kill = killed.kill_everything if kill_everything else killed.kill_child
        # Each file has rows of its own, with the same content.
        csv = text.replace("\nA", f"\nK{attempt}-")
        upload = {"name": f"kill-{attempt}.csv", "mimeType": "text/csv", "buffer": csv.encode()}
        address = post(page, "/cohorts/extracts/upload/", source=source, file=upload)
        if while_storing:
            wait_for(stack, "previewed")
            post(page, f"{address}commit/")
        time.sleep(chance.random() * WORK)
        before = stack.one(f"SELECT status FROM cohorts_extract WHERE id = {NEWEST}")[0]
        kill()
        at = time.monotonic()
        if not while_storing:
            wait_for(stack, "previewed")
            post(page, f"{address}commit/")
        wait_for(stack, "committed")
        if before in ("checking", "committing"):
            recovered.append(time.monotonic() - at)
        rows, distinct, content = stack.one(STORED)
        hashes.add(content)
        if rows != ROWS or distinct != ROWS:
            wrong.append((attempt, rows, distinct))
        if attempt == ATTEMPTS - 1 or attempt % A_SESSION == A_SESSION - 1:
            with capsys.disabled():
                print(json.dumps(figures(attempt + 1, recovered, wrong, hashes)), flush=True)  # noqa: T201
    assert wrong == []
    assert len(hashes) == 1


def figures(kills: int, recovered: list[float], wrong: list[tuple], hashes: set[int]) -> dict[str, float]:
    return {
        "kills": kills,
        "in the middle of the work": len(recovered),
        "lost or doubled": len(wrong),
        "different contents": len(hashes),
        "slowest until stored, seconds": round(max(recovered, default=0), 1),
    }
