"""A simulated world in which the truth is known."""

import numpy as np
import pytest

from evaluation.impact import expected_natural_fall, impact
from tests.evaluation.impact_data import World

REPLICATIONS = 200


@pytest.fixture(scope="module")
def world():
    return World()


def replicate(world, effect):
    found = [impact(*world.study(60, 50, effect))["estimates"] for _ in range(REPLICATIONS)]
    return {key: {name: np.array([each[key][name] for each in found]) for name in FIELDS} for key in found[0]}


FIELDS = ("reduction_percent", "lo", "hi")


def coverage(result, effect):
    return np.mean((result["lo"] <= 1 - effect) & (1 - effect <= result["hi"]))


def test_people_listed_and_left_alone_fall_as_far_as_the_printed_table_says(world):
    before, after = world.months[:, :12].sum(), world.months[:, 12:].sum()
    assert 100 * (1 - after / before) == pytest.approx(expected_natural_fall("r12"), abs=3)


def test_service_without_effect_looks_good_alone_and_honest_beside_those_who_declined(world):
    result = replicate(world, effect=0.0)
    naive, compared = result["change"], result["accepted_vs_declined"]
    assert naive["reduction_percent"].mean() > 20
    assert np.mean(naive["hi"] < 1) > 0.8  # "a significant fall", most of the time, of nothing
    assert coverage(naive, 0) < 0.3
    # Binomial limits of a true 95% at 200 replications: 91.5 to 98.
    assert coverage(compared, 0) >= 0.91
    assert abs(np.median(compared["reduction_percent"])) < 4
    assert np.mean(compared["hi"] < 1) <= 0.06


def test_service_that_prevents_two_in_five_is_found_beside_those_who_declined(world):
    result = replicate(world, effect=0.4)
    assert coverage(result["accepted_vs_declined"], 0.4) >= 0.91
    assert np.median(result["accepted_vs_declined"]["reduction_percent"]) == pytest.approx(40, abs=4)
    assert result["change"]["reduction_percent"].mean() > 50
