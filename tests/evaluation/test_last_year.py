"""The list of one year earlier: who is on it, how far they are followed, and what is said where it cannot be had."""

import datetime

import pandas as pd
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.lists import selection
from cohorts.lists.selection_sql import STORED
from evaluation import coverage, inputs
from evaluation.estimates import estimates
from evaluation.evidence import gather, midnight
from evaluation.impact.release import release
from evaluation.impact.run import impact
from evaluation.known.moment import known_at
from evaluation.known.records import left_out
from evaluation.known.rows import rows
from evaluation.last_year import last_year
from evaluation.people import for_window, with_index_dates
from evaluation.quarters import parse, seed_of
from evaluation.sections import flow, over_time
from evaluation.sections.wording import CONTROLLED, HEADLINE, OFFER, estimate, leading
from tests.evaluation.conftest import COVERED_TO, FROZEN, LATER, at, grow
from tests.evaluation.two_years import A_YEAR_BEFORE, COVERED_FROM, DAY, LISTED_ON, plant
from tests.factories.casework import CaseFactory, StageChangeFactory
from tests.factories.cohorts import (
    ActivityFactory,
    CohortListFactory,
    CohortRuleFactory,
    ExtractFactory,
    SourceFactory,
    UnmatchedRowFactory,
)
from tests.factories.governance import ConsentFactory, ObjectionFactory, OptOutFactory, PersonFactory

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
CUT = QUARTER.last_day
AFTER = midnight(QUARTER.following.first_day)
KNOWN = known_at(FROZEN)
WITHOUT = ["last_year"]


def found(service, known=KNOWN):
    feeds = coverage.feeds(service, known=known)
    covered = {key: coverage.covered(key, feeds, cut=CUT) for key in ("ae", "nel")}
    counted = {source for each in covered.values() for source in each.sources}
    stored = rows(service, feeds, counted, known=known)
    out = left_out(service, known=known)
    return last_year(service, covered, stored, cut=CUT, after=AFTER, known=known, left_out=out)


def a_list(service, as_at=LISTED_ON, period_from=COVERED_FROM, **rule):
    """A feed, and a list of a rule that nobody need be on."""
    source = SourceFactory(service=service)
    extract = ExtractFactory(source=source, committed=True, period_from=period_from, period_to=COVERED_TO)
    terms = {"title": "Three or more", "count": 3, "min_age": None} | rule
    CohortListFactory(
        rule=CohortRuleFactory(service=service, **terms), as_at=as_at, built_at=at(as_at + DAY), selected=100
    )
    return extract


def attended(extract, person=None, times=3, on=A_YEAR_BEFORE - 20 * DAY, **values):
    person = person or PersonFactory(service=extract.service)
    for n in range(times):
        ActivityFactory(extract=extract, person=person, started_on=on - n * DAY, **values)
    return person


def names(people):
    return set(people["person"].astype(int))


def test_they_make_a_headline_possible_and_the_numbers_are_those_of_the_two_tables(service, october):
    planted = plant(service)
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    assert evidence.last_year.as_at == A_YEAR_BEFORE
    assert names(evidence.last_year.people) == {int(each) for each in planted.met(A_YEAR_BEFORE)}
    assert evidence.people["person"].isin(evidence.last_year.people["person"]).sum() > 50

    table, activity = planted.tables()
    seed = seed_of(QUARTER)
    drawn = with_index_dates(table.assign(refused=False, known_by=0), seed)
    for days in (91, 365):
        given = for_window(drawn, evidence.coverage["ae"], days)
        ours = {**evidence.impacts["ae", days], **evidence.checks("ae", days)}
        theirs = impact(given, activity, window_days=days, seed=seed)
        assert ours["flow"] == theirs["flow"]
        assert ours["groups"] == theirs["groups"]
        assert ours["estimates"] == theirs["estimates"]
        assert ours["placebo"] == theirs["placebo"]
    headline = ours["estimates"]["observed_expected"]
    assert headline["shown"]
    assert headline["n_comparator"] > 100
    printed = estimates(service, measure="ae", window_days=365, as_at=CUT, known=KNOWN, seed=seed)
    assert printed["estimates"] == release(ours)["estimates"]
    assert printed["negative_control"] == release(ours)["negative_control"]
    assert printed["plan"]["last_year"] == evidence.last_year.words
    alone = impact(given[~given["group"].isin(WITHOUT)], activity, window_days=365, seed=seed)
    assert "nobody to learn the expected number from" in alone["estimates"]["observed_expected"]["reason"]


