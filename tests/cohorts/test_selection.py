import datetime

import pytest
import time_machine

from cohorts.models import CohortList, Extract
from governance.rules import age_on
from tests.cohorts.lists import build, people_on
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import (
    ActivityCountFactory,
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    ExtractFactory,
    ScreeningFactory,
    SourceFactory,
)
from tests.factories.governance import ObjectionFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_at_least_takes_the_threshold_and_more_than_does_not(service, attends):
    five, six = attends(5), attends(6)
    assert people_on(build(service, operator=">=", count=5)) == [six, five]
    assert people_on(build(service, operator=">", count=5)) == [six]


def test_the_first_and_the_last_day_of_the_window_count_and_the_day_before_does_not(service, attends):
    inside = attends(1, last="2026-06-30")
    attends(1, last="2025-07-01", person=inside)
    attends(1, last="2025-06-30", person=inside)
    attends(1, last="2026-07-01", person=inside)
    assert build(service, count=1).candidates.get().count == 2


def test_another_measure_and_another_service_are_not_counted(service, neighbour, attends):
    person = attends(3)
    attends(3, measure="call_999", person=person)
    ActivityFactory.create_batch(5, extract=ExtractFactory(committed=True, source__service=neighbour))
    cohort_list = build(service, count=1)
    assert [(c.person, c.count) for c in cohort_list.candidates.all()] == [(person, 3)]
    assert cohort_list.considered == 1


def test_who_stopped_attending_is_left_out_by_the_recent_clause(service, attends):
    recent = attends(6, last="2026-04-05")
    attends(6, last="2026-03-30")
    cohort_list = build(service, recent_count=1, recent_months=3)
    assert people_on(cohort_list) == [recent]
    assert cohort_list.candidates.get().recent_count == 6
    assert cohort_list.excluded == {"not_recent": 1}


def test_the_first_places_go_to_most_then_most_recent_then_first_known(service, attends):
    older = attends(5, last="2026-06-01")
    newer = attends(5, last="2026-06-10")
    same_a, same_b = attends(5, last="2026-05-01"), attends(5, last="2026-05-01")
    most = attends(7, last="2026-01-10")
    everyone = build(service)
    assert people_on(everyone) == [most, newer, older, same_a, same_b]
    first = build(service, top_n=3)
    assert people_on(first) == [most, newer, older]
    assert [c.rank for c in first.candidates.order_by("rank")] == [1, 2, 3]
    assert first.excluded == {"beyond_first": 2}


def test_the_parts_add_up_to_everyone_considered(service, attends):
    attends(1), attends(2), attends(6), attends(6, last="2025-12-01"), attends(9)
    cohort_list = build(service, recent_count=1, recent_months=3, top_n=1)
    assert cohort_list.excluded == {"too_few": 2, "not_recent": 1, "beyond_first": 1}
    assert cohort_list.considered == cohort_list.selected + sum(cohort_list.excluded.values()) == 5


@pytest.mark.parametrize(
    "born, on_list",
    [("2008-06-30", True), ("2008-07-01", False), ("2008-02-29", True), (None, True)],
)
def test_age_is_the_age_on_the_lists_day_and_an_unknown_age_is_kept(service, attends, born, on_list):
    person = attends(6, person=PersonFactory(service=service, birth_date=born))
    cohort_list = build(service, min_age=18)
    assert people_on(cohort_list) == ([person] if on_list else [])
    assert cohort_list.excluded == ({} if on_list else {"too_young": 1})


@pytest.mark.parametrize("as_at", ["2026-02-28", "2026-03-01", "2028-02-29", "2026-06-30"])
@pytest.mark.parametrize("born", ["2008-02-29", "2008-03-01", "2008-02-28", "1950-12-31"])
def test_age_in_the_list_is_the_age_everywhere_else(service, attends, as_at, born):
    attends(6, last=as_at, person=PersonFactory(service=service, birth_date=born))
    day = datetime.date.fromisoformat(as_at)
    expected = age_on(day, birth_date=datetime.date.fromisoformat(born))
    assert _on_day(service, day).candidates.get().age == expected


def _on_day(service, day: datetime.date) -> CohortList:
    """A list as at a day that may not have come yet."""
    with time_machine.travel(datetime.datetime.combine(day, datetime.time(12), datetime.UTC)):
        return build(service, as_at=day, count=1, min_age=None)


def test_a_stated_age_moves_on_with_the_years(service, attends):
    stated = {"birth_date": None, "stated_age": 16}
    grown = attends(6, person=PersonFactory(service=service, stated_age_on="2024-06-01", **stated))
    attends(6, person=PersonFactory(service=service, stated_age_on="2025-06-01", **stated))
    cohort_list = build(service, min_age=18)
    assert [(c.person, c.age) for c in cohort_list.candidates.all()] == [(grown, 18)]


