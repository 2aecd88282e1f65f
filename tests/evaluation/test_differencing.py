"""A release tells nothing when it is held beside the earlier ones."""

import datetime
from dataclasses import replace

import pytest

from casework.models import StageChange
from evaluation import blocks
from evaluation.actions import report as reports
from evaluation.differencing import guard
from evaluation.differencing.attack import Found, attack, tells
from evaluation.differencing.printed import WITHHELD, Count, Release, Sum, read_report
from evaluation.disclosure import DEFAULT_RULE, Rule
from evaluation.quarters import parse
from tests.evaluation.conftest import at, grow
from tests.evaluation.quarters_of_a_service import quarters, release_of, snapshot_of
from tests.factories.casework import CaseFactory

MAY = datetime.date(2026, 5, 4)
TOTAL = ("", "Offered support", "people", "")
ANSWERS = [("", each, "people", "") for each in ("Accepted", "Declined", "Not reached", "No answer yet")]


def release(quarter, *answers, rule=DEFAULT_RULE):
    """Four answers and everybody offered support, printed by the rule."""
    exact = dict(zip(ANSWERS, answers, strict=True)) | {TOTAL: sum(answers)}
    counts = {about: Count(*rule.bounds(n), starred=rule.hides(n)) for about, n in exact.items()}
    return Release(quarter, quarter, counts, [Sum(TOTAL, tuple(ANSWERS))])


@pytest.mark.parametrize("before", range(60))
def test_two_printed_numbers_alone_never_tell_a_small_difference(before):
    for after in range(before, before + 12):
        low, high = (DEFAULT_RULE.bounds(after)[i] - DEFAULT_RULE.bounds(before)[1 - i] for i in (0, 1))
        assert not tells(low, high, DEFAULT_RULE)


def test_without_rounding_two_numbers_would_tell():
    one = Rule(threshold=7, base=1)
    earlier, new = release("2026-Q1", 10, 20, 30, 40, rule=one), release("2026-Q2", 11, 20, 30, 40, rule=one)
    assert {(each.about, each.low, each.high) for each in attack([earlier, new], one)} == {
        (ANSWERS[0], 1, 1),
        (TOTAL, 1, 1),
    }
    assert guard.to_withhold(new, [earlier], one) >= {TOTAL}


# The first quarter prints 10, 10, 10, 10 and 30 in all, so each is 8. Then one person more accepts.
PLANTED = [release("2026-Q1", 8, 8, 8, 8), release("2026-Q2", 9, 8, 8, 8), release("2026-Q3", 14, 10, 9, 8)]


def test_planted_attack_over_three_quarters_is_seen_in_the_middle_one():
    first, middle, last = PLANTED
    assert not attack([first], DEFAULT_RULE)
    found = attack([first, middle], DEFAULT_RULE)
    assert [(each.about, each.low, each.high) for each in found] == [(TOTAL, 1, 5)]
    assert guard.to_withhold(middle, [first]) == {TOTAL}
    # Whoever builds the middle quarter last is held up as well.
    assert TOTAL in guard.to_withhold(middle, [first, last])
    with pytest.raises(
        guard.CouldBeTakenOff, match="how Offered support, people changed from 2026-Q1 to 2026-Q2"
    ):
        guard.check(middle, [first])


def test_what_was_known_before_is_not_laid_at_the_new_release():
    first, middle, last = PLANTED
    assert attack([first, middle, last], DEFAULT_RULE)
    assert not guard.to_withhold(last, [first, middle])


def test_a_wrong_draft_does_not_blind_the_guard_to_the_others():
    first, middle, _ = PLANTED
    # Printed 10 each and 50 in all, so each is 12: nobody who takes that for a beginning believes what follows.
    draft = replace(release("2026-Q1", 12, 12, 12, 12), name="2026-Q1, withdrawn draft 1")
    assert not attack([draft, first, middle], DEFAULT_RULE)
    known_wrong = replace(draft, may_be_wrong=True)
    assert guard.to_withhold(middle, [first, known_wrong]) == {TOTAL}


