"""Scoring a case with an instrument."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from casework import rules, scoring
from casework.models import Assessment, AssessmentAnswer, Case, Instrument, InstrumentItem
from casework.scoring import CHAOS_SCORE, Scoring
from governance import audit
from governance.models import User
from governance.rules import RuleBroken


@dataclass(frozen=True)
class Goal:
    """A goal of the person's own: its words, and how much it matters to them (1 to 3)."""

    words: str
    weight: int = 1


@transaction.atomic
def score(
    *,
    case: Case,
    instrument: Instrument,
    answers: Mapping[str, int],
    scored_on: datetime.date,
    by: User,
    goals: Mapping[str, Goal] | None = None,
) -> Assessment:
    """Store a scoring: `answers` maps the code of an item to its value; items may be left out.

    The figure is what the instrument makes of the answers (casework.scoring); where it needs all of them and
    one is missing, there is none. The case shows the newest complete Chaos Score, so a half-finished one
    hides nothing. `goals` has the words of goals, by the code of their item; one that nobody can rate yet is
    written down all the same.

    Raises:
        RuleBroken: an unknown item, a value the item does not have, no answer at all, a goal without words,
            an instrument of which only the total is kept, or a day in the future.
    """
    items = list(instrument.items.all())
    if instrument.is_slot:
        raise RuleBroken(f"The questions of {instrument.title} are not kept here. Enter the total only.")
    told = {code: goal for code, goal in (goals or {}).items() if goal.words.strip()}
    if not answers and not told:
        raise RuleBroken("Answer at least one question before you save.")
    _check_answers(items, answers)
    if instrument.scoring == Scoring.GOALS:
        _check_goals(items, answers, told)
    total = scoring.total(
        instrument.scoring,
        [item.rule for item in items],
        answers,
        {code: goal.weight for code, goal in told.items()},
    )
    return _store(case, instrument, scored_on, total, by, items=items, answers=answers, goals=told)


@transaction.atomic
def enter_total(
    *, case: Case, instrument: Instrument, total: Decimal, scored_on: datetime.date, by: User
) -> Assessment:
    """Store the total of an instrument whose questions belong to somebody else.

    Raises:
        RuleBroken: the questions are kept here, the total cannot be, or the day is in the future.
    """
    if not instrument.is_slot:
        raise RuleBroken(
            f"The questions of {instrument.title} are kept here. Answer them; the total follows."
        )
    low, high = instrument.lowest, instrument.highest
    if (low is not None and total < low) or (high is not None and total > high):
        raise RuleBroken(
            f"A total of {instrument.title} lies between {low} and {high}. Check what you entered."
        )
    return _store(case, instrument, scored_on, total, by)


def _store(
    case: Case,
    instrument: Instrument,
    scored_on: datetime.date,
    total: Decimal | None,
    by: User,
    *,
    items: Sequence[InstrumentItem] = (),
    answers: Mapping[str, int] | None = None,
    goals: Mapping[str, Goal] | None = None,
) -> Assessment:
    case = Case.objects.select_for_update(of=["self"]).select_related("service").get(pk=case.pk)
    _check_day(scored_on)
    given, told = answers or {}, goals or {}
    row = case.service.assessments.create(
        case=case, instrument=instrument, scored_on=scored_on, total=total, by=by
    )
    AssessmentAnswer.objects.bulk_create(
        AssessmentAnswer(
            assessment=row,
            item=item,
            value=given.get(item.code),
            **asdict(told[item.code]) if item.code in told else {},
        )
        for item in items
        if item.code in given or item.code in told
    )
    changes: dict[str, Any] = {"instrument": instrument.slug, "answered": len(given)}
    if instrument.slug == CHAOS_SCORE:
        before = _keep_in_step(case)
        changes["chaos_total"] = [before, case.chaos_total]
    audit.record("case_scored", service=case.service, by=by, on=row, changes=changes)
    return row


def _check_goals(
    items: Sequence[InstrumentItem], answers: Mapping[str, int], goals: Mapping[str, Goal]
) -> None:
    for item in items:
        if item.code in answers and item.code not in goals:
            raise RuleBroken(f"{item.label}: write the goal down, in the person's own words.")


def _check_answers(items: list[InstrumentItem], answers: Mapping[str, int]) -> None:
    by_code = {item.code: item for item in items}
    for code, value in answers.items():
        item = by_code.get(code)
        if item is None:
            raise RuleBroken(f"This instrument has no question called {code}. Open the page again.")
        if value not in item.values:
            choices = ", ".join(str(choice) for choice in item.values)
            raise RuleBroken(f"{item.label}: {value} is not a score of this question. Choose from {choices}.")


def _check_day(scored_on: datetime.date) -> None:
    if scored_on > timezone.localdate():
        raise RuleBroken(f"{scored_on:%-d %B %Y} is in the future. Enter the day of the scoring.")
    if scored_on < rules.EARLIEST_DAY:
        raise RuleBroken(f"The year {scored_on.year} is too long ago. Write the year with four digits.")


def _keep_in_step(case: Case) -> int | None:
    """Copy the newest complete Chaos Score to the case; returns the total it had before."""
    before = case.chaos_total
    complete = case.assessments.filter(instrument__slug=CHAOS_SCORE).exclude(total=None)
    newest = complete.values_list("total", flat=True).first()
    case.chaos_total = None if newest is None else int(newest)
    case.save(update_fields=["chaos_total"])
    return before
