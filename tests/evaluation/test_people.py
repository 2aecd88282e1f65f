"""Which people and events the estimators are given."""

import datetime

import pandas as pd
import pytest
from django.utils import timezone

from evaluation import coverage, people
from evaluation.evidence import midnight
from evaluation.impact.run import impact
from evaluation.known import records
from evaluation.known.rows import Rows
from evaluation.quarters import parse
from tests.evaluation.conftest import at
from tests.factories.casework import CaseFactory, StageChangeFactory
from tests.factories.cohorts import (
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    CohortRuleFactory,
    ExtractFactory,
    SourceFactory,
)
from tests.factories.governance import (
    ConsentFactory,
    ObjectionFactory,
    OptOutFactory,
    OrganisationFactory,
    PersonFactory,
)

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
CUT = QUARTER.last_day
AFTER = midnight(QUARTER.following.first_day)
# Rows that a test makes without a moment of its own are of the day it runs.
KNOWN = timezone.now() + datetime.timedelta(days=1)
INDEX = datetime.date(2026, 3, 2)


def case_through(service, *stages: str, index=INDEX, **options):
    case = CaseFactory(service=service, index_date=index, opened_at=at(datetime.date(2026, 3, 1)), **options)
    for n, stage in enumerate(stages):
        StageChangeFactory(case=case, stage=stage, at=at(datetime.date(2026, 3, 1 + n)))
    return case


def table(service) -> pd.DataFrame:
    out = records.left_out(service, known=KNOWN)
    return people.people_table(service, cut=CUT, after=AFTER, known=KNOWN, left_out=out)


def number_left_out(service) -> int:
    out = records.left_out(service, known=KNOWN)
    return people.number_left_out(service, cut=CUT, after=AFTER, known=KNOWN, left_out=out)


def group_of(service, case) -> str:
    return table(service).set_index("person").loc[str(case.person_id), "group"]


@pytest.mark.parametrize(
    "stages, group",
    [
        (["offered", "engaging"], "accepted"),
        (["offered", "engaging", "active", "tapering", "light_touch", "open_door"], "accepted"),
        (["offered", "engaging", "declined"], "accepted"),
        (["offered", "engaging", "moved_away"], "accepted"),
        (["offered", "declined"], "declined"),
        (["offered", "not_reached"], "not_reached"),
        (["offered"], "no_answer"),
    ],
)
def test_the_history_of_the_case_decides_the_group(service, stages, group):
    assert group_of(service, case_through(service, *stages)) == group


def test_who_was_never_offered_support_is_not_approached(service):
    waiting = case_through(service, "offered", index=None)
    listed = CandidateFactory(
        cohort_list__service=service, cohort_list__rule__service=service, person__service=service
    )
    groups = table(service).set_index("person")["group"]
    assert groups[str(waiting.person_id)] == groups[str(listed.person_id)] == "not_approached"


def test_what_happens_after_the_quarter_does_not_count(service):
    case = case_through(service, "offered")
    StageChangeFactory(case=case, stage="engaging", at=AFTER)
    later = CaseFactory(service=service, opened_at=AFTER, index_date=datetime.date(2026, 10, 3))
    assert group_of(service, case) == "no_answer"
    assert str(later.person_id) not in set(table(service)["person"])


def test_a_list_or_a_first_attempt_after_the_quarter_does_not_count(service):
    day_after = CUT + datetime.timedelta(days=1)
    rule = CohortRuleFactory(service=service)
    listed = [
        CandidateFactory(cohort_list=CohortListFactory(rule=rule, as_at=day)).person
        for day in (CUT, day_after)
    ]
    tried = [case_through(service, "offered", index=day) for day in (CUT, day_after)]
    known = table(service).set_index("person")
    assert str(listed[0].pk) in known.index
    assert str(listed[1].pk) not in known.index
    assert known.loc[str(tried[0].person_id), "group"] == "no_answer"
    assert known.loc[str(tried[1].person_id), "group"] == "not_approached"


def test_the_newest_consent_of_the_quarter_stands(service):
    case = case_through(service, "offered", "engaging")
    decided = [
        ("given", INDEX),
        ("refused", INDEX + datetime.timedelta(days=1)),
        ("given", CUT),
        ("refused", CUT + datetime.timedelta(days=1)),
    ]
    seen = []
    for decision, day in decided:
        ConsentFactory(person=case.person, scope="evaluation", decision=decision, decided_at=at(day))
        seen.append(bool(table(service)["refused"].all()))
    assert seen == [False, True, False, False]


