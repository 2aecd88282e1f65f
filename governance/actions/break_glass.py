"""Opening a record outside one's caseload, and looking at it afterwards."""

import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit
from governance.models import (
    BreakGlass,
    BreakGlassReview,
    OpeningReason,
    Person,
    ReviewOutcome,
    Seal,
    Service,
    User,
)
from governance.need_to_know import same_last_name
from governance.rules import RuleBroken


@transaction.atomic
def open(*, service: Service, person: Person, reason: str, words: str, by: User) -> BreakGlass:
    """Open a person's record for `service.break_glass_hours`; sent twice it is one opening.

    Raises:
        RuleBroken: the person belongs to another service, or no reason is given in code and words.
    """
    _check_reason(service, person, reason, words)
    # Two tabs at once would both find no opening that is still good.
    person = Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    sealed = Seal.objects.standing().filter(person=person).exists()
    now = timezone.now()
    valid = BreakGlass.objects.valid(by, now).filter(person=person, sealed=sealed).first()
    if valid is not None:
        return valid
    row = service.break_glasses.create(
        person=person,
        reason=reason,
        words=words.strip(),
        sealed=sealed,
        same_last_name=same_last_name(by.name, person.last_name),
        by=by,
        at=now,
        until=now + datetime.timedelta(hours=service.break_glass_hours),
    )
    changes = {"reason": reason, "until": row.until, "sealed": sealed, "same_last_name": row.same_last_name}
    audit.record("reason_given", service=service, by=by, on=person, changes=changes)
    return row


@transaction.atomic
def review(*, opening: BreakGlass, outcome: str, note: str = "", by: User) -> BreakGlassReview:
    """Say whether there was a need to know. Final; nobody reviews their own.

    Raises:
        RuleBroken: it is one's own, was reviewed before, or needs following up without saying what.
    """
    if opening.by_id == by.pk:
        raise RuleBroken("You opened this record yourself. Somebody else must review it.")
    if outcome == ReviewOutcome.FOLLOW_UP and not note.strip():
        raise RuleBroken("Say what needs following up.")
    row = _reviewed(opening, outcome, note.strip(), by)
    changes = {"outcome": outcome, "person": opening.person_id, "opened_by": opening.by_id}
    audit.record("opening_reviewed", service=opening.service, by=by, on=opening, changes=changes)
    return row


def _check_reason(service: Service, person: Person, reason: str, words: str) -> None:
    if person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service.")
    if reason not in OpeningReason.values:
        raise RuleBroken("Choose why you need to open this record.")
    if not words.strip():
        raise RuleBroken("Say in a few words why you need to open this record.")


def _reviewed(opening: BreakGlass, outcome: str, note: str, by: User) -> BreakGlassReview:
    """Two leads may review at once: the constraint lets one of them through."""
    try:
        with transaction.atomic():
            return opening.service.break_glass_reviews.create(
                opening=opening, outcome=outcome, note=note, by=by
            )
    except IntegrityError as problem:
        raise RuleBroken(
            "Somebody reviewed this already. A review is final; nothing was changed."
        ) from problem
