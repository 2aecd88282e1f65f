"""What stands beside the headline: formula for the natural fall, E-value, placebo, largest person."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.impact.checks.e_value import e_value, e_values
from evaluation.impact.estimators.model_rtm import log_over_gamma
from evaluation.impact.model import gamma_poisson
from evaluation.impact.model.poisson import NoFit
from evaluation.impact.release import release
from evaluation.impact.result import Estimate
from evaluation.impact.run import impact
from evaluation.impact.tables import InputProblem
from tests.evaluation.test_impact_expected import tables


def cut_off_counts(n=40_000, k=0.8, beta=0.5, least=6):
    y = np.random.default_rng(2).negative_binomial(k, beta / (beta + 1), n).astype(float)
    return y[y >= least]


def test_gamma_is_found_again_from_those_above_the_threshold_alone():
    gamma = gamma_poisson.fit(cut_off_counts(200_000), 6)
    errors = np.sqrt(np.diag(gamma.covariance))
    assert abs(math.log(gamma.k / 0.8)) < 2.5 * errors[0]
    assert abs(math.log(gamma.beta / 0.5)) < 2.5 * errors[1]
    assert errors.max() < 0.5


def test_gamma_is_the_top_of_the_likelihood_and_its_covariance_the_inverse_of_the_curvature():
    counts = cut_off_counts()
    gamma = gamma_poisson.fit(counts, 6)

    def likelihood(log_k, log_beta):
        k, p = math.exp(log_k), 1 / (1 + math.exp(-log_beta))
        return stats.nbinom.logpmf(counts, k, p).sum() - len(counts) * stats.nbinom.logsf(5, k, p)

    top, (a, b) = likelihood(math.log(gamma.k), math.log(gamma.beta)), np.log([gamma.k, gamma.beta])
    se = np.sqrt(np.diag(gamma.covariance))
    assert all(
        likelihood(a + da * se[0], b + db * se[1]) < top for da, db in [(1, 0), (-1, 0), (0, 1), (0, -1)]
    )
    # One step of one standard error along the curvature alone costs half a unit over 1 - correlation squared.
    correlation = gamma.covariance[0, 1] / se.prod()
    fall = top - (likelihood(a + se[0] / 10, b) + likelihood(a - se[0] / 10, b)) / 2
    assert fall * 100 == pytest.approx(0.5 / (1 - correlation**2), rel=0.05)


def test_counts_that_say_nothing_are_no_fit():
    with pytest.raises(NoFit):
        gamma_poisson.fit(np.full(50, 6.0), 6)


def test_natural_fall_by_formula_with_its_delta_method():
    gamma = gamma_poisson.Gamma(k=1.0, beta=0.5, covariance=np.array([[0.04, 0.01], [0.01, 0.09]]))
    y, t, before = np.array([2.0, 5.0, 3.0]), np.array([1.0, 0.5, 1.0]), np.array([6.0, 10.0, 7.0])

    def log_expected(log_k, log_beta):
        return math.log(np.sum(t * (math.exp(log_k) + before) / (math.exp(log_beta) + 1)))

    h, (a, b) = 1e-5, (math.log(1.0), math.log(0.5))
    g = np.array(
        [
            (log_expected(a + h, b) - log_expected(a - h, b)) / (2 * h),
            (log_expected(a, b + h) - log_expected(a, b - h)) / (2 * h),
        ]
    )
    e = t * (1 + before) / 1.5
    u = y / y.sum() - e / e.sum()
    ratio = log_over_gamma(y, t, before, gamma)
    assert ratio.value == pytest.approx(math.log(10) - log_expected(a, b))
    assert ratio.se == pytest.approx(math.sqrt(1.5 * u @ u + g @ gamma.covariance @ g), rel=1e-6)


def test_formula_says_that_it_is_a_sensitivity_figure_without_comparator():
    result = impact(*tables())["estimates"]["model_rtm"]
    assert result["controlled"] is False
    assert result["caveat"].startswith("Sensitivity only.")


@pytest.mark.parametrize("ratio,printed", [(3.9, 7.26), (1.8, 3.0)])
def test_e_value_is_the_published_one(ratio, printed):
    """VanderWeele and Ding, Annals of Internal Medicine 2017: 3.9 (1.8 to 8.7) gives 7.26 and 3.0."""
    assert round(e_value(ratio), 2) == printed
    assert e_value(1 / ratio) == pytest.approx(e_value(ratio))


def test_e_value_of_the_limit_is_of_the_one_nearest_to_no_effect():
    blank = Estimate(n=60, label="", controlled=True)
    below = Estimate(n=60, label="", controlled=True, rate_ratio=0.5, lo=0.3, hi=0.8)
    across = Estimate(n=60, label="", controlled=True, rate_ratio=0.9, lo=0.7, hi=1.2)
    above = Estimate(n=60, label="", controlled=True, rate_ratio=2.0, lo=1.25, hi=3.0)
    assert e_values(blank) == {"estimate": None, "limit": None}
    assert e_values(below) == {
        "estimate": pytest.approx(2 + math.sqrt(2)),
        "limit": pytest.approx(e_value(0.8)),
    }
    assert e_values(across)["limit"] == 1
    assert e_values(above)["limit"] == pytest.approx(e_value(0.8))


def test_placebo_of_a_strong_service_is_still_no_effect():
    result = impact(*tables(effect=0.6, approached=360))
    assert result["estimates"]["observed_expected"]["hi"] < 0.6
    assert result["placebo"]["lo"] < 1 < result["placebo"]["hi"]
    assert result["placebo"]["rate_ratio"] == pytest.approx(1, abs=0.1)


def test_placebo_is_the_headline_of_the_same_people_a_year_earlier():
    table, events = tables()
    day = pd.Timedelta(days=365)
    full = impact(table, events)
    # The drawn days move with the list dates, the others by hand.
    earlier = table.assign(
        list_date=table["list_date"] - day,
        index_date=pd.to_datetime(table["index_date"]) - day,
    )
    assert full["placebo"]["rate_ratio"] == pytest.approx(
        impact(earlier, events)["estimates"]["observed_expected"]["rate_ratio"]
    )


def test_placebo_needs_two_years_of_history():
    table, events = tables()
    table["covered_from"] = pd.to_datetime(table["list_date"]) - pd.Timedelta(days=400)
    result = impact(table, events)
    assert result["estimates"]["observed_expected"]["shown"]
    assert not result["placebo"]["shown"]
    assert "24 months of history" in result["placebo"]["reason"]


def test_one_person_who_moves_the_answer_is_seen():
    table, events = tables()
    someone = table.loc[table["group"] == "accepted", "person"].iloc[0]
    many = pd.DataFrame({"person": [someone] * 300, "measure": "ae", "on": pd.Timestamp("2025-09-01")})
    before, after = impact(table, events), impact(table, pd.concat([events, many]))
    assert after["estimates"]["observed_expected"]["rate_ratio"] > 1.3
    assert after["largest_person"]["rate_ratio"] == pytest.approx(
        before["estimates"]["observed_expected"]["rate_ratio"], abs=0.1
    )
    assert after["largest_person"]["n"] == after["estimates"]["observed_expected"]["n"] - 1


def test_that_persons_attendances_cannot_be_taken_from_two_totals():
    result = impact(*tables())["largest_person"]
    assert result["shown"]
    assert all(result[key] is None for key in ("observed", "expected", "avoided", "avoided_lo", "avoided_hi"))


def with_broken_bones(table, events, *, of_accepted):
    """Injuries on days that have nothing to do with support: 1.5 a year, of those who accepted so many of that."""
    rng = np.random.default_rng(9)
    rate = 1.5 * np.where(table["group"] == "accepted", of_accepted, 1.0)
    who = np.repeat(np.arange(len(table)), rng.poisson(rate * 3.2))
    day = pd.to_timedelta(rng.integers(-700, 470, len(who)), unit="D")
    broken = pd.DataFrame(
        {
            "person": table["person"].to_numpy()[who],
            "measure": "negative_control",
            "on": pd.to_datetime(table["list_date"]).to_numpy()[who] + day,
        }
    )
    return table, pd.concat([events, broken])


def test_a_strong_service_prevents_no_broken_bones():
    people, events = tables(effect=0.6, approached=360)
    result = impact(*with_broken_bones(people, events, of_accepted=1.0))
    assert result["estimates"] == impact(people, events)["estimates"]
    assert result["negative_control"]["lo"] < 1 < result["negative_control"]["hi"]
    assert release(result)["negative_control"]["rate_ratio"] == pytest.approx(1, abs=0.2)


def test_people_of_another_kind_are_seen_by_their_bones():
    # Between the same past injuries they break half as many afterwards: no service does that.
    people, events = with_broken_bones(*tables(effect=0.0, approached=360), of_accepted=1.0)
    index = people.set_index("person")["index_date"]
    accepted = people.loc[people["group"] == "accepted", "person"]
    late = events["person"].map(index) < events["on"]
    gone = (events["measure"] == "negative_control") & events["person"].isin(accepted) & late
    half = gone & (np.arange(len(events)) % 2 == 0)
    result = impact(people, events[~half])
    assert result["negative_control"]["hi"] < 1


def test_without_such_an_outcome_it_is_not_supplied():
    result = impact(*tables())
    assert "Not supplied" in result["negative_control"]["reason"]
    assert "Not supplied" in release(result)["negative_control"]["reason"]
    with pytest.raises(InputProblem, match="is unknown"):
        impact(*tables(), measure="negative_control")
