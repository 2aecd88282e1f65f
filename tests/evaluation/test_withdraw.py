"""A draft that is wrong is taken back, and its quarter can have another report."""

import datetime
import io
from importlib import import_module

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations import RunSQL
from django.urls import reverse

from casework.models import StageChange
from evaluation.actions import report as reports
from evaluation.frozen.rederive import rederive
from evaluation.models import DraftCopy, Report, ReportWithdrawal
from evaluation.quarters import parse
from evaluation.tasks import draft_reports
from governance import audit
from governance.models import AuditEvent
from governance.roles import Role
from tests.evaluation.conftest import FROZEN, at, grow
from tests.evaluation.test_differencing import MAY, TOTAL, people
from tests.evaluation.test_reports import file_url, text_of
from tests.factories.casework import CaseFactory
from tests.factories.evaluation import ReportFactory
from tests.factories.governance import MembershipFactory

pytestmark = pytest.mark.django_db

LIST = reverse("evaluation:reports")
NEW = reverse("evaluation:report_new")
WHY = "The unit cost had a digit too many"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def draft(service, lead) -> Report:
    return ReportFactory(service=service, quarter="2026-Q3", frozen_by=lead, released=False)


def address(report: Report) -> str:
    return reverse("evaluation:report_withdraw", args=[report.pk])


def build(out, **options: object) -> str:
    told = io.StringIO()
    call_command("build_report", service="fenland", quarter="2026-Q3", out=str(out), stdout=told, **options)
    return told.getvalue()


def test_whoever_drafted_it_withdraws_it_with_a_reason_and_builds_it_again(draft, lead, as_user, october):
    client = as_user(lead)
    assert address(draft) in client.get(draft.get_absolute_url()).content.decode()
    assert "this cannot be taken back" in text_of(client.get(address(draft)))
    page = text_of(client.post(address(draft), {"reason": WHY}, follow=True))
    assert "The draft for 2026-Q3 is withdrawn. Build the report again" in page
    assert f"Withdrawn on 5 October 2026 by {lead.name}: {WHY}" in page
    assert "Build the report for 2026-Q3" in page
    assert "built as a draft" in text_of(client.post(NEW, {"quarter": "2026-Q3"}, follow=True))
    again = Report.objects.exclude(pk=draft.pk).get()
    assert (again.quarter, again.in_place_of) == ("2026-Q3", ReportWithdrawal.objects.get())
    event = AuditEvent.objects.get(event="report_withdrawn")
    assert (event.actor, event.target_id) == (lead.email, str(draft.pk))
    assert WHY not in str(event.changes)


def test_a_withdrawn_draft_says_so_to_those_who_build_and_nobody_else_sees_it(
    draft, lead, commissioner, as_user
):
    reports.withdraw(report=draft, reason=WHY, by=lead)
    page = as_user(lead).get(draft.get_absolute_url())
    assert "Do not use these figures." in text_of(page)
    assert WHY in text_of(page)
    assert address(draft) not in page.content.decode()
    assert as_user(commissioner).get(draft.get_absolute_url()).status_code == 404
    assert "July to September 2026" not in text_of(as_user(commissioner).get(LIST))


def test_without_a_reason_nothing_is_withdrawn(draft, lead, as_user):
    for reason in ("", "  ", "x" * 301):
        answer = as_user(lead).post(address(draft), {"reason": reason})
        assert answer.status_code == 200
        assert "There is a problem" in text_of(answer)
    assert not ReportWithdrawal.objects.exists()


def test_neither_a_release_nor_a_withdrawal_is_taken_back(draft, lead, service, as_user):
    manager = MembershipFactory(service=service, role=Role.SERVICE_MANAGER).user
    released = ReportFactory(service=service, quarter="2026-Q2")
    client = as_user(manager)
    said = text_of(client.post(address(released), {"reason": WHY}, follow=True))
    assert "This report is released. A release cannot be taken back." in said
    reports.withdraw(report=draft, reason=WHY, by=lead)
    said = text_of(client.post(address(draft), {"reason": WHY}, follow=True))
    assert "This draft is withdrawn already." in said
    release = reverse("evaluation:report_release", args=[draft.pk])
    assert "This draft was withdrawn." in text_of(client.post(release, follow=True))
    assert ReportWithdrawal.objects.get().report == draft


