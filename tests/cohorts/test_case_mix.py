"""Tiers, the mix, the line and what it does to groups: pure functions, and what they promise at any input."""

import datetime
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.lists import case_mix, equity, tiers
from cohorts.lists.case_mix import Waiting
from cohorts.lists.explain import explain
from cohorts.lists.sentences import sentence
from cohorts.rules import Terms
from governance.rules import RuleBroken

EAST_KENT = [{"name": "Lower", "from": 6, "to": 15}, {"name": "Medium and very high", "from": 16}]


@pytest.mark.parametrize("count, tier", [(5, ""), (6, "Lower"), (15, "Lower"), (16, "Medium and very high"), (84, "Medium and very high")])  # fmt: skip
def test_a_tier_holds_both_of_its_ends(count, tier):
    assert tiers.tier_of(EAST_KENT, count) == tier


def test_tiers_are_read_from_lines_and_written_back_as_them():
    text = "Lower: 6 to 15\n16 to 30\nMost: 31 or more\n5"
    assert tiers.as_text(tiers.parse(text)) == text
    assert tiers.parse("1-2\n3+")[1] == {"name": "3 or more", "from": 3}


@pytest.mark.parametrize("text", ["many", "6 to", "Lower 6 to 15"])
def test_a_line_that_is_no_tier_is_refused(text):
    with pytest.raises(RuleBroken, match="is not a tier"):
        tiers.parse(text)


@pytest.mark.parametrize(
    "text, said",
    [
        ("6 to 15\n15 to 20", "overlap"),
        ("6 or more\n20 or more", "overlap"),
        ("a: 9 to 5", "ends before"),
        ("a: 1 to 2\na: 3 to 4", "the same name"),
        ("6 to 15\n16 or more", ""),
    ],
)
def test_a_set_of_tiers_has_no_gaps_in_its_logic(text, said):
    problem = tiers.tier_problem(tiers.parse(text))
    assert said in problem
    assert bool(problem) == bool(said)


def test_each_tier_gets_its_share_and_the_smallest_is_not_forgotten():
    assert case_mix.propose({"Lower": 200, "Medium": 40, "Very high": 3}, 25) == {
        "Lower": 20,
        "Medium": 4,
        "Very high": 1,
    }
    assert case_mix.propose({"Lower": 2, "Medium": 1}, 25) == {"Lower": 2, "Medium": 1}
    assert case_mix.propose({"Lower": 9, "Medium": 5, "Very high": 3}, 2) == {
        "Lower": 1,
        "Medium": 1,
        "Very high": 0,
    }
    assert case_mix.propose({}, 5) == {}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 60), max_size=5), st.integers(0, 80))
def test_a_mix_fills_the_places_and_asks_for_nobody_who_is_not_there(waiting, places):
    mix = case_mix.propose(waiting, places)
    assert sum(mix.values()) == min(places, sum(waiting.values()))
    assert all(0 <= mix[tier] <= waiting[tier] for tier in waiting)


def test_the_line_takes_those_likely_to_benefit_first_then_the_order_of_the_list():
    waiting = [
        Waiting(1, 1, "", None),
        Waiting(2, 2, "", 3),
        Waiting(3, 3, "", 1),
        Waiting(4, 4, "", 2),
        Waiting(5, 5, "", None),
    ]
    assert [w.candidate for w in case_mix.above_the_line(waiting, {"": 4})] == [3, 4, 1, 5]


def test_the_line_keeps_to_the_mix():
    waiting = [Waiting(n, n, "a" if n < 4 else "b", None) for n in range(1, 7)]
    assert [w.candidate for w in case_mix.above_the_line(waiting, {"a": 1, "b": 2})] == [1, 4, 5]


def test_groups_are_compared_and_what_is_not_supplied_is_named():
    above = [equity.Member(30, "F", "A"), equity.Member(17, "F", "")]
    below = [equity.Member(30, "M", "A"), equity.Member(None, "", "")]
    age, sex, ethnicity, imd_2019, imd_2025 = equity.compare(above, below)
    assert [(g.words, g.above, g.below, g.percent) for g in age.groups] == [
        ("under 18", 1, 0, 100),
        ("25 to 34", 1, 1, 50),
        ("Not supplied", 0, 1, 0),
    ]
    assert [(g.words, g.above, g.below) for g in sex.groups] == [
        ("Men", 0, 1),
        ("Women", 2, 0),
        ("Not supplied", 0, 1),
    ]
    assert len(ethnicity.groups) == 2
    assert (imd_2019.groups, imd_2025.groups) == ([], [])


