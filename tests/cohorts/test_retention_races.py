"""A lead decides on somebody at the moment retention removes the list."""

from contextvars import copy_context
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from casework.models import Case
from cohorts import retention as lists
from cohorts.actions import screening
from cohorts.models import Candidate
from governance import verification
from governance.actions import retention
from governance.models import Person
from governance.rules import RuleBroken
from tests.factories.governance import MembershipFactory, ServiceFactory
from tests.purging import TODAY, unselected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(transactional_db):
    return ServiceFactory()


def in_a_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=copy_context().run, args=[run])
    thread.start()
    return thread


def purge(place):
    return retention.purge(service=place, by=None, today=TODAY)["unselected_candidates"]


def test_somebody_being_taken_on_is_passed_over(place):
    lead = MembershipFactory(service=place).user
    candidate, other = unselected(place), unselected(place)
    decided, purged = Event(), Event()

    def accept():
        with transaction.atomic():
            screening.decide(candidate=candidate, decision="accept", by=lead)
            decided.set()
            purged.wait(10)

    thread = in_a_thread(accept)
    decided.wait(10)
    # The audit chain is held by the lead, so the purge of the other one ends after the lead's decision.
    purging = in_a_thread(lambda: purge(place))
    purging.join(1)
    purged.set()
    thread.join()
    purging.join()
    assert Case.objects.get().person == candidate.person
    assert list(Candidate.objects.all()) == [candidate]
    assert not Person.objects.filter(pk=other.person_id).exists()
    assert verification.verify().ok


def test_who_was_taken_on_between_the_look_and_the_lock_is_not_lost(place, monkeypatch):
    lead = MembershipFactory(service=place).user
    candidate = unselected(place)
    lock = lists.locked

    def late(rows):
        if rows.model is Candidate:
            thread = in_a_thread(lambda: screening.decide(candidate=candidate, decision="accept", by=lead))
            thread.join()
        return lock(rows)

    monkeypatch.setattr(lists, "locked", late)
    assert purge(place).purged == 0
    assert Case.objects.get().person == candidate.person


def test_who_decides_too_late_reads_why(place):
    lead = MembershipFactory(service=place).user
    candidate = unselected(place)
    purge(place)
    with pytest.raises(RuleBroken, match="removed from the list a moment ago"):
        screening.decide(candidate=candidate, decision="accept", by=lead)
    assert not Case.objects.exists()
