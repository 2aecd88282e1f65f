"""Contacts that came from a phone and could not be logged as they were."""

import datetime
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from casework.actions import contact as contacts
from casework.models import Case, Contact, HeldContact, SettledEntry
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

LONGEST_REASON = 500


# What makes two entries of one form two contacts. The plan is left out: it may have changed since.
CONTENT = ("kind", "outcome", "minutes", "travel_minutes", "partners", "note")


def key_to_take_in(
    *, service: Service, key: uuid.UUID, written_at: datetime.datetime, told: dict[str, Any], by: User
) -> uuid.UUID | None:
    """The key to store an entry under; None where it came before, even if what it became was taken back.

    It is the key of the entry, unless something else was stored under that: a copied tab, or a page that Back
    brought again. Then it is another key, which is the same each time this entry comes.
    `told` is what the entry says, where it could be read.
    """
    if not _is_stored(service, key):
        return key
    second = second_key(key, written_at)
    if _is_stored(service, second) or _is_this_entry(service, key, written_at, told, by):
        return None
    return second


def second_key(key: uuid.UUID, written_at: datetime.datetime) -> uuid.UUID:
    """The key of what was written at that moment in a form whose own key is used for something else."""
    return uuid.uuid5(key, written_at.astimezone(datetime.UTC).isoformat())


def _is_stored(service: Service, key: uuid.UUID) -> bool:
    # The default manager leaves out what was taken back. Held comes first: settled at this moment, it is found below.
    models = (HeldContact, Contact, SettledEntry)
    return any(model._base_manager.filter(service=service, key=key).exists() for model in models)


def _is_this_entry(
    service: Service, key: uuid.UUID, written_at: datetime.datetime, told: dict[str, Any], by: User
) -> bool:
    """Whether what is stored under a key was written at the same moment, or says the same."""
    came = {"service": service, "key": key, "by": by, "written_at": written_at}
    if any(model._base_manager.filter(**came).exists() for model in (HeldContact, SettledEntry)):
        return True
    contact = Contact._base_manager.filter(service=service, key=key, by=by).first()
    if contact is None:
        return False
    if contact.written_at is not None:
        return contact.written_at == written_at
    # Sent by the open form, its answer lost: nothing says when the phone kept it.
    return all(getattr(contact, name) == told.get(name) for name in ("case_id", *CONTENT))


@transaction.atomic
def hold(
    *,
    service: Service,
    key: uuid.UUID,
    written_at: datetime.datetime,
    case: Case | None,
    content: str,
    reason: str,
    by: User,
) -> HeldContact:
    """Keep what was typed until its author has put it right. Sent again, it is the row there already.

    `content` is the form as it is sent; `written_at` is by the phone's clock.
    """
    told = {
        "service": service,
        "by": by,
        "case": case,
        "written_at": written_at,
        "content": content,
        "reason": reason[:LONGEST_REASON],
    }
    held, is_new = HeldContact.objects.get_or_create(key=key, defaults=told)
    if is_new:
        audit.record("contact_held", service=service, by=by, on=held, changes={"case": case and case.pk})
    return held


@transaction.atomic
def settle(*, held: HeldContact, contact: Contact | None, by: User) -> None:
    """It was logged, or thrown away (no contact): what was kept is gone, but for the key, so that it stays away.

    Raises:
        RuleBroken: it was settled or taken over meanwhile.
    """
    held = _waiting_for(by, held)
    held.service.settled_entries.create(key=held.key, by=held.by, written_at=held.written_at)
    audit.record(
        "contact_held_settled",
        service=held.service,
        by=by,
        on=held,
        changes={"contact": contact.pk if contact else None},
    )
    held.delete()


@transaction.atomic
def log(*, held: HeldContact, case: Case, by: User, **told: Any) -> Contact:
    """Log what was put right, once, and let go of what was kept. Who took it over says in the note who wrote it.

    Raises:
        RuleBroken: it was settled in another tab or taken over, or the contact may not be so (see
            casework.actions.contact.log).
    """
    held = _waiting_for(by, held)
    if held.taken_over_by_id:
        told["note"] = f"{told.get('note', '')}\n\nWritten by {held.by.name}, and logged for them.".strip()
    contact = contacts.log(case=case, by=by, written_at=held.written_at, **told)
    settle(held=held, contact=contact, by=by)
    return contact


@transaction.atomic
def renew_key(*, held: HeldContact, by: User) -> None:
    """Give what is still held a new key where another contact has its key, so that saving again logs a second one."""
    is_taken = Contact._base_manager.filter(key=held.key).exists()
    key = second_key(held.key, held.written_at)
    if not is_taken or not HeldContact.objects.filter(pk=held.pk).update(key=key):
        return
    audit.record("contact_held_key_renewed", service=held.service, by=by, on=held)


@transaction.atomic
def take_over(*, held: HeldContact, reason: str, by: User) -> None:
    """Let a lead put right what its author cannot, for one because they have left.

    Raises:
        RuleBroken: it was settled meanwhile, or waits for this lead already.
    """
    held = _locked(held)
    if held.keeper_id == by.pk:
        raise RuleBroken("This contact waits for you already.")
    before = held.keeper_id
    held.taken_over_by, held.taken_over_at = by, timezone.now()
    held.save(update_fields=["taken_over_by", "taken_over_at"])
    changes = {"keeper": [before, by.pk], "written_by": held.by_id, "reason": reason}
    audit.record("contact_held_taken_over", service=held.service, by=by, on=held, changes=changes)


def _locked(held: HeldContact) -> HeldContact:
    row = HeldContact.objects.select_for_update(of=["self"]).select_related("by").filter(pk=held.pk).first()
    if row is None:
        raise RuleBroken("This contact was put right or thrown away before. Nothing was saved now.")
    return row


def _waiting_for(user: User, held: HeldContact) -> HeldContact:
    row = _locked(held)
    if row.keeper_id != user.pk:
        raise RuleBroken("Somebody else has taken this contact over. Nothing was saved now.")
    return row
