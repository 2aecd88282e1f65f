"""How a service works, what it agreed with a client, and looking at that together."""

import datetime
from dataclasses import asdict
from enum import Enum

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from casework import support
from casework.actions import silence
from casework.allocation.weights import rhythm_of
from casework.models import Boundaries, Case, CaseReview, OriginTold, WayOfWorking
from casework.support import Way
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

LONGEST_AHEAD_DAYS = 366
CHANGED = (
    "Somebody else changed this while you were writing. Theirs is kept, and yours is still in the form. "
    "Open the page in a second tab to compare, then save again."
)


class Unseen(Enum):
    """What stands for a writer who started from no page."""

    UNSEEN = "unseen"


UNSEEN = Unseen.UNSEEN


@transaction.atomic
def set_way(
    *, service: Service, way: Way, seen: int | Unseen | None = UNSEEN, by: User | None
) -> WayOfWorking:
    """Say how the service makes a first contact and how long support goes on, from now on.

    `seen` is the id of the row that the writer started from, None for none; nothing is asked of a writer who
    looked at none.

    Raises:
        RuleBroken: a service cannot work this way, or somebody else changed it since it was seen.
    """
    support.check_way(way)
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)
    check_seen(service.ways_of_working.first(), seen)
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
    seen: int | Unseen | None = UNSEEN,
    by: User,
) -> CaseReview:
    """Write down that worker and client looked at support together, and when they will again.

    Raises:
        RuleBroken: the episode has ended, a day is not within the next year, or somebody else looked at it with
            them since the row `seen`.
    """
    case = _locked(case)
    if not case.is_open:
        raise RuleBroken("This episode has ended, so there is nothing to review.")
    check_seen(case.reviews.first(), seen)
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
    seen: int | Unseen | None = UNSEEN,
    by: User,
) -> Boundaries:
    """Write down what worker and client agreed about being in touch; the case weighs by its rhythm.

    Raises:
        RuleBroken: nothing was agreed, the episode has ended, or somebody else agreed something since the row
            `seen`.
    """
    case = _locked(case)
    if not case.is_open:
        raise RuleBroken("This episode has ended. If the person is back, open a new episode.")
    check_seen(case.boundaries.first(), seen)
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
    before, case.rhythm = case.rhythm, rhythm_of(rhythm_days)
    silence.note(case)
    case.save(update_fields=["rhythm", "silent_after"])
    changes = {"case": case.pk, "rhythm": [before, case.rhythm]}
    audit.record("boundaries_agreed", service=case.service, by=by, on=row, changes=changes)
    return row


def check_seen(newest: Model | None, seen: int | Unseen | None) -> None:
    """Raise RuleBroken where the newest row is not the one that the writer started from."""
    if seen is not UNSEEN and (newest.pk if newest else None) != seen:
        raise RuleBroken(CHANGED)


def _locked(case: Case) -> Case:
    return Case.objects.select_for_update(of=["self"]).select_related("service").get(pk=case.pk)


def _check_ahead(day: datetime.date | None) -> None:
    if day is None:
        return
    today = timezone.localdate()
    if day <= today:
        raise RuleBroken(f"{day:%-d %B %Y} is not after today. Choose a later day.")
    if (day - today).days > LONGEST_AHEAD_DAYS:
        raise RuleBroken(f"{day:%-d %B %Y} is more than a year away. Choose an earlier day.")
