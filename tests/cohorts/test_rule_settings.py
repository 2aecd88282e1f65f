"""Every setting of a rule, on both sides of its boundary; what nobody supplied puts nobody out."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from cohorts.actions import rule as rule_actions
from cohorts.lists import definitions
from cohorts.models import CohortRule
from cohorts.pages.screening import gaps
from governance.rules import RuleBroken
from tests.cohorts.lists import build, people_on
from tests.factories.cohorts import (
    ActivityCountFactory,
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    CohortRuleFactory,
    ExtractFactory,
    ScreeningFactory,
)
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db


def on_list(service, **terms):
    return set(people_on(build(service, **terms)))


def noted(service, **terms):
    cohort_list = build(service, **terms)
    return gaps(service.cohort_lists.with_gaps().get(pk=cohort_list.pk))


# Traps of the sources: two readings of one rule give two lists.


def test_more_than_five_and_five_or_more_differ_by_who_has_exactly_five(service, attends):
    five, six = attends(5), attends(6)
    assert on_list(service, operator=">", count=5) == {six}
    assert on_list(service, operator=">=", count=5) == {five, six}


def test_twelve_weeks_three_months_and_twelve_months_are_three_windows(service, attends):
    weeks, months = attends(6, last="2026-06-20"), attends(1, last="2026-04-07")
    for day in range(5):
        attends(1, last=f"2026-04-0{day + 1}", person=months)
    year = attends(6, last="2025-12-20")
    assert on_list(service, operator=">", count=5, window_days=84) == {weeks}
    assert on_list(service, operator=">", count=5, window_months=3) == {weeks, months}
    assert on_list(service, operator=">", count=5, window_months=12) == {weeks, months, year}


def test_more_than_five_a_month_or_more_than_20_a_year_takes_both_and_not_who_has_neither(service, attends):
    month, year, neither = (
        attends(6, last="2026-06-30"),
        attends(21, last="2026-05-20"),
        attends(20, last="2026-05-20"),
    )
    exactly = attends(5, last="2026-06-30")
    terms = {"operator": ">", "count": 20, "or_count": 5, "or_months": 1}
    assert on_list(service, **terms) == {month, year}
    assert on_list(service, operator=">", count=5) == {month, year, neither}
    assert exactly not in on_list(service, **terms)


def test_what_is_taken_on_is_no_part_of_the_rule(service, attends):
    for _ in range(3):
        attends(6)
    assert build(service, top_n=250).selected == 3


def test_more_than_one_admission_is_not_one_or_more(service, attends):
    once = attends(3, last="2026-05-20")
    attends(1, admitted=True, person=once)
    twice = attends(3, last="2026-05-20")
    attends(2, admitted=True, person=twice)
    assert on_list(service, count=4, admissions_operator=">", min_admissions=1) == {twice}
    assert on_list(service, count=4, admissions_operator=">=", min_admissions=1) == {once, twice}


# Windows and their ends


@pytest.mark.parametrize(
    "terms, first, last",
    [
        ({}, "2025-07-01", "2026-06-30"),
        ({"includes_day": False}, "2025-06-30", "2026-06-29"),
        ({"window_days": 365}, "2025-07-01", "2026-06-30"),
        ({"window_days": 364}, "2025-07-02", "2026-06-30"),
        ({"window_days": 365, "includes_day": False}, "2025-06-30", "2026-06-29"),
        ({"window_days": 366}, "2025-06-30", "2026-06-30"),
        ({"window_months": 15}, "2025-03-31", "2026-06-30"),
        ({"window_kind": "calendar_year"}, "2026-01-01", "2026-06-30"),
        ({"window_kind": "financial_year"}, "2026-04-01", "2026-06-30"),
        ({"window_kind": "financial_year", "includes_day": False}, "2026-04-01", "2026-06-29"),
    ],
)
def test_a_window_counts_its_two_ends_and_nothing_beyond(service, attends, terms, first, last):
    ends = attends(1, last=first)
    attends(1, last=last, person=ends)
    day = datetime.timedelta(days=1)
    attends(1, last=str(datetime.date.fromisoformat(first) - day), person=ends)
    attends(1, last=str(datetime.date.fromisoformat(last) + day), person=ends)
    assert build(service, count=1, **terms).candidates.get().count == 2


@pytest.mark.parametrize("as_at, first", [("2026-03-31", "2025-04-01"), ("2026-04-01", "2026-04-01")])
def test_a_financial_year_begins_on_1_april(service, attends, as_at, first):
    attends(1, last=first)
    attends(1, last="2025-03-31")
    built = build(service, as_at=datetime.date.fromisoformat(as_at), count=1, window_kind="financial_year")
    assert built.considered == 1


def test_recent_can_be_a_number_of_days(service, attends):
    within = attends(6, last="2026-06-03")
    attends(6, last="2026-06-02")
    terms = {"recent_count": 1, "recent_months": 1, "recent_days": 28}
    assert on_list(service, **terms) == {within}


# Which rows count


@pytest.mark.parametrize(
    "setting, counts, does_not",
    [
        ({"attendance_categories": ["first", "unknown"]}, {"attendance_category": "first"},
         {"attendance_category": "planned follow-up"}),
        ({"arrival_modes": ["ambulance", "police"]}, {"arrival_mode": "police"}, {"arrival_mode": "own"}),
        ({"department_types": ["1"]}, {"department_type": "1"}, {"department_type": "3"}),
        ({"sites": ["North General"]}, {"site": "NORTH GENERAL"}, {"site": "South"}),
    ],
)  # fmt: skip
def test_only_rows_of_the_kind_count_and_those_that_do_not_say(service, attends, setting, counts, does_not):
    person, other = attends(2, **counts), attends(5, **does_not)
    attends(3, last="2026-05-01", person=person)
    attends(1, last="2026-04-01", person=person, **does_not)
    cohort_list = build(service, count=1, **setting)
    assert [(c.person, c.count) for c in cohort_list.candidates.all()] == [(person, 5)]
    assert other not in people_on(cohort_list)
    [sentence] = noted(service, count=1, **setting)
    assert sentence.startswith("Of 3 A&E attendances")
    assert sentence.endswith("is not supplied. They were counted all the same.")


def test_a_kind_not_said_counts_where_the_rule_says_so_or_the_source_never_says_it(service, attends):
    person = attends(3, attendance_category="first")
    attends(2, last="2026-05-01", person=person)
    terms = {"count": 1, "attendance_categories": ["first"]}
    assert build(service, **terms).candidates.get().count == 3
    assert noted(service, **terms) == []
    silent = ExtractFactory(committed=True, source__service=service)
    ActivityFactory(extract=silent, person=person)
    assert build(service, **terms).candidates.get().count == 4
    assert noted(service, **terms)[0].startswith("Of 1 A&E attendance the kind of attendance is not supplied")


def test_admissions_are_looked_up_among_all_attendances_where_only_some_count(service, attends):
    person = attends(3, attendance_category="first", admitted=False)
    attends(2, last="2026-05-01", person=person, attendance_category="planned follow-up", admitted=True)
    built = build(service, count=3, attendance_categories=["first"], min_admissions=2)
    assert (built.candidates.get().count, built.candidates.get().admissions) == (3, 2)


@pytest.mark.parametrize("repeats, count", [("all", 5), ("same_moment", 4), ("same_day", 1)])
def test_several_close_together_count_as_the_rule_says(service, extract, repeats, count):
    person = PersonFactory(service=service)
    on = {"extract": extract, "person": person, "started_on": datetime.date(2025, 10, 26)}
    for time in ("01:30", "01:30", "02:30"):
        ActivityFactory(**on, started_at_time=time, site="North")
    # Nobody knows whether these are one.
    ActivityFactory(**on, site="North")
    ActivityFactory(**on, site="North")
    assert build(service, count=1, repeats=repeats).candidates.get().count == count


# Area


@pytest.mark.parametrize(
    "postcode, practice, inside",
    [
        ("PE13 1AA", "", True),
        ("pe131aa", "", True),
        ("PE14 1AA", "", False),
        ("L1 1AA", "", True),
        ("LE1 1AA", "", False),
        ("CB6 1AA", "d81001", True),
        ("", "D81001", True),
        ("", "D81002", False),
        ("", "", True),
        ("ZZ99 3VZ", "", True),
        ("ZZ99 3VZ", "V81997", True),
        ("CB6 1AA", "V81999", False),
    ],
)
def test_who_is_known_to_live_and_to_have_a_gp_outside_is_left_out(
    service, attends, postcode, practice, inside
):
    person = attends(5, person=PersonFactory(service=service, postcode=postcode, gp_practice=practice))
    built = build(service, postcode_areas=["PE13", "L"], gp_practices=["D81001"])
    assert people_on(built) == ([person] if inside else [])
    assert built.excluded == ({} if inside else {"out_of_area": 1})


def test_the_list_says_of_how_many_it_is_not_known_where_they_live(service, attends):
    attends(5, person=PersonFactory(service=service, postcode="", gp_practice=""))
    attends(5, person=PersonFactory(service=service, postcode="PE13 1AA", gp_practice=""))
    [sentence] = noted(service, postcode_areas=["PE13"], gp_practices=["D81001"])
    assert sentence == "Of 1 person it is not supplied where they live. They are on the list."


# The first so many


def test_ties_are_cut_or_kept(service, attends):
    attends(6), attends(5, last="2026-06-20"), attends(5, last="2026-06-10"), attends(4)
    assert build(service, count=1, top_n=2).selected == 2
    kept = build(service, count=1, top_n=2, keep_ties=True)
    assert (kept.selected, kept.excluded) == (3, {"beyond_first": 1})


# Earlier decisions


@pytest.mark.parametrize(
    "exclusion, at, left_out",
    [
        ("end_of_life", "2020-01-01", True),
        ("acute_episode", "2026-03-31", True),
        ("acute_episode", "2026-03-30", False),
    ],
)
def test_an_earlier_decision_leaves_out_as_long_as_it_lasts(service, attends, exclusion, at, left_out):
    person = attends(6)
    before = CandidateFactory(cohort_list=CohortListFactory(rule__service=service), person=person)
    ScreeningFactory(candidate=before, reason=exclusion, at=f"{at}T12:00Z")
    built = build(service, exclusions=[exclusion])
    assert built.excluded == ({exclusion: 1} if left_out else {})
    assert [s for s in noted(service, exclusions=[exclusion]) if s.startswith("No source says who is")]


# Counts a sender states are of whole months


@pytest.mark.parametrize(
    "terms", [{"window_days": 365}, {"window_kind": "calendar_year"}, {"includes_day": False}]
)
def test_a_stated_count_is_not_taken_for_other_days(service, terms):
    ActivityCountFactory(extract__source__service=service, count=30)
    assert build(service).selected == 1
    assert build(service, **terms).selected == 0


def test_a_stated_count_of_the_shorter_time_is_enough(service):
    counted = ActivityCountFactory(extract__source__service=service, count=12)
    same = {"extract": counted.extract, "source": counted.source, "person": counted.person}
    ActivityCountFactory(**same, window_months=1, count=6)
    terms = {"operator": ">", "count": 20, "or_count": 5, "or_months": 1}
    assert on_list(service, **terms) == {counted.person}
    assert on_list(service, **terms | {"or_count": 6}) == set()


# Public definitions


@pytest.mark.parametrize("slug", list(definitions.every()))
def test_a_public_definition_is_a_rule_with_a_boundary(service, attends, slug):
    terms = definitions.every()[slug].terms
    least = terms.count + (terms.operator == ">")
    enough = attends(least, last="2026-06-29")
    if least > 1:
        attends(least - 1, last="2026-05-20")
    assert on_list(service, **vars(terms)) == {enough}


def test_the_three_published_ends_of_a_year_count_three_different_days(service, attends):
    """On the day itself, 364, 365 and 366 days before it: who counts which."""
    names = ("strategy-unit-nhp", "nhs-england-uec-mental-health", "health-foundation-dacha")
    today = datetime.date(2026, 6, 30)
    for back, expected in ((0, (0, 1, 1)), (364, (1, 1, 1)), (365, (1, 0, 1)), (366, (0, 0, 0))):
        person = attends(1, last=str(today - datetime.timedelta(days=back)))
        for name, counts in zip(names, expected, strict=True):
            terms = vars(definitions.every()[name].terms) | {"count": 1}
            assert (person in on_list(service, **terms)) == bool(counts), (name, back)


def test_the_definition_of_first_attendances_leaves_follow_ups_away(service, attends):
    attends(3, last="2026-06-20", attendance_category="planned follow-up")
    first = attends(3, last="2026-06-20", attendance_category="first")
    assert on_list(service, **vars(definitions.every()["strategy-unit-nhp"].terms)) == {first}


# What is saved


def test_days_are_kept_with_the_nearest_number_of_months(service):
    terms = {"title": "Weeks", "count": 5, "window_days": 84, "by": None}
    saved = rule_actions.save(service=service, **terms, postcode_areas=["pe 13"])
    assert (saved.window_days, saved.window_months, saved.postcode_areas) == (84, 3, ["PE13"])
    assert "in the 84 days (12 weeks) before the list; living in PE13" in saved.sentence


@pytest.mark.parametrize(
    "terms, said",
    [
        ({"window_days": 84, "window_kind": "calendar_year"}, "A year has its own length"),
        ({"or_count": 3}, "Enter both how many and in how many months"),
        ({"or_count": 5, "or_months": 1}, "Enter fewer than 5"),
        ({"keep_ties": True}, "Enter how many, or untick"),
        ({"postcode_areas": ["3PE"]}, '"3PE" is not the beginning of a postcode'),
        ({"tiers": [{"name": "a", "from": 5, "to": 9}, {"name": "b", "from": 9}]}, "a and b overlap"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(service, terms, said):
    with pytest.raises(RuleBroken, match=said):
        rule_actions.save(service=service, title="No", count=5, by=None, **terms)
    assert not CohortRule.objects.exists()


def test_the_database_says_it_too(service):
    for terms in ({"or_count": 3}, {"window_days": 84, "window_kind": "calendar_year"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CohortRuleFactory(service=service, **terms)
