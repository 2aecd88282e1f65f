"""Lists from senders that state a count for each person."""

import pytest

from tests.cohorts.lists import build, people_on
from tests.factories.cohorts import ActivityCountFactory
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db


def test_counts_sent_as_one_row_per_person_make_a_list(service):
    counted = ActivityCountFactory(extract__source__service=service, count=9)
    source, person = counted.source, counted.person
    same = {"extract": counted.extract, "source": source, "person": person}
    ActivityCountFactory(**same, window_months=3, count=2)
    ActivityCountFactory(**same, measure="nel", count=4)
    candidate = build(service, recent_count=1, recent_months=3, min_admissions=3).candidates.get()
    assert (candidate.person, candidate.count, candidate.recent_count) == (person, 9, 2)
    assert (candidate.admissions, candidate.last_on) == (4, None)


def test_a_recent_count_that_was_not_sent_is_not_zero(service):
    ActivityCountFactory(extract__source__service=service, count=9)
    cohort_list = build(service, recent_count=1, recent_months=3)
    assert [c.recent_count for c in cohort_list.candidates.all()] == [None]


def test_counts_of_another_window_or_a_later_day_say_nothing(service):
    first = ActivityCountFactory(extract__source__service=service, window_months=3)
    ActivityCountFactory(extract=first.extract, person=first.person, as_at="2026-07-01")
    ActivityCountFactory(extract=first.extract, person=first.person, as_at="2025-06-30")
    assert build(service, count=1).considered == 0


def test_who_fell_off_a_sources_newest_list_is_not_on_ours(service):
    old = ActivityCountFactory(extract__source__service=service, as_at="2026-03-31", count=30)
    new = ActivityCountFactory(extract=old.extract, as_at="2026-06-30", count=9)
    ActivityCountFactory(extract=old.extract, person=new.person, as_at="2026-03-31", count=20)
    assert [(c.person, c.count) for c in build(service).candidates.all()] == [(new.person, 9)]


@pytest.mark.parametrize("counts", [(4, 6), (6, 4)])
def test_two_senders_counts_are_never_added_up(service, counts):
    person = PersonFactory(service=service)
    for count in counts:
        ActivityCountFactory(extract__source__service=service, person=person, count=count)
    assert build(service, count=5).candidates.get().count == 6
    assert build(service, count=7).candidates.count() == 0


def test_of_two_senders_counts_the_newer_stands(service):
    person = PersonFactory(service=service)
    for as_at, count in [("2026-06-29", 9), ("2026-06-30", 5), ("2026-06-28", 7)]:
        ActivityCountFactory(extract__source__service=service, person=person, as_at=as_at, count=count)
    assert build(service, count=1).candidates.get().count == 5


def test_attendance_rows_outrank_a_count_of_the_same_person(service, attends):
    person = attends(2)
    ActivityCountFactory(extract__source__service=service, person=person, count=30)
    cohort_list = build(service, count=2)
    assert cohort_list.candidates.get().count == 2
    assert cohort_list.considered == 1


def test_a_recent_count_is_of_the_same_measure(service):
    counted = ActivityCountFactory(extract__source__service=service, count=9)
    same = {"extract": counted.extract, "source": counted.source, "person": counted.person}
    ActivityCountFactory(**same, measure="call_999", window_months=3, count=4)
    assert build(service, recent_count=1, recent_months=3).candidates.get().recent_count is None


def test_rows_of_another_measure_do_not_outrank_a_count(service, attends):
    person = attends(2, measure="call_999")
    ActivityCountFactory(extract__source__service=service, person=person, count=30)
    assert build(service).candidates.get().count == 30


def test_a_count_without_days_comes_after_the_same_number_of_known_days(service, attends):
    counted = ActivityCountFactory(extract__source__service=service, count=6)
    known = attends(6)
    assert people_on(build(service)) == [known, counted.person]
