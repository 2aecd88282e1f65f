"""Staff who opened records outside their caseload, or of somebody who shares their last name.

Read from the access log alone, which names nobody, so that an auditor who reaches no person reads it.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from governance import audit
from governance.models import AuditEvent, OpeningReason, Service
from governance.need_to_know import Why

DAYS = (30, 90, 365)


@dataclass(frozen=True)
class Member:
    """One member of staff over the period."""

    actor: int
    name: str
    people: int
    pages: int
    last: datetime.datetime
    reasons: list[str]
    same_name: int


@dataclass(frozen=True)
class Page:
    """One page that was opened."""

    at: datetime.datetime
    person: str
    page: str
    why: str
    same_name: bool


def days(typed: str | None) -> int:
    """The period asked for, in days; the shortest for anything else."""
    return int(typed) if typed in {str(number) for number in DAYS} else DAYS[0]


def events(service: Service, *, within: int, actor: int = 0) -> QuerySet[AuditEvent]:
    """Pages opened after giving a reason, and pages of people with the same last name; newest first."""
    opened = audit.events_of(service).filter(
        Q(changes__why=Why.BREAK_GLASS.value) | Q(changes__same_last_name=True),
        event="record_opened",
        at__gte=timezone.now() - datetime.timedelta(days=within),
    )
    return opened.filter(actor_id=actor) if actor else opened


def by_member(found: QuerySet[AuditEvent]) -> QuerySet:
    """The same, one row for each member of staff; most people first."""
    grouped = found.order_by().values("actor_id", "actor")
    return grouped.annotate(
        people=Count("target_id", distinct=True),
        pages=Count("pk"),
        last=Max("at"),
        reasons=ArrayAgg(
            KT("changes__reason"), distinct=True, filter=Q(changes__has_key="reason"), default=[]
        ),
        same_name=Count("target_id", distinct=True, filter=Q(changes__same_last_name=True)),
    ).order_by("-people", "actor_id")


def members(service: Service, rows: list[dict[str, Any]]) -> list[Member]:
    """Rows of `by_member` with names, in one query; an e-mail address for who was never a member."""
    found = service.memberships.filter(user__in=[row["actor_id"] for row in rows])
    names = dict(found.values_list("user", "user__name"))
    return [
        Member(
            actor=row["actor_id"],
            name=names.get(row["actor_id"], row["actor"]),
            reasons=[reason_words(code) for code in row["reasons"]],
            **{field: row[field] for field in ("people", "pages", "last", "same_name")},
        )
        for row in rows
    ]


def page_rows(found: list[AuditEvent]) -> list[Page]:
    """Events as rows: the person by number, the page by its name."""
    return [
        Page(
            at=event.at,
            person=event.target_id,
            page=event.changes.get("page", "").rpartition(":")[2].replace("_", " "),
            why=_why(event.changes),
            same_name=bool(event.changes.get("same_last_name")),
        )
        for event in found
    ]


def reason_words(code: str) -> str:
    """The reason as it stood on the form; an old code as it is."""
    return str(dict(OpeningReason.choices).get(code, code))


def _why(changes: dict[str, Any]) -> str:
    if "reason" in changes:
        return reason_words(changes["reason"])
    return str(changes.get("why", "")).replace("_", " ").capitalize()
