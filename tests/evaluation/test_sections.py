"""Sentences and tables that could say too much, or the opposite of what was found."""

import dataclasses
import datetime

import pandas as pd
import pytest

from casework.rules import STAGE_LABELS
from evaluation import disclosure
from evaluation.disclosure_table import gives_away
from evaluation.evidence import gather
from evaluation.money.amount import Amount
from evaluation.quarters import parse
from evaluation.sections import casework, completeness, costs, impact, returns, summary, wording
from tests.evaluation.conftest import FROZEN
from tests.factories.cohorts import CohortListFactory, CohortRuleFactory
from tests.factories.evaluation import UnitCostFactory

QUARTER = parse("2026-Q3")
CASES = {"active": 8, "tapering": 8, "light_touch": 1}


def verdict(ratio: float, lo: float, hi: float, key: str = wording.CONTROLLED) -> str:
    raw = {
        "shown": True,
        "n": 60,
        "n_comparator": 55,
        "observed": 400.0,
        "rate_ratio": ratio,
        "lo": lo,
        "hi": hi,
        "reduction_percent": 100 * (1 - ratio),
        "reduction_lo": 100 * (1 - hi),
        "reduction_hi": 100 * (1 - lo),
        "expected": 500.0,
        "avoided": 100.0,
        "avoided_lo": 20.0,
        "avoided_hi": 180.0,
    }
    return summary.verdict(raw, wording.disclosed_estimate(raw), key)


def test_a_fall_is_told_with_its_interval_in_the_same_unit():
    assert verdict(0.64, 0.45, 0.9) == (
        "people who accepted had 36% fewer than if they had changed as people who declined did "
        "(95% interval 10% to 55% fewer; rate ratio 0.64)"
    )


def test_the_headline_is_set_against_what_was_expected():
    assert verdict(0.64, 0.45, 0.9, wording.HEADLINE) == (
        "people who accepted had 36% fewer than expected (95% interval 10% to 55% fewer; rate ratio 0.64)"
    )
    assert verdict(0.9, 0.7, 1.2, wording.HEADLINE) == (
        "no difference from what was to be expected is clear yet (rate ratio 0.90, 95% interval 0.70 to 1.20)"
    )


def test_a_rise_is_told_as_one():
    assert "had 40% more than if they had changed as people who declined did" in verdict(1.4, 1.1, 1.8)
    assert "(95% interval 10% to 80% more; rate ratio 1.40)" in verdict(1.4, 1.1, 1.8)


@pytest.mark.parametrize("lo, hi", [(0.5, 1.0), (1.0, 1.9), (0.6, 1.2)])
def test_no_percentage_is_told_while_the_interval_includes_no_difference(lo, hi):
    assert "is clear yet" in verdict(0.9 if hi == 1.0 else 1.0, lo, hi)
    assert "%" not in verdict(0.9 if hi == 1.0 else 1.0, lo, hi).replace("95% interval", "")


def test_a_withheld_total_is_not_called_small():
    assert wording.people(disclosure.SUPPRESSED) == "a withheld number"
    assert wording.people(disclosure.count(0)) == "nobody"
    assert wording.people(disclosure.count(57)) == "about 55"


@pytest.mark.parametrize(
    "parts, total, given",
    [
        ([1, 8, 8], 17, True),  # printed *, 10, 10 beside 15: at least 17 and at most 17
        ([1, 8, 8], 16, True),
        ([1, 8, 8], 18, False),
        ([7, 7, 7, 7], 28, True),
        ([2, 9, 8], 19, False),
        ([10, 8, 8], 22, False),  # nothing withheld
    ],
)
def test_a_total_printed_elsewhere_can_give_a_part_away(parts, total, given):
    assert gives_away(parts, total) is given


def evidence_with(service, accepted: int, **stages: int):
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    counts = {label: stages.get(stage.value, 0) for stage, label in STAGE_LABELS.items()}
    people = pd.DataFrame({"group": ["accepted"] * accepted})
    return dataclasses.replace(
        evidence, people=people, casework=dataclasses.replace(evidence.casework, stages=counts)
    )


