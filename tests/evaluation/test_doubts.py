"""What could be wrong with the headline: told in words, without the number of one person."""

import pytest

from evaluation.evidence import gather
from evaluation.quarters import parse
from evaluation.sections import doubts, impact
from tests.evaluation.conftest import FROZEN, grow

QUARTER = parse("2026-Q3")
pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence(service, october):
    grow(service, accepted=60, declined=40, only_listed=100, attending=True)
    return gather(service, QUARTER, frozen_at=FROZEN)


def said(evidence):
    return doubts.build(evidence, "ae", 365)[0]["items"]


def test_the_headline_is_doubted_in_words_and_the_people_are_compared(evidence):
    one, unseen = said(evidence)
    values = evidence.checks("ae", 365)["e_value"]
    assert one == doubts.NOBODY_MOVES
    assert f"{values['estimate']:.1f} times as likely to accept" in unseen
    assert f"{values['limit']:.1f} times would be enough" in unseen
    table = doubts.build(evidence, "ae", 365)[1]
    first = table["rows"][0]
    assert first["label"] == "Events before, 12 months"
    assert first["cells"][1]["value"] == round(evidence.checks("ae", 365)["balance"]["12 months"]["after"], 2)
    assert table in impact.build(evidence)["blocks"]


def test_one_person_who_moves_it_is_told_of_without_a_number(evidence):
    found = evidence.impacts["ae", 365]
    ratio = found["estimates"]["observed_expected"]["rate_ratio"]
    evidence.checks("ae", 365)["largest_person"]["rate_ratio"] = ratio + 0.06
    assert said(evidence)[0].startswith(
        "Without the one person who attends most the ratio would change by 0.05 or more"
    )
    assert f"{ratio + 0.06:.2f}" not in str(doubts.build(evidence, "ae", 365))
    evidence.checks("ae", 365)["largest_person"]["shown"] = False
    assert "too few people" in said(evidence)[0]


def test_where_nothing_is_clear_there_is_nothing_to_explain_away(evidence):
    evidence.impacts["ae", 365]["estimates"]["observed_expected"]["hi"] = 1.1
    assert said(evidence)[1] == doubts.UNCLEAR


def test_people_who_are_not_alike_are_named_and_none_without_a_headline(evidence):
    found = evidence.impacts["ae", 365]
    evidence.checks("ae", 365)["balance"]["month 1"] = {"before": 0.4, "after": -0.12, "flagged": True}
    row = next(r for r in doubts.build(evidence, "ae", 365)[1]["rows"] if r["label"].endswith("month 1"))
    assert (row["cells"][1]["text"], row["note"]) == ("−0.12", "Not alike.")
    found["estimates"]["observed_expected"].update(shown=False, reason="Too few.")
    assert doubts.build(evidence, "ae", 365) == []
