"""Counts, percentages, means and estimates as they may leave."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.disclosure import NOT_APPLICABLE, NOT_SUPPLIED, Rule, count, estimate, mean, percentage


@pytest.mark.parametrize(
    "n,text",
    [
        (0, "0"),
        (1, "*"),
        (7, "*"),
        (8, "10"),
        (12, "10"),
        (13, "15"),
        (17, "15"),
        (18, "20"),
        (12344, "12,345"),
        (None, "not supplied"),
    ],
)
def test_counts_are_nobody_or_a_star_or_rounded_to_5(n, text):
    assert str(count(n)) == text


def test_only_a_number_that_exists_and_is_withheld_is_suppressed():
    assert [count(n).suppressed for n in (None, 0, 1, 7, 8)] == [False, False, True, True, False]


@settings(deadline=None)
@given(st.integers(1, 7))
def test_a_withheld_count_leaves_no_trace(n):
    assert count(n) == count(1)
    assert count(n).value is None


def test_threshold_and_base_are_a_setting():
    rule = Rule(threshold=4, base=10)
    assert [str(count(n, rule)) for n in (0, 4, 5, 14, 15, 24)] == ["0", "*", "10", "10", "20", "20"]


@pytest.mark.parametrize("threshold,base", [(0, 5), (7, 0), (7, 20), (1, 5)])
def test_rule_that_would_print_people_as_nobody_is_refused(threshold, base):
    with pytest.raises(ValueError, match=r"1 or more|would print"):
        Rule(threshold=threshold, base=base)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 60), st.integers(0, 300))
def test_bounds_are_exactly_the_counts_printed_alike(threshold, base, n):
    try:
        rule = Rule(threshold, base)
    except ValueError:
        return
    alike = [m for m in range(500) if count(m, rule) == count(n, rule)]
    assert rule.bounds(n) == (alike[0], alike[-1])


@pytest.mark.parametrize("wrong", [-1, 2.5])
def test_what_is_no_count_is_refused(wrong):
    with pytest.raises(ValueError, match="is not a count"):
        count(wrong)


@pytest.mark.parametrize(
    "part,whole,text",
    [
        (12, 52, "20%"),  # 10 of 50, where the exact share is 23%
        (33, 52, "70%"),  # 35 of 50
        (0, 52, "0%"),
        (3, 52, "*"),
        (3, 5, "*"),
        (0, 0, "not applicable"),
        (None, 52, "not supplied"),
        (12, None, "not supplied"),
        (1234, 3997, "31%"),  # 1,235 of 3,995
        (1234, 3998, "30.9%"),  # 1,235 of 4,000
    ],
)
def test_percentages_come_from_printed_values(part, whole, text):
    assert str(percentage(count(part), count(whole))) == text


def test_halves_of_a_percent_go_up():
    assert str(percentage(count(25), count(200))) == "13%"


@pytest.mark.parametrize(
    "value,n,total,text",
    [
        (4.25, 8, None, "4.3"),
        (4.2, 7, None, "*"),
        (4.2, 0, None, "not applicable"),
        (None, 20, None, "not supplied"),
        (0.3, 20, 6, "*"),
        (0.4, 20, 8, "0.4"),
        (0, 20, 0, "0.0"),
        (-0.04, 9, None, "0.0"),
        (-1.26, 9, None, "−1.3"),
    ],
)
def test_means_need_eight_people_and_must_not_give_back_a_withheld_total(value, n, total, text):
    assert str(mean(value, n=n, total=total)) == text


ESTIMATE = {
    "n": 62,
    "n_comparator": 51,
    "rate_ratio": 0.7249,
    "lo": 0.551,
    "hi": 0.944,
    "reduction_percent": 27.51,
    "reduction_lo": 5.6,
    "reduction_hi": 44.9,
    "observed": 143.0,
    "expected": 197.3,
    "avoided": 54.3,
    "avoided_lo": -12.4,
    "avoided_hi": 88.6,
}


def test_estimates_keep_their_ratio_and_round_their_counts():
    shown = {key: str(value) for key, value in estimate(ESTIMATE).items()}
    assert shown == {
        "n": "60",
        "rate_ratio": "0.72",
        "lo": "0.55",
        "hi": "0.94",
        "reduction_percent": "28%",
        "reduction_lo": "6%",
        "reduction_hi": "45%",
        "observed": "145",
        "expected": "195",
        "avoided": "55",
        "avoided_lo": "−10",
        "avoided_hi": "90",
    }


@pytest.mark.parametrize("small", ["n", "observed", "n_comparator"])
def test_estimate_on_a_withheld_count_is_withheld_with_it(small):
    shown = estimate({**ESTIMATE, small: 5})
    kept = {key for key, value in shown.items() if not value.suppressed}
    assert kept == {"n", "observed"} - {small}


def test_estimate_that_was_not_made_is_not_supplied():
    shown = estimate(dict.fromkeys(ESTIMATE) | {"n": 12, "observed": 40})
    assert str(shown["n"]) == "10"
    assert shown["rate_ratio"] == shown["avoided_lo"] == NOT_SUPPLIED


def test_not_applicable_is_not_suppressed():
    assert not NOT_APPLICABLE.suppressed
