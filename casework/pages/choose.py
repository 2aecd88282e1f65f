"""Whom was the contact with? One's own clients first; the others by their first letters."""

from dataclasses import dataclass

from django.db.models import Q

from casework.models import Case
from governance.models import Service, User

MOST = 60


@dataclass(frozen=True)
class Choose:
    """The page."""

    words: str
    mine: list[Case]
    others: list[Case]
    more: bool


def build(service: Service, user: User, *, words: str) -> Choose:
    """Open cases whose client's first or last name starts so: one query, one's own first."""
    cases = service.cases.open().select_related("person", "worker").mine_first(user)
    for word in words.split()[:3]:
        cases = cases.filter(Q(person__first_name__istartswith=word) | Q(person__last_name__istartswith=word))
    found = list(cases[: MOST + 1])
    shown = found[:MOST]
    return Choose(
        words=words,
        mine=[case for case in shown if case.worker_id == user.pk],
        others=[case for case in shown if case.worker_id != user.pk],
        more=len(found) > MOST,
    )
