"""Logging what was done with or for a client."""

import datetime
import uuid

from django.db import transaction
from django.utils import timezone

from casework import rules
from casework.models import Case, Contact, ContactOutcome
from cohorts.actions import referral as referrals
from governance import audit
from governance.models import User
from governance.rules import RuleBroken


@transaction.atomic
def log(
    *,
    case: Case,
    key: uuid.UUID,
    kind: str,
    outcome: str,
    by: User,
    happened_at: datetime.datetime | None = None,
    minutes: int | None = None,
    note: str = "",
    next_contact_on: datetime.date | None = None,
) -> Contact:
    """Store a contact once: the same key with the same content returns the contact already there.

    `happened_at` is aware and defaults to now; `minutes` is how long it took. The day of the next
    contact replaces the one before, and None means that none is planned. The first attempt towards
    the person sets the index date (see rules.index_date_after). A "no" does not move the case:
    that is for the worker to decide.

    Raises:
        RuleBroken: the time is in the future or before 1900, the next day has passed or is over a
            year away, or the key was used before for something else.
    """
    rows = Case.objects.select_for_update(of=["self"]).select_related("service", "referral")
    case = rows.get(pk=case.pk)
    contact = Contact(
        service=case.service,
        case=case,
        key=key,
        happened_at=happened_at or timezone.now(),
        kind=kind,
        outcome=outcome,
        minutes=minutes,
        note=note,
        next_contact_on=next_contact_on,
        by=by,
    )
    earlier = Contact.objects.filter(key=key).first()
    if earlier is not None:
        return _same(earlier, contact, at_a_time_given=happened_at is not None)
    rules.check_happened(contact.happened_at, now=timezone.now())
    rules.check_next_contact(next_contact_on, today=timezone.localdate())
    contact.save()
    _keep_in_step(case, contact)
    if case.referral is not None and kind not in rules.NOT_TOWARDS_THE_PERSON:
        referrals.contacted(referral=case.referral, at=contact.happened_at, by=by)
    audit.record("contact_logged", service=case.service, by=by, on=contact, changes={"case": case.pk})
    return contact


def lacks_notice(contact: Contact, *, is_told: bool) -> bool:
    """Whether the contact is complete only once the person is told how their information is used."""
    others = Contact.objects.filter(case__person=contact.case.person_id, outcome=ContactOutcome.REACHED)
    others = others.exclude(pk=contact.pk).exclude(kind__in=rules.NOT_TOWARDS_THE_PERSON)
    return not is_told and rules.notice_owed(
        is_told=is_told, kind=contact.kind, outcome=contact.outcome, reached_before=others.exists()
    )


def _same(earlier: Contact, again: Contact, *, at_a_time_given: bool) -> Contact:
    """The contact stored before, unless the second form says something else."""
    told = ["case_id", "kind", "outcome", "minutes", "note", "next_contact_on", "by_id"]
    if at_a_time_given:
        told.append("happened_at")
    if all(getattr(earlier, name) == getattr(again, name) for name in told):
        return earlier
    raise RuleBroken(
        f"A contact was saved from this form at {timezone.localtime(earlier.logged_at):%H:%M}, with other "
        "content. What you typed since is still below. Save again to log it as a second contact."
    )


def _keep_in_step(case: Case, contact: Contact) -> None:
    happened_on = timezone.localdate(contact.happened_at)
    case.last_contact_at = max(case.last_contact_at or contact.happened_at, contact.happened_at)
    case.next_contact_on = contact.next_contact_on if case.is_open else None
    case.index_date = rules.index_date_after(case.index_date, kind=contact.kind, happened_on=happened_on)
    case.save(update_fields=["last_contact_at", "next_contact_on", "index_date"])
