"""What a worker must know before knocking."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from casework import safety
from casework.models import Case, Risk, RiskCheck, RiskLevel
from governance import audit
from governance.models import User
from governance.rules import RuleBroken

LONGEST_REVIEW_DAYS = 366


@transaction.atomic
def fill_in(
    *,
    case: Case,
    answers: Mapping[str, str],
    details: Mapping[str, str],
    source: str,
    review_on: datetime.date,
    by: User,
) -> RiskCheck:
    """Store the risk form; whatever it finds is put on the record as a risk.

    `answers` has one for each area of safety.AREAS, `details` the words to it. What stands already stays: a form
    ends no risk, somebody says of each that it is over. What it says again in the same words is asked about again
    from `review_on`, and is no second risk.

    Raises:
        RuleBroken: an area has no answer or a risk no words, or the review day is not within the next year.
    """
    for area, (label, _) in safety.AREAS.items():
        if area not in answers:
            raise RuleBroken(f"{label}: choose an answer; “not known yet” is one.")
        if answers[area] in RiskLevel.values and not details.get(area, "").strip():
            raise RuleBroken(f"{label}: say what to know.")
    _check_review(review_on)
    Case.objects.select_for_update(of=["self"]).get(pk=case.pk)
    row = case.service.risk_checks.create(case=case, source=source, by=by, **answers)
    standing = case.service.risks.filter(case__person=case.person_id, ended_at=None)
    known = {(risk.area, risk.level, _alike(risk.detail)): risk for risk in standing}
    found = {area: answers[area] for area in safety.AREAS if answers[area] in RiskLevel.values}
    for area, level in found.items():
        detail = details[area].strip()
        same = known.get((area, level, _alike(detail)))
        if same is not None:
            keep(risk=same, review_on=review_on, by=by)
            continue
        told: dict[str, Any] = {
            "level": level,
            "area": area,
            "detail": detail,
            "source": source,
            "review_on": review_on,
        }
        note(case=case, by=by, **told)
    audit.record(
        "risk_form_filled_in",
        service=case.service,
        by=by,
        on=row,
        changes={"case": case.pk, "risks": len(found)},
    )
    return row


@transaction.atomic
def note(
    *, case: Case, level: str, detail: str, source: str, review_on: datetime.date, area: str = "", by: User
) -> Risk:
    """Put a risk on a client's record until somebody ends it; it is asked about from `review_on`.

    Raises:
        RuleBroken: the review day is not within the next year.
    """
    _check_review(review_on)
    risk = case.service.risks.create(
        case=case, level=level, area=area, detail=detail, source=source, review_on=review_on, noted_by=by
    )
    audit.record(
        "risk_noted", service=case.service, by=by, on=risk, changes={"case": case.pk, "level": [None, level]}
    )
    return risk


@transaction.atomic
def keep(*, risk: Risk, review_on: datetime.date, by: User) -> Risk:
    """Say that a risk still stands and when to ask again.

    Raises:
        RuleBroken: the risk has ended, or the review day is not within the next year.
    """
    risk = _standing(risk)
    _check_review(review_on)
    before, risk.review_on = risk.review_on, review_on
    risk.save(update_fields=["review_on"])
    audit.record(
        "risk_kept", service=risk.service, by=by, on=risk, changes={"review_on": [before, review_on]}
    )
    return risk


@transaction.atomic
def end(*, risk: Risk, by: User) -> Risk:
    """Say that a risk is over. The row stays, with who ended it and when.

    Raises:
        RuleBroken: somebody ended it before.
    """
    risk = _standing(risk)
    risk.ended_at, risk.ended_by = timezone.now(), by
    risk.save(update_fields=["ended_at", "ended_by"])
    audit.record(
        "risk_ended", service=risk.service, by=by, on=risk, changes={"ended_at": [None, risk.ended_at]}
    )
    return risk


def _alike(detail: str) -> str:
    return " ".join(detail.split()).casefold()


def _standing(risk: Risk) -> Risk:
    risk = Risk.objects.select_for_update(of=["self"]).select_related("service").get(pk=risk.pk)
    if risk.ended_at is not None:
        raise RuleBroken(
            f"Somebody ended this risk on {timezone.localtime(risk.ended_at):%-d %B %Y}. "
            "If it still stands, note it again."
        )
    return risk


def _check_review(review_on: datetime.date) -> None:
    today = timezone.localdate()
    if review_on <= today:
        raise RuleBroken(
            "Choose a review day after today. On that day the page asks whether the risk still stands."
        )
    if (review_on - today).days > LONGEST_REVIEW_DAYS:
        raise RuleBroken("Choose a review day within a year. A risk nobody looks at for longer misleads.")