@pytest.mark.django_db
def test_stages_are_withheld_where_the_people_who_accepted_would_give_one_away(service, october):
    shown = casework.stages(evidence_with(service, 17, **CASES))
    assert {str(n) for n in shown.values()} == {"*", "0"}
    shown = casework.stages(evidence_with(service, 20, **CASES))
    assert sorted({str(n) for n in shown.values()}) == ["*", "0", "10"]


@pytest.mark.django_db
def test_people_with_a_case_give_no_other_stage_away(service, october):
    evidence = evidence_with(service, 8, active=8, declined=8, not_reached=1)
    people = pd.DataFrame({"group": ["accepted"] * 8 + ["declined"] * 8 + ["no_answer"]})
    shown = casework.stages(dataclasses.replace(evidence, people=people))
    assert {str(n) for n in shown.values()} == {"*", "0"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "terms, beyond, kind",
    [
        ({"top_n": 250}, 40, "top250"),
        ({"top_n": 250}, 0, "r12"),
        ({"top_n": None}, 0, "r12"),
        ({"top_n": 250, "window_months": 3}, 40, "w12"),
        ({"window_months": 4}, 0, "r12"),
    ],
)
def test_the_natural_fall_is_that_of_a_list_cut_short_only_where_it_was(
    service, october, terms, beyond, kind
):
    CohortListFactory(
        service=service,
        rule=CohortRuleFactory(service=service, **terms),
        as_at=QUARTER.last_day,
        excluded={"beyond_first": beyond} if beyond else {},
    )
    assert gather(service, QUARTER, frozen_at=FROZEN).list_kind == kind


@pytest.mark.django_db
def test_events_and_years_of_a_few_people_are_withheld_with_them(grown):
    evidence = gather(grown.service, QUARTER, frozen_at=FROZEN)
    evidence.impacts["ae", 365]["groups"]["accepted"].update(n=7, events_pre=90, events_post=60)
    assert [str(n) for n in impact.rates(evidence, "ae", 365, "accepted")] == ["*"] * 7
    evidence.impacts["ae", 365]["groups"]["accepted"].update(n=8)
    shown = impact.rates(evidence, "ae", 365, "accepted")
    assert [str(n) for n in shown[:3]] == ["10", "90", "60"]


@pytest.mark.django_db
@pytest.mark.parametrize("n", [23, 24, 25, 26, 27])
def test_person_years_tell_no_more_than_the_rounded_number_of_people(grown, n):
    evidence = gather(grown.service, QUARTER, frozen_at=FROZEN)
    years = n * 182 / 365.25
    arm = {"n": n, "person_years_pre": years, "person_years_post": years}
    evidence.impacts["ae", 182]["groups"]["accepted"].update(arm)
    people, _, _, before, after, *_ = impact.rates(evidence, "ae", 182, "accepted")
    assert (str(people), str(before), str(after)) == ("25", "12.5", "12.5")


@pytest.mark.django_db
def test_only_unit_costs_that_were_used_are_listed(grown):
    UnitCostFactory(service=grown.service, measure="nel", valid_from=datetime.date(2025, 1, 1))
    section = costs.build(gather(grown.service, QUARTER, frozen_at=FROZEN))
    table = next(block for block in section["blocks"] if block.get("key") == "unit_costs")
    assert [row["label"] for row in table["rows"]] == ["A&E attendances"]


def test_a_value_claims_no_more_than_hundreds_of_pounds():
    assert [str(n) for n in returns.pounds(Amount(85, -20, 200).times(272.97))] == [
        "£23,200",
        "−£5,500",
        "£54,600",
    ]
    assert all(n.suppressed for n in returns.pounds(None))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "number, said",
    [(0, "or objected: none."), (3, "* people left out: opted out"), (12, "10 people left out: opted out")],
)
def test_how_many_opted_out_is_said_under_the_same_rule_as_any_count(service, october, number, said):
    evidence = gather(service, QUARTER, frozen_at=FROZEN)
    blocks = completeness.build(dataclasses.replace(evidence, left_out=number))["blocks"]
    assert any(said in block.get("text", "") for block in blocks)
