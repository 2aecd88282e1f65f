"""Dates, times and what they mean together."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.pipeline import moments
from cohorts.pipeline.cells import MISSING, objects
from tests.cohorts.pipeline import NHS, TODAY, rows

WITH_TIME = "NHS number,Arrival date,Arrival time"


@pytest.mark.parametrize(
    "written",
    ["2026-01-02", "02/01/2026", "2/1/2026", "02/01/26", "02-01-2026", "2 Jan 2026", "02-Jan-2026", "20260102",
     "2026-01-02 14:30:00", "2026-01-02T14:30:00", "2026-01-02 14:30:00.000", "02/01/2026 14:30"],
)  # fmt: skip
def test_a_date_is_read_as_people_here_write_it(tmp_path, written):
    assert rows(tmp_path, f"{NHS},{written}").frame["started_on"].tolist() == ["2026-01-02"]


@pytest.mark.parametrize(
    "written, code, says",
    [
        ("31/02/2026", "arrival_not_a_date", "Row 2: arrival 31/02/2026 is not a date."),
        ("yesterday", "arrival_not_a_date", "Row 2: arrival yesterday is not a date."),
        ("29/02/2025", "arrival_not_a_date", "Row 2: arrival 29/02/2025 is not a date."),
        ("2026-13-01", "arrival_not_a_date", "Row 2: arrival 2026-13-01 is not a date."),
        (
            "45000",
            "arrival_not_a_date",
            "Row 2: arrival 45000 is not a date. If it is a number of days, as spreadsheets count them, say so on "
            "the source's mapping page.",
        ),
        ("", "arrival_missing", "Row 2: there is no arrival date."),
        ("1899-12-31", "arrival_before_1900", "Row 2: arrival 1899-12-31 is before 1900."),
        ("2026-07-02", "arrival_in_future", "Row 2: arrival 2026-07-02 is in the future."),
        (
            "04/25/2026",
            "arrival_not_a_date",
            "Row 2: arrival 04/25/2026 is not a date with the day first. If the sender writes the month first, "
            "say so on the source's mapping page.",
        ),
    ],
)
def test_an_arrival_that_cannot_be_is_turned_away(tmp_path, written, code, says):
    result = rows(tmp_path, f"{NHS},{written}")
    assert (result.reasons, result.codes) == ([says], {code: 1})


def test_the_sender_may_say_that_the_month_comes_first(tmp_path):
    result = rows(tmp_path, f"{NHS},04/05/2026", formats={"arrived_on": "%m/%d/%Y"})
    assert result.frame["started_on"].tolist() == ["2026-04-05"]


def test_today_is_not_the_future(tmp_path):
    assert len(rows(tmp_path, f"{NHS},{TODAY}").frame) == 1


@pytest.mark.parametrize(
    "written, kept", [("09:05", "09:05:00"), ("9:05", "09:05:00"), ("0905", "09:05:00"), ("905", "09:05:00"), ("23:59:59", "23:59:59"), ("0", "00:00:00"), ("", "")]
)  # fmt: skip
def test_a_time_is_read(tmp_path, written, kept):
    result = rows(tmp_path, f"{NHS},2026-01-02,{written}", header=WITH_TIME)
    assert result.frame["started_at_time"].tolist() == [kept]


@pytest.mark.parametrize(
    "written, says",
    [
        ("24:00", "Row 2: arrival time 24:00 does not exist. Midnight is 00:00 of the day that begins."),
        ("2400", "Row 2: arrival time 2400 does not exist. Midnight is 00:00 of the day that begins."),
        ("25:10", "Row 2: arrival time 25:10 is not a time."),
        ("half past", "Row 2: arrival time half past is not a time."),
    ],
)
def test_a_time_that_cannot_be_is_turned_away(tmp_path, written, says):
    assert rows(tmp_path, f"{NHS},2026-01-02,{written}", header=WITH_TIME).reasons == [says]


def test_the_hour_that_happens_twice_and_the_one_that_never_does_are_kept_as_written(tmp_path):
    result = rows(tmp_path, f"{NHS},2025-10-26,01:30", f"{NHS},2025-03-30,01:30", header=WITH_TIME)
    assert result.frame["started_at_time"].tolist() == ["01:30:00", "01:30:00"]


def test_nobody_arrives_before_being_born(tmp_path):
    header = "NHS number,Date of birth,Arrival date"
    result = rows(tmp_path, f"{NHS},2026-02-03,2026-02-02", f"{NHS},2026-02-02,2026-02-02", header=header)
    assert result.reasons == ["Row 2: arrival 2026-02-02 is before the date of birth."]
    assert len(result.frame) == 1


@pytest.mark.parametrize(
    "written, code",
    [
        ("31/02/1980", "birth_not_a_date"),
        ("01/02/35", "birth_short_year"),
        ("1850-01-01", "birth_before_1900"),
        ("2030-01-01", "birth_in_future"),
    ],
)
def test_a_date_of_birth_that_cannot_be_is_turned_away(tmp_path, written, code):
    result = rows(tmp_path, f"{NHS},{written},2026-02-02", header="NHS number,Date of birth,Arrival date")
    assert result.codes == {code: 1}


@settings(max_examples=200)
@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d %b %Y"]))  # fmt: skip
def test_every_day_of_two_centuries_is_read_as_strptime_reads_it(day, pattern):
    found = moments.parse(objects([day.strftime(pattern)]), [pattern])
    assert found.days.tolist() == [moments.day_number(day)]
    assert moments.dates_as_text(found.days).tolist() == [day.isoformat()]


@settings(max_examples=300)
@given(st.from_regex(r"\A[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}\Z"))
def test_what_strptime_refuses_is_refused(text):
    def allowed(pattern):
        try:
            return moments.day_number(datetime.datetime.strptime(text, pattern).date())
        except ValueError:
            return MISSING

    expected = next((day for p in ("%Y-%m-%d", "%d/%m/%Y") if (day := allowed(p)) != MISSING), MISSING)
    found = moments.parse(np.array([text], dtype=object), ["%Y-%m-%d", "%d/%m/%Y"]).days[0]
    assert found == expected
