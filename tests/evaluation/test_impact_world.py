"""A simulated world in which the truth is known: a short form of `tests.evaluation.drill`.

HIU_ATTEMPTS says how many services each of its 28 cells has (`make drill`: 1,000, as the acceptance asks).
"""

import os

import numpy as np
import pytest

from evaluation.impact.natural_fall import expected_natural_fall
from tests.evaluation import drill, two_lists
from tests.evaluation.simulated import BEFORE, Service, listed

LONG = "HIU_ATTEMPTS" in os.environ
REPLICATIONS = int(os.environ.get("HIU_WORLDS", "1000"))
FEW = 40
MAIN = ("change", "observed_expected", "offer_cace", "accepted_vs_declined")


@pytest.fixture(scope="module")
def people():
    return listed("dyn", at_least=1500)


def few(people, effect=0.0, keys=MAIN, **service):
    cell = drill.Cell(service=Service(list_size=250, **service))
    return drill.run(cell, effect, FEW, people, keys=keys)


def test_people_listed_and_left_alone_fall_as_far_as_the_printed_table_says(people):
    year = people.months[:, BEFORE - 12 : BEFORE].sum(), people.months[:, BEFORE : BEFORE + 12].sum()
    assert 100 * (1 - year[1] / year[0]) == pytest.approx(expected_natural_fall("r12"), abs=3)


def test_a_useless_service_looks_good_alone_and_useless_beside_what_was_expected(people):
    found = few(people, keys=drill.SHOWN)
    naive, headline = found["change"], found["observed_expected"]
    assert naive.bias > 20
    assert naive.coverage < 30
    assert naive.claims > 80  # "a significant fall", most of the time, of nothing
    # Three standard errors of a mean of 40; and of 95% at 40 replications.
    assert abs(headline.bias) < 4
    assert headline.coverage >= 86
    assert headline.claims <= 8
    for key in ("offer_itt", "offer_cace", "accepted_vs_declined", "matched", "placebo"):
        assert found[key].coverage >= 86, key
        assert abs(found[key].median_bias) < 7, key
    # The formula takes every rate to be for ever, and so still calls much of the natural fall an effect.
    assert found["model_rtm"].bias > 8


def test_a_service_that_prevents_two_in_five_is_found(people):
    found = few(people, effect=0.4)
    for key in ("observed_expected", "offer_cace"):
        assert found[key].median_bias == pytest.approx(0, abs=5), key
        assert found[key].coverage >= 86, key
    assert found["observed_expected"].claims > 90
    assert found["change"].bias > 10


def test_when_those_in_crisis_accept_only_the_offer_tells_the_truth(people):
    found = few(people, accept="in_crisis")
    assert found["observed_expected"].bias < -6
    assert found["accepted_vs_declined"].bias < -15
    assert found["observed_expected"].coverage < found["offer_cace"].coverage
    assert abs(found["offer_cace"].median_bias) < 7
    assert found["offer_cace"].coverage >= 86


@pytest.mark.parametrize("effect", drill.EFFECTS)
@pytest.mark.parametrize("name", drill.CELLS if LONG else [])
def test_every_cell(name, effect):
    """|mean bias| < 2 points and 93 to 97% coverage of the headline where comparators are fair; median bias and
    coverage of the offer-based estimate where acceptance goes by what no table holds.

    Where busier people accept, the placebo says so: it is there to find that the two groups differed before. A service
    that approached 40 people shows the headline only where enough people are left to compare with.
    """
    cell = drill.CELLS[name]
    found = drill.run(cell, effect, REPLICATIONS)
    print(drill.line(name, effect, found))  # noqa: T201
    if cell.fair:
        assert abs(found["observed_expected"].bias) < 2
        assert 93 <= found["observed_expected"].coverage <= 97
        if cell.service.accept == "any":
            assert 93 <= found["placebo"].coverage <= 97
        else:
            assert found["placebo"].coverage < 90
        assert effect or found["observed_expected"].claims <= 3.5
    if cell.unseen:
        assert abs(found["offer_cace"].median_bias) < 2
        assert 93 <= found["offer_cace"].coverage <= 97
        assert effect or found["offer_cace"].claims <= 3.5
    shown = np.mean(found["observed_expected"].shown)
    assert shown == 1 or (name == "small" and shown > 0.7)


def test_whoever_stands_on_both_lists_is_a_comparator_in_both_years():
    """Keeping only who was not listed again would keep those who got better."""
    everybody = two_lists.population()
    both, better = (
        two_lists.run(everybody, way, 0.0, FEW) for way in ("both", "only those not listed again")
    )
    assert abs(both.bias) < 5
    assert both.coverage >= 86
    assert better.bias < -15
    assert better.coverage < both.coverage
