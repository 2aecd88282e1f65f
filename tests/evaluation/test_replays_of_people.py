"""Two people whose stories were published, counted again by our functions.

Dave (account of Cambridgeshire and Peterborough, BMJ, May 2025) came after 10 attendances in a year, 6 of them in three
months, and had not come back for five months. Hazel (Strategy Unit 2021, East Kent) had 84 attendances, 29 admissions
and 72 ambulance journeys in the 12 months before; by the summer she had come twice in the previous three months.

Days are invented where only counts are printed. Both are people, not figures: neither is on a page of ours.
"""

import datetime

import numpy as np
import pandas as pd
import pytest

from evaluation.coverage import Covered
from evaluation.impact.model import history
from evaluation.impact.sample import Sample, sample, why_not
from evaluation.impact.tables import MEASURES, clean_activity, clean_people
from evaluation.impact.windows import WINDOW_DAYS, person_windows
from evaluation.people import for_window
from tests.evaluation.impact_data import activity, people

REFERRED, TOLD = pd.Timestamp("2024-12-15"), pd.Timestamp("2025-05-15")
MET, SUMMER = pd.Timestamp("2020-01-15"), pd.Timestamp("2020-07-01")
COVERED = Covered("ae", sources=(1,), start=datetime.date(2023, 1, 1), end=TOLD.date())


def days_before(day, *ago):
    return [(day - pd.Timedelta(days=n)).date().isoformat() for n in ago]


def spread(n, over):
    """So many days within as many days, the last one left out."""
    return np.floor(np.arange(n) * over / n).astype(int).tolist()


DAVE = days_before(REFERRED, 0, 12, 25, 40, 61, 85, 120, 190, 260, 350)
HAZEL = {"ae": 84, "nel": 29, "conveyance": 72}


def counted(person, events, window_days):
    clean = clean_people(person)
    return person_windows(clean, clean_activity(events, clean), window_days).iloc[0]


def dave(window_days):
    index = REFERRED.date().isoformat()
    person = people(
        {"index_date": index, "approach_date": index, "list_date": None}, refused=False, known_by=0
    )
    return for_window(person, COVERED, window_days)


def test_dave_had_ten_in_a_year_and_six_in_three_months():
    year, quarter = (counted(dave(days), activity(*DAVE), days) for days in (365, 91))
    assert (year["events_pre"], quarter["events_pre"]) == (10, 6)
    clean = clean_people(dave(91))
    stretches = history.counts(clean, clean_activity(activity(*DAVE), clean))[0]
    assert (stretches[:2].sum(), stretches.sum()) == (6, 10)


def test_dave_did_not_come_back_for_three_months_and_longer_windows_are_not_over_yet():
    assert (TOLD - REFERRED).days == 151
    found = {days: counted(dave(days), activity(*DAVE), days) for days in WINDOW_DAYS}
    assert {days: each["status"] for days, each in found.items()} == {
        91: "followed",
        182: "not_enough_follow_up",
        273: "not_enough_follow_up",
        365: "not_enough_follow_up",
    }
    assert found[91]["events_post"] == 0


def test_ten_sober_weeks_are_in_no_measure_of_activity():
    """The story's fourth number cannot land: it is his own account, kept with his goals, and no source counts it."""
    assert {"ae", "nel", "conveyance", "call_999", "outpatient"} == set(MEASURES)


def hazel(index, covered_to):
    day = index.date().isoformat()
    return people(
        {"index_date": day, "approach_date": day, "covered_from": "2019-01-01", "covered_to": covered_to}
    )


@pytest.mark.parametrize("measure", HAZEL)
def test_hazel_in_the_twelve_months_before(measure):
    events = activity(*days_before(MET, *spread(HAZEL[measure], 365)), measure=measure)
    found = counted(hazel(MET, "2020-07-01"), events, 365)
    assert found["events_pre"] == HAZEL[measure]


def test_hazel_came_twice_in_the_three_months_to_the_summer():
    before = days_before(MET, *spread(84, 365))
    found = counted(hazel(SUMMER, "2020-07-01"), activity(*before, *days_before(SUMMER, 20, 70)), 91)
    assert found["events_pre"] == 2


def test_two_in_three_months_are_not_set_against_84_in_twelve():
    """It cannot be replayed as a fall. The windows differ, how many of the 84 came in the last three months is not
    printed, and neither is what happened between January and April: that is not supplied, and not 0.
    """
    before = activity(*days_before(MET, *spread(84, 365)))
    unknown = counted(hazel(MET, None), before, 91)
    assert unknown["status"] == "not_supplied"
    assert np.isnan(unknown["events_post"])
    # Windows are equal on both sides, whatever is known.
    known = counted(hazel(MET, "2020-07-01"), before, 91)
    assert known["events_pre"] < 84
    assert known["years_pre"] == pytest.approx(known["years_post"])


def test_nothing_of_one_person_is_shown():
    assert sample(1) is Sample.NOTHING
    assert "nothing is shown" in why_not(1, "accepted")
