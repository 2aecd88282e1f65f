"""The whole answer: flow, groups, plan, natural fall, speed."""

import hashlib
import json
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from evaluation.impact import estimators as folder
from evaluation.impact.natural_fall import expected_natural_fall, natural_fall_sentence
from evaluation.impact.plan import Plan
from evaluation.impact.run import impact
from evaluation.impact.tables import InputProblem
from tests.evaluation.impact_data import activity, people

ESTIMATE_KEYS = [
    "n",
    "rate_ratio",
    "lo",
    "hi",
    "reduction_percent",
    "reduction_lo",
    "reduction_hi",
    "observed",
    "expected",
    "avoided",
    "avoided_lo",
    "avoided_hi",
    "shown",
]


ESTIMATORS = [
    "change",
    "observed_expected",
    "offer_itt",
    "offer_cace",
    "accepted_vs_declined",
    "matched",
    "model_rtm",
]


def study(n=250, attendances=10_000, seed=3):
    rng = np.random.default_rng(seed)
    table = people(*({"group": group} for group in rng.choice(["accepted", "declined"], n)))
    day = np.datetime64("2024-03-01") + rng.integers(0, 730, attendances)
    events = activity(*day)
    return table, events.assign(person=rng.choice(table["person"], attendances), on=day)


def test_flow_counts_each_person_once_from_list_to_follow_up():
    table = people(
        {},
        {"died_on": "2025-03-10"},
        {"group": "declined", "covered_from": None},
        {"group": "declined", "moved_on": "2025-09-01"},
        {"group": "not_reached", "index_date": None},
        {"group": "not_approached"},
        {"group": "last_year"},
    )
    flow = impact(table, activity("2025-01-01"))["flow"]
    assert flow == {
        "listed": 6,
        "approached": 5,
        "accepted": 2,
        "declined": 2,
        "not_reached": 1,
        "not_approached": 1,
        "with_follow_up": 3,
        "not_enough_follow_up": 1,
        "not_supplied": 1,
        "no_index_date": 1,
        "died": 1,
        "moved": 1,
    }


def test_groups_sum_events_over_person_years_of_the_measure_asked_for():
    table = people({}, {"moved_on": "2025-08-31"})
    events = activity("2025-01-01", "2025-01-02", "2025-04-01")
    events.loc[1, "measure"] = "nel"
    group = impact(table, events)["groups"]["accepted"]
    assert (group["listed"], group["n"], group["events_pre"], group["events_post"]) == (2, 2, 1, 1)
    # 1 March to 31 August 2025 is 183 days.
    assert group["person_years_post"] == pytest.approx((365 + 183) / 365.25)
    assert group["rate_post"] == pytest.approx(1 / ((365 + 183) / 365.25))


def test_group_that_nobody_can_be_counted_in_is_not_supplied_rather_than_zero():
    group = impact(people({"covered_to": None}), activity("2025-01-01"))["groups"]["accepted"]
    assert (group["listed"], group["n"]) == (1, 0)
    assert group["events_pre"] is group["rate_pre"] is group["person_years_post"] is None


def test_every_estimate_has_the_promised_keys_and_is_plain_json():
    result = json.loads(json.dumps(impact(*study())))
    assert list(result) == [
        "flow",
        "groups",
        "estimates",
        "plan",
        "balance",
        "largest_person",
        "placebo",
        "negative_control",
        "e_value",
    ]
    assert list(result["estimates"]) == ESTIMATORS
    for each in result["estimates"].values():
        assert set(ESTIMATE_KEYS) <= set(each)
        assert ("reason" in each) is not each["shown"]


def test_no_identifier_of_a_person_is_in_the_answer():
    table, events = study()
    names = table["person"].map("person-of-{}".format)
    events = events.assign(person=events["person"].map("person-of-{}".format))
    assert "person-of" not in json.dumps(impact(table.assign(person=names), events))


def test_nobody_at_all_is_an_answer_too():
    result = impact(people({}).iloc[:0], activity("2025-01-01").iloc[:0])
    assert result["flow"]["listed"] == 0
    assert not result["estimates"]["change"]["shown"]


