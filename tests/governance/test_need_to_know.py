"""Who opens which record: the rule alone, case by case."""

import datetime
import itertools

import pytest

from governance.need_to_know import (
    Facts,
    NeedToKnow,
    Refusal,
    Why,
    decide,
    review_overdue_before,
    same_last_name,
)

OWN, MATE = {"is_own": True}, {"same_team": True}
LEAD, SEALED, NAMED = {"opens_every_case": True}, {"is_sealed": True}, {"is_named": True}
GAVE, GAVE_SEALED = {"gave_reason": True}, {"gave_reason_for_sealed": True}
ONE_TEAM = {"has_teams": False}
SERVICE, CASELOAD = {"mode": NeedToKnow.SERVICE}, {"mode": NeedToKnow.CASELOAD}


@pytest.mark.parametrize(
    "told, answer",
    [
        ([], Refusal.NEEDS_REASON),
        ([OWN], Why.OWN),
        ([OWN, LEAD], Why.OWN),
        ([OWN, CASELOAD], Why.OWN),
        ([MATE], Why.TEAM),
        ([ONE_TEAM], Why.TEAM),
        ([MATE, CASELOAD], Refusal.NEEDS_REASON),
        ([ONE_TEAM, CASELOAD], Refusal.NEEDS_REASON),
        ([SERVICE], Why.SERVICE),
        ([LEAD], Why.LEAD),
        ([LEAD, CASELOAD], Why.LEAD),
        ([GAVE], Why.BREAK_GLASS),
        ([GAVE, CASELOAD], Why.BREAK_GLASS),
        ([GAVE, MATE], Why.TEAM),
        ([NAMED], Refusal.NEEDS_REASON),
        ([SEALED], Refusal.SEALED),
        ([SEALED, OWN], Refusal.SEALED),
        ([SEALED, MATE], Refusal.SEALED),
        ([SEALED, LEAD], Refusal.SEALED),
        ([SEALED, SERVICE], Refusal.SEALED),
        ([SEALED, GAVE], Refusal.SEALED),
        ([SEALED, NAMED], Why.NAMED),
        ([SEALED, GAVE_SEALED], Why.BREAK_GLASS),
        ([SEALED, NAMED, GAVE_SEALED], Why.NAMED),
    ],
)
def test_who_opens_a_record(told, answer):
    facts = {key: value for each in told for key, value in each.items()}
    assert decide(Facts(**facts)) == answer


def test_only_a_name_or_a_reason_given_for_it_opens_a_seal_whatever_else_is_true():
    others = ("is_own", "same_team", "has_teams", "opens_every_case", "gave_reason")
    for mode, *values in itertools.product(NeedToKnow, *[(False, True)] * len(others)):
        facts = Facts(mode=mode, is_sealed=True, **dict(zip(others, values, strict=True)))
        assert decide(facts) == Refusal.SEALED


@pytest.mark.parametrize(
    "member, last_name, same",
    [
        ("Wendy Worker", "Worker", True),
        ("Wendy Worker", "WORKER", True),
        ("Wendy Ann Worker", "worker", True),
        ("Wendy Smith-Worker", "Worker", True),
        ("Wendy Worker", "Smith Worker", True),
        ("Wendy Worker", "Workers", False),
        ("Wendy Worker", "Wendy", False),
        ("Wendy", "Wendy", False),
        ("Wendy Worker", "", False),
        ("", "", False),
    ],
)
def test_a_shared_last_name_is_noticed(member, last_name, same):
    assert same_last_name(member, last_name) is same


@pytest.mark.parametrize(
    "today, before",
    [
        ("2026-03-05", "2026-03-03"),  # Thursday: what was opened on Monday is overdue
        ("2026-03-04", "2026-03-02"),  # Wednesday: Friday's is, Monday's is not
        ("2026-03-03", "2026-02-27"),  # Tuesday: Thursday's is
        ("2026-03-01", "2026-02-26"),  # Sunday
    ],
)
def test_a_review_is_overdue_after_two_working_days(today, before):
    assert review_overdue_before(datetime.date.fromisoformat(today)) == datetime.date.fromisoformat(before)
