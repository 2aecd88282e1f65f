"""Contacts that came from a phone and could not be logged as they were."""

import datetime
import uuid

from django.db import transaction

from casework.models import Case, Contact, HeldContact
from governance import audit
from governance.models import Service, User

LONGEST_REASON = 500


def was_taken_in(*, service: Service, key: uuid.UUID, by: User) -> bool:
    """Whether this entry of theirs came before: logged, also if taken back since, or held."""
    # The default manager leaves out what was taken back.
    logged = Contact._base_manager.filter(service=service, key=key, by=by)
    return logged.exists() or HeldContact.objects.filter(service=service, key=key, by=by).exists()


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
    """Its author has logged it, or thrown it away (no contact): what was kept is gone."""
    audit.record(
        "contact_held_settled",
        service=held.service,
        by=by,
        on=held,
        changes={"contact": contact.pk if contact else None},
    )
    held.delete()
