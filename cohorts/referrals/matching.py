"""Whose record a referral belongs to, by what cannot be chance."""

from django.db.models import Q

from cohorts.referrals.rules import Identity, same_person
from governance.models import Person, Service


def person_of(service: Service, told: Identity) -> Person | None:
    """The one person of the service a referral is about; None where there is none, or more than one.

    A record that was merged into another stands for that other.
    """
    fit = [person for person in _near(service, told) if same_person(told, identity_of(person))]
    found = {person.merged_into or person for person in fit}
    return found.pop() if len(found) == 1 else None


def identity_of(person: Person) -> Identity:
    """Who a person is on record."""
    return Identity(person.first_name, person.last_name, person.birth_date, person.nhs_number)


def _near(service: Service, told: Identity) -> list[Person]:
    near = Q()
    if told.nhs_number:
        near |= Q(nhs_number=told.nhs_number)
    if told.birth_date:
        near |= Q(birth_date=told.birth_date)
    return list(service.people.filter(near).select_related("merged_into")) if near else []
