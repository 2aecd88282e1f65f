"""How a service works, what it agreed with a client, and looking at that together."""

import datetime
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from casework import support
from casework.models import Boundaries, Case, CaseReview, OriginTold, WayOfWorking
from casework.support import Way
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

LONGEST_AHEAD_DAYS = 366


@transaction.atomic
def set_way(*, service: Service, way: Way, by: User | None) -> WayOfWorking:
    """Say how the service makes a first contact and how long support goes on, from now on.

    Raises:
        RuleBroken: a service cannot work this way; the sentence says what to change.
    """
    support.check_way(way)
    told = {**asdict(way), "ladder": [asdict(each) for each in way.ladder]}
    row = service.ways_of_working.create(**told, by=by)
    changes = {"weeks": way.weeks, "review_weeks": way.review_weeks, "tries": len(way.ladder)}
    audit.record("way_of_working_set", service=service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def tell_origin(*, case: Case, words: str, by: User) -> OriginTold:
    """Write down that somebody asked how we got their number, and what was read out.

    Raises:
        RuleBroken: there is nothing to read out.
    """
    if not words.strip():
        raise RuleBroken(
            "The records here do not say where the number came from, so nothing was written down."
        )
    row = case.service.origins_told.create(case=case, words=words, by=by)
    audit.record("origin_told", service=case.service, by=by, on=row, changes={"case": case.pk})
    return row


@transaction.atomic
def review(
    *,
    case: Case,
    words: str = "",
    next_on: datetime.date | None = None,
    until: datetime.date | None = None,
    by: User,
) -> CaseReview:
    """Write down that worker and client looked at support together, and when they will again.

    Raises:
        RuleBroken: the episode has ended, or a day is not within the next year.
    """
    if not case.is_open:
        raise RuleBroken("This episode has ended, so there is nothing to review.")
    for day in (next_on, until):
        _check_ahead(day)
    row = case.service.case_reviews.create(case=case, words=words, next_on=next_on, until=until, by=by)
    changes = {"case": case.pk, "next_on": next_on, "until": until}
    audit.record("case_reviewed", service=case.service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def agree(
    *,
    case: Case,
    ring_when: str = "",
    answer_within: str = "",
    otherwise: str = "",
    rhythm_days: int | None = None,
    calls_a_week: int | None = None,
    by: User,
) -> Boundaries:
    """Write down what worker and client agreed about being in touch.

    Raises:
        RuleBroken: nothing was agreed.
    """
    told = {
        "ring_when": ring_when,
        "answer_within": answer_within,
        "otherwise": otherwise,
        "rhythm_days": rhythm_days,
        "calls_a_week": calls_a_week,
    }
    if all(value in ("", None) for value in told.values()):
        raise RuleBroken("Write down at least one thing that you agreed.")
    row = case.service.boundaries.create(case=case, by=by, **told)
    audit.record("boundaries_agreed", service=case.service, by=by, on=row, changes={"case": case.pk})
    return row


def _check_ahead(day: datetime.date | None) -> None:
    if day is None:
        return
    today = timezone.localdate()
    if day <= today:
        raise RuleBroken(f"{day:%-d %B %Y} is not after today. Choose a later day.")
    if (day - today).days > LONGEST_AHEAD_DAYS:
        raise RuleBroken(f"{day:%-d %B %Y} is more than a year away. Choose an earlier day.")
