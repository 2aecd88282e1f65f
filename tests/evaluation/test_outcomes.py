"""First against latest, and the targets: pure, with ten-row examples."""

import dataclasses
import statistics
from types import SimpleNamespace

import pytest

from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.quarters import parse
from evaluation.scorecard import sets
from evaluation.scorecard.change import Asked, Outcome, any_goal, outcome
from evaluation.scorecard.scales import SCALES
from evaluation.sections import outcomes, scorecard

LONELY, GOALS, CHAOS = (next(s for s in SCALES if s.key == key) for key in ("loneliness", "goals", "chaos"))
SATISFIED = next(s for s in SCALES if s.key == "satisfied")
PEOPLE = ["1", "2", "3", "4"]


def asked(
    person: str, total: float | None, *, instrument: str = "ucla-3", version: int = 1, **answers: float
):
    return Asked(person, version, instrument, total, answers, {})


def went(better: int, same: int, worse: int, only_one: int = 0, never: int = 0) -> Outcome:
    steps = (2.0,) * better + (0.0,) * same + (-1.0,) * worse
    return Outcome(steps, better, same, worse, only_one, never)


def test_first_and_latest_are_compared_in_the_same_person():
    rows = [asked("1", 8), asked("2", 5), asked("1", 9), asked("3", 6), asked("1", 4), asked("2", 5)]
    found = outcome(LONELY, rows, PEOPLE)
    assert found.steps == (-4, 0)
    assert (found.better, found.same, found.worse, found.only_one, found.never) == (1, 1, 0, 1, 1)
    assert sum(found.parts) == len(PEOPLE)


def test_more_is_better_of_well_being():
    rows = [
        asked("1", None, instrument="ons4", satisfied=3),
        asked("1", None, instrument="ons4", satisfied=7),
    ]
    assert outcome(SATISFIED, rows, PEOPLE).better == 1


def test_an_answer_not_given_is_no_zero():
    rows = [asked("1", 8), asked("1", None)]
    found = outcome(LONELY, rows, PEOPLE)
    assert (found.both, found.only_one, found.never) == (0, 1, 3)


def test_other_words_are_another_question():
    rows = [asked("1", 30, instrument="chaos-score"), asked("1", 10, instrument="chaos-score", version=2)]
    found = outcome(CHAOS, rows, PEOPLE)
    assert (found.both, found.only_one) == (0, 1)


def test_people_who_did_not_accept_are_not_counted():
    assert outcome(LONELY, [asked("9", 8), asked("9", 3)], PEOPLE).never == 4


def test_the_interval_of_a_mean_change_is_that_of_paired_differences():
    found = Outcome((-4.0, -2.0, 0.0, -2.0), 3, 1, 0, 0, 0)
    middle, lo, hi = found.mean
    half = 3.182446 * statistics.stdev(found.steps) / 2  # t of 3 degrees of freedom
    assert (middle, lo, hi) == pytest.approx((-2, -2 - half, -2 + half), abs=1e-5)


def goal(person: str, words: str, value: float) -> Asked:
    return Asked(person, 1, "goals", 50, {"goal-1": value}, {"goal-1": words})


def test_one_goal_that_came_closer_is_progress_and_another_goal_is_not():
    rows = [goal("1", "a home", -2), goal("1", "a home", 0), goal("2", "a home", -2), goal("2", "a dog", 1)]
    rows += [goal("3", "a home", 0), goal("3", "a home", -1), goal("4", "", -1), goal("4", "", 1)]
    found = any_goal(rows, [*PEOPLE, "5"])
    assert (found.better, found.worse, found.only_one, found.never) == (2, 1, 1, 1)


def test_numbers_of_people_are_withheld_where_the_rest_gives_one_away():
    assert {key: str(n) for key, n in outcomes.people(went(40, 10, 10, 10, 10)).items()} == {
        "both": "60",
        "better": "40",
        "same": "10",
        "worse": "10",
        "only_one": "10",
        "never": "10",
    }
    shown = outcomes.people(went(8, 8, 1, 20, 20))
    assert {str(shown[key]) for key in ("both", "better", "same", "worse", "never")} == {"*"}


def test_a_mean_of_few_people_is_not_given():
    row = outcomes._mean(LONELY, went(10, 5, 4))
    assert [cell["text"] for cell in row["cells"]] == ["*"] * 3
    assert row["note"] == f"Fewer than {ESTIMATE_FROM} people were asked twice."


