"""Several people at one agreement, or at one plan, at the same moment."""

import datetime

import pytest

from governance.actions import agreement as agreements
from governance.actions import set_up
from governance.models import MilestoneReport, Signature, Suspension, User
from tests.factories.governance import AgreementFactory, MembershipFactory, SetUpPlanFactory
from tests.races import AT_ONCE, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2026, 3, 2)


@pytest.fixture
def place(transactional_db):
    return MembershipFactory().service


def test_one_signature_recorded_five_times_at_once_is_one_row(place):
    agreement, by = AgreementFactory(service=place, standing="draft"), User.objects.get()
    told = {"organisation": agreement.sharer, "name": "Sam", "role": "SIRO", "signed_on": DAY, "by": by}
    found = at_once(lambda: agreements.sign(agreement=agreement, **told))
    assert len(refusals(found)) == AT_ONCE - 1
    assert Signature.objects.count() == 1


def test_five_changes_at_once_are_one_version(place):
    agreement, by = AgreementFactory(service=place), User.objects.get()
    terms = agreement.terms() | {"top_n": 250}
    found = at_once(lambda: agreements.revise(agreement=agreement, why="Fewer", by=by, **terms))
    assert len(refusals(found)) == AT_ONCE - 1
    assert agreement.versions.count() == 2


def test_suspended_five_times_at_once_is_suspended_once(place):
    agreement, by = AgreementFactory(service=place), User.objects.get()
    found = at_once(lambda: agreements.suspend(agreement=agreement, why="A breach", by=by))
    assert len(refusals(found)) == AT_ONCE - 1
    assert Suspension.objects.count() == 1


def test_a_milestone_reported_five_times_at_once_is_one_row(place):
    by = User.objects.get()
    SetUpPlanFactory(service=place, begun_by=by)
    told = {"milestone": "host", "done_on": DAY, "note": "Minutes", "by": by}
    found = at_once(lambda: set_up.report(service=place, **told))
    assert len(refusals(found)) == AT_ONCE - 1
    assert MilestoneReport.objects.count() == 1