def test_no_count_of_people_of_the_service_has_them_in_it(service, october):
    planted = plant(service, people=120)
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    listed = len(planted.met(LISTED_ON))
    assert sum(evidence.groups.values()) == listed == evidence.impacts["ae", 365]["flow"]["listed"]
    assert "last_year" not in set(evidence.people["group"]) | set(evidence.reach["group"])
    only_then = names(evidence.last_year.people) - names(evidence.people)
    assert only_then
    assert not only_then & names(evidence.reach)
    assert flow.people_by_answer(evidence)["listed"].value == 5 * round(listed / 5)
    plan = evidence.impacts["ae", 365]["plan"]
    assert plan["pool"] == ["not_approached", "last_year"]
    assert plan["last_year"] == "Five or more in a year (version 1), as at 2024-06-01"


@pytest.mark.parametrize("path", [["offered", "engaging"], ["offered"]])
def test_whoever_was_approached_later_is_followed_up_to_that_day(service, october, path):
    person = attended(a_list(service))
    case = CaseFactory(
        service=service, person=person, opened_at=at(LISTED_ON), index_date=datetime.date(2025, 6, 20)
    )
    for stage in path:
        StageChangeFactory(case=case, stage=stage, at=at(LISTED_ON))
    everybody = inputs.gather(service, cut=CUT, after=AFTER, known=KNOWN).everybody.assign(
        index_date=lambda t: t["index_date"].where(t["group"] != "last_year", datetime.date(2024, 8, 1))
    )
    covered = coverage.Covered("ae", (1,), COVERED_FROM, COVERED_TO)
    ready = for_window(with_index_dates(everybody, 0), covered, 365)
    then = ready[ready["group"] == "last_year"].iloc[0]
    assert then["covered_to"] == pd.Timestamp("2025-06-20")


def test_whoever_was_approached_before_their_day_is_not_followed_at_all(service, october):
    person = attended(a_list(service))
    CaseFactory(
        service=service, person=person, opened_at=at(A_YEAR_BEFORE), index_date=A_YEAR_BEFORE + 3 * DAY
    )
    everybody = found(service).people.assign(index_date=A_YEAR_BEFORE + 30 * DAY)
    covered = coverage.Covered("ae", (1,), COVERED_FROM, COVERED_TO)
    given = for_window(everybody, covered, 365)
    nothing = pd.DataFrame(columns=["person", "measure", "on"])
    assert impact(given, nothing)["groups"]["last_year"]["n"] == 0


def test_who_opted_out_or_objected_is_not_there_and_who_refused_has_nothing_read(service, october):
    extract = a_list(service)
    stays, out, against, refused = (attended(extract) for _ in range(4))
    OptOutFactory(person=out, opted_out=True)
    ObjectionFactory(person=against, scope="evaluation", decision="upheld")
    ConsentFactory(person=refused, scope="evaluation", decision="refused", decided_at=at(LISTED_ON))
    people = found(service).people
    assert names(people) == {stays.pk, refused.pk}
    assert people.set_index("person")["refused"].to_dict() == {str(stays.pk): False, str(refused.pk): True}
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    assert set(evidence.activity["person"]) == {str(stays.pk)}


def test_what_a_later_extract_added_corrected_or_somebody_matched_later_was_not_known(service, october):
    extract = a_list(service)
    stays, moved_later, comes_later, matched_later = (attended(extract, times=n) for n in (3, 3, 2, 2))
    late = ExtractFactory(source=extract.source, committed=True, committed_at=LATER)
    attended(late, comes_later, times=1)
    event = ActivityFactory(extract=extract, person=matched_later, started_on=A_YEAR_BEFORE)
    UnmatchedRowFactory(extract=extract, person=matched_later, matched_at=LATER, event=event.pk)
    assert rows(service, [], [extract.source_id], known=KNOWN).sql != STORED
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('hiu.extract', %s, true)", [str(late.pk)])
        service.activities.filter(person=moved_later).update(extract=late, started_on=LISTED_ON)
        cursor.execute("SELECT set_config('hiu.extract', '', true)")
    assert names(found(service).people) == {stays.pk, moved_later.pk}
    assert names(found(service, known=LATER + DAY).people) == {stays.pk, comes_later.pk, matched_later.pk}


RULES = {
    "plain": {},
    "the first few": {"top_n": 4, "keep_ties": True},
    "recent": {"recent_count": 1, "recent_months": 1},
    "fewer in a shorter stretch": {"count": 9, "or_count": 3, "or_months": 2},
    "once a day": {"repeats": "same_day"},
    "kinds": {"attendance_categories": ["first"]},
    "admissions": {"min_admissions": 1},
    "age": {"min_age": 40},
    "area": {"postcode_areas": ["PE"]},
}


