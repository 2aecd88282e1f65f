"""Whom was the contact with? One's own clients first; the others by their first letters."""

from dataclasses import dataclass

from django.db.models import Q

from casework.pages.cases import Row, in_reach, rows, shown_to
from governance import audit
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
    """Open cases whose client's first or last name starts so: one query, one's own first.

    Without letters only cases that open unasked; a sealed name is never found by its letters.
    """
    user = membership.user
    cases = membership.service.cases.open().select_related("person", "worker").mine_first(user)
    for word in words.split()[:3]:
        cases = cases.filter(Q(person__first_name__istartswith=word) | Q(person__last_name__istartswith=word))
    if not words.strip():
        cases = in_reach(membership, cases)
    found = list(shown_to(membership, cases.not_sealed_from(user))[: MOST + 1])
    shown = rows(membership, found[:MOST])
    return Choose(
        words=words,
        mine=[row for row in shown if row.case.worker_id == user.pk],
        others=[row for row in shown if row.case.worker_id != user.pk],
        more=len(found) > MOST,
    )


def look(membership: Membership, page: Choose) -> None:
    """Note a search: how many letters and how many found, never the letters of a name."""
    changes = {
        "page": "casework:choose_client",
        "letters": len(page.words.strip()),
        "found": len(page.mine) + len(page.others),
    }
    audit.look("people_searched", service=membership.service, by=membership.user, changes=changes)
