"""The area profile: counted whole, controlled together, frozen once a quarter, and read by who may see no person."""

import datetime
import itertools

import pytest
from django.urls import reverse

from cohorts.areas import living
from evaluation.actions import area_profile as profiles
from evaluation.area import figures
from evaluation.area.figures import Facts
from evaluation.area.gather import gather
from evaluation.disclosure import DEFAULT_RULE
from evaluation.disclosure_table import giving_away
from evaluation.models import AreaProfile
from governance import audit, scope
from governance.actions import merge
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.cohorts.areas import load, write
from tests.factories.cohorts import (
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    CohortRuleFactory,
    ExtractFactory,
)
from tests.factories.governance import ObjectionFactory, PersonFactory, UserFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db


@pytest.fixture
def extract(service):
    return ExtractFactory(source__service=service, committed=True)


@pytest.fixture
def listed(service, extract, tmp_path):
    """`listed(12)` is a list of 12 people, each with 3 attendances: one by night, two by ambulance."""
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,1", "E01000002,4"))
    load(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001", "QX1 1AB,E01000002"))
    rule = CohortRuleFactory(service=service, title="Five or more")

    def make(number, as_at="2026-06-30", postcode="QX1 1AA", **fields):
        day = datetime.date.fromisoformat(as_at)
        cohort_list = CohortListFactory(rule=rule, as_at=day, selected=number)
        for _ in range(number):
            person = PersonFactory(service=service, postcode=postcode, sex="F")
            CandidateFactory(cohort_list=cohort_list, person=person, **fields)
            for time, mode in (("20:00", "ambulance"), ("19:59", "ambulance"), ("08:00", "own")):
                ActivityFactory(
                    extract=extract,
                    person=person,
                    started_on=day,
                    started_at_time=time,
                    arrival_mode=mode,
                )
        return cohort_list

    return make


def table(snapshot, key):
    return {row[0]: row[1:] for each in snapshot["tables"] if each["key"] == key for row in each["rows"]}


def test_people_and_arrivals_are_counted_and_rounded(service, lead, listed):
    made = profiles.freeze(service=service, cohort_list=listed(13), by=lead)
    shown = made.snapshot
    assert [each["value"] for each in shown["totals"]] == ["15", "40"]
    deprivation = table(shown, "deprivation")
    assert deprivation["1 (most deprived)"] == ["15", "not supplied"]
    assert deprivation["Not known"] == ["0", "not supplied"]
    assert table(shown, "age")["45 to 54"] == ["15", "100%"]
    assert table(shown, "sex")["Women"] == ["15", "100%"]
    assert table(shown, "night") == {
        "At night": ["15", "38%"],
        "By day": ["25", "63%"],
        "Not known": ["0", "0%"],
    }
    assert table(shown, "ambulance")["By ambulance"] == ["25", "63%"]
    assert "the file of IMD 2025" in shown["missing"][0]
    assert "Made for tests. None." in shown["cited"]
    assert (made.quarter, made.as_at) == ("2026-Q2", datetime.date(2026, 6, 30))


def test_what_is_not_known_is_a_row_of_its_own_and_small_numbers_are_hidden(service, extract, listed):
    cohort_list = listed(20, postcode="QX9 9XX", age=None)
    for person in [PersonFactory(service=service, postcode="QX1 1AB", birth_date=None) for _ in range(7)]:
        CandidateFactory(cohort_list=cohort_list, person=person, age=30)
        ActivityFactory(extract=extract, person=person, started_on=cohort_list.as_at)
    shown = profiles.freeze(service=service, cohort_list=cohort_list, by=None).snapshot
    assert table(shown, "deprivation")["Not known"][0] == "20"
    assert table(shown, "deprivation")["4"][0] == "*"
    assert table(shown, "deprivation")["2"][0] == "0"
    assert table(shown, "age")["Not known"] == ["20", "80%"]
    assert table(shown, "night")["Not known"] == ["*", "*"]


def test_without_any_attendance_they_are_not_supplied_and_not_none(service, extract, listed):
    cohort_list = CohortListFactory(rule__service=service, selected=9)
    for _ in range(9):
        CandidateFactory(cohort_list=cohort_list)
    shown = profiles.freeze(service=service, cohort_list=cohort_list, by=None).snapshot
    assert shown["totals"][1]["value"] == "not supplied"
    assert not table(shown, "night")


def test_attendances_of_a_few_people_are_not_shown():
    facts = Facts(20, {"age": {"a": 20}, "sex": {"b": 20}}, 7, 100, {"night": {"At night": 100}})
    assert figures.totals(facts)[1]["value"] == "*"
    assert figures.tables(facts)[-1]["rows"] == [["At night", "*", "*"]]


def test_nothing_that_is_hidden_follows_from_the_tables_together():
    """Every way to divide up to 24 people into two rows, beside another division: whoever adds up learns nothing."""
    for total, first, second in itertools.product(range(8, 25), range(10), range(10)):
        if max(first, second) > total:
            continue
        divisions = {"a": [first, total - first], "b": [second, total - second]}
        withheld = giving_away(divisions, total)
        shown = [parts for name, parts in divisions.items() if name not in withheld]
        for parts in shown:
            for index, part in enumerate(parts):
                if DEFAULT_RULE.hides(part):
                    assert len(_possible(shown, total, parts, index)) > 1, (divisions, withheld)


def _possible(shown, total, parts, index):
    """What a reader must think possible of one hidden part."""
    found = set()
    low, high = DEFAULT_RULE.bounds(total)
    for candidate in range(low, high + 1):
        ways = [
            [
                way
                for way in itertools.product(*(range(a, b + 1) for a, b in map(DEFAULT_RULE.bounds, each)))
                if sum(way) == candidate
            ]
            for each in shown
        ]
        if all(ways):
            found |= {way[index] for way in ways[shown.index(parts)]}
    return found


def test_divisions_of_different_things_are_refused():
    with pytest.raises(ValueError, match="adds up to 3"):
        giving_away({"a": [1, 2]}, 4)


@pytest.mark.parametrize("number, refused", [(7, True), (8, False)])
def test_fewer_than_eight_people_have_no_profile(service, listed, number, refused):
    cohort_list = listed(number)
    if refused:
        with pytest.raises(RuleBroken, match="8 people or more"):
            profiles.freeze(service=service, cohort_list=cohort_list, by=None)
    else:
        assert profiles.freeze(service=service, cohort_list=cohort_list, by=None).pk


def test_whoever_objected_is_not_counted(service, listed):
    cohort_list = listed(9)
    ObjectionFactory(person=cohort_list.candidates.first().person, scope="evaluation")
    assert gather(cohort_list, living.loaded()).people == 8


def test_whoever_was_merged_is_counted_once(service, listed):
    cohort_list = listed(9)
    stays, gone, *_ = (each.person for each in cohort_list.candidates.all())
    with scope.of(service):
        merge.merge(service=service, person=stays, merged=gone, by=UserFactory())
    assert gather(cohort_list, living.loaded()).people == 8


def test_a_list_whose_people_are_not_all_kept_has_no_profile(service, listed):
    cohort_list = listed(9)
    cohort_list.removed = 3
    with pytest.raises(RuleBroken, match="not kept any more"):
        profiles.freeze(service=service, cohort_list=cohort_list, by=None)


def test_a_quarter_has_one_profile(service, listed):
    profiles.freeze(service=service, cohort_list=listed(9), by=None)
    with pytest.raises(RuleBroken, match="April to June 2026 already"):
        profiles.freeze(service=service, cohort_list=listed(9, as_at="2026-05-31"), by=None)
    assert profiles.freeze(service=service, cohort_list=listed(9, as_at="2026-03-31"), by=None).pk


def test_nothing_is_frozen_when_the_audit_fails(service, listed, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError

    cohort_list = listed(9)
    monkeypatch.setattr(audit, "record", fails)
    with pytest.raises(RuntimeError):
        profiles.freeze(service=service, cohort_list=cohort_list, by=None)
    assert not AreaProfile.objects.exists()


def test_a_lead_makes_it_and_a_commissioner_reads_it(service, lead, commissioner, outsider, listed, as_user):
    cohort_list, new = listed(12), reverse("evaluation:area_profile_new")
    client = as_user(lead)
    assert "Choose a list." in client.post(new, {"cohort_list": ""}).content.decode()
    client.post(new, {"cohort_list": cohort_list.pk})
    made = AreaProfile.objects.get()
    assert "No list to make it of" in client.get(new).content.decode()
    reader = as_user(commissioner)
    assert made.get_absolute_url() in reader.get(reverse("evaluation:area_profiles")).content.decode()
    page = reader.get(made.get_absolute_url()).content.decode()
    assert "IMD 2019 (areas of 2011)" in page
    assert "IMD 2025 (areas of 2021)" in page
    assert AuditEvent.objects.filter(event="area_profile_opened").count() == 1
    assert as_user(outsider).get(made.get_absolute_url()).status_code == 404
    assert reader.get(new).status_code == 403


def test_it_takes_as_many_questions_for_a_long_list_as_for_a_short_one(service, listed):
    short, long = listed(8), listed(40, as_at="2026-01-31", postcode="QX1 1AB")
    with PageQueries() as few:
        gather(short, living.loaded())
    with PageQueries() as many:
        gather(long, living.loaded())
    assert len(few) == len(many) <= 9