def test_a_star_that_other_numbers_give_away_takes_its_division_along():
    sexes = [("by sex", each, "people offered support", "") for each in ("Women", "Men", "Other")]
    ages = [("by age", each, "people offered support", "") for each in ("Young", "Old")]
    exact = dict(zip(sexes, (7, 7, 7), strict=True)) | dict(zip(ages, (21, 0), strict=True)) | {TOTAL: 21}
    counts = {
        about: Count(*DEFAULT_RULE.bounds(n), starred=DEFAULT_RULE.hides(n)) for about, n in exact.items()
    }
    # 21 is printed 20, which stands for 18 to 22: the stars may be fewer.
    sums = [Sum(TOTAL, tuple(sexes), divides=True), Sum(TOTAL, tuple(ages), divides=True)]
    assert not guard.to_withhold(Release("2026-Q1", "2026-Q1", counts, sums), [])
    # Four of them in place of three are 28, printed 30: all must be 7.
    more = ("by sex", "Not known", "people offered support", "")
    exact |= {more: 7, TOTAL: 28, ages[0]: 28}
    counts = {
        about: Count(*DEFAULT_RULE.bounds(n), starred=DEFAULT_RULE.hides(n)) for about, n in exact.items()
    }
    sums = [Sum(TOTAL, (*sexes, more), divides=True), Sum(TOTAL, tuple(ages), divides=True)]
    assert guard.to_withhold(Release("2026-Q1", "2026-Q1", counts, sums), []) <= {*sexes, more}


def test_ordinary_quarters_keep_nearly_all_they_print():
    earlier, printed, withheld = [], 0, 0
    for known in quarters(seed=1, number=4, a_quarter=30):
        gone = guard.to_withhold(release_of(known), earlier)
        shown = snapshot_of(replace(known, withheld=frozenset(gone)))
        new = read_report(shown, DEFAULT_RULE)
        guard.check(new, earlier)
        earlier.append(new)
        printed, withheld = printed + len(new.counts), withheld + len(gone)
    assert printed > 300
    assert withheld <= printed / 50


@pytest.mark.django_db
def test_freezing_withholds_what_the_earlier_report_would_tell_with_it(service, lead, october):
    grown = grow(service, accepted=8, declined=8, not_reached=8, no_answer=8, only_listed=10)
    first = reports.freeze(service=service, quarter=parse("2026-Q1"), by=lead)
    assert people(first)["Offered support"] == "30"
    case = CaseFactory(service=service, opened_at=at(MAY), index_date=MAY, stage="engaging", worker=lead)
    StageChange.objects.create(service=service, case=case, stage="engaging", by=lead, at=at(MAY))
    middle = reports.freeze(service=service, quarter=parse("2026-Q2"), by=lead)
    assert people(middle)["Offered support"] == "*"
    assert people(middle)["Accepted"] == people(first)["Accepted"] == "10"
    assert list(TOTAL) in middle.snapshot["withheld"]
    assert "a withheld number were offered support" in str(middle.snapshot)
    assert WITHHELD in str(middle.snapshot)
    assert len(grown.people) == 32


@pytest.mark.django_db
def test_a_release_that_tells_whatever_is_withheld_is_refused(service, lead, october, monkeypatch):
    monkeypatch.setattr(guard, "to_withhold", lambda new, earlier: guard.check(new, earlier, Rule(7, 8)))
    monkeypatch.setattr(guard, "attack", lambda *_: [Found(0, TOTAL, 1, 1, None)])
    with pytest.raises(guard.CouldBeTakenOff, match="This was not made"):
        reports.freeze(service=service, quarter=parse("2026-Q1"), by=lead)
    assert not service.reports.exists()


def people(report):
    table = next(block for _, block in blocks.tables(report.snapshot) if block["key"] == "flow")
    return {row["label"]: row["cells"][0]["text"] for row in table["rows"]}
