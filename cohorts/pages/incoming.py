"""What the lead is told about files that come, or should: the calendar, and what wants seeing to."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import DateTimeField, IntegerField, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Coverage, ExtractStatus, Shape, Source, Way
from cohorts.ways_in import answers, calendar, expected
from cohorts.ways_in.answers import Answered
from cohorts.ways_in.calendar import Slot, SlotState
from cohorts.ways_in.incoming import parked_since
from governance.models import Service

STATES = {
    SlotState.EXPECTED: ("Expected", "grey"),
    SlotState.ARRIVED: ("Arrived, not stored", "blue"),
    SlotState.LATE: ("Late", "red"),
    SlotState.LOADED: ("Loaded", "green"),
    SlotState.FAILED: ("Failed", "orange"),
}
SHOWN_DAYS = 14
SLOTS_SHOWN = 6
# NHS MESH throws a message away after five days, and tells its sender so.
MESH_KEEPS_DAYS, MESH_WARN_DAYS = 5, 3
# What a row of one kind has no value for, where rows of several kinds are read at once.
_TEXT, _NUMBER = Value(""), Value(None, output_field=IntegerField())


@dataclass(frozen=True)
class Alarm:
    """One sentence, and where to go."""

    words: str
    url: str


@dataclass(frozen=True)
class Line:
    """A source on the calendar page: what was due, and for whom and when it speaks."""

    source: Source
    slots: list[tuple[datetime.date, str, str]]
    speaks: str
    periods: list[tuple[datetime.date, datetime.date]]
    answered: list[Answered]


def alarms(service: Service) -> list[Alarm]:
    """What is late, what came by itself and waits, and what could not be used; one query."""
    now = timezone.now()
    missing = service.expected_extracts.missing().values_list(
        Value("late"), "source__name", Cast("due_on", DateTimeField()), _TEXT, _TEXT, _TEXT, _NUMBER
    )
    problem = Coalesce(NullIf("problem", _TEXT), "extract__problem", _TEXT, output_field=TextField())
    arrivals = service.arrivals.filter(arrived_at__gte=now - datetime.timedelta(days=SHOWN_DAYS)).values_list(
        Value("came"),
        "source__name",
        "arrived_at",
        "way",
        problem,
        Coalesce("extract__status", _TEXT),
        "extract",
    )
    parked = parked_since(now - datetime.timedelta(days=MESH_KEEPS_DAYS), seen_by=service)
    waiting = parked.values_list(Value("parked"), _TEXT, "arrived_at", _TEXT, "problem", _TEXT, _NUMBER)
    found = sorted(missing.union(arrivals, waiting, all=True), key=lambda row: row[2], reverse=True)
    return list(dict.fromkeys(filter(None, (_alarm(*row) for row in found))))


def _alarm(
    kind: str, source: str, at: datetime.datetime, way: str, problem: str, status: str, extract: int | None
) -> Alarm | None:
    if kind == "late":
        day = timezone.localdate(at)
        return Alarm(f"{source}: the file due on {day:%-d %B %Y} has not come.", reverse("cohorts:calendar"))
    if kind == "parked":
        return Alarm(f"A message waits in the MESH mailbox. {problem}", reverse("cohorts:calendar"))
    came = f"{source}: a file that came by {Way(way).label}"
    if extract is None or status == ExtractStatus.REFUSED:
        return Alarm(f"{came} could not be used. {problem}", reverse("cohorts:extracts"))
    if status == ExtractStatus.PREVIEWED:
        words = f"{came} waits for you to look at it.{_waited(way, at)}"
        return Alarm(words, reverse("cohorts:extract", args=[extract]))
    return None


def _waited(way: str, since: datetime.datetime) -> str:
    days = (timezone.now() - since).days
    if way != Way.MESH or days < MESH_WARN_DAYS:
        return ""
    return f" It has waited for {days} days; after {MESH_KEEPS_DAYS} its sender is told that nobody collected it."


def lines(service: Service, today: datetime.date) -> list[Line]:
    """Every source with its due days and the days it speaks for; six queries."""
    answered = answers.answered(service)
    slots = {each.plan.source_id: each.slots for each in expected.calendars(service, today)}
    periods: dict[int, list[tuple[datetime.date, datetime.date]]] = defaultdict(list)
    stored = service.extracts.filter(status=ExtractStatus.COMMITTED, answers=None).exclude(period_from=None)
    for source, first, last in stored.values_list("source", "period_from", "period_to"):
        if first and last:
            periods[source].append((first, last))
    return [
        Line(
            source,
            _shown(slots.get(source.pk, []), today),
            _speaks(source),
            calendar.runs(periods[source.pk]),
            answered.get(source.pk, []),
        )
        for source in service.sources.select_related("organisation")
    ]


def _shown(slots: list[Slot], today: datetime.date) -> list[tuple[datetime.date, str, str]]:
    """The newest few that are past, and the next that comes."""
    past = [slot for slot in slots if slot.due_on <= today or slot.state != SlotState.EXPECTED]
    coming = [slot for slot in slots if slot not in past]
    return [(slot.due_on, *STATES[slot.state]) for slot in [*past[-SLOTS_SHOWN:], *coming[:1]]]


def _speaks(source: Source) -> str:
    if source.shape == Shape.PEOPLE or source.coverage == Coverage.LISTED:
        return (
            "Speaks only for the people in its files. Of everybody else nothing is known; unknown is not 0."
        )
    return "Speaks for everyone: who is in no row of a period it covers had none."


def requests(service: Service, source: Source) -> list[Any]:
    """The data requests of a source, newest first."""
    return list(service.data_requests.filter(source=source).select_related("made_by")[:SHOWN_DAYS])
