"""Person-time and events worked out by hand."""

import datetime

import pandas as pd
import pytest

from evaluation.impact.tables import InputProblem, clean_activity, clean_people
from evaluation.impact.windows import person_windows
from tests.evaluation.impact_data import activity, no_activity, people


def windows(table, events=None, days=365):
    clean = clean_people(table)
    return person_windows(clean, clean_activity(no_activity() if events is None else events, clean), days)


def one(events=None, days=365, **row):
    return windows(people(row), events, days).iloc[0]


def test_both_windows_are_equally_long_for_a_person_covered_throughout():
    row = one(days=91)
    assert row["years_pre"] == pytest.approx(91 / 365.25)
    assert row["years_post"] == pytest.approx(91 / 365.25)
    assert row["status"] == "followed"


def test_attendance_on_the_index_day_counts_as_before():
    row = one(activity("2025-03-01", "2025-03-02"))
    assert (row["events_pre"], row["events_post"]) == (1, 1)


def test_first_day_of_before_is_in_and_first_day_after_the_window_is_out():
    # 91 days before 1 March 2025 is 30 November 2024; 91 days after it is 31 May 2025.
    row = one(activity("2024-11-29", "2024-11-30", "2025-05-30", "2025-05-31"), days=91)
    assert (row["events_pre"], row["events_post"]) == (1, 1)


def test_death_stops_time_and_events_on_its_day():
    # 1 March to 30 May 2025 is 90 days.
    row = one(activity("2025-05-29", "2025-05-30", "2025-05-31"), died_on="2025-05-30")
    assert row["years_post"] == pytest.approx(90 / 365.25)
    assert row["years_pre"] == pytest.approx(365 / 365.25)
    assert row["events_post"] == 1
    assert row["died"]
    assert not row["moved"]


@pytest.mark.parametrize("column", ["died_on", "moved_on", "withdrawn_on", "covered_to"])
def test_each_way_to_leave_stops_the_time_after(column):
    assert one(**{column: "2025-04-30"})["years_post"] == pytest.approx(60 / 365.25)


def test_the_earliest_way_to_leave_counts():
    row = one(died_on="2025-06-09", moved_on="2025-04-30", withdrawn_on="2025-05-30")
    assert row["years_post"] == pytest.approx(60 / 365.25)
    assert row["died"]
    assert row["moved"]


def test_a_death_after_the_window_is_not_a_death_in_it():
    row = one(days=91, died_on="2025-05-31")
    assert row["years_post"] == pytest.approx(91 / 365.25)
    assert not row["died"]


def test_coverage_that_starts_late_shortens_before_and_leaves_out_what_came_earlier():
    # 1 January to 1 March 2025 is 59 days.
    row = one(activity("2024-12-31", "2025-01-01"), covered_from="2025-01-01")
    assert row["years_pre"] == pytest.approx(59 / 365.25)
    assert row["years_post"] == pytest.approx(365 / 365.25)
    assert row["events_pre"] == 1


@pytest.mark.parametrize(
    "row", [{"covered_from": None}, {"covered_to": None}, {"covered_from": "2025-03-01"}]
)
def test_unknown_coverage_is_not_supplied_and_never_zero(row):
    row = one(activity("2025-01-01"), **row)
    assert row["status"] == "not_supplied"
    assert row[["events_pre", "events_post", "years_pre", "years_post"]].isna().all()


def test_covered_person_without_attendances_has_zero():
    row = one()
    assert (row["events_pre"], row["events_post"]) == (0, 0)


@pytest.mark.parametrize(
    "covered_to,status", [("2025-03-28", "not_enough_follow_up"), ("2025-03-29", "followed")]
)
def test_follow_up_needs_28_days(covered_to, status):
    assert one(covered_to=covered_to)["status"] == status


def test_death_before_the_index_date_leaves_no_time():
    row = one(died_on="2025-02-01")
    assert row["status"] == "not_enough_follow_up"
    assert row["years_post"] == 0


def test_person_without_an_index_date_is_counted_as_such():
    assert one(index_date=None)["status"] == "no_index_date"


def test_person_on_both_years_lists_is_counted_at_each_index_date():
    table = people({}, {"person": "p0", "group": "last_year", "index_date": "2024-03-01"})
    counted = windows(table, activity("2024-02-01", "2024-06-01", "2025-06-01"))
    assert list(counted["events_pre"]) == [1, 1]
    assert list(counted["events_post"]) == [1, 1]


def test_dates_may_be_text_dates_or_timestamps():
    day = datetime.date(2025, 6, 1)
    for on in (day, pd.Timestamp(day), pd.Timestamp("2025-06-01 23:59"), "2025-06-01", "2025-06-01T23:59"):
        assert one(activity(on))["events_post"] == 1


def test_a_window_that_is_not_offered_is_refused():
    with pytest.raises(InputProblem, match=r"window of 90 days is not offered\. Choose one of 91, 182"):
        one(days=90)
