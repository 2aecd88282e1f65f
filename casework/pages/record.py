"""A client's page: who, what next, and everything that happened."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, IntegerField, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404
from django.urls import reverse

from casework import rules, wording
from casework.models import Case, ContactKind, ContactOutcome
from casework.pages import banner
from casework.rules import STAGE_LABELS, Stage
from cohorts.models import Measure
from governance.actions.consent import latest
from governance.models import Consent, Service

ENTRIES_A_PAGE = 20
ATTENDANCES_SHOWN = 5
MOST_ACTIVITIES = 1000
YEAR = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: a contact or a move along the path."""

    at: datetime.datetime
    title: str
    text: str
    by: str
    is_stage: bool


@dataclass(frozen=True)
class Timeline:
    """One page of it, newest first."""

    entries: list[Entry]
    number: int
    has_older: bool

    @property
    def has_newer(self) -> bool:
        return self.number > 1


@dataclass(frozen=True)
class Attendances:
    """What the extracts say about the last year. No line for a measure means: not supplied."""

    counts: list[tuple[str, str]]
    newest: list[tuple[datetime.date, str]]


@dataclass(frozen=True)
class Record:
    """The page."""

    case: Case
    banner: banner.Banner
    summary: list[dict[str, Any]]
    next_step: str
    timeline: Timeline
    attendances: Attendances
    consents: list[Consent]

    @property
    def may_come_back(self) -> bool:
        """Whether to offer a new episode."""
        return rules.may_come_back(self.case.stage)

    @property
    def dialled(self) -> str:
        """What a phone dials to ring the client; empty where no usable number was supplied."""
        return wording.dialled(self.case.person.phone)


def build(service: Service, pk: int, *, today: datetime.date, page: int = 1) -> Record:
    """The page of one case: five queries, however long its history. Raises Http404 for another service's."""
    scored = service.assessments.filter(case=OuterRef("pk")).exclude(total=None).values("scored_on")[:1]
    cases = service.cases.select_related("person", "worker").annotate(scored_on=Subquery(scored))
    case = get_object_or_404(cases, pk=pk)
    consents = latest(case.person)
    return Record(
        case=case,
        banner=banner.from_rows(case, banner.standing_risks(case), consents, today=today),
        summary=_summary(case, today),
        next_step=next_step(case, today=today),
        timeline=_timeline(case, page),
        attendances=_attendances(case, today),
        consents=list(consents.values()),
    )


def next_step(case: Case, *, today: datetime.date) -> str:
    """What comes next for a case, in a sentence."""
    return rules.next_step(
        case.stage,
        has_worker=case.worker_id is not None,
        has_contact=case.last_contact_at is not None,
        has_score=case.chaos_total is not None,
        next_contact_on=case.next_contact_on,
        today=today,
    )


def _summary(case: Case, today: datetime.date) -> list[dict[str, Any]]:
    worker = case.worker.name if case.worker else "Nobody yet"
    next_on = wording.coming(case.next_contact_on, today=today) if case.next_contact_on else "No date set"
    return [
        {"key": "Stage", "value": case.get_stage_display()},
        {"key": "Worker", "value": worker},
        {"key": "Next contact", "value": next_on[:1].upper() + next_on[1:]},
        {"key": "Chaos Score", "value": _score_words(case)},
        {
            "key": "Support offered first",
            "value": f"{case.index_date:%-d %B %Y}" if case.index_date else "Not yet",
        },
        {"key": "Age", "value": case.person.age_on(today)},
        {"key": "Address", "value": " ".join(filter(None, [case.person.address, case.person.postcode]))},
    ]


def _score_words(case: Case) -> str:
    scored_on = getattr(case, "scored_on", None)
    if case.chaos_total is None or scored_on is None:
        return "Not scored yet"
    return f"{case.chaos_total} of 48, on {scored_on:%-d %B %Y}"


def _timeline(case: Case, page: int) -> Timeline:
    """Contacts and moves in one query: asks for one entry more than it shows, to know if there are older."""
    contacts = case.contacts.order_by().annotate(moment=F("happened_at"), said=F("note"))
    stages = case.stages.order_by().annotate(
        moment=F("at"),
        kind=Value("", output_field=CharField()),
        outcome=F("stage"),
        minutes=Value(None, output_field=IntegerField()),
        said=Cast("reason", TextField()),
    )
    columns = ("moment", "pk", "kind", "outcome", "minutes", "said", "by__name")
    both = contacts.values_list(*columns).union(stages.values_list(*columns), all=True)
    start = (page - 1) * ENTRIES_A_PAGE
    rows = list(both.order_by("-moment", "-pk")[start : start + ENTRIES_A_PAGE + 1])
    return Timeline([_entry(*row) for row in rows[:ENTRIES_A_PAGE]], page, len(rows) > ENTRIES_A_PAGE)


def _entry(
    at: datetime.datetime, pk: int, kind: str, outcome: str, minutes: int | None, text: str, by: str
) -> Entry:
    if not kind:
        opened = outcome == Stage.OFFERED
        title = "Case opened" if opened else f"Moved to {STAGE_LABELS[Stage(outcome)].lower()}"
        return Entry(at, title, text, by, is_stage=True)
    title = wording.contact(ContactKind(kind).label, ContactOutcome(outcome).label)
    if minutes is not None:
        title += f", {wording.count(minutes, 'minute')}"
    return Entry(at, title, text, by, is_stage=False)


def _attendances(case: Case, today: datetime.date) -> Attendances:
    """Events of the last year, and counts of senders who give no events, in one query."""
    events = case.person.activities.filter(service=case.service_id, started_on__gt=today - YEAR)
    counts = case.person.activity_counts.filter(as_at__gt=today - YEAR)
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


def links(case: Case, allowed: set[str]) -> list[dict[str, str]]:
    """What else the role may do with the case, in the order of need."""
    offers = [
        ("work_cases", True, "casework:log_contact", "Log contact"),
        (
            "allocate_cases",
            case.is_open,
            "casework:allocate",
            "Allocate" if case.worker_id is None else "Re-allocate",
        ),
        ("work_cases", case.is_open, "casework:move_stage", "Move to another stage"),
        ("work_cases", case.is_open, "casework:score", "Score"),
        ("work_cases", True, "casework:risk", "Risks"),
        ("work_cases", True, "casework:consent", "Consent"),
        ("share_records", True, "casework:message", "Message to GP or referrer"),
    ]
    return [
        {"label": label, "url": reverse(view, args=[case.pk])}
        for permission, shown, view, label in offers
        if shown and permission in allowed
    ]
