"""Age, sex and deprivation of the people compared: in the model of the headline, as they were known then."""

import datetime

import pytest
import time_machine

from evaluation import inputs
from evaluation.evidence import gather, midnight
from evaluation.known.moment import known_at
from evaluation.quarters import parse
from governance import scope
from governance.actions import rights
from governance.models import Person
from tests.cohorts.areas import load, write
from tests.evaluation.conftest import COVERED_TO, FROZEN, LATER, LISTED_ON, grow

pytestmark = pytest.mark.django_db
QUARTER = parse("2026-Q3")
AFTER = midnight(QUARTER.following.first_day)


@pytest.fixture(autouse=True)
def in_scope(service):
    with scope.of(service):
        yield


def listed(service):
    found = inputs.gather(service, cut=COVERED_TO, after=AFTER, known=known_at(FROZEN))
    return found.listed.set_index("person")


def test_each_has_the_age_they_were_listed_at_and_the_decile_of_their_area(service, october, tmp_path):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,3"))
    load(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001"))
    first, second, third = (case.person for case in grow(service, accepted=3).cases["accepted"])
    Person.objects.filter(pk=first.pk).update(
        birth_date=LISTED_ON.replace(year=1980), sex="F", postcode="QX1 1AA"
    )
    Person.objects.filter(pk=second.pk).update(
        stated_age=50, stated_age_on=LISTED_ON - datetime.timedelta(days=400)
    )
    table = listed(service)
    mine = table.loc[str(first.pk)]
    assert (mine["age"], mine["sex"], mine["imd_decile"]) == (45, "F", 3)
    assert table.loc[str(second.pk), "age"] == 51
    assert table.loc[str(third.pk), ["age", "sex", "imd_decile"]].isna().all()


def test_they_are_in_the_model_where_enough_people_have_them(service, october):
    grown = grow(service, accepted=40, only_listed=80, attending=True)
    assert grown.people
    ids = [*Person.objects.filter(service=service).order_by("pk").values_list("pk", flat=True)]
    Person.objects.filter(pk__in=ids[::2]).update(sex="F", birth_date=datetime.date(1950, 1, 1))
    Person.objects.filter(pk__in=ids[1::2]).update(sex="M", birth_date=datetime.date(1990, 1, 1))
    study = gather(service, QUARTER, frozen_at=FROZEN).studies["ae", 365]
    assert {name.split()[0] for name in study.expected.names} >= {"sex", "age"}


def test_what_was_put_right_later_is_not_known_then(service, october, lead):
    person = grow(service, accepted=1).cases["accepted"][0].person
    Person.objects.filter(pk=person.pk).update(sex="F")
    with time_machine.travel(LATER, tick=False):
        person.refresh_from_db()
        rights.correct(person=person, field="sex", value="M", reason="They told us", by=lead)
    assert listed(service).loc[str(person.pk), "sex"] == "F"
