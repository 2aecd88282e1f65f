"""Two people at the same moment."""

import datetime
import uuid

import pytest
from django.db import transaction

from governance import audit, verification
from governance.actions import break_glass, consent, incident, member
from governance.models import BreakGlass, Consent, Incident, Membership, User
from tests.factories.governance import BreakGlassFactory, ConsentFactory, MembershipFactory, PersonFactory
from tests.factories.incidents import IncidentTriageFactory
from tests.races import AT_ONCE, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.date(2026, 3, 2)


@pytest.fixture
def place(transactional_db):
    return MembershipFactory().service


def test_events_recorded_at_once_stand_in_one_line(place):
    def record():
        with transaction.atomic():
            return audit.record("list_built", service=place, by=None).number

    assert sorted(at_once(record)) == list(range(1, AT_ONCE + 1))
    assert verification.verify().ok


def test_a_yes_taken_back_five_times_at_once_is_taken_back_once(place):
    person, by = PersonFactory(service=place), User.objects.get()
    ConsentFactory(person=person, by=by)
    told = {"scope": "support", "decision": "withdrawn", "method": "phone", "by": by}
    found = at_once(lambda: consent.record(service=place, person=person, **told))
    assert refusals(found) == []
    assert len({row.pk for row in found}) == 1
    assert Consent.objects.filter(decision="withdrawn").count() == 1


def test_access_given_five_times_at_once_is_one_membership(place):
    by = User.objects.get()
    told = {"name": "Nia New", "email": "nia@example.org", "role": "link_worker", "ends_on": None}
    found = at_once(lambda: member.add(service=place, starts_on=TODAY, by=by, **told))
    assert len(refusals(found)) == AT_ONCE - 1
    assert Membership.objects.filter(user__email="nia@example.org").count() == 1


def test_a_reason_given_five_times_at_once_is_one_opening(place):
    person, by = PersonFactory(service=place), User.objects.get()
    told = {"reason": "cover", "words": "Their worker is away", "by": by}
    found = at_once(lambda: break_glass.open(service=place, person=person, **told))
    assert len({row.pk for row in found}) == BreakGlass.objects.count() == 1


def test_an_opening_reviewed_five_times_at_once_is_reviewed_once(place):
    by, opening = User.objects.get(), BreakGlassFactory(person__service=place)
    found = at_once(lambda: break_glass.review(opening=opening, outcome="ok", by=by))
    assert len(refusals(found)) == AT_ONCE - 1


def test_one_report_sent_five_times_at_once_is_one_incident(place):
    told = {"key": uuid.uuid4(), "kind": "other", "words": "Nearly", "by": User.objects.get()}
    found = at_once(lambda: incident.report(service=place, **told))
    assert len({row.pk for row in found}) == Incident.objects.count() == 1


def test_an_incident_finished_five_times_at_once_is_finished_once(place):
    by = User.objects.get()
    found = IncidentTriageFactory(
        incident__service=place, incident__reported_by=by, breach="no", by=by
    ).incident
    ended = at_once(lambda: incident.step(incident=found, kind="finished", words="Learned", by=by))
    assert len(refusals(ended)) == AT_ONCE - 1
    assert found.steps.count() == 1
