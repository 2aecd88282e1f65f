"""Assessments as they stood when a quarter ended. Exact: nothing here may leave without disclosure control."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from casework.models import AssessmentAnswer, Case
from evaluation.known.records import whose_then
from evaluation.scorecard.change import Asked, Outcome, any_goal, outcome
from evaluation.scorecard.scales import ANY_GOAL, SCALES
from governance.models import Service


def outcomes(
    service: Service, people: Sequence[str], *, cut: datetime.date, known: datetime.datetime
) -> dict[str, Outcome]:
    """How each scale went among `people`, scored up to the day `cut` and stored before the moment `known`."""
    rows = asked(service, people, cut=cut, known=known)
    found = {scale.key: outcome(scale, rows, people) for scale in SCALES}
    return {**found, ANY_GOAL: any_goal(rows, people)}


def asked(
    service: Service, people: Sequence[str], *, cut: datetime.date, known: datetime.datetime
) -> list[Asked]:
    """Every scoring of `people` on one of our scales, in the order of time. Nobody else's is read."""
    slugs = {scale.instrument for scale in SCALES}
    wanted = {int(person) for person in people}
    moved = {int(row): person for row, (person, _) in whose_then(service, Case, known=known).items()}
    of_them = Q(case__person__in=wanted) & ~Q(case__in=moved)
    of_them |= Q(case__in=[case for case, person in moved.items() if person in wanted])
    chosen = service.assessments.filter(
        of_them,
        instrument__slug__in=slugs,
        scored_on__lte=cut,
        at__lt=known,
    )
    values: dict[int, dict[str, float]] = defaultdict(dict)
    goals: dict[int, dict[str, str]] = defaultdict(dict)
    # A goal that nobody can rate yet has words and no value.
    answers = AssessmentAnswer.objects.filter(assessment__in=chosen)
    for pk, code, value, words in answers.values_list("assessment_id", "item__code", "value", "words"):
        if value is None:
            continue
        values[pk][code] = float(value)
        goals[pk][code] = words.strip().casefold()
    scorings = chosen.order_by("scored_on", "pk").values_list(
        "pk", "case_id", "case__person_id", "instrument_id", "instrument__slug", "total"
    )
    return [
        Asked(
            str(moved.get(case, person)),
            version,
            slug,
            None if total is None else float(total),
            values[pk],
            goals[pk],
        )
        for pk, case, person, version, slug, total in scorings
    ]
