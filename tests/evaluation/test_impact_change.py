"""Naive change, against hand and against an independent library."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from evaluation.impact.estimators.change import log_change
from evaluation.impact.run import impact
from evaluation.impact.study import Arm
from tests.evaluation.impact_data import events


def change(before, after):
    return impact(*events(before, after))["estimates"]["change"]


def some_people(n=60, seed=4):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2, 4, n)
    years = rng.uniform(0.3, 1, n), rng.uniform(0.1, 1, n)
    return Arm(rng.poisson(rates * years[0]), rng.poisson(0.8 * rates * years[1]), *years)


def test_rate_ratio_and_interval_equal_a_clustered_poisson_regression():
    arm = some_people()
    ours = log_change(arm)
    y = np.concatenate([arm.events_pre, arm.events_post])
    x = sm.add_constant(np.repeat([0.0, 1.0], arm.n))
    offset = np.log(np.concatenate([arm.years_pre, arm.years_post]))
    model = sm.GLM(y, x, family=sm.families.Poisson(), offset=offset)
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": np.tile(np.arange(arm.n), 2)})
    assert ours.value == pytest.approx(theirs.params[1], abs=1e-8)
    assert ours.se == pytest.approx(theirs.bse[1], rel=1e-2)
    # Exactly so once their extra (N-1)/(N-k) for rows rather than people is taken out.
    rows = 2 * arm.n
    assert ours.se == pytest.approx(theirs.bse[1] * math.sqrt((rows - 2) / (rows - 1)), rel=1e-6)


def test_interval_is_student_t_with_a_degree_of_freedom_less_than_people():
    ours = log_change(some_people(n=20))
    lo, hi = ours.interval
    half = stats.t.ppf(0.975, 19) * ours.se
    assert (math.log(lo), math.log(hi)) == pytest.approx((ours.value - half, ours.value + half))


def test_half_the_attendances_is_a_reduction_of_50_percent():
    result = change([4, 8] * 30, [2, 4] * 30)
    assert result["rate_ratio"] == pytest.approx(0.5)
    assert result["reduction_percent"] == pytest.approx(50)
    assert result["observed"] == 180
    assert result["expected"] == pytest.approx(360)
    assert result["avoided"] == pytest.approx(180)


def test_limits_of_the_reduction_and_of_what_was_avoided_turn_round():
    result = change([4, 8, 5] * 20, [2, 7, 1] * 20)
    assert result["lo"] < result["rate_ratio"] < result["hi"]
    assert result["reduction_lo"] == pytest.approx(100 * (1 - result["hi"]))
    assert result["reduction_hi"] == pytest.approx(100 * (1 - result["lo"]))
    assert result["avoided_lo"] == pytest.approx(result["expected"] * (1 - result["hi"]))
    assert result["avoided_lo"] < result["avoided"] < result["avoided_hi"]


def test_it_says_it_is_uncontrolled():
    result = change([4] * 50, [2] * 50)
    assert result["controlled"] is False
    assert result["label"] == "uncontrolled: change, not impact"


@pytest.mark.parametrize(
    "n,shown,wide,observed",
    [
        (7, False, False, None),
        (8, False, False, 15),
        (19, False, False, 40),
        (20, True, True, 40),
        (49, True, True, 98),
        (50, True, False, 100),
    ],
)
def test_minimum_sample(n, shown, wide, observed):
    result = change([4] * n, [2] * n)
    assert (result["shown"], result["wide"], result["observed"]) == (shown, wide, observed)
    assert (result["rate_ratio"] is not None) is shown
    assert ("reason" in result) is not shown


def test_nothing_but_n_is_given_below_eight_people():
    result = change([4] * 7, [2] * 7)
    numbers = {key for key, value in result.items() if isinstance(value, int | float) and value}
    assert numbers == {"n"}
    assert "Fewer than 8 people" in result["reason"]


@pytest.mark.parametrize("before,after", [([0] * 50, [1] * 50), ([1] * 50, [0] * 50)])
def test_no_ratio_without_events_on_both_sides(before, after):
    result = change(before, after)
    assert not result["shown"]
    assert "no ratio" in result["reason"]


def test_people_without_enough_follow_up_or_coverage_are_left_out():
    table, attendances = events([4] * 52, [2] * 52)
    table.loc[0, "died_on"] = "2025-03-20"
    table.loc[1, "covered_from"] = None
    result = impact(table, attendances)["estimates"]["change"]
    assert (result["n"], result["observed"]) == (50, 100)
    assert result["rate_ratio"] == pytest.approx(0.5)
