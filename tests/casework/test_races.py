"""Two presses, two tabs, two people at the same moment."""

import uuid

import pytest

from casework.actions import allocation
from casework.actions import case as cases
from casework.actions import contact as contacts
from casework.models import Allocation, Case, Contact, StageChange
from governance import verification
from tests.factories.casework import CaseFactory
from tests.factories.governance import MembershipFactory, PersonFactory, ServiceFactory
from tests.races import AT_ONCE, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(transactional_db):
    return MembershipFactory(service=ServiceFactory()).user


@pytest.fixture
def place(worker):
    return worker.memberships.get().service


def test_one_form_sent_five_times_at_once_is_one_contact(place, worker):
    case, key = CaseFactory(service=place, worker=worker), uuid.uuid4()
    found = at_once(lambda: contacts.log(case=case, key=key, kind="call", outcome="reached", by=worker).pk)
    assert len(set(found)) == Contact.objects.count() == 1
    assert verification.verify().ok


def test_one_person_accepted_five_times_at_once_has_one_case(place, worker):
    person = PersonFactory(service=place)
    found = at_once(lambda: cases.open(service=place, person=person, by=worker))
    assert Case.objects.count() == StageChange.objects.count() == 1
    assert refusals(found) == (["This person already has an open case. Go on with that one."] * (AT_ONCE - 1))


def test_two_leads_who_allocate_at_once_do_not_undo_each_other(place, worker):
    case = CaseFactory(service=place)
    team = iter([MembershipFactory(service=place).user for _ in range(AT_ONCE)])
    found = at_once(lambda: allocation.allocate(case=case, worker=next(team), instead_of=None, by=worker))
    assert len(refusals(found)) == AT_ONCE - 1
    assert Allocation.objects.get().worker == Case.objects.get().worker


def test_a_case_moved_five_times_at_once_moves_one_step(place, worker):
    case = CaseFactory(service=place, worker=worker)
    found = at_once(lambda: cases.move(case=case, to="engaging", by=worker))
    assert len(refusals(found)) == AT_ONCE - 1
    assert StageChange.objects.count() == 1
    assert verification.verify().ok
