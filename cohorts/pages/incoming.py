"""What the lead is told about files that come, or should: the calendar, and what wants seeing to."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from cohorts import calendar, expected
from cohorts.calendar import Slot, SlotState
from cohorts.incoming import parked_since
from cohorts.models import Arrival, Coverage, ExtractStatus, Shape, Source, Way
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


def alarms(service: Service) -> list[Alarm]:
    """What is late, what came by itself and waits, and what could not be used; three queries."""
    found = [
        Alarm(
            f"{each.source}: the file due on {each.due_on:%-d %B %Y} has not come.",
            reverse("cohorts:calendar"),
        )
        for each in service.expected_extracts.missing().select_related("source")
    ]
    since = timezone.now() - datetime.timedelta(days=SHOWN_DAYS)
    arrivals = service.arrivals.filter(arrived_at__gte=since).select_related("extract", "source")
    for arrival in arrivals:
        came = f"{arrival.source}: a file that came by {arrival.get_way_display()}"
        problem = arrival.problem or (arrival.extract.problem if arrival.extract else "")
        if arrival.extract is None or arrival.extract.status == ExtractStatus.REFUSED:
            found.append(Alarm(f"{came} could not be used. {problem}", reverse("cohorts:extracts")))
        elif arrival.extract.status == ExtractStatus.PREVIEWED:
            words = f"{came} waits for you to look at it.{_waited(arrival)}"
            found.append(Alarm(words, reverse("cohorts:extract", args=[arrival.extract.pk])))
    return found + _parked(service)


def _waited(arrival: Arrival) -> str:
    days = (timezone.now() - arrival.arrived_at).days
    if arrival.way != Way.MESH or days < MESH_WARN_DAYS:
        return ""
    return f" It has waited for {days} days; after {MESH_KEEPS_DAYS} its sender is told that nobody collected it."


def _parked(service: Service) -> list[Alarm]:
    """Messages of which nobody knows whose they are: every lead whose files come by MESH is told."""
    since = timezone.now() - datetime.timedelta(days=MESH_KEEPS_DAYS)
    return [
        Alarm(f"A message waits in the MESH mailbox. {problem}", reverse("cohorts:calendar"))
        for problem in parked_since(since, seen_by=service)
    ]


def lines(service: Service, today: datetime.date) -> list[Line]:
    """Every source with its due days and the days it speaks for; five queries."""
    slots = {each.plan.source_id: each.slots for each in expected.calendars(service, today)}
    periods: dict[int, list[tuple[datetime.date, datetime.date]]] = defaultdict(list)
    stored = service.extracts.filter(status=ExtractStatus.COMMITTED).exclude(period_from=None)
    for source, first, last in stored.values_list("source", "period_from", "period_to"):
        if first and last:
            periods[source].append((first, last))
    return [
        Line(
            source,
            _shown(slots.get(source.pk, []), today),
            _speaks(source),
            calendar.runs(periods[source.pk]),
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