def test_each_edition_of_the_imd_is_compared_by_itself_and_in_order():
    above = [equity.Member(30, "", "", {"imd_2019": 10}), equity.Member(30, "", "", {"imd_2019": 1})]
    below = [equity.Member(30, "", "", {"imd_2019": 2}), equity.Member(30, "", "")]
    *_, imd_2019, imd_2025 = equity.compare(above, below)
    assert imd_2019.title == "Deprivation (IMD 2019)"
    assert [(g.words, g.above, g.below) for g in imd_2019.groups] == [
        ("1 (most deprived)", 1, 0),
        ("2", 0, 1),
        ("10 (least deprived)", 1, 0),
        ("Not supplied", 0, 1),
    ]
    assert imd_2025.groups == []


def test_a_group_nobody_supplied_has_no_table():
    assert equity.compare([equity.Member(None, "", "")], [])[0].groups == []


# Why a row counts or does not


@dataclass
class Row:
    pk: int
    started_on: datetime.date
    started_at_time: datetime.time | None = None
    attendance_category: str = ""
    arrival_mode: str = ""
    site: str = ""
    source_id: int = 1


DAY = datetime.date(2026, 6, 30)


@pytest.mark.parametrize(
    "terms, row, why",
    [
        ({}, {}, ""),
        ({}, {"started_on": datetime.date(2025, 6, 30)}, "Before 1 July 2025, the first day that counts"),
        ({}, {"started_on": datetime.date(2026, 7, 1)}, "After 30 June 2026, the last day that counts"),
        ({"attendance_categories": ["first"]}, {"attendance_category": "planned follow-up"},
         "The rule does not count planned follow-ups"),
        ({"attendance_categories": ["first"]}, {}, "The rule does not count attendances of a kind not said"),
        ({"attendance_categories": ["first"]}, {"source_id": 2}, ""),
        ({"attendance_categories": ["first", "unknown"]}, {}, ""),
        ({"arrival_modes": ["ambulance"]}, {"arrival_mode": "own"},
         "The rule does not count arrivals by their own or public transport"),
        ({"arrival_modes": ["ambulance"]}, {}, ""),
        ({"sites": ["North"]}, {"site": "South"}, "The rule does not count South"),
        ({"sites": ["North"]}, {"site": "NORTH"}, ""),
    ],
)  # fmt: skip
def test_each_row_says_why_it_does_not_count(terms, row, why):
    [found] = explain(Terms(count=5, **terms), DAY, [Row(**{"pk": 1, "started_on": DAY, **row})], silent={2})
    assert (found.why_not, found.counts) == (why, not why)


def test_of_rows_that_are_one_the_first_counts():
    half_past = datetime.time(1, 30)
    rows = [Row(1, DAY, half_past), Row(2, DAY, half_past), Row(3, DAY), Row(4, DAY)]
    moments = explain(Terms(count=5, repeats="same_moment"), DAY, rows)
    assert [each.counts for each in moments] == [True, False, True, True]
    days = explain(Terms(count=5, repeats="same_day"), DAY, rows)
    assert [each.counts for each in days] == [True, False, False, False]
    assert days[1].why_not == "Same day as another, which counted"


# Sentences


@pytest.mark.parametrize(
    "terms, expected",
    [
        ({"window_days": 84}, "in the 84 days (12 weeks) to 30 June 2026"),
        ({"window_days": 365, "includes_day": False}, "in the 365 days to 29 June 2026"),
        ({"window_days": 1}, "in the day to 30 June 2026"),
        ({"window_kind": "financial_year"}, "in the financial year up to 30 June 2026"),
        ({"admissions_operator": ">", "min_admissions": 1},
         "at least 5 A&E attendances and more than 1 emergency admission in the 12 months to 30 June 2026"),
        ({"or_count": 3, "or_months": 1}, "to 30 June 2026, or at least 3 in the last month"),
        ({"recent_count": 1, "recent_months": 1, "recent_days": 28},
         ", and at least 1 in the last 28 days (4 weeks)"),
        ({"attendance_categories": ["first", "unknown"]},
         "; counting first attendances and attendances of a kind not said only"),
        ({"arrival_modes": ["ambulance", "police"]}, "; counting arrivals by ambulance or with the police only"),
        ({"sites": ["North"], "department_types": ["1", "2"], "repeats": "same_day"},
         "; counting A&E attendances at North only; counting departments of type 1 or 2 only; "
         "counting several on one day once"),
        ({"postcode_areas": ["PE", "CB6"], "gp_practices": ["D81001"]},
         "; living in PE or CB6 or registered with D81001"),
        ({"top_n": 50, "keep_ties": True}, "; the first 50, and everyone with as many as the last of them"),
    ],
)  # fmt: skip
def test_every_setting_is_in_the_sentence(terms, expected):
    assert expected in sentence(Terms(count=5, **terms), DAY)


@pytest.mark.parametrize(
    "terms, expected",
    [
        ({"includes_day": False}, "in the 12 months before the list, its own day not counted"),
        ({"window_kind": "calendar_year"}, "in the calendar year of the list, up to its day"),
    ],
)
def test_a_sentence_without_a_day_says_which_days_are_meant(terms, expected):
    assert expected in sentence(Terms(count=5, **terms))
