"""What people decided about their own information."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance import audit, standing
from governance.asked_once import asked_once
from governance.models import (
    UNNAMED_PARTNERS,
    Consent,
    ConsentDecision,
    ConsentScope,
    MentalCapacity,
    Partner,
    Person,
    Service,
    User,
)
from governance.rules import RuleBroken
from governance.signals import consent_ended
from governance.standing import Matter

# The same answer typed into the same form twice is one decision.
SAME_FORM = datetime.timedelta(minutes=10)
SAID = (
    "decision",
    "method",
    "items",
    "words",
    "told",
    "capacity",
    "capacity_note",
    "best_interests",
    "stands_until",
    "by_id",
)
CLOCK_SLACK = datetime.timedelta(minutes=15)


@transaction.atomic
def record(
    *,
    service: Service,
    person: Person,
    scope: str,
    decision: str,
    method: str,
    partner: Partner | None = None,
    purpose: str = "",
    items: Sequence[str] = (),
    words: str = "",
    told: str = "",
    capacity: str = "",
    capacity_note: str = "",
    best_interests: str = "",
    stands_until: datetime.date | None = None,
    by: User,
    decided_at: datetime.datetime | None = None,
) -> Consent:
    """Add a person's decision on one matter; the newest row of a matter stands, none is edited.

    `words` are the person's own, `told` is what was said to them. `stands_until` is the last day on
    which a yes stands. `decided_at` is aware and defaults to now. A no after a yes, or taking it
    back, sends `consent_ended`.

    Raises:
        RuleBroken: the person or the partner belongs to another service, the time is in the future or
            before a newer decision, a note on capacity is missing, a yes to sharing does not say
            what is shared, or something is taken back that was not given.
    """
    # Two decisions on one person at once would both look at the same row before, and nothing may be
    # shared while a yes is being taken back.
    person = Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    row = Consent(
        service=service,
        person=person,
        scope=scope,
        partner=partner,
        purpose=purpose,
        items=sorted(items) if decision == ConsentDecision.GIVEN else [],
        decision=decision,
        method=method,
        words=words,
        told=told,
        capacity=capacity,
        capacity_note=capacity_note,
        best_interests=best_interests,
        stands_until=stands_until,
        decided_at=decided_at or timezone.now(),
        recorded_at=timezone.now(),
        by=by,
    )
    before = latest(person).get(row.matter)
    _check_place_and_time(row, before, is_now=decided_at is None)
    if before is not None and _is_the_same(before, row):
        return before
    _check_content(row, before)
    row.save()
    if before is not None and before.decision == ConsentDecision.GIVEN and decision != before.decision:
        consent_ended.send(Consent, consent=row)
    changes = {
        "scope": scope,
        "partner": partner.pk if partner else None,
        "purpose": purpose,
        "decision": [before.decision if before else None, decision],
    }
    audit.record("consent_recorded", service=service, by=by, on=row, changes=changes)
    return row


def latest(person: Person) -> dict[Matter, Consent]:
    """The newest decision on each matter on which the person decided anything; one query."""
    return {row.matter: row for row in _latest(person)}


@asked_once
def _latest(person: Person) -> QuerySet[Consent]:
    return (
        person.consents.select_related("by", "partner__organisation")
        .order_by("scope", "partner_id", "purpose", "-decided_at", "-pk")
        .distinct("scope", "partner_id", "purpose")
    )


def history(person: Person) -> list[Consent]:
    """Every decision of the person, newest first; one query."""
    return list(person.consents.select_related("by", "partner__organisation"))


def in_force(person: Person, *, on: datetime.date) -> dict[Matter, Consent]:
    """What the person says yes to now, asked on the day `on`, which is today."""
    return standing.standing(latest(person).values(), on=on)


def _is_the_same(before: Consent, row: Consent) -> bool:
    return row.decided_at - before.decided_at < SAME_FORM and all(
        getattr(before, name) == getattr(row, name) for name in SAID
    )


def _check_place_and_time(row: Consent, before: Consent | None, *, is_now: bool) -> None:
    if row.person.service_id != row.service_id:
        raise RuleBroken("This person belongs to another service. Record the decision there.")
    if row.partner is not None and row.partner.service_id != row.service_id:
        raise RuleBroken("This partner belongs to another service. Choose one of yours.")
    if row.decided_at > timezone.now() + CLOCK_SLACK:
        raise RuleBroken("The day of the decision is in the future. Enter the day when the person decided.")
    if before is None or before.decided_at <= row.decided_at:
        return
    if not is_now:
        raise RuleBroken(
            f"There is a newer decision on this, of {before.decided_on:%-d %B %Y}. "
            "Record what the person decides today."
        )
    # The row before came from a clock that ran ahead; this one is later all the same.
    row.decided_at = before.decided_at


def _check_content(row: Consent, before: Consent | None) -> None:
    was_given = before is not None and before.decision == ConsentDecision.GIVEN
    if row.decision == ConsentDecision.WITHDRAWN and not was_given:
        raise RuleBroken(
            'The person has not said yes to this, so there is nothing to take back. Choose "Said no" instead.'
        )
    if row.capacity == MentalCapacity.LACKED and not (row.capacity_note and row.best_interests):
        raise RuleBroken(
            "Write how you judged that they lacked capacity, and who decided in their best interests."
        )
    if row.decision == ConsentDecision.GIVEN:
        _check_yes(row)


def _check_yes(row: Consent) -> None:
    if row.scope in UNNAMED_PARTNERS:
        raise RuleBroken("Name the partner organisation that they say yes to.")
    if row.stands_until is not None and row.stands_until < timezone.localdate():
        raise RuleBroken(
            "The last day of the yes has passed. Choose today or a later day, or leave it empty."
        )
    if row.scope == ConsentScope.PUBLISH and row.capacity == MentalCapacity.LACKED:
        raise RuleBroken("A story is published only on the person's own yes. Nobody can say it for them.")
    if row.scope != ConsentScope.SHARE:
        return
    if row.partner is not None and row.partner.ended_at is not None:
        raise RuleBroken(f"{row.partner} is no partner of this service any more.")
    if not row.items:
        raise RuleBroken("Tick what may be shared.")
