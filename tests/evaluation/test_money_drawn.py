"""Net saving, return and ratio from people drawn with their outcome and their cost together."""

import numpy as np
import pytest
from scipy import stats

from evaluation.money.drawn import Drawn, cost_of, known_cost, percentiles, returns_drawn, value_of

PEOPLE, DRAWS = 200, 4000
RNG = np.random.default_rng(11)
COST = RNG.gamma(4, 250, PEOPLE)
# Who costs more to support has more to gain.
SAVING = 2 * COST + RNG.normal(0, 1500, PEOPLE)


def drawn():
    times = np.random.default_rng(12).multinomial(PEOPLE, [1 / PEOPLE] * PEOPLE, DRAWS).astype(np.int32)
    return Drawn(SAVING.sum(), times @ SAVING), cost_of(COST, times)


def test_net_has_the_interval_of_the_sum_of_each_persons_own_difference():
    found = returns_drawn(*drawn())
    net = SAVING - COST
    half = 1.96 * net.std(ddof=1) * np.sqrt(PEOPLE)
    assert found.net.value == pytest.approx(net.sum())
    assert (found.net.lo, found.net.hi) == pytest.approx(
        (net.sum() - half, net.sum() + half), abs=0.08 * half
    )
    # Taken apart, as if nothing tied a saving to its cost, the interval would be another.
    apart = 1.96 * np.hypot(SAVING.std(), COST.std()) * np.sqrt(PEOPLE)
    assert abs(apart - half) > 0.08 * half


def test_ratio_and_return_agree_with_the_bootstrap_of_scipy():
    found = returns_drawn(*drawn())
    theirs = stats.bootstrap(
        (SAVING, COST),
        lambda saving, cost, axis: saving.sum(axis=axis) / cost.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=DRAWS,
        method="percentile",
        rng=np.random.default_rng(13),
    ).confidence_interval
    width = theirs.high - theirs.low
    assert (found.bcr.lo, found.bcr.hi) == pytest.approx((theirs.low, theirs.high), abs=0.06 * width)
    assert found.roi.value == pytest.approx(100 * (found.bcr.value - 1))
    assert (found.roi.lo, found.roi.hi) == pytest.approx(
        (100 * (found.bcr.lo - 1), 100 * (found.bcr.hi - 1)), abs=1e-9
    )


def test_chance_that_something_is_left_is_that_of_a_normal_sum():
    net = SAVING - COST
    mean, sd = net.sum(), net.std() * np.sqrt(PEOPLE)
    rng = np.random.default_rng(14)
    saving = Drawn(mean, rng.normal(mean, sd, 20_000))
    for cost in (mean - sd, mean, mean + 2 * sd):
        found = returns_drawn(saving, known_cost(cost, 20_000))
        assert found.chance == pytest.approx(stats.norm.cdf((mean - cost) / sd), abs=0.012)
        assert found.cost == cost


def test_a_known_cost_moves_the_interval_of_the_saving_and_leaves_it_as_wide():
    saving, _ = drawn()
    found = returns_drawn(saving, known_cost(80_000, DRAWS))
    assert found.net.hi - found.net.lo == pytest.approx(found.saving.hi - found.saving.lo)
    assert found.bcr.value == pytest.approx(saving.value / 80_000)


def test_measures_are_added_up_within_each_draw():
    events = {"ae": Drawn(10, np.array([5.0, 15.0])), "nel": Drawn(2, np.array([3.0, 1.0]))}
    found = value_of(events, {"ae": 100.0, "nel": 1000.0, "conveyance": 1.0})
    assert found.value == 3000
    assert found.draws.tolist() == [3500, 2500]
    with pytest.raises(ValueError, match="not £0"):
        value_of({}, {})


def test_resamples_without_a_figure_are_left_out_unless_there_are_many():
    few = Drawn(1.0, np.array([np.nan, *range(99)], dtype=float))
    assert (few.amount.lo, few.amount.hi) == pytest.approx(tuple(np.quantile(np.arange(99), [0.025, 0.975])))
    with pytest.raises(ValueError, match="Too many resamples"):
        _ = Drawn(1.0, np.array([np.nan] * 6 + [1.0] * 94)).amount


@pytest.mark.parametrize("people, tail", [(None, 0.025), (20, 0.0159), (60, 0.0218), (10_000, 0.025)])
def test_limits_of_few_people_lie_further_out(people, tail):
    assert percentiles(people) == pytest.approx((tail, 1 - tail), abs=0.00005)
    draws = np.arange(10_001, dtype=float)
    assert Drawn(0, draws, people).amount.lo == pytest.approx(10_000 * tail, abs=0.6)
    found = returns_drawn(value_of({"ae": Drawn(0, draws, people)}, {"ae": 1.0}), known_cost(1, 10_001))
    assert found.net.lo == pytest.approx(10_000 * tail - 1, abs=0.6)


def test_a_return_on_a_cost_that_can_be_nothing_is_refused():
    with pytest.raises(ValueError, match="above £0"):
        returns_drawn(Drawn(1, np.ones(2)), Drawn(1, np.array([1.0, 0.0])))