@pytest.mark.parametrize("feeds", ["one", "several"])
@pytest.mark.parametrize("terms", RULES.values(), ids=RULES)
def test_they_are_those_whom_a_list_of_that_day_names(service, october, terms, feeds):
    extract = a_list(service, **terms)
    if feeds == "several":
        # A source that does not count for rates; its rows are nobody's of this list.
        SourceFactory(service=service, coverage="listed")
    nel = ExtractFactory(
        source=SourceFactory(service=service, measure="nel"),
        committed=True,
        period_from=COVERED_FROM,
        period_to=COVERED_TO,
    )
    for n in range(8):
        person = PersonFactory(
            service=service,
            birth_date=datetime.date(1960 + 5 * n, 1, 1),
            postcode="PE13 1AB" if n % 3 else "LE1 1AB",
        )
        attended(
            extract,
            person,
            times=2 + n % 4,
            on=A_YEAR_BEFORE - 15 * n * DAY,
            attendance_category="first" if n % 2 else "",
        )
        if n % 2:
            attended(nel, person, times=1, measure="nel")
    rule = service.cohort_rules.get()
    then = CohortListFactory(rule=rule, as_at=A_YEAR_BEFORE, built_at=LATER)
    selection.fill(then)
    wanted = set(then.candidates.values_list("person", flat=True))
    assert names(found(service).people) == wanted
    assert 0 < len(wanted) < 8


def test_a_later_list_of_the_first_year_does_where_the_first_reaches_too_far_back(service, october):
    extract = a_list(service, period_from=datetime.date(2023, 8, 1))
    rule = service.cohort_rules.get()
    CohortListFactory(rule=rule, as_at=datetime.date(2025, 9, 1), built_at=at(datetime.date(2025, 9, 2)))
    person = attended(extract, on=datetime.date(2024, 8, 20))
    answer = found(service)
    assert answer.as_at == datetime.date(2024, 9, 1)
    assert names(answer.people) == {person.pk}


def test_where_nothing_reaches_back_it_is_said_from_when_it_would_have_to(service, october):
    a_list(service, period_from=datetime.date(2024, 1, 1))
    answer = found(service)
    assert answer.people.empty
    assert answer.words is None
    assert answer.why_not == (
        "A&E attendances would have to be covered from 2 June 2023, and are from 1 January 2024."
    )
    # Two years on there were lists already.
    CohortListFactory(rule=service.cohort_rules.get(), as_at=datetime.date(2026, 6, 1), built_at=at(CUT))
    assert found(service).people.empty


def test_without_a_list_or_a_source_that_is_said(service, october):
    assert found(service).why_not == "No list was made."
    CohortListFactory(rule=CohortRuleFactory(service=service), as_at=LISTED_ON, built_at=at(LISTED_ON))
    assert found(service).why_not.endswith("No source sends this measure.")


def test_once_people_of_the_lists_are_deleted_those_left_stand_for_nobody(service, october):
    attended(a_list(service))
    service.cohort_lists.update(removed=5)
    assert len(found(service).people) == 1
    service.cohort_lists.update(removed=6)
    answer = found(service)
    assert answer.people.empty
    assert answer.thinned
    assert "not kept any more" in answer.why_not


def test_once_people_of_the_lists_are_deleted_nothing_is_learnt_from_those_left(service, october):
    grow(service, accepted=60, declined=30, only_listed=100, attending=True)
    kept = gather(service, QUARTER, frozen_at=FROZEN)
    assert leading(kept, "ae").key == HEADLINE
    service.cohort_lists.update(selected=190, removed=10)
    thinned = gather(service, QUARTER, frozen_at=FROZEN)
    for key in (HEADLINE, OFFER, "offer_itt", "matched"):
        raw = estimate(thinned, "ae", 365, key)
        assert (raw["shown"], "nothing can be learnt from them" in raw["reason"]) == (False, True)
    assert leading(thinned, "ae").key == CONTROLLED
    printed = estimates(service, measure="ae", window_days=365, as_at=CUT, known=KNOWN)
    assert not printed["estimates"]["observed_expected"]["shown"]
    still = next(b for b in over_time.build(thinned)["blocks"] if b.get("key") == "still_attending")
    assert [row["label"] for row in still["rows"]] == ["Accepted", "Declined"]


def test_where_the_quiet_are_soon_deleted_the_rest_stand_for_nobody(service, october, lead):
    attended(a_list(service))
    service.keeping_times.create(record_class="unlisted_people", number=2, by=lead, reason="Agreed")
    answer = found(service)
    assert answer.people.empty
    assert answer.why_not.startswith("Whoever has not attended for 2 years is not kept")


def test_it_asks_as_often_however_many_people_there_are(service, october):
    extract = a_list(service)
    asked = []
    for more in (1, 12):
        for _ in range(more):
            attended(extract)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert not found(service).people.empty
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 16
