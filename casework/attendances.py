"""What the extracts say about a client: counts of the last year they cover, and the newest events.

A year ends on the last day the senders of its events have reported, not today: what nobody has reported yet is
not 0.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, DateField, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from casework.models import Case
from cohorts.models import ExtractStatus, Measure
from governance.asked_once import asked_once
from governance.models import Person, Service

ATTENDANCES_SHOWN = 5
MOST_ACTIVITIES = 1000
YEAR = datetime.timedelta(days=365)
# How old the newest report may be for its year to be told.
OLDEST = 2 * YEAR


@dataclass(frozen=True)
class Attendances:
    """What the extracts say. No line for a measure means: not supplied."""

    counts: list[tuple[str, str]]
    newest: list[tuple[datetime.date, str]]


def of(case: Case, *, today: datetime.date) -> Attendances:
    """Events of the two years to a day, and counts of senders who give no events, in one query."""
    rows = _rows(case.service, case.person, today, today - OLDEST, today - YEAR)
    newest = [
        (day, _event_words(measure, why, where))
        for measure, day, why, where, _, months, _ in rows
        if not months
    ]
    return Attendances(_counts(rows), newest[:ATTENDANCES_SHOWN])


@asked_once
def _rows(
    service: Service,
    person: Person,
    today: datetime.date,
    events_after: datetime.date,
    counts_after: datetime.date,
) -> QuerySet[Any, Any]:
    told = service.extracts.filter(source=OuterRef("source"), status=ExtractStatus.COMMITTED)
    reached = Subquery(
        told.order_by().values("source").annotate(day=Max(Greatest("period_to", "as_at"))).values("day")
    )
    events = person.activities.filter(service=service, started_on__gt=events_after, started_on__lte=today)
    counts = person.activity_counts.filter(as_at__gt=counts_after, as_at__lte=today)
    columns = ("measure", "day", "why", "where", "number", "months", "reach")
    return (
        events.annotate(
            day=F("started_on"),
            why=F("complaint"),
            where=F("site"),
            number=Value(1),
            months=Value(0),
            reach=Coalesce(reached, F("started_on"), output_field=DateField()),
        )
        .values_list(*columns)
        .union(
            counts.annotate(
                day=F("as_at"),
                why=Value("", output_field=CharField()),
                where=Value("", output_field=CharField()),
                number=F("count"),
                months=F("window_months"),
                reach=F("as_at"),
            ).values_list(*columns),
            all=True,
        )
        .order_by("-day")[:MOST_ACTIVITIES]
    )


def _counts(rows: list[tuple[Any, ...]]) -> list[tuple[str, str]]:
    """For each measure the number of events, or the newest count of a sender who gives no events."""
    found = []
    for measure in Measure:
        events = [(row[1], row[6]) for row in rows if row[0] == measure and not row[5]]
        counted = next((row for row in rows if row[0] == measure and row[5]), None)
        if events:
            last = max(reach for _, reach in events)
            number = sum(last - YEAR < day <= last for day, _ in events)
            found.append((measure.label, f"{number} in the 12 months to {last:%-d %B %Y}"))
        elif counted:
            words = f"{counted[4]} in the {counted[5]} months to {counted[1]:%-d %B %Y}"
            found.append((measure.label, words))
    return found


_ONE_EVENT = {
    Measure.AE: "A&E attendance",
    Measure.NEL: "Emergency admission",
    Measure.CONVEYANCE: "Ambulance conveyance",
    Measure.CALL_999: "999 call",
    Measure.OUTPATIENT: "Outpatient appointment",
}


def _event_words(measure: str, complaint: str, site: str) -> str:
    """One event in a line: what, why if supplied, where if supplied."""
    words = _ONE_EVENT[Measure(measure)]
    if complaint:
        words += f": {complaint}"
    return f"{words}, {site}" if site else words
