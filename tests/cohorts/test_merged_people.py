"""Extracts follow a merge: what comes under the number of the emptied record is the other's."""

import datetime

import pytest

from cohorts.models import ActivityCount
from governance import scope
from governance.actions import merge as merging
from governance.models import Person
from tests.cohorts.extracts import ANN, BOB, feed, load_rows, row
from tests.factories.governance import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside(service):
    """As a request is: in the scope of the service."""
    with scope.of(service):
        yield


@pytest.fixture
def lead():
    return UserFactory()


def merged(service, lead):
    ann, bob = (Person.objects.get(nhs_number=number) for number in (ANN, BOB))
    return merging.merge(service=service, person=ann, merged=bob, by=lead)


def test_attendances_under_either_number_are_of_the_record_that_stays(service, lead):
    source = feed(service)
    load_rows(source, row("a1"), row("b1", BOB, last="Ashe"))
    merge = merged(service, lead)
    extract = load_rows(source, row("a1"), row("b1", BOB, last="Ashe"), row("b2", BOB, last="Ashe"))
    assert (extract.rows_new, extract.rows_changed, extract.people_new) == (1, 0, 0)
    assert merge.person.activities.count() == 3
    merging.separate(merge=merge, by=lead)
    assert (merge.person.activities.count(), merge.merged.activities.count()) == (2, 1)
    again = load_rows(
        source, row("b2", BOB, last="Ashe"), row("b1", BOB, last="Ashe"), row("b3", BOB, last="Ashe")
    )
    assert again.rows_changed == 1
    assert merge.merged.activities.count() == 3


def test_counts_of_both_numbers_are_added_up(service, lead):
    source = feed(service, profile="people")
    header = "NHS number,Name,A&E attendances in the last 12 months"
    day = datetime.date(2026, 3, 31)
    load_rows(source, f"{ANN},Ann Ash,4", f"{BOB},Ann Ashe,5", header=header, as_at=day)
    merge = merged(service, lead)
    assert ActivityCount.objects.filter(person=merge.person).count() == 1
    later = datetime.date(2026, 6, 30)
    load_rows(source, f"{ANN},Ann Ash,6", f"{BOB},Ann Ashe,7", header=header, as_at=later)
    assert ActivityCount.objects.get(person=merge.person, as_at=later).count == 13
