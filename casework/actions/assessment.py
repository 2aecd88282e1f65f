"""Scoring a case with an instrument."""

import datetime
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from casework import rules
from casework.models import Assessment, AssessmentAnswer, Case, Instrument, InstrumentItem
from governance import audit
from governance.models import User
from governance.rules import RuleBroken


@transaction.atomic
def score(
    *, case: Case, instrument: Instrument, answers: Mapping[str, int], scored_on: datetime.date, by: User
) -> Assessment:
    """Store a scoring: `answers` maps the code of an item to its value; items may be left out.

    With every item answered the total is their plain sum; with one missing there is no total. The
    case shows the total of the newest complete scoring, so a half-finished one hides nothing.

    Raises:
        RuleBroken: an unknown item, a value the item does not have, no answer at all, or a day in
            the future.
    """
    case = Case.objects.select_for_update(of=["self"]).select_related("service").get(pk=case.pk)
    items = list(instrument.items.all())
    _check_answers(items, answers)
    _check_day(scored_on)
    row = case.service.assessments.create(
        case=case,
        instrument=instrument,
        scored_on=scored_on,
        total=rules.chaos_total([answers.get(item.code) for item in items]),
        by=by,
    )
    AssessmentAnswer.objects.bulk_create(
        AssessmentAnswer(assessment=row, item=item, value=answers[item.code])
        for item in items
        if item.code in answers
    )
    before = _keep_in_step(case)
    changes = {"chaos_total": [before, case.chaos_total], "answered": len(answers)}
    audit.record("case_scored", service=case.service, by=by, on=row, changes=changes)
    return row


def _check_answers(items: list[InstrumentItem], answers: Mapping[str, int]) -> None:
    by_code = {item.code: item for item in items}
    if not answers:
        raise RuleBroken("Answer at least one question before you save.")
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
    """Copy the newest complete total to the case; returns the total it had before."""
    before = case.chaos_total
    case.chaos_total = case.assessments.exclude(total=None).values_list("total", flat=True).first()
    case.save(update_fields=["chaos_total"])
    return before
