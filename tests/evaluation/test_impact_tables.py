"""Every way the two tables can be wrong is a sentence."""

import pandas as pd
import pytest

from evaluation.impact.run import impact
from evaluation.impact.tables import InputProblem
from tests.evaluation.impact_data import activity, people


def test_missing_column_is_named():
    with pytest.raises(InputProblem, match="people: column died_on is missing"):
        impact(people({}).drop(columns="died_on"), activity("2025-01-01"))


def test_covariates_may_be_absent():
    table = people({}).drop(columns=["age", "sex", "imd_decile", "site"])
    assert impact(table, activity("2025-01-01"))["flow"]["listed"] == 1


def test_unknown_group_is_named():
    with pytest.raises(InputProblem, match="people: 'maybe' in column 'group' is unknown"):
        impact(people({"group": "maybe"}), activity("2025-01-01"))


def test_unknown_measure_in_the_table_is_named():
    with pytest.raises(InputProblem, match="activity: 'dentist' in column 'measure'"):
        impact(people({}), activity("2025-01-01", measure="dentist"))


def test_unknown_measure_asked_for_is_named():
    with pytest.raises(InputProblem, match="Measure 'dentist' is unknown"):
        impact(people({}), activity("2025-01-01"), measure="dentist")


def test_person_listed_twice_in_one_year_is_refused():
    with pytest.raises(InputProblem, match="1 people are listed more than once"):
        impact(people({}, {"person": "p0", "group": "declined"}), activity("2025-01-01"))


def test_row_without_a_person_is_refused():
    with pytest.raises(InputProblem, match="people: 1 rows have no person"):
        impact(people({"person": None}), activity("2025-01-01"))


def test_activity_without_a_date_is_refused():
    with pytest.raises(InputProblem, match="activity: 1 rows have no date"):
        impact(people({}), activity("2025-01-01", None))


@pytest.mark.parametrize("wrong", ["31/03/2025", "soon", "2025-02-30"])
def test_something_that_is_no_iso_date_is_refused(wrong):
    with pytest.raises(InputProblem, match="column 'died_on' holds something that is not a date"):
        impact(people({"died_on": wrong}), activity("2025-01-01"))


def test_numbers_are_not_taken_for_dates():
    with pytest.raises(InputProblem, match="column 'on' holds numbers"):
        impact(people({}), pd.DataFrame({"person": ["p0"], "measure": ["ae"], "on": [20250101]}))


def test_a_time_zone_is_refused():
    with pytest.raises(InputProblem, match="carries a time zone"):
        impact(people({}), activity(pd.Timestamp("2025-01-01", tz="Europe/London")))


def test_identifiers_that_match_nobody_are_refused_rather_than_counted_as_nothing():
    with pytest.raises(InputProblem, match="no identifier in column 'person' is in the people table"):
        impact(people({}), activity("2025-01-01", person="someone"))


def test_numbers_and_text_are_the_same_identifier():
    events = pd.DataFrame({"person": [7], "measure": ["ae"], "on": ["2025-01-01"]})
    assert impact(people({"person": "7"}), events)["groups"]["accepted"]["events_pre"] == 1


def test_empty_text_is_an_unknown_date():
    table = people({"died_on": ""}, {"died_on": "2025-06-01"})
    assert impact(table, activity("2025-01-01"))["flow"]["died"] == 1


def test_the_callers_tables_are_left_alone():
    table, events = people({}), activity("2025-01-01")
    before = table.copy(), events.copy()
    impact(table, events)
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(events, before[1])