def test_a_stated_age_is_not_a_year_less_a_few_days_before_it_was_stated(service, attends):
    stated = {"birth_date": None, "stated_age": 18}
    just = attends(6, person=PersonFactory(service=service, stated_age_on="2026-07-10", **stated))
    attends(6, person=PersonFactory(service=service, stated_age_on="2027-07-10", **stated))
    cohort_list = build(service, min_age=18)
    assert [(c.person, c.age) for c in cohort_list.candidates.all()] == [(just, 18)]


def test_the_age_on_the_newest_attendance_serves_where_nothing_else_is_known(service, attends):
    unknown = {"birth_date": None}
    person = attends(5, person=PersonFactory(service=service, **unknown), age=40)
    attends(1, last="2026-06-25", person=person, age=41)
    attends(6, person=PersonFactory(service=service, **unknown), age=17)
    cohort_list = build(service, min_age=18, max_age=60)
    assert [(c.person, c.age) for c in cohort_list.candidates.all()] == [(person, 41)]


def test_who_is_older_than_the_oldest_age_is_counted_as_such(service, attends):
    attends(6, person=PersonFactory(service=service, birth_date="2000-06-30"))
    assert build(service, max_age=25).excluded == {"too_old": 1}
    assert build(service, max_age=26).excluded == {}


def test_an_age_sent_after_the_lists_day_is_not_known_on_it(service, attends):
    person = attends(6, person=PersonFactory(service=service, birth_date=None))
    attends(1, last="2026-07-01", person=person, age=40)
    assert build(service, min_age=18).candidates.get().age is None


def test_admissions_are_those_of_the_attendances_where_no_source_sends_them(service, attends):
    twice = attends(2, last="2026-06-20", admitted=True)
    attends(4, last="2026-05-20", admitted=False, person=twice)
    once = attends(1, last="2026-06-20", admitted=True)
    attends(5, last="2026-05-20", admitted=False, person=once)
    cohort_list = build(service, min_admissions=2)
    assert [(c.person, c.admissions) for c in cohort_list.candidates.all()] == [(twice, 2)]
    assert cohort_list.excluded == {"too_few_admissions": 1}


def test_admissions_a_source_sends_outrank_those_of_the_attendances(service, attends):
    sent = attends(6, admitted=False)
    attends(2, measure="nel", person=sent)
    attends(6, admitted=True)
    cohort_list = build(service, min_admissions=2)
    assert [(c.person, c.admissions) for c in cohort_list.candidates.all()] == [(sent, 2)]


def test_admissions_outside_the_window_do_not_count(service, attends):
    person = attends(6)
    attends(2, last="2025-06-30", measure="nel", person=person)
    attends(1, last="2025-07-01", measure="nel", person=person)
    assert build(service, min_admissions=1).candidates.get().admissions == 1


def test_unknown_admissions_are_not_zero(service, attends):
    person = attends(6, admitted=None)
    cohort_list = build(service, min_admissions=2)
    assert [(c.person, c.admissions) for c in cohort_list.candidates.all()] == [(person, None)]


def test_absence_from_a_senders_list_of_admissions_is_not_zero_admissions(service, attends):
    attends(6)
    listed = ExtractFactory(committed=True, source__service=service, source__coverage="listed")
    ActivityFactory(extract=listed, measure="nel")
    assert build(service, min_admissions=2).candidates.get().admissions is None


def test_nobody_in_a_full_feed_of_admissions_means_none(service, attends):
    attends(6), attends(1, measure="nel")
    assert build(service, min_admissions=2).excluded == {"too_few_admissions": 1}
    # Its last row is a week older than the list: as late as a row can be.
    Extract.objects.update(period_to="2026-06-23")
    assert build(service, min_admissions=2).excluded == {"too_few_admissions": 1}


@pytest.mark.parametrize("period", [("2025-07-02", "2026-06-30"), ("2025-07-01", "2026-06-22"), (None, None)])
def test_a_feed_of_admissions_that_does_not_reach_through_the_window_means_unknown(service, attends, period):
    person = attends(6)
    first, last = period
    feed = ExtractFactory(
        committed=True, source=SourceFactory(service=service), period_from=first, period_to=last
    )
    ActivityFactory(extract=feed, measure="nel", started_on="2026-06-20")
    cohort_list = build(service, min_admissions=2)
    assert [(c.person, c.admissions) for c in cohort_list.candidates.all()] == [(person, None)]


