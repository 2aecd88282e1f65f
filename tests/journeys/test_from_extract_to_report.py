"""One person's way from a trust's extract to the commissioner's report, in a real browser."""

import csv
import datetime
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import violations
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

LEAD, WORKER, BOARD = "lead@fenland.example", "worker@fenland.example", "commissioner@fenland.example"
LEAD_OF = {"phone": "lead@harbour.example", "desk": LEAD}
WORKER_OF = {"phone": ("worker@harbour.example", "Ned Shore"), "desk": (WORKER, "Sam Walker")}
BOARD_OF = {"phone": "commissioner@harbour.example", "desk": BOARD}
FIRST, LAST = "Journey", "Persson"
ATTENDANCES = 45


@pytest.fixture
def sent(tmp_path: Path, size: str) -> Path:
    """A trust's file: somebody new who attended often enough to lead the list, and one row that is wrong."""
    number = {"phone": "9999999468", "desk": "9999999476"}[size]
    today = datetime.datetime.now(datetime.UTC).date()
    head = "Attendance number,NHS number,First name,Last name,Date of birth,Sex,Address,Arrival date,Arrival time"
    rows = [
        f"J{size}{n},{number},{FIRST},{LAST},1979-02-03,F,9 Lode Way,{today - datetime.timedelta(days=6 * n + 1)},10:15"
        for n in range(ATTENDANCES)
    ]
    rows.append(f"J{size}X,9999999999,{FIRST},{LAST},1979-02-03,F,9 Lode Way,{today},10:15")
    path = tmp_path / f"trust-{size}.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def upload(page: Page, file: Path) -> None:
    page.goto("/cohorts/extracts/")
    page.get_by_role("button", name="Upload an extract").click()
    page.get_by_label("Who sent the file?").select_option(index=1)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()


def preview_and_store(page: Page) -> None:
    """The worker checks the file; the page follows by itself, and nothing is stored until then."""
    store = page.get_by_role("button", name="Store these rows")
    expect(store).to_be_visible(timeout=90_000)
    expect(page.get_by_text(f"Row {ATTENDANCES + 2}: this NHS number is a stand-in")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile(rf"{ATTENDANCES}\s+New rows"))
    expect(page.locator("main")).to_contain_text("Address")
    assert violations(page) == []
    store.click()
    expect(page.locator("main")).to_contain_text(re.compile("Build a list"), timeout=90_000)


def build_list(page: Page) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    page.goto("/cohorts/lists/")
    page.get_by_role("button", name="Build a list").first.click()
    page.get_by_role("radio").first.check()
    for name, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(name, exact=True).fill(str(value))
    page.get_by_role("button", name="Build the list").click()
    expect(page.get_by_text(f"{FIRST} {LAST[0]}.").first).to_be_visible()
    assert violations(page) == []


def test_from_an_extract_to_the_report(
    open_as: Callable[..., Page], stack: Stack, sent: Path, size: str
) -> None:
    lead = open_as(LEAD_OF[size], size)
    upload(lead, sent)
    preview_and_store(lead)
    build_list(lead)
    lead.get_by_role("button", name=f"Take on {FIRST} {LAST[0]}.", exact=False).click()

    worker_email, worker_name = WORKER_OF[size]
    lead.goto("/casework/board/")
    row = lead.get_by_role("listitem").filter(has_text=f"{FIRST} {LAST[0]}.")
    row.get_by_role("button", name="Allocate").click()
    # Four stand side by side; whoever is not among them is one line further.
    others = lead.get_by_text("Others in the team")
    if others.count():
        others.click()
    lead.get_by_role("radio", name=re.compile(worker_name)).check()
    lead.get_by_label("Why").fill("Lives on the same street as another client.")
    lead.get_by_role("button", name="Allocate the case").click()
    expect(lead.locator("main")).to_contain_text(f"{worker_name} has the case now")
    assert violations(lead) == []

    worker = open_as(worker_email, size)
    mine = worker.get_by_role("listitem").filter(has_text=f"{FIRST} {LAST[0]}.")
    assert violations(worker) == []
    mine.get_by_role("button", name="Log contact").first.click()
    worker.get_by_label("Reached them").check()
    worker.get_by_label("Note").fill("First call. Would like a visit on Thursday.")
    worker.get_by_label(re.compile("^In 3 days")).check()
    worker.get_by_role("button", name="Save contact").click()
    expect(worker.locator("main")).to_contain_text("Phone call, reached them, today")
    assert stack.one("SELECT count(*) FROM casework_contact WHERE note LIKE 'First call. Would%'")[0] >= 1


def test_the_commissioner_downloads_the_same_figures_three_ways(
    open_as: Callable[..., Page], size: str, tmp_path: Path
) -> None:
    page = open_as(BOARD_OF[size], size)
    page.get_by_role("link", name=re.compile("July|October|January|April")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Report for")
    assert violations(page) == []
    files = {}
    for kind, link in (("csv", "every figure"), ("xlsx", "workbook"), ("pdf", "the PDF")):
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile(link)).first.click()
        files[kind] = tmp_path / f"report.{kind}"
        download.value.save_as(files[kind])
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig"))))
    assert len(rows) > 50
    assert len(openpyxl.load_workbook(files["xlsx"]).sheetnames) > 3
    assert files["pdf"].read_bytes().startswith(b"%PDF")


def test_a_commissioner_who_types_a_case_address_reads_no_name(open_as: Callable[..., Page]) -> None:
    page = open_as(BOARD, "desk")
    for address in ("/casework/cases/1/", "/cohorts/lists/1/", "/cohorts/extracts/1/", "/governance/log/"):
        assert page.request.get(address).status == 403
