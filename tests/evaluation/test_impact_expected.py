"""Observed against expected and the offer-based estimates, against an independent library and by hand."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from evaluation.impact.estimators import observed_expected, offer_cace, offer_itt
from evaluation.impact.model import history, poisson
from evaluation.impact.model.expected import Expected, log_observed_expected
from evaluation.impact.pseudo_index import with_pseudo_index
from evaluation.impact.run import impact, study_of
from evaluation.impact.tables import clean_people
from tests.evaluation.impact_data import INDEX, activity, people
from tests.evaluation.simulated import Service, some_people, study


def tables(seed=0, effect=0.0, **service):
    rng = np.random.default_rng(seed)
    table, events = study(rng, some_people(), Service(**service), effect)
    covariates = {
        "age": rng.integers(18, 95, len(table)),
        "sex": rng.choice(["f", "m"], len(table)),
        "imd_decile": rng.integers(1, 11, len(table)),
        "site": rng.choice(["a", "b"], len(table)),
    }
    return table.assign(**covariates), events


def a_study(**options):
    return study_of(*tables(**options), measure="ae", window_days=365, seed=0)


def by_hand(events, expected, group, x=None, covariance=None):
    """What the estimators take, made of numbers a reader can follow."""
    n = len(events)
    return Expected(
        row=np.arange(n),
        group=np.array(group),
        x=np.ones((n, 1)) if x is None else x,
        names=("constant",),
        levels=pd.DataFrame(index=range(n)),
        events=np.array(events, float),
        years=np.ones(n),
        rate=np.array(expected, float),
        covariance=np.zeros((1, 1)) if covariance is None else np.array(covariance),
        reason="",
    )


def test_poisson_equals_statsmodels_with_its_sandwich():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(300), rng.normal(size=(300, 3))])
    years = rng.uniform(0.1, 1, 300)
    y = rng.poisson(rng.gamma(1, 1, 300) * years * np.exp(x @ [1.5, 0.4, -0.3, 0.1])).astype(float)
    ours = poisson.fit(x, y, years)
    theirs = sm.GLM(y, x, family=sm.families.Poisson(), offset=np.log(years)).fit(cov_type="HC0")
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-7)
    assert ours.covariance == pytest.approx(theirs.cov_params() * 300 / 296, rel=1e-5)


def test_a_column_that_follows_from_others_changes_no_prediction():
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(100), rng.normal(size=100)])
    y, years = rng.poisson(3, 100).astype(float), np.ones(100)
    doubled = np.column_stack([x, 2 * x[:, 1] - 1])
    alone, both = poisson.fit(x, y, years), poisson.fit(doubled, y, years)
    assert both.rate(doubled) == pytest.approx(alone.rate(x))
    assert both.coefficients[2] == 0


def test_no_events_are_no_fit():
    with pytest.raises(poisson.NoFit):
        poisson.fit(np.ones((30, 1)), np.zeros(30), np.ones(30))


def test_history_counts_days_back_from_the_index_date_in_four_stretches():
    back = [0, 30, 31, 91, 92, 182, 183, 365, 366, -1]
    on = [pd.Timestamp(INDEX) - pd.Timedelta(days=d) for d in back]
    table = clean_people(people({}, {}))
    found = history.counts(table, activity(*on))
    assert found.tolist() == [[2, 2, 2, 2], [0, 0, 0, 0]]


def test_features_are_logarithms_of_the_counts():
    assert history.log_history(np.array([[1, 0, 2, 4]])).tolist() == [
        pytest.approx([math.log(8), math.log(8) ** 2, math.log(2), 0, math.log(3), math.log(5)])
    ]


def test_headline_is_the_sum_observed_over_the_sum_a_regression_on_the_pool_expects():
    found = a_study().expected
    assert found.names[:7] == (
        "constant",
        "12 months",
        "12 months, squared",
        "month 1",
        "months 2 to 3",
        "months 4 to 6",
        "months 7 to 12",
    )
    assert [n for n in found.names if "site" in n or "sex" in n] != []
    assert sum("age band" in n for n in found.names) == 4
    assert sum("IMD quintile" in n for n in found.names) == 4
    model = sm.GLM(
        found.events[found.pool],
        found.x[found.pool],
        family=sm.families.Poisson(),
        offset=np.log(found.years[found.pool]),
    ).fit(cov_type="HC0")
    rows, columns = found.x[found.pool].shape
    who = found.among("accepted")
    e = model.predict(found.x[who], offset=np.log(found.years[who]))
    y = found.events[who]
    n = who.sum()
    g = (found.x[who] * e[:, None]).sum(axis=0) / e.sum()
    variance = n / (n - 1) * np.sum((y / y.sum() - e / e.sum()) ** 2) + g @ model.cov_params() @ g * rows / (
        rows - columns
    )
    ours = log_observed_expected(found, who)
    assert ours.ratio == pytest.approx(y.sum() / e.sum(), rel=1e-6)
    assert ours.se == pytest.approx(math.sqrt(variance), rel=1e-5)
    assert ours.df == n - 1


def test_standard_error_by_hand():
    # Shares 1/4, 3/4 against 1/2, 1/2: u = -1/4, 1/4; 2/1 x 2/16 = 1/4. g = 1, so the model adds 0.04.
    found = by_hand([1, 3], [2, 2], ["accepted"] * 2, covariance=[[0.04]])
    assert log_observed_expected(found, found.among("accepted")).se == pytest.approx(math.sqrt(0.29))


def test_avoided_is_expected_less_observed_with_the_limits_of_the_ratio():
    result = impact(*tables(effect=0.4))["estimates"]["observed_expected"]
    assert result["avoided"] == pytest.approx(result["expected"] - result["observed"])
    assert result["avoided_lo"] == pytest.approx(result["expected"] * (1 - result["hi"]))
    assert result["avoided_hi"] == pytest.approx(result["expected"] * (1 - result["lo"]))
    assert result["lo"] < 0.6 < result["hi"]
    assert "reason" not in result


def test_offer_counts_everybody_approached_and_those_not_reached_among_them():
    found = a_study().expected
    group = found.group.copy()
    group[np.flatnonzero(group == "declined")[:10]] = "not_reached"
    result = offer_itt.over_expected(
        found, found.among("accepted", "declined", "not_reached"), words="", label="", caveat=""
    )
    table, events = tables()
    some = table.index[table["group"] == "declined"][:10]
    table.loc[some, "group"] = "not_reached"
    again = impact(table, events)["estimates"]["offer_itt"]
    assert again["rate_ratio"] == pytest.approx(result.rate_ratio)
    assert again["n"] == result.n == found.among("accepted", "declined").sum()


def test_cace_puts_the_whole_difference_down_to_those_who_accepted():
    # 10 expected of everybody; those who declined had 4, so 6 are expected of those who accepted, who had 3.
    found = by_hand([1, 2, 4], [3, 3, 4], ["accepted", "accepted", "declined"], covariance=[[0.01]])
    ratio = offer_cace.log_cace(found)
    assert ratio.ratio == pytest.approx(3 / 6)
    u = [1 / 3 - 3 / 6, 2 / 3 - 3 / 6, -(4 - 4) / 6]
    g = 10 / 6
    assert ratio.se == pytest.approx(math.sqrt(3 / 2 * sum(each**2 for each in u) + g * g * 0.01))
    assert ratio.df == 2


def test_cace_is_not_shown_when_fewer_than_8_events_are_left_to_expect():
    class Few:
        expected = by_hand([1] * 20 + [4] * 20, [2.15] * 40, ["accepted"] * 20 + ["declined"] * 20)

    assert offer_cace.expected_of_accepted(Few.expected) == pytest.approx(6)
    result = offer_cace.estimate(Few)
    assert not result.shown
    assert "Fewer than 8 events" in result.reason
    Few.expected = by_hand([1] * 20 + [4] * 20, [2.2] * 40, ["accepted"] * 20 + ["declined"] * 20)
    assert offer_cace.estimate(Few).shown


@pytest.mark.parametrize(
    "n,shown,wide", [(7, False, False), (19, False, False), (20, True, True), (50, True, False)]
)
def test_minimum_sample(n, shown, wide):
    class Some:
        expected = by_hand([3] * n, [4] * n, ["accepted"] * n)

    for module in (observed_expected, offer_itt, offer_cace):
        result = module.estimate(Some)
        assert (result.shown, result.wide) == (shown, wide)
        assert bool(result.reason) is not shown


def test_without_a_pool_the_reason_is_said():
    table, events = tables()
    few = table[table["group"].isin(["accepted", "declined"])]
    result = impact(pd.concat([few, table[table["group"] == "last_year"][:40]]), events)
    for key in ("observed_expected", "offer_itt", "offer_cace", "matched"):
        assert not result["estimates"][key]["shown"]
        assert "nobody to learn the expected number from" in result["estimates"][key]["reason"]
    assert result["balance"] == {}


def test_people_without_12_months_of_history_are_not_counted_as_quiet():
    table, events = tables()
    accepted = table.index[table["group"] == "accepted"]
    table.loc[accepted[:5], "covered_from"] = table.loc[accepted[:5], "index_date"] - pd.Timedelta(days=300)
    n = impact(table, events)["estimates"]["observed_expected"]["n"]
    assert n == impact(*tables())["estimates"]["observed_expected"]["n"] - 5


def test_the_wait_of_those_not_approached_is_drawn_from_those_who_were():
    table = clean_people(tables()[0])
    drawn = with_pseudo_index(table, seed=3)
    waits = (drawn["index_date"] - drawn["list_date"]).dt.days
    treated = set(waits[table["group"] == "accepted"]) | set(waits[table["group"] == "declined"])
    assert drawn["index_date"].notna().all()
    assert set(waits[table["index_date"].isna()]) <= treated
    assert waits[table["index_date"].isna()].mean() == pytest.approx(
        waits[table["index_date"].notna()].mean(), abs=6
    )


def test_same_seed_same_days_in_any_order_and_another_seed_other_days():
    table = clean_people(tables()[0])
    one = with_pseudo_index(table, seed=3)
    shuffled = with_pseudo_index(table.sample(frac=1, random_state=1), seed=3).sort_index()
    assert one["index_date"].equals(shuffled["index_date"])
    assert not one["index_date"].equals(with_pseudo_index(table, seed=4)["index_date"])


def test_nobody_gets_a_day_when_nobody_was_approached():
    table = clean_people(people({"group": "not_approached", "index_date": None}))
    assert with_pseudo_index(table, seed=0)["index_date"].isna().all()


def test_last_years_people_are_no_comparator_once_approached():
    table = people({}, {"group": "last_year", "list_date": "2024-02-01", "index_date": "2024-05-01"})
    table["person"] = "p0"
    drawn = with_pseudo_index(clean_people(table), seed=0)
    assert drawn["covered_to"].dt.date.astype(str).tolist() == ["2026-12-31", INDEX]


def test_interval_is_student_t():
    found = by_hand([3, 5, 4, 6] * 5, [6] * 20, ["accepted"] * 20)
    ratio = log_observed_expected(found, found.among("accepted"))
    half = stats.t.ppf(0.975, 19) * ratio.se
    assert ratio.interval == pytest.approx((ratio.ratio * math.exp(-half), ratio.ratio * math.exp(half)))
