"""Matched comparators and their balance."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from evaluation.impact.checks.balance import balance, standardised_difference
from evaluation.impact.estimators.matched import adjusted, log_matched
from evaluation.impact.model import matching
from evaluation.impact.model.expected import Expected
from evaluation.impact.model.history import NAMES
from evaluation.impact.model.matching import CALIPER, Matches, match
from evaluation.impact.run import impact, study_of
from tests.evaluation import simulated
from tests.evaluation.test_impact_expected import a_study, tables

SPREAD = np.linspace(-1, 1, 60)


def some(cases, pool, *, sex=None, events=None, rate=None, years=None):
    """People who differ in their 12 months only; the pool's spread is made 1."""
    past = np.array([*cases, *pool], float)
    n = len(past)
    x = np.zeros((n, 1 + len(NAMES)))
    x[:, 0], x[:, 1] = 1, past / np.std(pool, ddof=1)
    levels = pd.DataFrame({"sex": sex or ["f"] * n, "age band": "1", "IMD quintile": "1"})
    return Expected(
        row=np.arange(n),
        group=np.array(["accepted"] * len(cases) + ["not_approached"] * len(pool)),
        x=x,
        names=("constant", *NAMES),
        levels=levels,
        events=np.array(events if events is not None else [1] * n, float),
        years=np.array(years if years is not None else [1] * n, float),
        rate=np.array(rate if rate is not None else [1] * n, float),
        covariance=np.zeros((7, 7)),
        reason="",
    )


def chosen(matches):
    return {
        int(case): sorted(int(row) for row in them)
        for case, them in zip(matches.case, matches.comparators, strict=True)
    }


def test_three_nearest_are_taken_and_each_of_them_once():
    found = some([0.0], SPREAD)
    nearest = np.argsort(np.abs(SPREAD))[:3] + 1
    assert chosen(match(found)) == {0: sorted(nearest.tolist())}
    two = match(some([0.0, 0.0], SPREAD))
    taken = [row for them in two.comparators for row in them]
    assert len(taken) == len(set(taken)) == 6


def test_whoever_is_hardest_to_match_chooses_first():
    # Three people far out are wanted by both; the second case has nobody else within reach.
    pool = np.array([*np.zeros(30), 1, 1, 1])
    found = some(np.array([2.2, 5.0]) * np.std(pool, ddof=1), pool)
    far = {32, 33, 34}
    picked = chosen(match(found))
    assert len(far & set(picked[1])) == len(picked[1]) == 2
    assert len(far & set(picked[0])) == 1
    assert len(picked[0]) == 3


@pytest.mark.parametrize("beyond,matched", [(0.99, 1), (1.01, 0)])
def test_nobody_beyond_the_caliper_is_matched_and_who_is_left_is_counted(beyond, matched):
    reach = CALIPER * math.sqrt(5) * np.std(SPREAD, ddof=1)
    matches = match(some([1 + beyond * reach], SPREAD))
    assert (len(matches.case), matches.unmatched) == (matched, 1 - matched)


def test_sex_age_band_and_deprivation_must_be_the_same():
    sexes = ["f", *["m"] * 58, "f", "m"]
    assert chosen(match(some([0.0], SPREAD, sex=sexes))) == {0: [59]}


def test_a_comparator_of_whom_less_was_expected_counts_for_more():
    # 2 events at a rate of 4 are 1 at the case's rate of 2; 1 at a rate of 1 are 2. 3 events in 1.5 years.
    found = some([0], [0, 1], events=[9, 2, 1], rate=[2, 4, 1], years=[0.5, 1, 0.5])
    sets = Matches(case=np.array([0]), comparators=(np.array([1, 2]),), unmatched=0)
    assert adjusted(found, sets) == pytest.approx([0.5 * 3 / 1.5])


def test_standard_error_is_over_matched_sets():
    ratio = log_matched(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert ratio.ratio == pytest.approx(1)
    assert ratio.se == pytest.approx(math.sqrt(2 / 1 * 2 / 16))
    assert ratio.df == 1


def test_matched_answer_says_how_many_had_nobody_alike():
    table, events = tables()
    result = impact(table, events)["estimates"]["matched"]
    accepted = impact(table, events)["estimates"]["observed_expected"]["n"]
    assert result["shown"]
    assert result["n"] + result["unmatched"] == accepted
    assert 0 < result["unmatched"] < accepted / 10
    assert result["n_comparator"] <= 3 * result["n"]


def test_standardised_difference_is_over_the_mean_of_the_variances():
    assert standardised_difference(3, 1, 1, math.sqrt(7)) == pytest.approx(1)
    assert standardised_difference(3, 3, 0, 0) == 0


def test_balance_names_every_feature_and_matching_improves_it():
    study = a_study(accept="busier")
    found = balance(study.expected, study.matches)
    assert list(found) == list(study.expected.names[1:])
    assert all(each["flagged"] == (abs(each["after"]) >= 0.1) for each in found.values())
    before, after = (np.mean([abs(each[k]) for each in found.values()]) for k in ("before", "after"))
    assert after < before / 2


def test_comparators_of_one_case_share_one_weight():
    found = some([0, 0.2], [0.0, 0.3, 0.3, 0.6])
    sets = Matches(case=np.array([0, 1]), comparators=(np.array([2]), np.array([3, 4, 5])), unmatched=0)
    spread = math.sqrt((np.var([0, 0.2], ddof=1) + np.var([0, 0.3, 0.3, 0.6], ddof=1)) / 2)
    assert balance(found, sets)["12 months"]["after"] == pytest.approx((0.1 - 0.2) / spread)


def by_trying_everybody(found):
    """The rule in words, the slow way: all with all, in rounds, hardest first."""
    cases, pool = np.flatnonzero(found.among("accepted")), np.flatnonzero(found.pool)
    past = found.x[:, matching.ALIKE] / found.x[pool][:, matching.ALIKE].std(axis=0, ddof=1)
    distance = cdist(past[cases], past[pool]) / np.sqrt(len(matching.ALIKE))
    distance[distance > CALIPER] = np.inf
    for name in matching.EXACT:
        words = found.levels[name].to_numpy()
        distance[words[cases][:, None] != words[pool][None, :]] = np.inf
    order = np.argsort(-np.sort(distance, axis=1)[:, 2], kind="stable")
    taken = {int(case): [] for case in cases}
    for _ in range(3):
        for i in order:
            nearest = int(np.argmin(distance[i]))
            if np.isfinite(distance[i, nearest]):
                distance[:, nearest] = np.inf
                taken[int(cases[i])].append(int(pool[nearest]))
    return {case: sorted(them) for case, them in taken.items() if them}


@pytest.mark.parametrize("kept", [2, 5, 50])
@pytest.mark.parametrize("approached, sexes", [(60, ["f"]), (250, ["f", "m", None]), (700, ["f"])])
def test_looking_at_the_nearest_first_finds_the_same_as_trying_everybody(
    approached, sexes, kept, monkeypatch
):
    monkeypatch.setattr(matching, "KEPT", kept)
    rng = np.random.default_rng(approached)
    people, events = simulated.study(
        rng, simulated.some_people(1200, seed=2), simulated.Service(approached=approached, list_size=500)
    )
    people["sex"] = rng.choice(sexes, len(people))
    found = study_of(people, events, measure="ae", window_days=365, seed=0).expected
    assert chosen(match(found)) == by_trying_everybody(found)
