"""What people decided that others must respect: who is not contacted, who is left out of evaluation."""

import datetime
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from governance.models import Objection, ObjectionDecision, ObjectionScope, OptOut, Person, Service

# While an objection is looked at, the use it is about stops (UK GDPR, articles 18 and 21).
STOPS = (ObjectionDecision.PENDING, ObjectionDecision.UPHELD)
AGAINST_CONTACT = (ObjectionScope.CONTACT, ObjectionScope.PROCESSING)
EVER = Q()
AGAINST_EVALUATION = (ObjectionScope.EVALUATION, ObjectionScope.PROCESSING)


def objections(person: Person) -> list[Objection]:
    """The objections of a person that stop something now."""
    rows = person.objections.order_by("scope", "-at", "-pk").distinct("scope").select_related("by")
    return [row for row in rows if row.decision in STOPS]


def opt_out(person: Person) -> OptOut | None:
    """What is known last about the person's national data opt-out; None where nobody has checked."""
    return person.opt_outs.order_by("-checked_on", "-pk").first()


def objects_to_contact(person: Person) -> bool:
    """Whether the person asked not to be contacted."""
    return any(row.scope in AGAINST_CONTACT for row in objections(person))


def contact_stopped(person: str = "person") -> Exists:
    """Whether the person of a row asked not to be contacted, as part of a query."""
    newer = Objection.objects.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")),
        person=OuterRef("person"),
        scope=OuterRef("scope"),
    )
    standing = Objection.objects.filter(
        ~Exists(newer), person=OuterRef(person), scope__in=AGAINST_CONTACT, decision__in=STOPS
    )
    return Exists(standing)


def not_to_be_contacted(service: Service) -> list[int]:
    """Ids of people who asked not to be contacted."""
    return sorted(_objecting(service, AGAINST_CONTACT))


def left_out_of_evaluation(service: Service, *, before: datetime.datetime | None = None) -> list[int]:
    """Ids of people whose data serve their own care only: opted out nationally, or objected here.

    As things stand now, whatever period is evaluated: a later opt-out covers earlier attendances as well. With a moment
    `before`, by what was written down before it: that is for looking back, and opens no data of anybody.
    """
    written = EVER if before is None else Q(at__lt=before)
    newest = (
        service.opt_outs.filter(written).order_by("person_id", "-checked_on", "-pk").distinct("person_id")
    )
    opted_out = {row.person_id for row in newest if row.opted_out}
    return sorted(opted_out | _objecting(service, AGAINST_EVALUATION, written))


def stop_sentences(person: Person) -> list[str]:
    """What the person objects to, for the banner above every page about them."""
    return [
        f"{row.get_scope_display()}: {row.get_decision_display()} ({row.at:%-d %B %Y})."
        for row in objections(person)
    ]


def _objecting(service: Service, scopes: Iterable[str], written: Q = EVER) -> set[int]:
    newest = (
        service.objections.filter(written, scope__in=scopes)
        .order_by("person_id", "scope", "-at", "-pk")
        .distinct("person_id", "scope")
    )
    return {row.person_id for row in newest if row.decision in STOPS}
