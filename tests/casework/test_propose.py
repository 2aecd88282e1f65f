"""The proposal: never worse than greedy, never against a rule, and with reasons."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.allocation.objective import Prices, broken, misfit
from casework.allocation.people import Carrier, Needs, Place, Problem, Waiting
from casework.allocation.propose import greedy, propose
from casework.allocation.reasons import carried_after, fits, reasons
from tests.casework.problems import make


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cases=st.integers(0, 25),
    workers=st.integers(0, 6),
    used=st.sampled_from([0.5, 0.9, 1.05, 1.3]),
)
def test_a_proposal_is_never_worse_than_greedy_and_breaks_no_rule(seed, cases, workers, used):
    problem = make(seed, cases, workers, used=used)
    found = propose(problem, seconds=0.5)
    prices = Prices(problem)
    assert broken(problem, found.places) == []
    assert found.price == pytest.approx(prices.total(found.places))
    assert found.price <= found.greedy_price == pytest.approx(prices.total(greedy(problem, prices)))
    assert [place.case for place in found.places] == [case.case for case in problem.waiting]


def everything(cases, workers):
    """Every way of giving cases to workers, or to nobody."""
    if not cases:
        yield []
        return
    for rest in everything(cases[1:], workers):
        for worker in [*workers, None]:
            yield [Place(cases[0].case, worker), *rest]


@pytest.mark.parametrize("seed", range(8))
def test_a_small_proposal_is_the_best_there_is(seed):
    problem = make(seed, 5, 3, used=1.0)
    problem = replace(
        problem, waiting=[replace(w, needs=replace(w.needs, two=False)) for w in problem.waiting]
    )
    prices = Prices(problem)
    best = min(
        prices.total(places)
        for places in everything(problem.waiting, [1, 2, 3])
        if not broken(problem, places)
    )
    # The optimiser stops within half a per cent of the best.
    assert propose(problem).price <= best + 0.006 * abs(best)


@pytest.mark.parametrize("seed, used", [(1, 0.8), (2, 1.0), (3, 1.2)])
def test_300_cases_and_20_workers_are_shared_out_better_than_greedily(seed, used):
    problem = make(seed, 300, 20, used=used)
    found = propose(problem)
    assert broken(problem, found.places) == []
    assert found.price < found.greedy_price


def test_without_time_the_greedy_assignment_stands():
    problem = make(5, 120, 12)
    found = propose(problem, seconds=0.0)
    assert found.price <= found.greedy_price
    assert broken(problem, found.places) == []


ONE = Waiting(1, 4, "2")
ANNA = Carrier(
    1, "Anna", 40, 10, languages=frozenset({"Polish"}), gender="a woman", areas=frozenset({"North"})
)
BEN = Carrier(2, "Ben", 40, 10, gender="a man", skills=frozenset({"Housing"}))


@pytest.mark.parametrize(
    "needs, wanted",
    [
        (Needs(language="Polish"), 1),
        (Needs(gender="a man"), 2),
        (Needs(skills=frozenset({"Housing"})), 2),
        (Needs(area="North"), 1),
        # Whom somebody asked for weighs more than what the worker knows.
        (Needs(gender="a woman", skills=frozenset({"Housing"})), 1),
    ],
)
def test_needs_decide_between_workers_with_the_same_room(needs, wanted):
    [place] = propose(Problem([replace(ONE, needs=needs)], [ANNA, BEN])).places
    assert place.worker == wanted


def test_whoever_knows_the_person_is_asked_first():
    [place] = propose(Problem([replace(ONE, before=frozenset({2}))], [ANNA, BEN])).places
    assert place.worker == 2


def test_room_goes_before_a_wish_and_the_wish_is_told():
    full = replace(ANNA, points=44)
    problem = Problem([replace(ONE, needs=Needs(language="Polish"))], [full, BEN])
    [place] = propose(problem).places
    assert place.worker == 2
    assert "Does not speak Polish." in reasons(problem, place, carried_after(problem, [place]))


def test_nobody_goes_above_110_per_cent_and_the_rest_waits_with_a_reason():
    problem = Problem([Waiting(n, 8, "4") for n in range(1, 8)], [replace(ANNA, points=0)])
    found = propose(problem)
    assert sum(place.worker is None for place in found.places) == 2
    left = next(place for place in found.places if place.worker is None)
    [why] = reasons(problem, left, carried_after(problem, found.places))
    assert why.startswith("Nobody has room for 8 more points within 110% of their hours.")


def test_two_go_where_two_are_needed_or_nobody_does():
    pair = replace(ONE, needs=Needs(two=True))
    [place] = propose(Problem([pair], [ANNA, BEN])).places
    assert {place.worker, place.second} == {1, 2}
    problem = Problem([pair], [ANNA])
    [alone] = propose(problem).places
    assert alone.worker is None
    assert reasons(problem, alone, {}) == ["Two are needed, and only one person has hours set."]
    together = Problem([pair], [ANNA, BEN])
    assert "Two are needed: " in reasons(together, place, carried_after(together, [place]))[-1]


def test_heavy_cases_are_not_all_given_to_one():
    team = [replace(ANNA, points=0), replace(BEN, points=0)]
    waiting = [Waiting(n, 4, tier) for n, tier in enumerate("444422221111", 1)]
    places = propose(Problem(waiting, team)).places
    heavy = [place.worker for place in places if place.case <= 4]
    assert sorted(heavy) == [1, 1, 2, 2]


def test_where_no_hours_are_set_nobody_is_proposed_and_it_says_what_to_do():
    problem = Problem([ONE], [])
    [place] = propose(problem).places
    assert place.worker is None
    assert "Set hours on the caseload page." in reasons(problem, place, {})[0]


def test_what_fits_and_what_does_not_is_told_worker_by_worker():
    case = replace(
        ONE, needs=Needs("Polish", "a woman", frozenset({"Housing"}), "North"), before=frozenset({1})
    )
    assert [(fit.met, fit.words) for fit in fits(case, ANNA)] == [
        (True, "Supported this person before."),
        (True, "Speaks Polish."),
        (True, "A woman, as asked for."),
        (False, "Not yet known for: housing."),
        (True, "Works in North."),
    ]
    assert misfit(case, ANNA) < misfit(case, BEN)
