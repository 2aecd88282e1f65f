"""Logging what was done with or for a client."""

import datetime
import uuid

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from casework import rules
from casework.actions import silence
from casework.models import Case, Contact, ContactOutcome, ContactTakenBack
from casework.support import Way
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
    travel_minutes: int | None = None,
    partners: str = "",
    note: str = "",
    next_contact_on: datetime.date | None = None,
    late_reason: str = "",
    written_at: datetime.datetime | None = None,
) -> Contact:
    """Store a contact once: the same key with the same content returns the contact already there.

    `happened_at` is aware and defaults to now; `minutes` is how long it took, `travel_minutes` the way there
    and back. The day of the next contact replaces the one before, and None means that none is planned, except
    that a "not now" comes up again after the days of the service's way of working. The first attempt towards
    the person sets the index date (see rules.index_date_after). A "no" does not move the case:
    that is for the worker to decide. `written_at` is by the clock of a phone that had no network: late and
    "has passed" are counted from then, and a plan made since by somebody else stays.

    Raises:
        RuleBroken: the time is in the future or before 1900, it is logged late without a reason, the next
            day has passed or is over a year away, or the key was used before for something else.
    """
    if written_at is not None and timezone.now() - written_at > rules.LONGEST_ON_A_PHONE:
        if happened_at is None:
            raise RuleBroken(
                f"By the phone's clock this was written on {timezone.localtime(written_at):%-d %B %Y}, which is too "
                "long ago to be believed. Enter the day it happened."
            )
        written_at = None
    rows = Case.objects.select_for_update(of=["self"]).select_related("service", "referral")
    case = rows.get(pk=case.pk)
    contact = Contact(
        service=case.service,
        case=case,
        key=key,
        happened_at=happened_at or written_at or timezone.now(),
        kind=kind,
        outcome=outcome,
        minutes=minutes,
        travel_minutes=travel_minutes,
        partners=partners,
        note=note,
        next_contact_on=next_contact_on,
        replaced_next_on=case.next_contact_on,
        late_reason=late_reason,
        by=by,
        written_at=written_at,
    )
    earlier = Contact._base_manager.filter(key=key).select_related("taken_back").first()
    if earlier is not None:
        return _same(earlier, contact, at_a_time_given=happened_at is not None)
    rules.check_happened(contact.happened_at, now=timezone.now())
    today = timezone.localdate(written_at)
    rules.check_late(timezone.localdate(contact.happened_at), today=today, reason=late_reason)
    rules.check_next_contact(next_contact_on, today=today)
    contact.save()
    _keep_in_step(case, contact)
    if case.referral is not None and rules.is_towards(kind, outcome):
        referrals.contacted(referral=case.referral, at=contact.happened_at, by=by)
    audit.record("contact_logged", service=case.service, by=by, on=contact, changes={"case": case.pk})
    return contact


@transaction.atomic
def take_back(*, contact: Contact, by: User) -> ContactTakenBack:
    """Undo a contact logged by mistake; the case stands as if it had not been logged.

    What the person was told about their information at that contact stays: it was said.

    Raises:
        RuleBroken: too much time has passed, it is somebody else's, or it was taken back before.
    """
    rows = Case.objects.select_for_update(of=["self"]).select_related("service", "referral")
    case = rows.get(pk=contact.case_id)
    if contact.by_id != by.pk:
        raise RuleBroken("Only who logged a contact can take it back.")
    if ContactTakenBack.objects.filter(contact=contact).exists():
        raise RuleBroken("This contact was taken back before.")
    rules.check_take_back(contact.logged_at, now=timezone.now())
    row = case.service.contacts_taken_back.create(contact=contact, by=by)
    _as_before(case, contact)
    audit.record("contact_taken_back", service=case.service, by=by, on=contact, changes={"case": case.pk})
    return row


def lacks_notice(contact: Contact, *, is_told: bool) -> bool:
    """Whether the contact is complete only once the person is told how their information is used."""
    others = Contact.objects.filter(case__person=contact.case.person_id, outcome=ContactOutcome.REACHED)
    others = others.exclude(pk=contact.pk).exclude(kind__in=rules.NOT_TOWARDS_THE_PERSON)
    return not is_told and rules.notice_owed(
        is_told=is_told, kind=contact.kind, outcome=contact.outcome, reached_before=others.exists()
    )


def _same(earlier: Contact, again: Contact, *, at_a_time_given: bool) -> Contact:
    """The contact stored before, unless the second form says something else."""
    if hasattr(earlier, "taken_back"):
        raise RuleBroken(
            f"You took this contact back at {timezone.localtime(earlier.taken_back.at):%H:%M}. "
            "Save again to log it after all."
        )
    told = ["case_id", "kind", "outcome", "minutes", "travel_minutes", "partners", "note"]
    told += ["next_contact_on", "by_id"]
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
    if contact.kind not in rules.NO_CONTACT:
        case.last_contact_at = max(case.last_contact_at or contact.happened_at, contact.happened_at)
    if not case.is_open:
        case.next_contact_on = None
    elif not _written_before_another(contact):
        case.next_contact_on = _next_on(case, contact)
    case.index_date = rules.index_date_after(
        case.index_date, kind=contact.kind, outcome=contact.outcome, happened_on=happened_on
    )
    silence.note(case)
    case.save(update_fields=["last_contact_at", "next_contact_on", "index_date", "silent_after"])


def _written_before_another(contact: Contact) -> bool:
    """Whether somebody planned after this was written on a phone, though it arrives only now."""
    if contact.written_at is None:
        return False
    written = Coalesce("written_at", "logged_at")
    others = Contact.objects.filter(case=contact.case_id).exclude(pk=contact.pk).annotate(written=written)
    return others.filter(written__gt=contact.written_at).exists()


def _next_on(case: Case, contact: Contact) -> datetime.date | None:
    """The day that was said; a "not now" without one comes up again after the days of the service."""
    if contact.next_contact_on is not None or contact.outcome != ContactOutcome.NOT_NOW:
        return contact.next_contact_on
    row = case.service.ways_of_working.first()
    way = row.way if row else Way()
    return timezone.localdate(contact.happened_at) + datetime.timedelta(days=way.ask_again_days)


def _as_before(case: Case, contact: Contact) -> None:
    """The dates of the case without this contact, which no longer stands."""
    newest = case.contacts.exclude(kind__in=rules.NO_CONTACT).order_by("-happened_at").first()
    case.last_contact_at = newest.happened_at if newest else None
    if case.is_open and not case.contacts.filter(pk__gt=contact.pk).exists():
        case.next_contact_on = _plan_before(case, contact)
    first = case.contacts.towards().order_by("happened_at").first()
    if case.index_date == timezone.localdate(contact.happened_at):
        case.index_date = timezone.localdate(first.happened_at) if first else None
    if case.referral is not None:
        referrals.not_contacted(referral=case.referral, at=contact.happened_at, by=contact.by)
        if first:
            referrals.contacted(referral=case.referral, at=first.happened_at, by=first.by)
    silence.note(case)
    case.save(update_fields=["last_contact_at", "next_contact_on", "index_date", "silent_after"])


def _plan_before(case: Case, contact: Contact) -> datetime.date | None:
    """The plan that stood before this contact and those just before it that were taken back as well."""
    logged = Contact._base_manager.filter(case=case)
    standing = logged.filter(pk__lt=contact.pk, taken_back=None).order_by("-pk").first()
    after = logged.filter(pk__gt=standing.pk) if standing else logged
    first = after.order_by("pk").first() or contact
    return first.replaced_next_on
