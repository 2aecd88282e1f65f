"""What a decision gave to somebody, and a later file tells again with the number: it is the file's then."""

import pytest

from cohorts.models import ActivityCount, LocalNumber
from governance.roles import Role
from tests.cohorts.extracts import ANN, BOB
from tests.cohorts.test_given_rows import ASH, back, bob, give
from tests.cohorts.test_unmatched_rows import load, load_people, people_list, row, take_back, trust
from tests.factories.governance import MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(service):
    return trust(service)


@pytest.fixture
def lead(service):
    return MembershipFactory(service=service, role=Role.HIU_LEAD).user


@pytest.fixture
def ann(service):
    return PersonFactory(service=service, nhs_number=ANN, **ASH)


def test_a_local_number_that_a_later_file_tells_with_the_number_stays(source, ann, lead):
    load(source, row("a1", "", local="H7"), bob("b1"))
    decision = give(ann, lead)
    newer = load(source, row("a2", ANN, local="H7", on="2026-02-02"), bob("b2"))
    back(decision, lead)
    assert LocalNumber.objects.get(number="H7").extract == newer
    take_back(newer)
    assert not LocalNumber.objects.filter(number="H7").exists()


def test_undoing_the_file_that_told_it_leaves_the_local_number_to_the_decision(source, ann, lead):
    load(source, row("a1", "", local="H7"), bob("b1"))
    decision = give(ann, lead)
    take_back(load(source, row("a2", ANN, local="H7", on="2026-02-02"), bob("b2")))
    assert LocalNumber.objects.get(number="H7").extract is None
    back(decision, lead)
    assert not LocalNumber.objects.filter(number="H7").exists()


def test_counts_that_a_later_file_tells_with_the_number_stay(service, ann, lead):
    people = people_list(service)
    load_people(people, f"{BOB},Bob Birch,1970-01-01,9,", ",Ann Ash,1980-05-06,3,H7")
    decision = give(ann, lead)
    newer = load_people(people, f"{ANN},Ann Ash,1980-05-06,3,H7")
    back(decision, lead)
    assert ActivityCount.objects.get(person=ann).extract == newer
    take_back(newer)
    assert not ActivityCount.objects.filter(person=ann).exists()


def test_undoing_the_file_that_told_them_leaves_the_counts_to_the_decision(service, ann, lead):
    people = people_list(service)
    load_people(people, f"{BOB},Bob Birch,1970-01-01,9,", ",Ann Ash,1980-05-06,3,H7")
    decision = give(ann, lead)
    take_back(load_people(people, f"{ANN},Ann Ash,1980-05-06,3,H7"))
    assert ActivityCount.objects.get(person=ann).count == 3
    back(decision, lead)
    assert not ActivityCount.objects.filter(person=ann).exists()
