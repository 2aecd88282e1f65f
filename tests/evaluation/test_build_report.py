"""The commissioner's pack from the command line."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from cohorts.models import Activity
from evaluation.models import Report
from evaluation.render import pdf
from governance.models import AuditEvent, User
from governance.roles import Role
from tests.evaluation.conftest import LATER
from tests.factories.governance import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("builder")]
BY = "builds@fenland.example"
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def builder(service) -> User:
    return MembershipFactory(service=service, user__email=BY, role=Role.SERVICE_MANAGER).user


def build(out: Path, *, service: str = "fenland", quarter: str = "2026-Q3") -> dict:
    told = io.StringIO()
    call_command(
        "build_report", service=service, quarter=quarter, out=str(out), by=BY, json=True, stdout=told
    )
    return json.loads(told.getvalue())


def test_the_pack_holds_every_rendering_and_a_manifest(grown, tmp_path):
    told = build(tmp_path / "pack")
    names = {Path(each["path"]).name for each in told["files"]}
    stem = "hiu-report-fenland-2026-Q3-draft"
    assert names == {f"{stem}.html", f"{stem}.pdf", f"{stem}.xlsx", f"{stem}.csv", "manifest.json"}
    for each in told["files"]:
        assert hashlib.sha256(Path(each["path"]).read_bytes()).hexdigest() == each["sha256"]
    assert told["frozen_at"] == "2026-10-05T09:30:00+00:00"


def test_the_manifest_lets_a_reader_check_the_pack(grown, tmp_path):
    told = build(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    report = Report.objects.get()
    assert manifest["snapshot_sha256"] == report.sha256
    assert manifest["provenance"]["extracts"] == [grown.extract.pk]
    assert manifest["suppressed_cells"] == told["suppressed_cells"] == report.snapshot["suppressed_cells"]
    assert manifest["draft"] is True
    assert manifest["went_in"]["settings"]["seed"] == 20263
    assert set(manifest["went_in"]) == {"as_at", "software", "settings"}
    assert manifest["files"] == {Path(each["path"]).name: each["sha256"] for each in told["files"][:-1]}


def test_building_again_a_year_later_gives_the_same_bytes(grown, tmp_path):
    first = build(tmp_path / "first")
    Activity.objects.filter(person=grown.people[0]).delete()
    with time_machine.travel(LATER, tick=False):
        second = build(tmp_path / "second")
    assert [each["sha256"] for each in first["files"]] == [each["sha256"] for each in second["files"]]
    assert Report.objects.count() == 1


def test_each_file_taken_and_who_built_it_is_on_record(grown, builder, tmp_path):
    build(tmp_path)
    events = list(AuditEvent.objects.values_list("event", "actor"))
    assert events == [("report_frozen", BY)] + [("report_downloaded", BY)] * 4
    assert Report.objects.get().frozen_by == builder


def test_without_a_name_it_is_drafted_by_nobody_as_by_the_scheduler(grown, tmp_path):
    call_command(
        "build_report", service="fenland", quarter="2026-Q3", out=str(tmp_path), stdout=io.StringIO()
    )
    report = Report.objects.get()
    assert report.frozen_by is None
    assert report.is_draft


def test_plain_words_without_json(grown, tmp_path):
    told = io.StringIO()
    call_command("build_report", service="fenland", quarter="2026-Q3", out=str(tmp_path), by=BY, stdout=told)
    assert (
        "2026-Q3 of Fenland HIU service, frozen on 5 October 2026, a draft until somebody releases it:"
        in told.getvalue()
    )


def test_without_pango_the_rest_is_made_and_said(grown, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "why_not", lambda: pdf.MISSING)
    told, warned = io.StringIO(), io.StringIO()
    call_command(
        "build_report",
        service="fenland",
        quarter="2026-Q3",
        out=str(tmp_path),
        by=BY,
        json=True,
        stdout=told,
        stderr=warned,
    )
    assert {Path(each["path"]).suffix for each in json.loads(told.getvalue())["files"]} == {
        ".html",
        ".xlsx",
        ".csv",
        ".json",
    }
    assert "Pango" in warned.getvalue()
    assert json.loads((tmp_path / "manifest.json").read_text())["pdf"] == pdf.MISSING


@pytest.mark.parametrize(
    "slug, quarter, sentence",
    [
        ("nowhere", "2026-Q3", 'There is no service called "nowhere". Services here: fenland.'),
        ("fenland", "2026-Q4", "ends on 31 December 2026. Build its report on the day after or later."),
        ("fenland", "summer", "'summer' is not a quarter. Write the calendar year and quarter as in 2026-Q3"),
    ],
)
def test_what_cannot_be_built_is_refused_and_nothing_stored(
    service, october, tmp_path, slug, quarter, sentence
):
    with pytest.raises(CommandError) as refused:
        call_command("build_report", service=slug, quarter=quarter, out=str(tmp_path / "pack"), by=BY)
    assert sentence in str(refused.value)
    assert not Report.objects.exists()
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    "role, sentence",
    [
        (Role.COMMISSIONER, "does not include building reports"),
        (None, "Nobody with the e-mail asks@fenland.example may sign in"),
    ],
)
def test_only_a_member_who_builds_reports_does_so_from_the_command_line(
    service, october, tmp_path, role, sentence
):
    if role:
        MembershipFactory(service=service, user__email="asks@fenland.example", role=role)
    with pytest.raises(CommandError, match=sentence):
        call_command(
            "build_report", service="fenland", quarter="2026-Q3", out=str(tmp_path), by="asks@fenland.example"
        )
    assert not Report.objects.exists()


def test_a_folder_that_cannot_be_written_is_said(grown, tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(CommandError, match="Choose another folder"):
        build(tmp_path / "taken")


def test_wrong_arguments_end_with_2():
    command = [sys.executable, "-W", "ignore", "manage.py", "build_report", "--service", "fenland"]
    asked = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgres://x/x"},
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 2
    assert "--quarter" in asked.stderr


def test_the_csv_file_is_tidy(grown, tmp_path):
    build(tmp_path)
    text = (tmp_path / "hiu-report-fenland-2026-Q3-draft.csv").read_bytes().decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(lines[0]) == ["section", "measure", "group", "period", "figure", "value", "shown", "note"]
    ratio = next(
        each
        for each in lines
        if each["figure"] == "rate ratio"
        and each["group"].startswith("Compared")
        and each["period"] == "12 months"
    )
    assert 0.4 < float(ratio["value"]) < 0.9
    assert {each["shown"] for each in lines} <= {"shown", "suppressed", "not supplied", "not applicable"}
    assert all(each["value"] == "" for each in lines if each["shown"] != "shown")
