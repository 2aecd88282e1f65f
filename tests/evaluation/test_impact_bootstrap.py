"""People drawn again and again, with the expected number fitted anew: events avoided that belong together."""

import numpy as np
import pandas as pd
import pytest

from evaluation.impact import bootstrap
from evaluation.impact.estimators import observed_expected
from evaluation.impact.model import poisson
from evaluation.impact.run import study_of
from tests.evaluation import simulated


@pytest.fixture(scope="module")
def tables():
    people, events = simulated.study(
        np.random.default_rng(4),
        simulated.some_people(1600, seed=3),
        simulated.Service(approached=180, list_size=500),
        effect=0.3,
    )
    people["sex"] = np.random.default_rng(5).choice(["f", "m"], len(people))
    brought = events.iloc[::2].assign(measure="conveyance")
    return people, pd.concat([events, brought], ignore_index=True)


def study(tables, measure="ae", days=365):
    return study_of(*tables, measure=measure, window_days=days, seed=0)


@pytest.fixture(scope="module")
def both(tables):
    return {each: study(tables, each) for each in ("ae", "conveyance")}


def test_each_draw_is_a_whole_fit_to_the_people_drawn(both):
    drawn = bootstrap.avoided(both, seed=7, draws=6)
    found = both["conveyance"].expected
    accepted, pool = np.flatnonzero(found.among("accepted")), np.flatnonzero(found.pool)
    rng = np.random.default_rng(7)
    times, others = bootstrap._drawn(rng, 6, len(accepted)), bootstrap._drawn(rng, 6, len(pool))
    assert np.array_equal(drawn.times, times)
    for draw in range(6):
        who = np.repeat(accepted, times[draw].astype(int))
        them = np.repeat(pool, others[draw].astype(int))
        fit = poisson.fit(found.x[them], found.events[them], found.years[them])
        by_hand = (found.years[who] * fit.rate(found.x[who])).sum() - found.events[who].sum()
        assert drawn.events["conveyance"][draw] == pytest.approx(by_hand, abs=0.01)


def test_interval_is_near_the_one_from_the_formula(both):
    headline = observed_expected.estimate(both["ae"])
    draws = bootstrap.avoided(both, seed=1).events["ae"]
    assert len(draws) == 2000
    assert draws.mean() == pytest.approx(headline.avoided, abs=0.1 * (headline.avoided_hi - headline.avoided))
    width = np.subtract(*np.quantile(draws, [0.975, 0.025]))
    assert width == pytest.approx(headline.avoided_hi - headline.avoided_lo, rel=0.1)


def test_same_people_are_drawn_in_every_measure(both):
    drawn = bootstrap.avoided({"ae": both["ae"], "again": both["ae"]}, seed=1, draws=50)
    assert np.array_equal(drawn.events["ae"], drawn.events["again"])
    # Half of the attendances are conveyances, so many of one are many of the other.
    drawn = bootstrap.avoided(both, seed=1, draws=400)
    assert np.corrcoef(drawn.events["ae"], drawn.events["conveyance"])[0, 1] > 0.5


def test_the_seed_gives_the_same_draws_again(both):
    one, two, other = (bootstrap.avoided(both, seed=seed, draws=150) for seed in (3, 3, 4))
    assert np.array_equal(one.events["ae"], two.events["ae"])
    assert not np.array_equal(one.events["ae"], other.events["ae"])
    assert (one.seed, one.draws) == (3, 150)
    assert (one.times.sum(axis=1) == len(one.people)).all()


def test_a_draw_that_does_not_settle_is_fitted_from_the_start(both, monkeypatch):
    whole = bootstrap.avoided(both, seed=2, draws=3).events["ae"]
    monkeypatch.setattr(bootstrap, "MOST_STEPS", 1)
    assert bootstrap.avoided(both, seed=2, draws=3).events["ae"] == pytest.approx(whole, abs=0.01)


@pytest.mark.parametrize("sex", ["f", "m"])
def test_a_draw_without_a_level_is_the_fit_to_the_people_drawn(both, sex):
    """Beside a draw of all: those of one sex only have no coefficient for the other."""
    found, part = both["ae"].expected, bootstrap._Part(both["ae"])
    sexes = found.levels["sex"].to_numpy()
    theirs = np.ones((2, len(part.pool)))
    theirs[1] = sexes[found.pool] == sex
    times = np.ones((2, len(part.accepted)))
    who = found.among("accepted")
    by_hand = []
    for drawn in theirs:
        them = np.flatnonzero(found.pool)[drawn > 0]
        fit = poisson.fit(found.x[them], found.events[them], found.years[them])
        by_hand.append((found.years[who] * fit.rate(found.x[who])).sum() - found.events[who].sum())
    assert part.avoided(times, theirs) == pytest.approx(by_hand, abs=0.01)


def test_a_draw_to_which_nothing_can_be_fitted_has_no_figure(both, monkeypatch):
    def no_fit(*_):
        raise poisson.NoFit

    part, rng = bootstrap._Part(both["ae"]), np.random.default_rng(1)
    monkeypatch.setattr(bootstrap, "MOST_STEPS", 1)
    monkeypatch.setattr(poisson, "fit", no_fit)
    times = [bootstrap._drawn(rng, 4, len(rows)) for rows in (part.accepted, part.pool)]
    assert np.isnan(part.avoided(*times)).all()


def test_studies_that_do_not_belong_together_are_refused(tables, both):
    with pytest.raises(bootstrap.CannotDraw, match="same people, index dates and window"):
        bootstrap.avoided({**both, "ae": study(tables, days=182)}, seed=0)
    with pytest.raises(bootstrap.CannotDraw, match="at least one measure"):
        bootstrap.avoided({}, seed=0)


def test_without_a_pool_there_is_nothing_to_draw(tables):
    people, events = tables
    few = people[people["group"].isin(["accepted", "declined"])]
    with pytest.raises(bootstrap.CannotDraw, match="A&E attendances: Fewer than 50 people"):
        bootstrap.avoided({"ae": study((few, events))}, seed=0)
    nobody = people[people["group"] != "accepted"]
    with pytest.raises(bootstrap.CannotDraw, match="nobody who accepted"):
        bootstrap.avoided({"ae": study((nobody, events))}, seed=0)
