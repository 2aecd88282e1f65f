"""Accepted against declined."""

import math

import pandas as pd
import pytest

from evaluation.impact.estimators.declined import difference
from evaluation.impact.result import LogRatio
from evaluation.impact.run import impact
from tests.evaluation.impact_data import events


def compare(accepted, declined, **kwargs):
    tables = [events(*accepted, group="accepted"), events(*declined, group="declined")]
    both = [pd.concat(pair, ignore_index=True) for pair in zip(*tables, strict=True)]
    return impact(*both, **kwargs)["estimates"]["accepted_vs_declined"]


def test_only_the_fall_beyond_that_of_those_who_declined_counts():
    result = compare(([4, 8] * 25, [1, 2] * 25), ([4, 8] * 25, [2, 4] * 25))
    assert result["rate_ratio"] == pytest.approx(0.5)
    assert result["observed"] == 75
    assert result["expected"] == pytest.approx(150)
    assert result["avoided"] == pytest.approx(75)
    assert result["controlled"] is True
    assert (result["n"], result["n_comparator"]) == (50, 50)


def test_same_fall_in_both_groups_is_no_effect():
    result = compare(([4, 8, 6] * 20, [2, 4, 3] * 20), ([8, 4, 2] * 20, [4, 2, 1] * 20))
    assert result["rate_ratio"] == pytest.approx(1)
    assert result["avoided"] == pytest.approx(0, abs=1e-9)


def test_it_warns_that_those_who_decline_may_differ():
    assert "may differ" in compare(([4] * 50, [2] * 50), ([4] * 50, [2] * 50))["caveat"]


def test_variances_add_and_degrees_of_freedom_are_welchs():
    # Welch by hand: (0.09 + 0.16)^2 / (0.0081 / 9 + 0.0256 / 19) = 27.808...
    both = difference(LogRatio(-0.5, 0.3, 9), LogRatio(-0.2, 0.4, 19))
    assert both.value == pytest.approx(-0.3)
    assert both.se == pytest.approx(0.5)
    assert both.df == pytest.approx(0.0625 / (0.0081 / 9 + 0.0256 / 19))
    assert min(9, 19) < both.df < 9 + 19


def test_welch_with_equal_groups_pools_the_degrees_of_freedom():
    assert difference(LogRatio(0, 0.3, 9), LogRatio(0, 0.3, 9)).df == pytest.approx(18)


def test_two_constant_groups_have_an_interval_of_no_width():
    assert difference(LogRatio(-0.5, 0.0, 9), LogRatio(-0.2, 0.0, 9)).interval == pytest.approx(
        (math.exp(-0.3), math.exp(-0.3))
    )


def test_too_few_who_declined_is_said():
    result = compare(([4] * 60, [2] * 60), ([4] * 19, [2] * 19))
    assert not result["shown"]
    assert "Fewer than 20 people who declined" in result["reason"]
    assert result["rate_ratio"] is None


def test_smaller_group_decides_that_the_interval_is_wide():
    assert compare(([4] * 60, [2] * 60), ([4] * 49, [2] * 49))["wide"]
    assert not compare(([4] * 60, [2] * 60), ([4] * 50, [2] * 50))["wide"]


def test_no_ratio_when_nobody_who_declined_attended():
    assert "no ratio" in compare(([4] * 60, [2] * 60), ([4] * 60, [0] * 60))["reason"]
