"""A report is a draft until somebody other than who made it lets it go."""

import io
import zipfile
from importlib import import_module

import pypdf
import pytest
import time_machine
from django.db import connection
from django.db.migrations import RunSQL
from django.urls import reverse

from evaluation.actions import report as reports
from evaluation.models import Report, ReportRelease
from evaluation.quarters import parse
from evaluation.render import DRAFT, csv, facts, html, pdf, xlsx
from evaluation.tasks import draft_reports
from governance import audit
from governance.models import AuditEvent, Service
from governance.roles import Role
from tests.evaluation.conftest import FROZEN
from tests.evaluation.test_reports import text_of
from tests.factories.evaluation import ReportFactory
from tests.factories.governance import MembershipFactory

pytestmark = pytest.mark.django_db

LIST = reverse("evaluation:reports")


@pytest.fixture
def manager(service):
    return MembershipFactory(service=service, role=Role.SERVICE_MANAGER).user


@pytest.fixture
def draft(service, lead) -> Report:
    return ReportFactory(service=service, quarter="2026-Q3", frozen_by=lead, released=False)


def address(report: Report) -> str:
    return reverse("evaluation:report_release", args=[report.pk])


def test_a_draft_is_for_those_who_build_and_for_nobody_else(
    draft, lead, manager, commissioner, ig_lead, as_user
):
    for user in (lead, manager):
        assert "Draft" in text_of(as_user(user).get(LIST))
        assert "Nobody has released this report yet." in text_of(as_user(user).get(draft.get_absolute_url()))
    for user in (commissioner, ig_lead):
        assert "July to September 2026" not in text_of(as_user(user).get(LIST))
        assert as_user(user).get(draft.get_absolute_url()).status_code == 404
        file = reverse("evaluation:report_file", args=[draft.pk, "csv"])
        assert as_user(user).get(file).status_code == 404


def test_whoever_drafted_it_does_not_release_it(draft, lead, as_user):
    client = as_user(lead)
    page = client.get(draft.get_absolute_url())
    assert "Ask somebody else who builds reports to read and release it." in text_of(page)
    assert address(draft) not in page.content.decode()
    assert "You drafted this report." in text_of(client.post(address(draft), follow=True))
    assert not ReportRelease.objects.exists()


def test_a_second_person_releases_it_and_the_log_says_so(draft, manager, commissioner, as_user):
    client = as_user(manager)
    assert address(draft) in client.get(draft.get_absolute_url()).content.decode()
    assert "a release cannot be taken back" in text_of(client.get(address(draft)))
    said = text_of(client.post(address(draft), follow=True))
    assert "The report for 2026-Q3 is released. Commissioners can read it now." in said
    assert "Nobody has released" not in said
    assert ReportRelease.objects.get().released_by == manager
    event = AuditEvent.objects.get(event="report_released")
    assert (event.actor, event.target_id) == (manager.email, str(draft.pk))
    assert as_user(commissioner).get(draft.get_absolute_url()).status_code == 200
    assert "This report is released already." in text_of(client.post(address(draft), follow=True))


def test_nothing_is_released_when_the_audit_fails(draft, manager, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("no audit today")

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(RuntimeError):
        reports.release(report=draft, by=manager)
    assert not ReportRelease.objects.exists()


def test_every_page_and_file_of_a_draft_says_so_and_none_of_a_release(draft, manager):
    paper = pypdf.PdfReader(io.BytesIO(pdf.draw(draft)))
    assert all(DRAFT in page.extract_text() for page in paper.pages)
    assert DRAFT in html.document(draft)
    assert DRAFT in csv.draw(draft).decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(xlsx.draw(draft))) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 2
        assert all(f"<oddHeader>&amp;L{DRAFT}" in parts.read(name).decode() for name in sheets)
    reports.release(report=draft, by=manager)
    released = Report.objects.select_related("service", "release").get()
    for text in (html.document(released), csv.draw(released).decode("utf-8-sig")):
        assert DRAFT not in text
        assert manager.name not in text
    assert not any(DRAFT in p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf.draw(released))).pages)


def test_the_scheduler_drafts_the_last_quarter_once_and_a_person_releases_it(
    service, neighbour, lead, as_user
):
    ReportFactory(service=neighbour, quarter="2026-Q3")
    with time_machine.travel(FROZEN.replace(day=15), tick=False):
        draft_reports()
        draft_reports()
    made = Report.objects.get(service=service)
    assert (made.quarter, made.frozen_by, made.is_draft) == ("2026-Q3", None, True)
    assert Report.objects.count() == 2
    reports.release(report=made, by=lead)


@pytest.mark.parametrize(
    "problem", [reports.AlreadyFrozen("It is frozen already."), ZeroDivisionError("a fault of ours")]
)
def test_a_quarter_that_cannot_be_drafted_does_not_stop_the_others(
    service, neighbour, monkeypatch, caplog, problem
):
    first, second = sorted((service, neighbour), key=list(Service.objects.all()).index)

    def freeze(*, service, quarter, by, real=reports.freeze):
        if service == first:
            raise problem
        return real(service=service, quarter=quarter, by=by)

    monkeypatch.setattr(reports, "freeze", freeze)
    with time_machine.travel(FROZEN, tick=False):
        draft_reports()
    made = Report.objects.get()
    assert (made.service, made.quarter) == (second, str(parse("2026-Q3")))
    assert str(problem) in caplog.text


def test_what_was_frozen_before_releases_were_kept_stays_readable(service, commissioner, as_user):
    report = ReportFactory(service=service, quarter="2026-Q2", released=False)
    upgrade = import_module("evaluation.migrations.0003_report_manifest_and_release").Migration
    with connection.cursor() as cursor:
        for each in upgrade.operations:
            if isinstance(each, RunSQL):
                cursor.execute(each.sql)
    report = Report.objects.get()
    assert (report.is_draft, report.release.released_by) == (False, None)
    assert dict(facts(report))["Released at"] == "2026-10-05 09:30 UTC, before releases were kept"
    page = text_of(as_user(commissioner).get(report.get_absolute_url()))
    assert "Released on 5 October 2026, before releases were kept." in page
