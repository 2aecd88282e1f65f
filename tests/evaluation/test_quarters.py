import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import quarters
from evaluation.quarters import Quarter, QuarterProblem

DAYS = st.dates(min_value=datetime.date(2001, 1, 1), max_value=datetime.date(2098, 12, 31))


@given(DAYS)
def test_every_day_is_in_the_quarter_it_names(day):
    quarter = quarters.of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert quarters.parse(str(quarter)) == quarter


@given(DAYS)
def test_quarters_follow_each_other_without_a_gap(day):
    quarter = quarters.of(day)
    assert quarter.following.first_day - quarter.last_day == datetime.timedelta(days=1)
    assert quarter.following.previous == quarter


@pytest.mark.parametrize(
    "quarter, months, nhs",
    [
        (Quarter(2026, 1), "January to March 2026", "quarter 4 of 2025/26"),
        (Quarter(2026, 3), "July to September 2026", "quarter 2 of 2026/27"),
        (Quarter(2026, 4), "October to December 2026", "quarter 3 of 2026/27"),
    ],
)
def test_a_quarter_says_which_months_and_which_nhs_quarter_it_is(quarter, months, nhs):
    assert quarter.label == months
    assert quarter.nhs_label == nhs


@pytest.mark.parametrize(
    "words", ["", "2026", "2026-Q5", "2026Q3", "Q3-2026", "1999-Q1", "2026-q3", "2026-Q3\n"]
)
def test_other_writing_is_refused_with_an_example(words):
    with pytest.raises(QuarterProblem, match="Write the calendar year and quarter as in 2026-Q3"):
        quarters.parse(words)


def test_a_quarter_can_be_reported_from_the_day_after_it_ends():
    quarter = Quarter(2026, 3)
    quarters.check_ended(quarter, datetime.date(2026, 10, 1))
    with pytest.raises(QuarterProblem, match="ends on 30 September 2026"):
        quarters.check_ended(quarter, datetime.date(2026, 9, 30))


def test_the_last_quarters_end_with_this_one():
    assert [str(q) for q in Quarter(2026, 1).back(3)] == ["2025-Q3", "2025-Q4", "2026-Q1"]