def test_a_feed_of_admissions_under_pseudonyms_says_nothing_of_people_with_nhs_numbers(service, attends):
    issuer, other = OrganisationFactory(), OrganisationFactory()
    named = attends(6)
    foreign = attends(
        6, person=PersonFactory(service=service, nhs_number=None, pseudonym="a", pseudonym_issuer=other)
    )
    known = attends(
        6, person=PersonFactory(service=service, nhs_number=None, pseudonym="a", pseudonym_issuer=issuer)
    )
    hes = SourceFactory(service=service, organisation=issuer, identifier="pseudonym")
    ActivityFactory(extract=ExtractFactory(committed=True, source=hes), measure="nel", person=known)
    found = {c.person: c.admissions for c in build(service).candidates.all()}
    assert found == {named: None, foreign: None, known: 1}
    assert build(service, min_admissions=2).excluded == {"too_few_admissions": 1}


def test_recent_attendances_are_unknown_where_nothing_recent_was_reported(service, attends):
    attends(6, last="2026-03-30")
    assert build(service, recent_count=1, recent_months=3).candidates.get().recent_count is None
    attends(1, last="2026-03-31")
    assert build(service, recent_count=1, recent_months=3).excluded == {"too_few": 1, "not_recent": 1}


def test_a_list_by_admissions_counts_them_once(service, attends):
    person = attends(3, measure="nel")
    candidate = build(service, measure="nel", count=3).candidates.get()
    assert (candidate.person, candidate.count, candidate.admissions) == (person, 3, 3)


def test_a_list_by_999_calls_knows_admissions_from_the_attendances(service, attends):
    person = attends(6, measure="call_999")
    attends(2, admitted=True, person=person)
    assert build(service, measure="call_999").candidates.get().admissions == 2


ALL = ["already_client", "died", "moved", "screened_out"]


@pytest.mark.parametrize("field, reason", [("died_on", "died"), ("moved_on", "moved")])
def test_who_died_or_moved_by_the_day_is_left_out_if_the_rule_says_so(service, attends, field, reason):
    gone = attends(6, person=PersonFactory(service=service, **{field: "2026-06-30"}))
    later = attends(6, person=PersonFactory(service=service, **{field: "2026-07-01"}))
    cohort_list = build(service, exclusions=ALL)
    assert people_on(cohort_list) == [later]
    assert cohort_list.excluded == {reason: 1}
    assert set(people_on(build(service, exclusions=[]))) == {gone, later}


def test_who_has_an_open_case_is_left_out(service, attends):
    client, former = attends(6), attends(7)
    CaseFactory(service=service, person=client, stage="active")
    CaseFactory(service=service, person=former, stage="open_door")
    cohort_list = build(service, exclusions=ALL)
    assert people_on(cohort_list) == [former]
    assert cohort_list.excluded == {"already_client": 1}


@pytest.mark.parametrize(
    "at, reason, left_out",
    [
        ("2025-07-01", "clinically_warranted", True),
        ("2025-06-30", "clinically_warranted", False),
        ("2026-06-01", "no_capacity", False),
        ("2026-06-01", "out_of_date", False),
    ],
)
def test_who_was_screened_out_within_a_year_is_left_out(service, attends, at, reason, left_out):
    person = attends(6)
    before = CandidateFactory(cohort_list=CohortListFactory(rule__service=service), person=person)
    ScreeningFactory(candidate=before, reason=reason, at=f"{at}T12:00Z")
    cohort_list = build(service, exclusions=ALL)
    assert cohort_list.excluded == ({"screened_out": 1} if left_out else {})


def test_a_neighbours_decision_leaves_nobody_out_here(service, neighbour, attends):
    ScreeningFactory(candidate__cohort_list__rule__service=neighbour)
    attends(6)
    assert build(service, exclusions=ALL).selected == 1


def test_the_list_says_up_to_which_day_anything_is_known(service, attends):
    attends(2, last="2026-06-18")
    attends(1, last="2026-06-28", measure="nel")
    assert build(service, as_at=datetime.date(2026, 6, 1)).data_to == datetime.date(2026, 6, 18)
    ActivityCountFactory(extract__source__service=service, as_at="2026-06-20")
    assert build(service).data_to == datetime.date(2026, 6, 20)
    assert build(service, measure="outpatient").data_to is None


def test_a_list_of_nothing_is_empty_and_says_so(service):
    cohort_list = build(service)
    assert (cohort_list.considered, cohort_list.selected, cohort_list.excluded) == (0, 0, {})


@pytest.mark.parametrize("scope, left_out", [("contact", True), ("processing", True), ("evaluation", False)])
def test_who_asked_not_to_be_contacted_is_on_no_list(service, attends, scope, left_out):
    person = attends(6)
    ObjectionFactory(person=person, scope=scope, decision="pending")
    cohort_list = build(service)
    assert (people_on(cohort_list) == []) is left_out
    assert cohort_list.excluded == ({"objected": 1} if left_out else {})


def test_an_objection_that_was_taken_back_leaves_nobody_out(service, attends):
    person = attends(6)
    ObjectionFactory(person=person)
    ObjectionFactory(person=person, decision="withdrawn")
    assert people_on(build(service)) == [person]