def test_a_mean_is_given_with_its_sign_and_its_interval():
    row = outcomes._mean(SATISFIED, went(40, 10, 10))
    assert row["cells"][0]["text"] == "+1.2"
    assert row["note"] == ""
    assert "includes no change" in outcomes._mean(SATISFIED, went(10, 10, 20))["note"]
    assert "interval is wide" in outcomes._mean(SATISFIED, went(10, 10, 20))["note"]


RED_CROSS = sets.shipped("red_cross")
KPI = {kpi.number: kpi for kpi in RED_CROSS.kpis}


def test_the_red_cross_targets_are_those_printed():
    told = {number: (kpi.target, kpi.unit) for number, kpi in KPI.items()}
    assert told == {
        "1.1": (40, "%"),
        "1.2": (40, "%"),
        "2.1": (66, "%"),
        "2.2": (66, "%"),
        "3.1": (80, "%"),
        "4.1": (2, ""),
        "5.1": (30, ""),
        "5.2": (90, "%"),
    }


def test_referrals_grow_in_the_first_year_and_are_120_in_the_second():
    phased = [KPI["5.1"].target_in(number) for number in range(1, 12)]
    assert phased == [15, 32, 35, 35, 30, 30, 30, 30, 30, 30, 30]
    assert (sum(phased[:4]), sum(phased[4:8])) == (117, 120)
    assert {KPI["1.1"].target_in(number) for number in (1, 9)} == {40}


@pytest.mark.parametrize(
    "found, result, reached",
    [
        (went(40, 10, 10, 10, 10), True, "67%"),
        (went(39, 10, 11, 10, 10), False, "67%"),  # 65%, and the rounded numbers say 40 of 60
        (went(10, 9, 0), None, "*"),
        (went(0, 0, 0, 30, 30), None, "not supplied"),
        (went(40, 1, 0), True, "100%"),  # one number is withheld: judged by what is printed
        (went(8, 8, 1, 20, 20), None, "*"),
    ],
)
def test_a_share_is_judged_exactly_and_only_of_enough_people(found, result, reached):
    evidence = SimpleNamespace(outcomes={"loneliness": found})
    judged = scorecard._share(evidence, "loneliness", 66)
    assert (judged.met, str(judged.reached)) == (result, reached)


def test_missing_people_are_those_asked_once_or_never():
    evidence = SimpleNamespace(outcomes={"loneliness": went(40, 10, 10, 12, 18)})
    judged = scorecard._share(evidence, "loneliness", 66)
    assert [str(n) for n in (judged.part, judged.whole, judged.missing)] == ["40", "60", "30"]


@pytest.mark.parametrize("listed, referred, met", [(20, 10, True), (20, 9, False), (3, 2, None)])
def test_new_cases_are_judged_unless_they_are_withheld(listed, referred, met):
    figures = SimpleNamespace(cases_from_list=listed, cases_referred=referred)
    assert scorecard._new_cases(SimpleNamespace(casework=figures), 30).met is met


def test_what_nothing_counts_is_not_known_and_says_why():
    judged = scorecard._found(SimpleNamespace(), KPI["4.1"], 2)
    assert judged.met is None
    assert "not counted here yet" in judged.note


TEXT = """
title = "Mine"
source = "Contract"
[[kpis]]
number = "1"
name = "New cases"
target = 5
unit = ""
counts = "new_cases"
"""


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        ('title = "Mine"', "", "'mine' needs title"),
        ('number = "1"', "", "'mine' needs number"),
        ('counts = "new_cases"', "", "give either counts, or why_not"),
        ('"new_cases"', '"tea"', "'tea' is not counted"),
        ("target = 5", "targets = 5", "no more"),
        ("target = 5", "target", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_set_is_said(old, new, sentence):
    assert sets.parse(TEXT, name="mine").kpis[0].target == 5
    with pytest.raises(sets.KpiProblem, match=sentence):
        sets.parse(TEXT.replace(old, new), name="mine")


def test_quarters_are_counted_from_the_first():
    assert parse("2027-Q1").since(parse("2026-Q3")) == 2
    assert parse("2026-Q2").since(parse("2026-Q3")) == -1


def test_an_outcome_cannot_be_edited():
    with pytest.raises(dataclasses.FrozenInstanceError):
        went(1, 1, 1).better = 2


def test_the_stockport_targets_are_those_printed():
    stockport = sets.shipped("stockport")
    assert {each.counts: each.target for each in stockport.kpis if each.counts} == {
        "fall:ae": 40,
        "fall:nel": 40,
        "fall:conveyance": 40,
    }
    (people,) = [each for each in stockport.kpis if each.why_not]
    assert people.target == 50
