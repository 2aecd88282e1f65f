"""Who opened a person's record, and which records are sealed."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from governance import audit, merging
from governance.models import Membership, Person, Seal, Service
from governance.need_to_know import WHY_WORDS
from governance.roles import ROLES, Role

# What the page tells of; each with what it calls that. {} is the number of pages.
EVENT_WORDS = {
    "record_opened": "Opened the record, {}",
    "page_printed": "Printed {} of it",
    "record_asked_for": "Was asked for a reason, {}",
    "reason_given": "Gave a reason to open the record",
}


@dataclass(frozen=True)
class Line:
    """One day of one member of staff, in words the person can read."""

    day: Any
    who: str
    what: str
    why: str


def openings(service: Service, person: Person) -> QuerySet:
    """Days, members of staff and reasons, newest first, with how many pages each saw."""
    ids = [person.pk, *merging.merged_into([person.pk])]
    events = audit.events_of(service).filter(
        target=Person._meta.label_lower, target_id__in=map(str, ids), event__in=EVENT_WORDS
    )
    grouped = events.order_by().values(
        "event", "actor_id", day=TruncDate("at"), why=KT("changes__why"), role=KT("changes__role")
    )
    return grouped.annotate(pages=Count("pk")).order_by("-day", "actor_id", "event", "why", "role")


def lines(service: Service, rows: list[dict[str, Any]]) -> list[Line]:
    """The rows in words: first name and role of the member of staff, never the whole name. One query."""
    actors = {row["actor_id"] for row in rows}
    members = service.memberships.filter(user__in=actors).select_related("user")
    known = {member.user_id: member for member in members}
    return [_line(row, known.get(row["actor_id"])) for row in rows]


def sealed(service: Service) -> list[Seal]:
    """The seals in force, newest first, each with the names on it: two queries."""
    return list(service.seals.standing().select_related("by").prefetch_related("names__user"))


def found(service: Service, typed: str) -> Person | None:
    """The person of an NHS number or of our own number, as somebody typed it."""
    digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
    if len(digits) == 10:
        return service.people.filter(nhs_number=digits).first()
    return service.people.filter(pk=int(digits)).first() if 0 < len(digits) < 10 else None


def _line(row: dict[str, Any], member: Membership | None) -> Line:
    """The role they had then, where the event says so, else the one of their membership."""
    code = row["role"] or (member.role if member else "")
    role = ROLES[Role(code)].display_name if code in ROLES else ""
    first_name = member.user.name.partition(" ")[0] if member else ""
    who = ", ".join(filter(None, [first_name, role])) or "Somebody who has left"
    pages = f"{row['pages']} page{'' if row['pages'] == 1 else 's'}"
    return Line(row["day"], who, EVENT_WORDS[row["event"]].format(pages), WHY_WORDS.get(row["why"], ""))
