"""What people decided about their own information."""

import datetime

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.models import Consent, ConsentDecision, Person, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def record(
    *,
    service: Service,
    person: Person,
    scope: str,
    decision: str,
    method: str,
    words: str = "",
    by: User,
    decided_at: datetime.datetime | None = None,
) -> Consent:
    """Add a person's decision on one scope; the newest row of a scope stands, none is edited.

    `words` are the person's own. `decided_at` is aware and defaults to now.

    Raises:
        RuleBroken: the person belongs to another service, the time is in the future, or something
            is taken back that was not given.
    """
    # Two decisions on one person at once would both look at the same row before.
    person = Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    before = latest(person).get(scope)
    _check(service, person, decision, before, decided_at)
    row = service.consents.create(
        person=person,
        scope=scope,
        decision=decision,
        method=method,
        words=words,
        decided_at=decided_at or timezone.now(),
        by=by,
    )
    changes = {"scope": scope, "decision": [before.decision if before else None, decision]}
    audit.record("consent_recorded", service=service, by=by, on=row, changes=changes)
    return row


def latest(person: Person) -> dict[str, Consent]:
    """The decision that stands for each scope on which the person decided anything."""
    rows = person.consents.select_related("by").order_by("scope", "-decided_at", "-pk").distinct("scope")
    return {row.scope: row for row in rows}


def _check(
    service: Service,
    person: Person,
    decision: str,
    before: Consent | None,
    decided_at: datetime.datetime | None,
) -> None:
    if person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service. Record the decision there.")
    if decided_at is not None and decided_at > timezone.now() + datetime.timedelta(minutes=15):
        raise RuleBroken("The day of the decision is in the future. Enter the day when the person decided.")
    given = before is not None and before.decision == ConsentDecision.GIVEN
    if decision == ConsentDecision.WITHDRAWN and not given:
        raise RuleBroken(
            'The person has not said yes to this, so there is nothing to take back. Choose "Said no" instead.'
        )
