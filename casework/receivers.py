"""What casework does when governance or cohorts has news, and what it answers when cohorts asks."""

from typing import Any

from django.dispatch import receiver

from casework import team
from casework.actions import case, reappearance, recall
from casework.allocation.weights import Facts
from cohorts.models import Candidate, Extract, Referral
from cohorts.signals import (
    extract_stored,
    extract_undone,
    people_with_open_case,
    person_taken_on,
    places_free,
    rows_came_to_people,
    rows_went_from_people,
)
from governance import scope
from governance.models import Consent, ConsentScope, Person, Service, User
from governance.signals import cases_carried, consent_ended


@receiver(person_taken_on)
def open_case(
    sender: Any,
    service: Service,
    person: Person,
    by: User,
    candidate: Candidate | None = None,
    referral: Referral | None = None,
    **kwargs: Any,
) -> None:
    """Open a case for somebody taken on from a list or a referral, inside the transaction that does so."""
    case.open(service=service, person=person, candidate=candidate, referral=referral, by=by)


@receiver(extract_stored)
def look_who_is_back(sender: Any, extract: Extract, **kwargs: Any) -> None:
    """Tell the last workers of people who attend again, inside the transaction that stores the extract."""
    reappearance.look(extract=extract)


@receiver(extract_undone)
def forget_who_was_back(sender: Any, extract: Extract, **kwargs: Any) -> None:
    """Take back what the extract told, inside the transaction that takes the extract back."""
    reappearance.withdraw(extract=extract)


@receiver(rows_came_to_people)
def look_again_who_is_back(
    sender: Any, extract: Extract, people: set[int], by: User | None, **kwargs: Any
) -> None:
    """Tell of people of whom an extract says more, now that it is known whose its rows are."""
    reappearance.look(extract=extract, people=people, by=by)


@receiver(rows_went_from_people)
def forget_who_was_not_back(
    sender: Any, extract: Extract, people: set[int], by: User | None, **kwargs: Any
) -> None:
    """Tell of people what is left of an extract, now that it is not known any more whose its rows are."""
    reappearance.withdraw(extract=extract, people=people, by=by)
    reappearance.look(extract=extract, people=people, by=by)


@receiver(people_with_open_case)
def ids_of_clients(sender: Any, service: Service, **kwargs: Any) -> set[int]:
    """Ids of the people who have an open case in the service."""
    return set(service.cases.open().values_list("person_id", flat=True))


@receiver(places_free)
def free_places(sender: Any, service: Service, **kwargs: Any) -> int | None:
    """How many cases that nobody has scored yet fit into what the team can carry; None where no hours are set."""
    found = team.of(service)
    loads = [load for load in team.loads(found, team.carried(service)) if load.in_team]
    room = [max(0, load.capacity - load.points) for load in loads if load.capacity is not None]
    return int(sum(room) // found.weights.points(Facts())) if room else None


@receiver(consent_ended)
def recall_what_was_shared(sender: Any, consent: Consent, **kwargs: Any) -> None:
    """Make a notice for every partner who received something, inside the transaction of the decision."""
    if consent.scope == ConsentScope.SHARE:
        recall.prepare(consent=consent, by=consent.by)


@receiver(cases_carried)
def number_of_cases(sender: Any, service: Service, user: User, **kwargs: Any) -> int:
    """How many open cases somebody is the worker of: a number and nobody's name.

    An administrator, who ends access, reaches no person and would otherwise be told 0.
    """
    with scope.of(service, by=user):
        return service.cases.open().filter(worker=user).count()
