"""Find a person by name, NHS number or telephone number: among those the reader may see, and no others."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework import permissions
from casework.models import Case
from casework.pages.cases import shown_to
from casework.rules import OPEN_STAGES
from cohorts.models import Candidate, Referral
from cohorts.pages import referral as referrals
from governance import audit, search
from governance.models import Membership, Person
from governance.permissions import role_allows
from governance.roles import Permission
from governance.search import Found

MOST = 20


@dataclass(frozen=True)
class Row:
    """Somebody who was found: their newest case, else their place on the newest list, else their newest referral."""

    name: str
    born: int | None
    case: Case | None = None
    candidate: Candidate | None = None
    referral: Referral | None = None
    needs_reason: bool = False
    by_former_name: bool = False


@dataclass(frozen=True)
class Find:
    """The page."""

    typed: str
    rows: list[Row]
    more: bool = False


def build(membership: Membership, typed: str) -> Find:
    """Whom somebody may have meant, likeliest first. Six queries at most."""
    found = search.find(membership.service, typed, among(membership)) if typed.strip() else []
    shown = found[: MOST + 1]
    ids = [each.person for each in shown]
    cases = _cases(membership, ids)
    candidates = _candidates(membership, [pk for pk in ids if pk not in cases])
    referred = _referrals(membership, [pk for pk in ids if pk not in cases and pk not in candidates])
    rows = []
    for each in shown[:MOST]:
        if case := cases.get(each.person):
            rows.append(_of_case(membership, each, case))
        elif candidate := candidates.get(each.person):
            rows.append(_row(each, candidate.person, candidate=candidate))
        elif referral := referred.get(each.person):
            rows.append(_row(each, referral.person, referral=referral))
    return Find(typed, rows, more=len(found) > MOST)


def among(membership: Membership) -> QuerySet[Person]:
    """People with a case; for whoever screens those on a list; for whoever takes referrals those in their reach.

    Nobody whose record is sealed from the reader.
    """
    service = membership.service
    known = Q(Exists(service.cases.filter(person=OuterRef("pk"))))
    if role_allows(membership.role, Permission.SCREEN_CANDIDATES):
        known |= Q(Exists(service.candidates.filter(person=OuterRef("pk"))))
    if role_allows(membership.role, Permission.TAKE_REFERRALS):
        known |= Q(Exists(referrals.in_reach(membership).filter(person=OuterRef("pk"))))
    hidden = service.seals.hiding_from(membership.user).filter(person=OuterRef("pk"))
    return service.people.filter(known, ~Exists(hidden))


def look(membership: Membership, page: Find) -> None:
    """Note a search: how many letters and how many found, never what was typed."""
    changes = {"page": "casework:find", "letters": len(page.typed.strip()), "found": len(page.rows)}
    audit.look("people_searched", service=membership.service, by=membership.user, changes=changes)


def _cases(membership: Membership, people: list[int]) -> dict[int, Case]:
    """The open case of each person, or else their newest."""
    if not people:
        return {}
    cases = membership.service.cases.filter(person__in=people).select_related("person", "worker")
    rows = sorted(shown_to(membership, cases), key=lambda case: (case.stage in OPEN_STAGES, case.pk))
    return {case.person_id: case for case in rows}


def _candidates(membership: Membership, people: list[int]) -> dict[int, Candidate]:
    if not people or not role_allows(membership.role, Permission.SCREEN_CANDIDATES):
        return {}
    newest = membership.service.candidates.filter(person__in=people).select_related(
        "person", "cohort_list__rule"
    )
    return {each.person_id: each for each in newest.order_by("cohort_list__as_at", "pk")}


def _referrals(membership: Membership, people: list[int]) -> dict[int, Referral]:
    """The newest referral of each that the reader may open."""
    if not people or not role_allows(membership.role, Permission.TAKE_REFERRALS):
        return {}
    rows = referrals.in_reach(membership).filter(person__in=people).select_related("person")
    return {each.person_id: each for each in rows.order_by("received_at", "pk")}


def _of_case(membership: Membership, found: Found, case: Case) -> Row:
    """Of a case that opens only with a reason, no more is told than any other list tells."""
    may_open = permissions.can_open(membership, case)
    person = case.person
    return Row(
        name=person.full_name if may_open else person.short_name,
        born=person.birth_date.year if may_open and person.birth_date else None,
        case=case,
        needs_reason=not may_open,
        by_former_name=found.by_former_name,
    )


def _row(found: Found, person: Person, **known: Any) -> Row:
    born = person.birth_date.year if person.birth_date else None
    return Row(person.full_name, born, by_former_name=found.by_former_name, **known)
