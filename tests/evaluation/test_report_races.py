"""Several people at one report at the same moment."""

import pytest

from evaluation.actions import report as reports
from evaluation.models import Report, ReportRelease, ReportWithdrawal
from evaluation.quarters import parse
from governance.models import Service, User
from governance.roles import Role
from tests.factories.evaluation import ReportFactory
from tests.factories.governance import MembershipFactory
from tests.races import AT_ONCE, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
QUARTER = parse("2026-Q2")


@pytest.fixture
def place(transactional_db: None) -> Service:
    return MembershipFactory(role=Role.SERVICE_MANAGER).service


@pytest.fixture
def by(place: Service) -> User:
    return User.objects.get()


def test_a_quarter_frozen_five_times_at_once_has_one_report(place, by):
    found = at_once(lambda: reports.freeze(service=place, quarter=QUARTER, by=by))
    assert len(refusals(found)) == AT_ONCE - 1
    assert "is frozen already" in refusals(found)[0]
    made = Report.objects.get()
    reports.withdraw(report=made, reason="A cost was wrong", by=by)
    found = at_once(lambda: reports.freeze(service=place, quarter=QUARTER, by=by))
    assert len(refusals(found)) == AT_ONCE - 1
    assert [each.in_place_of for each in Report.objects.order_by("pk")] == [
        None,
        ReportWithdrawal.objects.get(),
    ]


def test_a_draft_released_and_withdrawn_at_once_is_one_of_both(place, by):
    draft, turns = ReportFactory(service=place, released=False), iter(range(AT_ONCE))

    def one() -> object:
        if next(turns) % 2:
            return reports.release(report=draft, by=by)
        return reports.withdraw(report=draft, reason="A cost was wrong", by=by)

    assert len(refusals(at_once(one))) == AT_ONCE - 1
    assert ReportRelease.objects.count() + ReportWithdrawal.objects.count() == 1


def test_no_file_of_a_draft_is_written_once_it_is_withdrawn(place, by):
    stale = ReportFactory(service=place, released=False)
    reports.withdraw(report=Report.objects.get(), reason="A cost was wrong", by=by)
    with pytest.raises(reports.DraftIsWithdrawn, match="This draft was withdrawn"):
        reports.record_download(report=stale, kind="csv", by=by)
