"""The weights come back out of minutes made with known weights."""

import os

import pytest

from casework.allocation import weights
from casework.allocation.calibration import FEWEST_CASES, Span, estimate
from casework.allocation.weights import Part, Weights
from tests.casework.minutes import TRUTH, covered, simulate

# A short form always; `make drill` asks for the long one.
ATTEMPTS = int(os.environ.get("HIU_ATTEMPTS", 1))
SIMULATIONS = 8 * ATTEMPTS
TABLE = Weights()


def test_true_weights_lie_in_their_own_95_per_cent_intervals_about_95_per_cent_of_the_time(record_property):
    hits = [hit for seed in range(SIMULATIONS) for hit in covered(estimate(simulate(seed), TABLE).estimates)]
    share = sum(hits) / len(hits)
    assert len(hits) == SIMULATIONS * 14
    # The fewer simulations, the further chance may lead.
    assert (0.87 if ATTEMPTS == 1 else 0.92) <= share <= 0.99, (
        f"{share:.1%} of {len(hits)} intervals hold the truth"
    )
    record_property("intervals", len(hits))
    record_property("share", share)


def test_an_estimate_of_much_data_is_close():
    found = estimate(simulate(7, cases=3000), TABLE)
    assert found.problem == ""
    for one in found.estimates:
        if one.value is not None:
            assert one.value == pytest.approx(TRUTH[one.part][one.level], rel=0.15)


def test_the_unit_keeps_its_points_whatever_the_service_gives_it():
    own = weights.of_rows([("chaos", "2", 8)])
    by_default = {(e.part, e.level): e.value for e in estimate(simulate(1), TABLE).estimates}
    twice = {(e.part, e.level): e.value for e in estimate(simulate(1), own).estimates}
    assert twice[Part.CHAOS, "4"] == pytest.approx(2 * by_default[Part.CHAOS, "4"], abs=0.02)
    assert twice[Part.STAGE, "tapering"] == by_default[Part.STAGE, "tapering"]
    assert twice[Part.CHAOS, "2"] is None


def test_a_table_that_the_minutes_contradict_is_told_apart_from_one_they_do_not():
    found = {(e.part, e.level): e for e in estimate(simulate(2, cases=1500), TABLE).estimates}
    # 2.4 in truth against 2 and 0.3 against 0.5.
    assert found[Part.RHYTHM, "monthly"].disagrees
    assert not found[Part.CHAOS, "2"].disagrees


def test_few_cases_say_nothing():
    found = estimate(simulate(1, cases=FEWEST_CASES - 1), TABLE)
    assert "fewest to learn from" in found.problem
    assert [e.value for e in found.estimates if e.value is not None] == []


def test_a_level_with_few_cases_stays_unsaid_and_the_others_are_told():
    rows = [s for s in simulate(3) if s.travel != "remote" or s.case % 20 == 0]
    found = {(e.part, e.level): e for e in estimate(rows, TABLE).estimates}
    assert found[Part.TRAVEL, "remote"].value is None
    assert found[Part.TRAVEL, "far"].value is not None


def test_where_nobody_says_how_far_the_way_is_the_rest_is_still_told():
    rows = [Span(s.case, s.worker, s.chaos, s.stage, "", s.rhythm, s.weeks, s.minutes) for s in simulate(4)]
    found = {(e.part, e.level): e for e in estimate(rows, TABLE).estimates}
    assert found[Part.TRAVEL, "far"].value is None
    assert found[Part.CHAOS, "4"].value is not None


def test_cases_that_are_all_alike_say_nothing():
    rows = [Span(case, case % 3, "2", "active", "near", "weekly", 13, 100.0 + case) for case in range(60)]
    found = estimate(rows, TABLE)
    assert [e.value for e in found.estimates if e.value is not None] == []


def test_a_way_and_a_rhythm_that_always_go_together_cannot_be_told_apart():
    twins = {"near": "weekly", "middle": "fortnightly", "far": "monthly", "remote": "often"}
    rows = [
        Span(s.case, s.worker, s.chaos, s.stage, s.travel, twins[s.travel], s.weeks, s.minutes)
        for s in simulate(5)
    ]
    found = {(e.part, e.level): e.value for e in estimate(rows, TABLE).estimates}
    assert [found[Part.TRAVEL, "far"], found[Part.RHYTHM, "monthly"]] == [None, None]
    assert found[Part.CHAOS, "4"] is not None
    assert found[Part.STAGE, "tapering"] is not None


def test_no_week_without_minutes_breaks_anything():
    rows = [Span(s.case, s.worker, s.chaos, s.stage, s.travel, s.rhythm, s.weeks, 0.0) for s in simulate(6)]
    found = estimate(rows, TABLE)
    assert found.problem
