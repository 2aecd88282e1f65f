"""What pages say of a first contact, of what was agreed, and of how long support goes on."""

import datetime
from typing import Any

from django.db.models import Count, JSONField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from casework import rules, support
from casework.models import Case, ContactOutcome
from casework.models.case import CaseQuerySet
from casework.rules import SEEN_IN_PERSON, Stage
from casework.support import NextTry, Term, Way
from governance.models import Service

# A try that ended like this reached nobody.
UNANSWERED = (ContactOutcome.NO_ANSWER, ContactOutcome.NOT_ABLE, ContactOutcome.DONE)
BEFORE_A_YES = (Stage.OFFERED, Stage.ENGAGING)
WAY = ("ladder", "ask_again_days", "weeks", "review_weeks")


def cases(service: Service, today: datetime.date) -> CaseQuerySet:
    """Every case of a service with what `next_try` and `term` read of it."""
    return annotated(service.cases.all(), service)


def annotated(cases: CaseQuerySet, service: Service) -> CaseQuerySet:
    """Cases with what `next_try` and `term` read of them, in the same query."""
    towards = service.contacts.towards().filter(case=OuterRef("pk")).order_by()
    unanswered, seen = Q(outcome__in=UNANSWERED), Q(kind__in=SEEN_IN_PERSON, outcome=ContactOutcome.REACHED)
    counted = JSONObject(
        tries=Count("pk", filter=unanswered),
        answers=Count("pk", filter=~unanswered),
        tried_at=Max("happened_at", filter=unanswered),
        seen_at=Max("happened_at", filter=seen),
    )
    reviews = service.case_reviews.filter(case=OuterRef("pk")).order_by("-at", "-pk")
    began = service.stage_changes.filter(case=OuterRef("pk"), stage=Stage.ENGAGING).order_by("at", "pk")
    return cases.annotate(
        contacted=Subquery(
            towards.values(one=Value(1)).annotate(found=counted).values("found"), output_field=JSONField()
        ),
        way_told=way(service),
        reviewed=_newest(reviews, ("at", "next_on", "until")),
        began_at=Subquery(began.values("at")[:1]),
    )


def told_origin(service: Service) -> Subquery:
    """Who last read out to a case where its number came from."""
    told = service.origins_told.filter(case=OuterRef("pk")).order_by("-at", "-pk")
    return Subquery(told.values(found=JSONObject(at="at", by="by__name"))[:1], output_field=JSONField())


def way(service: Service) -> Subquery:
    """The service's way of working, as it is stored."""
    return _newest(service.ways_of_working.order_by("-at", "-pk"), WAY)


def agreed(service: Service) -> Subquery:
    """What was agreed about being in touch with a case."""
    rows = service.boundaries.filter(case=OuterRef("pk")).order_by("-at", "-pk")
    return _newest(rows, ("at", "ring_when", "answer_within", "otherwise", "rhythm_days", "calls_a_week"))


def _newest(rows: QuerySet[Any], names: tuple[str, ...]) -> Subquery:
    found = rows.values(found=JSONObject(**{name: name for name in names}))[:1]
    return Subquery(found, output_field=JSONField())


def way_of(case: Case) -> Way:
    """The way of working that `annotated` brought."""
    return support.from_told(getattr(case, "way_told", None))


def next_try(case: Case, *, today: datetime.date) -> NextTry | None:
    """The next rung for a case from `annotated`; None once somebody was reached, or past the beginning."""
    found: dict[str, Any] = getattr(case, "contacted", None) or {}
    if case.stage not in BEFORE_A_YES or found.get("answers"):
        return None
    last_on = _day(found.get("tried_at"))
    return support.next_try(way_of(case), tries=found.get("tries", 0), last_on=last_on, today=today)


def last_seen_on(case: Case) -> datetime.date | None:
    """The day somebody last met them in person, of a case from `annotated`."""
    return _day((getattr(case, "contacted", None) or {}).get("seen_at"))


def seen_at(service: Service) -> Subquery:
    """When somebody last met a case in person, for a query that needs nothing else of `annotated`."""
    seen = service.contacts.filter(
        case=OuterRef("pk"), kind__in=SEEN_IN_PERSON, outcome=ContactOutcome.REACHED
    ).order_by("-happened_at")
    return Subquery(seen.values("happened_at")[:1])


def silence(case: Case, *, today: datetime.date) -> str:
    """What has been missing for too long, by what was agreed; of a case with `agreed`, and `annotated` or `seen_at`."""
    moment = getattr(case, "seen_at", None)
    return rules.silence(
        case.stage,
        last_contact_on=timezone.localdate(case.last_contact_at) if case.last_contact_at else None,
        last_seen_on=timezone.localdate(moment) if moment else last_seen_on(case),
        opened_on=timezone.localdate(case.opened_at),
        rhythm_days=(getattr(case, "agreed", None) or {}).get("rhythm_days"),
        today=today,
    )


def _day(told: str | None) -> datetime.date | None:
    return timezone.localdate(datetime.datetime.fromisoformat(told)) if told else None


def term(case: Case) -> Term:
    """When a case is looked at and when it ends, of a case from `annotated` that is open."""
    began = getattr(case, "began_at", None)
    if not case.is_open or began is None:
        return Term(None, None)
    reviewed = getattr(case, "reviewed", None)
    return support.term(
        way_of(case),
        began_on=timezone.localdate(began),
        reviewed={**reviewed, "on": _day(reviewed["at"])} if reviewed else None,
    )


def origin_words(case: Case) -> str:
    """That somebody told them where their number came from; empty where nobody did."""
    told = getattr(case, "origin", None)
    if not told:
        return ""
    return f"Read out on {_day(told['at']):%-d %B %Y} by {told['by']}."