def test_order_of_rows_does_not_matter():
    table, events = study()
    shuffled = impact(table.sample(frac=1, random_state=1), events.sample(frac=1, random_state=2))
    straight = impact(table, events)
    assert shuffled["groups"] == straight["groups"]
    got, wanted = (each["estimates"]["accepted_vs_declined"]["hi"] for each in (shuffled, straight))
    assert got == pytest.approx(wanted, rel=1e-12)


def test_plan_carries_the_choices_and_a_hash_that_changes_with_each():
    plan = Plan(measure="ae", window_days=365, model=("change",), seed=0, rule="r12 v3", costs={"ae": 110.0})
    others = [
        Plan(measure=m, window_days=w, model=k, seed=s, rule=r, costs=c)
        for m, w, k, s, r, c in [
            ("nel", 365, ("change",), 0, "r12 v3", {"ae": 110.0}),
            ("ae", 182, ("change",), 0, "r12 v3", {"ae": 110.0}),
            ("ae", 365, ("change", "matched"), 0, "r12 v3", {"ae": 110.0}),
            ("ae", 365, ("change",), 1, "r12 v3", {"ae": 110.0}),
            ("ae", 365, ("change",), 0, "r12 v4", {"ae": 110.0}),
            ("ae", 365, ("change",), 0, "r12 v3", {"ae": 111.0}),
        ]
    ]
    # Whom the expected number is learnt from is a choice, too.
    others.append(replace(plan, last_year="r12 v3, as at 2024-06-01"))
    others.append(replace(plan, pool=("not_approached",)))
    assert len({plan.hash, *(other.hash for other in others)}) == 9


def test_anyone_can_work_out_the_hash_from_the_printed_plan():
    printed = impact(people({}), activity("2025-01-01"), rule="r12 v3", costs={"nel": 2074.6, "ae": 110})[
        "plan"
    ]
    claimed = printed.pop("hash")
    text = json.dumps(printed, sort_keys=True, separators=(",", ":"))
    assert claimed == hashlib.sha256(text.encode()).hexdigest()


def test_plan_does_not_depend_on_the_data():
    assert impact(*study(seed=1))["plan"] == impact(*study(seed=2))["plan"]


def test_a_new_file_in_the_folder_is_a_new_estimator(tmp_path, monkeypatch):
    (tmp_path / "twice_observed.py").write_text(
        textwrap.dedent(
            """
            from evaluation.impact.result import Estimate
            KEY, ORDER = "twice_observed", 1.5
            def estimate(study):
                return Estimate(n=study.arm("accepted").n, label="a test", controlled=False)
            """
        )
    )
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    folder.all_estimators.cache_clear()
    try:
        result = impact(people({}), activity("2025-01-01"))
    finally:
        folder.all_estimators.cache_clear()
        sys.modules.pop("evaluation.impact.estimators.twice_observed", None)
    assert list(result["estimates"]) == ["change", "twice_observed", *ESTIMATORS[1:]]
    assert result["plan"]["model"][1] == "twice_observed"


@pytest.mark.parametrize(
    "kind,lag,falls",
    [
        ("r12", 0, [26, 25, 25, 25]),
        ("r12", 2, [13, 23, 25, 27]),
        ("top250", 0, [15, 16, 18, 20]),
        ("top250", 2, [8, 16, 19, 22]),
        ("w12", 0, [29, 19, 15, 13]),
        ("w12", 2, [16, 22, 19, 18]),
    ],
)
def test_natural_fall_is_the_measured_one(kind, lag, falls):
    days = (91, 182, 273, 365)
    assert [expected_natural_fall(kind, window_days=w, lag_months=lag) for w in days] == falls


def test_natural_fall_in_words():
    assert natural_fall_sentence("r12") == (
        "Uncontrolled; with no service at all a list like this one falls by about 25%."
    )


@pytest.mark.parametrize("choice", [{"list_kind": "top10"}, {"window_days": 100}, {"lag_months": 1}])
def test_natural_fall_that_was_not_measured_is_not_invented(choice):
    with pytest.raises(InputProblem, match=r"not (measured|offered)"):
        expected_natural_fall(**{"list_kind": "r12", **choice})
