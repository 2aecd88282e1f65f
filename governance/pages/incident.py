"""What the pages of incidents show: how far each one is, and how long its clock still runs."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from governance.incident_rules import REPORTS, after_words, clock_words, deadline, is_urgent
from governance.models import Incident, IncidentStep, Service, User
from governance.models.incident import BreachDecision, Harm


@dataclass(frozen=True)
class Clock:
    """The 72 hours of one incident."""

    words: str
    until: datetime.datetime
    urgent: bool
    is_late: bool

    @property
    def colour(self) -> str:
        return "red" if self.urgent else "yellow"


@dataclass(frozen=True)
class Row:
    """One incident in a list."""

    incident: Incident
    status: str
    clock: Clock | None


@dataclass(frozen=True)
class Alarm:
    """Incidents whose clock runs, for the page an IG lead looks at first."""

    count: int
    nearest: Clock

    @property
    def heading(self) -> str:
        return f"{self.count} incident{'s' if self.count != 1 else ''} with a 72-hour clock running"

    @property
    def text(self) -> str:
        late = " The time of the nearest has passed: report it now." if self.nearest.is_late else ""
        return f"Each must be looked at, and a breach reported, before its time ends.{late}"


def clock_of(incident: Incident, now: datetime.datetime) -> Clock | None:
    """The clock of an incident with its state, or None when it does not run."""
    if not incident.clock_runs:
        return None
    until = deadline(incident.aware)
    return Clock(clock_words(incident.aware, now), until, is_urgent(incident.aware, now), now > until)


def status_of(incident: Incident) -> str:
    """How far an incident is, as whoever told of it reads it."""
    if incident.finished:
        return "Finished"
    return "Waiting to be looked at" if incident.breach is None else "Being looked at"


def rows(incidents: Iterable[Incident], now: datetime.datetime) -> list[Row]:
    """Incidents with their state, as rows of a list."""
    return [Row(incident, status_of(incident), clock_of(incident, now)) for incident in incidents]


def own(service: Service, user: User, now: datetime.datetime) -> list[Row]:
    """What somebody told of, newest first; the last fifty."""
    mine = service.incidents.with_state().filter(reported_by=user).order_by("-reported_at", "-pk")
    return rows(mine[:50], now)


def alarm(service: Service, now: datetime.datetime) -> Alarm | None:
    """What must not wait, or None: one query."""
    running = list(service.incidents.with_clock())
    nearest = clock_of(running[0], now) if running else None
    return Alarm(len(running), nearest) if nearest else None


def steps(incident: Incident) -> list[tuple[IncidentStep, str]]:
    """What was done, newest first; of a report also whether it was made in time."""
    return [
        (row, after_words(incident.aware, row.done_at) if row.kind in REPORTS else "")
        for row in incident.steps.select_related("by")
    ]


def summary(incident: Incident) -> list[dict[str, Any]]:
    """The facts of one incident with its state."""
    return [
        {"key": "About", "value": incident.get_kind_display()},
        {"key": "Reported by", "value": incident.reported_by.name},
        {"key": "Reported on", "value": _moment(incident.reported_at)},
        {
            "key": "Happened on",
            "value": f"{incident.happened_on:%-d %B %Y}" if incident.happened_on else None,
        },
        {"key": "Somebody became aware", "value": _moment(incident.aware)},
        {"key": "Case", "value": incident.case_number},
        {"key": "Personal data breach", "value": _label(BreachDecision, incident.breach)},
        {"key": "How bad", "value": _label(Harm, incident.harm)},
        {"key": "The person was told", "value": "Yes" if incident.told else "Not yet"},
    ]


def _label(choices: Any, value: str | None) -> str:
    return choices(value).label if value else "Not decided yet"


def _moment(at: datetime.datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M}"
