"""Writing agreements."""

import datetime
from collections.abc import Sequence

from django.db import transaction

from governance import audit
from governance.models import Agreement, Frequency, Organisation, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *,
    service: Service,
    title: str,
    sharer: Organisation,
    recipient: Organisation,
    purpose: str,
    allowed_fields: Sequence[str],
    valid_from: datetime.date,
    valid_to: datetime.date | None = None,
    frequency: str = Frequency.QUARTERLY,
    by: User | None,
) -> Agreement:
    """An agreement under which `sharer` may send these fields to the service.

    Raises:
        RuleBroken: when the service has an agreement of that title.
    """
    if service.agreements.filter(title=title).exists():
        raise RuleBroken(f'There is an agreement called "{title}" already. Choose another title.')
    agreement = Agreement.objects.create(
        service=service,
        title=title,
        sharer=sharer,
        recipient=recipient,
        purpose=purpose,
        allowed_fields=list(allowed_fields),
        valid_from=valid_from,
        valid_to=valid_to,
        frequency=frequency,
    )
    changes = {"fields": list(allowed_fields), "valid_from": valid_from, "valid_to": valid_to}
    audit.record("agreement_added", service=service, by=by, on=agreement, changes=changes)
    return agreement
