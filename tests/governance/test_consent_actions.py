import datetime

import pytest
from django.utils import timezone

from governance.actions import consent
from governance.models import AuditEvent, Consent
from governance.rules import RuleBroken
from tests.factories.governance import ConsentFactory, PersonFactory


@pytest.fixture
def person(service):
    return PersonFactory(service=service)


def record(person, by, **told):
    given = {"scope": "support", "decision": "given", "method": "phone", **told}
    return consent.record(service=by.memberships.get().service, person=person, by=by, **given)


def test_a_decision_is_a_row_and_the_newest_stands(person, link_worker):
    record(person, link_worker, words="Yes, please ring")
    row = record(person, link_worker, decision="withdrawn", method="spoken")
    assert consent.latest(person) == {"support": row}
    assert list(Consent.objects.values_list("decision", flat=True)) == ["withdrawn", "given"]
    assert AuditEvent.objects.last().changes == {"scope": "support", "decision": ["given", "withdrawn"]}


def test_each_scope_has_a_decision_of_its_own(person, link_worker):
    yes, no = record(person, link_worker), record(person, link_worker, scope="share_gp", decision="refused")
    assert consent.latest(person) == {"support": yes, "share_gp": no}


def test_the_audit_does_not_repeat_the_persons_words(person, link_worker):
    record(person, link_worker, words="My daughter must not know")
    assert "daughter" not in str(AuditEvent.objects.get().changes)


@pytest.mark.parametrize("before", [None, "refused", "withdrawn"])
def test_only_a_yes_can_be_taken_back(person, link_worker, before):
    if before:
        ConsentFactory(person=person, decision=before)
    with pytest.raises(RuleBroken, match="nothing to take back"):
        record(person, link_worker, decision="withdrawn")


def test_a_clock_may_run_ahead_by_a_quarter_of_an_hour_and_no_more(person, link_worker):
    record(person, link_worker, decided_at=timezone.now() + datetime.timedelta(minutes=14))
    with pytest.raises(RuleBroken, match="in the future"):
        record(person, link_worker, decided_at=timezone.now() + datetime.timedelta(minutes=16))


def test_a_neighbours_person_decides_nothing_here(neighbour, link_worker):
    with pytest.raises(RuleBroken, match="another service"):
        record(PersonFactory(service=neighbour), link_worker)


def test_nothing_is_saved_when_the_audit_fails(person, link_worker, monkeypatch):
    def fail(row):
        raise OSError("disk full")

    monkeypatch.setattr("governance.audit.sign", fail)
    with pytest.raises(OSError):
        record(person, link_worker)
    assert Consent.objects.count() == 0