def test_the_first_episode_decides_and_a_person_stands_once(service):
    first = case_through(service, "offered", "declined", stage="declined")
    again = CaseFactory(service=service, person=first.person, opened_at=at(datetime.date(2026, 6, 1)))
    StageChangeFactory(case=again, stage="engaging", at=at(datetime.date(2026, 6, 2)))
    assert list(table(service)["group"]) == ["declined"]


def test_the_other_services_people_are_not_there(service, neighbour):
    case_through(neighbour, "offered", "engaging")
    assert table(service).empty


def test_who_refuses_evaluation_has_no_activity_read(service):
    case = case_through(service, "offered", "engaging")
    extract = ExtractFactory(source__service=service, committed=True)
    ActivityFactory(extract=extract, person=case.person)
    ConsentFactory(person=case.person, scope="evaluation", decision="refused", decided_at=at(INDEX))
    everyone = table(service)
    known = coverage.Covered("ae", (extract.source_id,), datetime.date(2024, 1, 1), CUT, "")
    assert everyone["refused"].all()
    willing = people.willing(everyone)
    assert people.activity_table(service, willing, Rows(), sources=known.sources, cut=CUT).empty
    ready = people.for_window(everyone, known, 91)
    assert (
        impact(ready, pd.DataFrame(columns=["person", "measure", "on"]), window_days=91)["flow"][
            "not_supplied"
        ]
        == 1
    )


def test_who_withdraws_is_followed_until_that_day(service):
    case = case_through(service, "offered", "engaging")
    ConsentFactory(
        person=case.person,
        scope="evaluation",
        decision="withdrawn",
        # Half past midnight in London, still the day before in UTC.
        decided_at=datetime.datetime(2026, 6, 9, 23, 30, tzinfo=datetime.UTC),
    )
    assert list(table(service)["withdrawn_on"]) == [datetime.date(2026, 6, 10)]


def test_only_events_of_sources_that_count_are_read(service):
    case = case_through(service, "offered", "engaging")
    counted = ExtractFactory(source__service=service, committed=True)
    other = ExtractFactory(source__service=service, committed=True)
    ActivityFactory(extract=counted, person=case.person, started_on=datetime.date(2026, 6, 1))
    ActivityFactory(extract=counted, person=case.person, started_on=CUT)
    ActivityFactory(extract=counted, person=case.person, started_on=CUT + datetime.timedelta(days=1))
    ActivityFactory(extract=other, person=case.person, started_on=datetime.date(2026, 6, 2))
    willing = people.willing(table(service))
    events = people.activity_table(service, willing, Rows(), sources=[counted.source_id], cut=CUT)
    assert sorted(events["on"].dt.date) == [datetime.date(2026, 6, 1), CUT]


@pytest.mark.parametrize(
    "start, end, status",
    [
        (INDEX - datetime.timedelta(days=91), INDEX + datetime.timedelta(days=91), "with_follow_up"),
        (INDEX - datetime.timedelta(days=90), INDEX + datetime.timedelta(days=91), "not_supplied"),
        (INDEX - datetime.timedelta(days=91), INDEX + datetime.timedelta(days=90), "not_enough_follow_up"),
    ],
)
def test_only_windows_that_are_covered_throughout_count(service, start, end, status):
    case_through(service, "offered", "engaging")
    ready = people.for_window(table(service), coverage.Covered("ae", (1,), start, end, ""), 91)
    flow = impact(ready, pd.DataFrame(columns=["person", "measure", "on"]), window_days=91)["flow"]
    assert flow[status] == 1


def test_who_a_source_cannot_know_by_its_identifier_is_not_supplied(service):
    issuer = OrganisationFactory()
    pseudonym = {"nhs_number": None, "pseudonym": "a1"}
    people_ = [
        PersonFactory(service=service),
        PersonFactory(service=service, pseudonym_issuer=issuer, **pseudonym),
        PersonFactory(service=service, pseudonym_issuer=OrganisationFactory(), **pseudonym),
        PersonFactory(service=service, nhs_number=None),
    ]
    for person in people_:
        case_through(service, "offered", "engaging", person=person)
    committed(
        SourceFactory(service=service, organisation=issuer, identifier="pseudonym"),
        "2025-01-01",
        "2026-09-30",
    )
    ready = people.for_window(table(service), covered(service), 91)
    counted = ready[ready["covered_from"].notna()]
    assert list(counted["person"]) == [str(people_[1].pk)]
    committed(SourceFactory(service=service), "2025-01-01", "2026-09-30")
    assert people.for_window(table(service), covered(service), 91)["covered_from"].isna().all()


def test_deaths_and_moves_after_the_quarter_are_not_known_yet(service):
    after = CUT + datetime.timedelta(days=1)
    for day in (CUT, after):
        person = PersonFactory(service=service, died_on=day, moved_on=day)
        case_through(service, "offered", "engaging", person=person)
    known = table(service)
    assert list(known["died_on"]) == list(known["moved_on"]) == [CUT, None]


