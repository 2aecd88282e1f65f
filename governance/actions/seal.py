"""Sealing a person's record, so that only those named on it open it, and lifting the seal."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from governance import audit
from governance.models import Person, Seal, Service, User
from governance.permissions import role_allows
from governance.roles import Permission
from governance.rules import RuleBroken


@transaction.atomic
def seal(*, service: Service, person: Person, names: Iterable[User], reason: str, by: User) -> Seal:
    """Seal a record to those named; of a sealed one, name others instead.

    Raises:
        RuleBroken: nobody who opens cases today is named, the same are named already, there is no reason,
            the person belongs to another service, or the record is sealed and does not name `by`.
    """
    named = sorted(set(names), key=lambda user: user.pk)
    before = _lock(service, person, reason, by)
    _check_names(service, named)
    if _ids(before) == [user.pk for user in named]:
        raise RuleBroken("The record is sealed to these people already.")
    row = service.seals.create(person=person, sealed=True, reason=reason.strip(), by=by)
    for user in named:
        service.seal_names.create(seal=row, user=user)
    changes = {"names": [_ids(before), [user.pk for user in named]]}
    audit.record("record_sealed", service=service, by=by, on=person, changes=changes)
    return row


@transaction.atomic
def lift(*, service: Service, person: Person, reason: str, by: User) -> Seal:
    """Lift the seal of a record.

    Raises:
        RuleBroken: it is not sealed, there is no reason, or the seal does not name `by`.
    """
    before = _lock(service, person, reason, by)
    if before is None:
        raise RuleBroken("This record is not sealed.")
    row = service.seals.create(person=person, sealed=False, reason=reason.strip(), by=by)
    changes = {"names": [_ids(before), []]}
    audit.record("record_unsealed", service=service, by=by, on=person, changes=changes)
    return row


def _lock(service: Service, person: Person, reason: str, by: User) -> Seal | None:
    """The seal in force, while nobody else changes it."""
    if person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service.")
    if not reason.strip():
        raise RuleBroken("Say why in a few words.")
    Person.objects.select_for_update(of=["self"]).get(pk=person.pk)
    before = service.seals.standing().filter(person=person).first()
    if before is not None and by.pk not in _ids(before) and not _answers_for_records(service, by):
        raise RuleBroken("You are not named on this sealed record. Ask somebody who is, or your IG lead.")
    return before


def _answers_for_records(service: Service, by: User) -> bool:
    roles = service.memberships.in_force(timezone.localdate()).filter(user=by).values_list("role", flat=True)
    return any(role_allows(role, Permission.TRACE_RECORDS) for role in roles)


def _check_names(service: Service, named: list[User]) -> None:
    team = service.memberships.in_force(timezone.localdate()).link_workers()
    able = set(team.values_list("user", flat=True))
    if not named or any(user.pk not in able for user in named):
        raise RuleBroken("Name at least one person who works with cases here today, and nobody else.")


def _ids(seal: Seal | None) -> list[int]:
    return sorted(seal.names.values_list("user", flat=True)) if seal else []