def test_nothing_is_withdrawn_when_the_audit_fails(draft, lead, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("no audit today")

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(RuntimeError):
        reports.withdraw(report=draft, reason=WHY, by=lead)
    assert not ReportWithdrawal.objects.exists()


def test_the_database_holds_one_report_of_a_quarter_for_each_withdrawal(draft, lead):
    gone = reports.withdraw(report=draft, reason=WHY, by=lead)
    again = {"service": draft.service, "quarter": draft.quarter, "released": False}
    with pytest.raises(IntegrityError, match="report_once_per_quarter"), transaction.atomic():
        ReportFactory(**again)
    ReportFactory(**again, in_place_of=gone)
    with pytest.raises(IntegrityError, match="in_place_of"), transaction.atomic():
        ReportFactory(**again, in_place_of=gone)


def test_a_draft_has_no_file_to_take_away_until_it_is_released(draft, lead, service, as_user):
    client = as_user(lead)
    assert file_url(draft, "csv") not in client.get(draft.get_absolute_url()).content.decode()
    said = text_of(client.get(file_url(draft, "csv"), follow=True))
    assert "A draft is read on its page. Its files can be taken once it is released." in said
    assert not AuditEvent.objects.filter(event="report_downloaded").exists()
    reports.release(report=draft, by=MembershipFactory(service=service, role=Role.SERVICE_MANAGER).user)
    assert client.get(file_url(draft, "csv")).status_code == 200
    assert not DraftCopy.objects.exists()


def test_the_command_builds_a_withdrawn_quarter_again_and_nobody_redraws_the_old_one(
    service, lead, october, tmp_path
):
    build(tmp_path)
    first = Report.objects.get()
    assert first.draft_copy.taken_by is None
    reports.withdraw(report=first, reason=WHY, by=lead)
    with pytest.raises(CommandError, match="has no report for 2026-Q3"):
        call_command("rederive_report", service="fenland", quarter="2026-Q3")
    build(tmp_path / "again")
    build(tmp_path / "again")
    assert [each.is_withdrawn for each in Report.objects.order_by("pk")] == [True, False]
    assert DraftCopy.objects.count() == 2


def test_the_scheduler_leaves_a_quarter_to_whoever_withdrew_its_draft(draft, lead):
    reports.withdraw(report=draft, reason=WHY, by=lead)
    with time_machine.travel(FROZEN.replace(day=15), tick=False):
        draft_reports()
    assert Report.objects.get() == draft


def one_joins(service, lead) -> None:
    case = CaseFactory(service=service, opened_at=at(MAY), index_date=MAY, stage="engaging", worker=lead)
    StageChange.objects.create(service=service, case=case, stage="engaging", by=lead, at=at(MAY))


@pytest.mark.parametrize("copied", [False, True])
def test_a_withdrawn_draft_counts_only_where_somebody_may_hold_it(service, lead, copied):
    """The planted attack of tests/evaluation/test_differencing.py, within one quarter."""
    with time_machine.travel(FROZEN, tick=False):
        grow(service, accepted=8, declined=8, not_reached=8, no_answer=8, only_listed=10)
        first = reports.freeze(service=service, quarter=parse("2026-Q3"), by=lead)
        assert people(first)["Offered support"] == "30"
        if copied:
            reports.record_download(report=first, kind="pdf", by=lead)
        reports.withdraw(report=first, reason="A case was missing", by=lead)
    with time_machine.travel(FROZEN + HOUR, tick=False):
        one_joins(service, lead)
        again = reports.freeze(service=service, quarter=parse("2026-Q3"), by=lead)
        assert people(again)["Offered support"] == ("*" if copied else "35")
        assert (list(TOTAL) in again.snapshot["withheld"]) is copied
    with time_machine.travel(FROZEN + 2 * HOUR, tick=False):
        reports.withdraw(report=again, reason="Another was missing", by=lead)
        assert rederive(Report.objects.get(pk=again.pk)).differences == []


def test_what_may_have_left_before_this_was_kept_counts_as_taken(draft, service):
    ReportFactory(service=service, quarter="2026-Q2")
    upgrade = import_module("evaluation.migrations.0004_withdrawing_a_draft").Migration
    with connection.cursor() as cursor:
        for each in upgrade.operations:
            if isinstance(each, RunSQL):
                cursor.execute(each.sql)
    assert DraftCopy.objects.get().report == draft