def committed(source, first: str, last: str, **options):
    return ExtractFactory(
        source=source,
        committed=True,
        period_from=datetime.date.fromisoformat(first),
        period_to=datetime.date.fromisoformat(last),
        **options,
    )


def covered(service, cut=CUT):
    return coverage.covered("ae", coverage.feeds(service, known=AFTER), cut=cut)


def test_extracts_that_follow_each_other_are_one_period(service):
    source = SourceFactory(service=service)
    committed(source, "2026-01-02", "2026-03-29")
    committed(source, "2026-04-01", "2026-06-30")
    known = covered(service)
    assert (known.start, known.end) == (datetime.date(2026, 1, 2), datetime.date(2026, 7, 1))


def test_a_week_between_two_extracts_is_no_gap_and_eight_days_are(service):
    source = SourceFactory(service=service)
    committed(source, "2026-01-01", "2026-03-25")
    committed(source, "2026-04-01", "2026-06-30")
    assert covered(service).start == datetime.date(2026, 1, 1)
    committed(source, "2025-06-01", "2025-12-24")
    assert covered(service).start == datetime.date(2026, 1, 1)


def test_an_extract_inside_another_shortens_nothing(service):
    source = SourceFactory(service=service)
    committed(source, "2026-01-01", "2026-06-30")
    committed(source, "2026-02-01", "2026-02-28")
    assert covered(service).end == datetime.date(2026, 7, 1)


def test_sources_that_meet_without_a_day_in_common_cover_nothing(service):
    committed(SourceFactory(service=service), "2026-01-01", "2026-03-31")
    committed(SourceFactory(service=service), "2026-04-01", "2026-06-30")
    assert covered(service).why_not == "Its sources cover no day in common."


def test_an_extract_stored_after_the_report_was_begun_is_not_in_it(service):
    source = SourceFactory(service=service)
    second_before = AFTER - datetime.timedelta(seconds=1)
    for day in (second_before, AFTER):
        committed(source, "2026-01-01", "2026-06-30", committed_at=day)
    feed = coverage.feeds(service, known=AFTER)[0]
    assert [each["committed_at"] for each in feed.extracts] == [second_before]


def test_a_missing_month_ends_the_period_before_it(service):
    source = SourceFactory(service=service)
    committed(source, "2026-01-01", "2026-03-31")
    committed(source, "2026-05-01", "2026-06-30")
    assert covered(service).start == datetime.date(2026, 5, 1)


def test_a_second_hospital_does_not_look_like_a_rise(service):
    committed(SourceFactory(service=service), "2025-01-01", "2026-06-30")
    committed(SourceFactory(service=service), "2026-01-01", "2026-09-30")
    known = covered(service)
    assert (known.start, known.end) == (datetime.date(2026, 1, 1), datetime.date(2026, 7, 1))


def test_a_list_of_the_most_frequent_covers_nobody(service):
    committed(SourceFactory(service=service, coverage="listed"), "2025-01-01", "2026-06-30")
    known = covered(service)
    assert not known.supplied
    assert "nothing about those who fell off it" in known.why_not


def test_counts_without_dates_cover_no_day(service):
    committed(SourceFactory(service=service, shape="people"), "2025-01-01", "2026-06-30")
    assert covered(service).why_not.startswith("Its source sends counts without dates")


def test_a_measure_without_a_source_is_not_supplied(service):
    known = coverage.covered("nel", coverage.feeds(service, known=AFTER), cut=CUT)
    assert (known.supplied, known.why_not) == (False, "No source sends this measure.")


def test_days_after_the_cut_do_not_cover(service):
    committed(SourceFactory(service=service), "2026-01-01", "2026-12-31")
    assert covered(service).end == QUARTER.following.first_day


def test_who_opted_out_or_objected_is_neither_above_nor_below_the_line(service):
    stays, opted, objected = (case_through(service, "offered", "engaging") for _ in range(3))
    OptOutFactory(person=opted.person)
    ObjectionFactory(person=objected.person, scope="evaluation")
    OptOutFactory(person=PersonFactory(service=service))  # was never on a list: not one of those left out
    assert list(table(service)["person"]) == [str(stays.person_id)]
    assert number_left_out(service) == 2


def test_an_opt_out_that_ended_leaves_nobody_out(service):
    case = case_through(service, "offered")
    OptOutFactory(person=case.person)
    OptOutFactory(person=case.person, opted_out=False, checked_on=datetime.date(2026, 6, 1))
    assert list(table(service)["person"]) == [str(case.person_id)]
    assert number_left_out(service) == 0
