import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts import rules
from cohorts.lists.rule_problems import rule_problems
from cohorts.lists.sentences import sentence
from cohorts.models import CohortRule
from governance.rules import RuleBroken

JUNE_30 = datetime.date(2026, 6, 30)


def a_rule(**terms) -> CohortRule:
    return CohortRule(**{"operator": ">=", "count": 5, "window_months": 12, "min_age": None, **terms})


@pytest.mark.parametrize(
    "as_at, months, first",
    [
        ("2008-03-31", 12, "2007-04-01"),
        ("2026-06-30", 12, "2025-07-01"),
        ("2026-06-30", 3, "2026-03-31"),
        ("2026-03-31", 1, "2026-03-01"),  # there is no 31 February: from the day after the 28th
        ("2028-02-29", 12, "2027-03-01"),
        ("2029-02-28", 12, "2028-02-29"),
        ("2026-01-15", 1, "2025-12-16"),
        ("2026-12-31", 60, "2022-01-01"),
    ],
)
def test_a_window_starts_the_day_after_the_same_day_earlier(as_at, months, first):
    window = rules.window(datetime.date.fromisoformat(as_at), months)
    assert window == rules.Window(datetime.date.fromisoformat(first), datetime.date.fromisoformat(as_at))


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1)), st.integers(1, 60))
def test_windows_end_to_end_leave_no_day_out_and_count_none_twice(as_at, months):
    window = rules.window(as_at, months)
    assert window.first - datetime.timedelta(days=1) == rules.months_before(as_at, months)
    assert 28 * months <= (window.last - window.first).days + 1 <= 31 * months


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1)), st.integers(1, 59))
def test_a_longer_window_never_starts_later(as_at, months):
    assert rules.window(as_at, months + 1).first < rules.window(as_at, months).first


@pytest.mark.parametrize(
    "terms, expected",
    [
        (
            {
                "operator": ">",
                "recent_count": 1,
                "recent_months": 3,
                "min_age": 18,
                "top_n": 250,
                "exclusions": ["already_client"],
            },
            "Adults of 18 or over with more than 5 A&E attendances in the 12 months to 30 June 2026, "
            "and at least 1 in the last 3 months; the first 250; "
            "leaving out people who already have a case",
        ),
        (
            {"count": 4, "min_age": 18, "min_admissions": 2, "top_n": 50},
            "Adults of 18 or over with at least 4 A&E attendances and at least 2 emergency admissions "
            "in the 12 months to 30 June 2026; the first 50",
        ),
        (
            {"window_months": 1, "measure": "call_999", "count": 1},
            "People of any age with at least 1 999 call in the month to 30 June 2026",
        ),
        (
            {"min_age": 18, "max_age": 25, "exclusions": ["died", "moved", "screened_out"]},
            "People aged 18 to 25 with at least 5 A&E attendances in the 12 months to 30 June 2026; "
            "leaving out people who have died, have moved out of the area "
            "or were screened out in the last 12 months",
        ),
        (
            {"max_age": 25, "recent_count": 2, "recent_months": 1},
            "People of 25 or under with at least 5 A&E attendances in the 12 months to 30 June 2026, "
            "and at least 2 in the last month",
        ),
        (
            {"min_age": 65},
            "People of 65 or over with at least 5 A&E attendances in the 12 months to 30 June 2026",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(terms, expected):
    assert sentence(a_rule(**terms), JUNE_30) == expected


def test_a_rule_without_a_day_says_before_the_list():
    assert sentence(a_rule()).endswith("in the 12 months before the list")


@pytest.mark.parametrize(
    "terms, field",
    [
        ({"window_months": 0}, "window_months"),
        ({"window_months": 61}, "window_months"),
        ({"count": 0}, "count"),
        ({"recent_count": 1}, "recent_months"),
        ({"recent_months": 3}, "recent_count"),
        ({"recent_count": 1, "recent_months": 13}, "recent_months"),
        ({"recent_count": 0, "recent_months": 3}, "recent_count"),
        ({"min_age": 30, "max_age": 20}, "max_age"),
        ({"top_n": 0}, "top_n"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(terms, field):
    assert list(rule_problems(a_rule(**terms))) == [field]


def test_a_sound_rule_has_no_problem():
    assert rule_problems(a_rule(count=0, operator=">", recent_count=1, recent_months=12)) == {}
    assert rule_problems(a_rule(min_age=30, max_age=30)) == {}


@pytest.mark.parametrize("text, expected", [(">=3", (">=", 3)), ("> 5", (">", 5)), (" >=10 ", (">=", 10))])
def test_a_count_is_read_from_text(text, expected):
    assert rules.parse_count(text) == expected


@pytest.mark.parametrize("text, expected", [(">=1/3", (1, 3)), (">0/3", (1, 3)), (">= 2 / 12", (2, 12))])
def test_a_recent_count_is_read_from_text(text, expected):
    assert rules.parse_recent(text) == expected


@pytest.mark.parametrize("text", ["3", "<3", ">=", ">=three", ">=3;drop", ">=-1"])
def test_another_count_is_refused_in_a_sentence(text):
    with pytest.raises(RuleBroken, match="Write it as"):
        rules.parse_count(text)


@pytest.mark.parametrize("text", [">=1", ">=1/", "1/3", ">=1/300"])
def test_another_recent_count_is_refused_in_a_sentence(text):
    with pytest.raises(RuleBroken, match="Write it as"):
        rules.parse_recent(text)


@pytest.mark.parametrize("data_to, stale", [(None, True), ("2026-05-26", False), ("2026-05-25", True)])
def test_data_older_than_five_weeks_is_stale(data_to, stale):
    day = data_to and datetime.date.fromisoformat(data_to)
    assert rules.is_stale(day, JUNE_30) is stale


@pytest.mark.parametrize("moved, known, refused", [(10, 10, False), (11, 110, False), (11, 109, True)])
def test_numbers_begin_anew_where_more_than_ten_and_one_in_ten_belong_to_others(moved, known, refused):
    assert bool(rules.renumbered(moved, known)) is refused
