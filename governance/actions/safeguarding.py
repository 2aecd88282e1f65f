"""Who the safeguarding lead of a service is."""

import datetime

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.models import SafeguardingLead, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def name_lead(
    *, service: Service, name: str, role: str, contact: str, ends_on: datetime.date | None, by: User
) -> SafeguardingLead:
    """Name the safeguarding lead, in the place of the one before. Without one no list takes people under 18.

    Raises:
        RuleBroken: the last day has passed.
    """
    if ends_on is not None and ends_on < timezone.localdate():
        raise RuleBroken("The last day has passed. Enter today or a later day, or leave it empty.")
    row: SafeguardingLead = service.safeguarding_leads.create(
        name=name, role=role, contact=contact, ends_on=ends_on, named_by=by
    )
    changes = {"role": role, "ends_on": ends_on}
    audit.record("safeguarding_lead_named", service=service, by=by, on=row, changes=changes)
    return row
