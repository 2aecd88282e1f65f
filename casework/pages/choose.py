"""Whom was the contact with? One's own clients first; the others by what is typed of them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from casework.models import Case
from casework.pages.cases import Row, in_reach, rows, shown_to
from governance import audit, search
from governance.models import Membership

MOST = 60


@dataclass(frozen=True)
class Choose:
    """The page."""

    words: str
    mine: list[Row]
    others: list[Row]
    more: bool


def build(membership: Membership, *, words: str) -> Choose:
    """Open cases of those who may be meant, one's own first: five queries at most.

    With nothing typed only cases that open unasked; a sealed name is found by nothing that is typed.
    """
    found = _sought(membership, words) if words.strip() else _offered(membership)
    shown = rows(membership, found[:MOST])
    among = membership.service.cases.filter(pk__in=[row.case.pk for row in shown])
    carried = set(among.carried_by(membership.user, timezone.localdate()).values_list("pk", flat=True))
    return Choose(
        words=words,
        mine=[row for row in shown if row.case.pk in carried],
        others=[row for row in shown if row.case.pk not in carried],
        more=len(found) > MOST,
    )


def _offered(membership: Membership) -> list[Case]:
    cases = membership.service.cases.open().select_related("person", "worker").mine_first(membership.user)
    cases = in_reach(membership, cases).not_sealed_from(membership.user)
    return list(shown_to(membership, cases)[: MOST + 1])


def _sought(membership: Membership, words: str) -> list[Case]:
    """The open cases of those a search finds, likeliest first."""
    service, user = membership.service, membership.user
    open_cases = service.cases.open().not_sealed_from(user)
    among = service.people.filter(Exists(open_cases.filter(person=OuterRef("pk"))))
    order = {each.person: place for place, each in enumerate(search.find(service, words, among))}
    cases = open_cases.filter(person__in=list(order)[: MOST + 1]).select_related("person", "worker")
    return sorted(shown_to(membership, cases), key=lambda case: (order[case.person_id], -case.pk))


def look(membership: Membership, page: Choose) -> None:
    """Note a search: how many letters and how many found, never the letters of a name."""
    changes = {
        "page": "casework:choose_client",
        "letters": len(page.words.strip()),
        "found": len(page.mine) + len(page.others),
    }
    audit.look("people_searched", service=membership.service, by=membership.user, changes=changes)
