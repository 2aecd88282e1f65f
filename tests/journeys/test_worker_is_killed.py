"""A worker that dies in the middle of a load loses nothing and doubles nothing."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.stack import Stack
from tests.journeys.test_from_extract_to_report import LEAD, upload

pytestmark = pytest.mark.journey

ROWS = 30_000
PATIENCE = 90


def wait_for(stack: Stack, *states: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        (status,) = stack.one("SELECT status FROM cohorts_extract ORDER BY id DESC LIMIT 1")
        if status in states:
            return status
        time.sleep(0.02)
    raise AssertionError(f"still {status}: {(stack.folder / 'worker.log').read_text()[-2000:]}")


@pytest.mark.parametrize("moment", [0.0, 0.6] if "HIU_ATTEMPTS" in os.environ else [0.6])
def test_killed_while_checking_and_while_storing(
    stack: Stack, open_as: Callable[..., Page], make_extract: Callable[..., Path], moment: float
) -> None:
    file = make_extract(ROWS, seed=int(21 + moment * 10))
    page = open_as(LEAD, "desk")
    upload(page, file)
    wait_for(stack, "checking")
    time.sleep(moment)
    stack.kill_worker()
    stack.start_worker()
    wait_for(stack, "previewed")
    store = page.get_by_role("button", name="Store these rows")
    expect(store).to_be_visible(timeout=60_000)
    store.click()
    wait_for(stack, "committing", "committed")
    time.sleep(moment)
    stack.kill_worker()
    assert stored(stack) in {0, ROWS}
    stack.start_worker()
    wait_for(stack, "committed")
    assert stored(stack) == ROWS
    assert stack.one("SELECT rows_new + rows_changed FROM cohorts_extract ORDER BY id DESC LIMIT 1") == (
        ROWS,
    )


def stored(stack: Stack) -> int:
    """Rows of the newest extract that can be seen."""
    newest = "(SELECT max(id) FROM cohorts_extract)"
    return stack.one(f"SELECT count(DISTINCT id) FROM cohorts_activity WHERE extract_id = {newest}")[0]
