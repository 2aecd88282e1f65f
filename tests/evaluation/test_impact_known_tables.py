"""Published answers that take the rows themselves; skipped where the public files are not beside this checkout, but never
where CI=true: there they have to be.

185 men were trained. Held against men drawn by lot they earned $1,794 more; held against people of a survey they earned
thousands less, because other people answer surveys. A method that compares like with like has to come back from the
second figure towards the first. Earnings of the two years before stand where attendances before would.
"""

import gzip
import os

import numpy as np
import pandas as pd
import pytest

from evaluation.impact.estimators import matched
from evaluation.impact.model import covariates, history, poisson
from evaluation.impact.model.expected import Expected
from evaluation.impact.model.matching import match
from tests.cohorts import pipeline

BY_LOT = 1794.34
FOLDER = "causal_known_answers"


def shared(path):
    try:
        return pipeline.shared(path)
    except pytest.skip.Exception as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI has to have the public files: {reason}. Say where they are in HIU_SHARED_DATA.")
        raise


def men(name):
    path = shared(f"{FOLDER}/{name}")
    with gzip.open(path, "rt") if name.endswith("gz") else path.open() as file:
        rows = pd.read_csv(file)
    if "race" in rows:
        rows = rows.assign(black=rows["race"] == "black", hisp=rows["race"] == "hispan", marr=rows["married"])
    return rows


def study(trained, others):
    """As `expect` makes it, from men in place of people listed."""
    rows = pd.concat([trained, others], ignore_index=True)
    pool = np.arange(len(rows)) >= len(trained)
    origin = np.select(
        [rows["black"].astype(bool), rows["hisp"].astype(bool)], ["black", "hispanic"], "other"
    )
    levels = pd.DataFrame(
        {
            "age band": np.searchsorted([20, 25, 30, 40], rows["age"], side="right").astype(str),
            "sex": origin,
            "IMD quintile": [f"{m:.0f}{n:.0f}" for m, n in zip(rows["marr"], rows["nodegree"], strict=True)],
            "site": (rows["educ"] // 3).astype(str),
        }
    )
    nothing = np.zeros(len(rows))
    before = history.log_history(np.column_stack([rows["re75"], rows["re74"], nothing, nothing]))
    earned = rows["re78"].to_numpy(float)
    extra, names = covariates.dummies(levels, pool, earned)
    x = np.column_stack([np.ones(len(rows)), before, extra])
    fit = poisson.fit(x[pool], earned[pool], np.ones(pool.sum()))
    return Expected(
        row=np.arange(len(rows)),
        group=np.where(pool, "not_approached", "accepted"),
        x=x,
        names=("constant", *history.NAMES, *names),
        levels=levels,
        events=earned,
        years=np.ones(len(rows)),
        rate=fit.rate(x),
        covariance=fit.covariance,
        reason="",
    )


@pytest.mark.parametrize(
    "name, naive, ours, ours_matched",
    [("cps1_comparison.csv.gz", -8497.52, 1267, 634), ("MatchIt_lalonde.csv", -635.03, 1567, 1011)],
)
def test_earnings_come_back_from_the_naive_answer_to_near_that_of_the_lot(name, naive, ours, ours_matched):
    others = men(name)
    trained = men("nsw_dehejia_wahba.csv")
    found = study(trained[trained["treat"] == 1], others[others["treat"] == 0])
    who = found.among("accepted")
    assert round(found.events[who].mean() - found.events[found.pool].mean(), 2) == naive
    expected = (found.events[who] - found.expected[who]).mean()
    matches = match(found)
    of_matched = (found.events[matches.case] - matched.adjusted(found, matches)).mean()
    assert (round(expected), round(of_matched)) == (ours, ours_matched)
    # Both come more than half of the way, and the headline nearer than the matched.
    assert abs(BY_LOT - expected) < abs(BY_LOT - of_matched) < abs(BY_LOT - naive) / 2
    # The lot's own interval is wide: both of ours lie well within it.
    assert abs(BY_LOT - of_matched) < 1.96 * 632.85


def test_doctor_visits_with_age_education_health_and_income():
    rows = pd.read_csv(shared(f"{FOLDER}/COUNT_mdvis.csv"))
    known = ["reform", "age", "educ", "badh", "loginc"]
    x = np.column_stack([np.ones(len(rows)), rows[known].to_numpy(float)])
    fit = poisson.fit(x, rows["numvisit"].to_numpy(float), np.ones(len(rows)))
    assert round(float(np.exp(fit.coefficients[1])), 4) == 0.8709


def test_in_ci_a_missing_file_is_no_reason_to_skip(monkeypatch, tmp_path):
    monkeypatch.setattr(pipeline, "SHARED", tmp_path)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI has to have the public files"):
        shared("not_there.csv")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception):
        shared("not_there.csv")
