"""What the extracts say about a client's last year: counts, and the newest events."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Value

from casework.models import Case
from cohorts.models import Measure

ATTENDANCES_SHOWN = 5
MOST_ACTIVITIES = 1000
YEAR = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Attendances:
    """What the extracts say about the last year. No line for a measure means: not supplied."""

    counts: list[tuple[str, str]]
    newest: list[tuple[datetime.date, str]]


def of(case: Case, *, today: datetime.date) -> Attendances:
    """Events of the year to a day, and counts of senders who give no events, in one query."""
    events = case.person.activities.filter(
        service=case.service_id, started_on__gt=today - YEAR, started_on__lte=today
    )
    counts = case.person.activity_counts.filter(as_at__gt=today - YEAR, as_at__lte=today)
    columns = ("measure", "day", "why", "where", "number", "months")
    rows = list(
        events.annotate(
            day=F("started_on"), why=F("complaint"), where=F("site"), number=Value(1), months=Value(0)
        )
        .values_list(*columns)
        .union(
            counts.annotate(
                day=F("as_at"),
                why=Value("", output_field=CharField()),
                where=Value("", output_field=CharField()),
                number=F("count"),
                months=F("window_months"),
            ).values_list(*columns),
            all=True,
        )
        .order_by("-day")[:MOST_ACTIVITIES]
    )
    newest = [
        (day, _event_words(measure, why, where)) for measure, day, why, where, _, months in rows if not months
    ]
    return Attendances(_counts(rows), newest[:ATTENDANCES_SHOWN])


def _counts(rows: list[tuple[Any, ...]]) -> list[tuple[str, str]]:
    """For each measure the number of events, or the newest count of a sender who gives no events."""
    found = []
    for measure in Measure:
        events = sum(1 for row in rows if row[0] == measure and not row[5])
        counted = next((row for row in rows if row[0] == measure and row[5]), None)
        if events:
            found.append((measure.label, f"{events} in the last 12 months"))
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
