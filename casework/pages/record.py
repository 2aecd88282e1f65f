"""A client's page: who, what next, and everything that happened."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, JSONObject
from django.urls import reverse
from django.utils import timezone

from casework import attendances, rules, wording
from casework.models import Case, ContactKind, ContactOutcome
from casework.models.case import CaseQuerySet
from casework.pages import banner, first_contact, notice, reappearance, visit
from casework.pages.consents import Shown, shown
from casework.rules import STAGE_LABELS, Stage
from casework.scoring import CHAOS_SCORE
from casework.support import NextTry, Term
from governance.actions.consent import latest
from governance.asked_once import asked_once
from governance.models import ConsentMethod, Service, User
from governance.need_to_know import Why
from governance.opened import Opened

ENTRIES_A_PAGE = 20
SHARED_SHOWN = 3


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
class Shared:
    """One act of sharing, in a line."""

    pk: int
    partner: str
    at: datetime.datetime


@dataclass(frozen=True)
class Record:
    """The page."""

    case: Case
    banner: banner.Banner
    summary: list[dict[str, Any]]
    next_step: str
    timeline: Timeline
    attendances: attendances.Attendances
    consents: list[Shown]
    notice: notice.Notice
    # What whoever referred them said; empty for somebody from a list.
    referred: list[dict[str, Any]]
    shared: list[Shared]
    to_recall: bool
    # What was agreed about being in touch; None where nothing was.
    boundaries: dict[str, Any] | None
    # What to try next with somebody who was not reached yet; None once they were.
    next_try: NextTry | None
    origin_told: str
    term: Term
    visits: list[visit.Shown]

    @property
    def back(self) -> str:
        """What extracts told of new attendances, and nobody has answered; empty where there is nothing."""
        return reappearance.words(self.case) if reappearance.told(self.case) else ""

    @property
    def may_come_back(self) -> bool:
        """Whether to offer a new episode: this one has ended, and no other goes on."""
        return rules.may_come_back(self.case.stage) and not getattr(self.case, "goes_on", False)

    @property
    def to_confirm(self) -> list[Shown]:
        """Decisions that stand from an episode before this one: somebody asks whether they are still right."""
        if not self.case.is_open:
            return []
        before = [one for one in self.consents if one.stands and one.row.decided_at < self.case.opened_at]
        return [one for one in before if one.row.method != ConsentMethod.REFERRER]

    @property
    def dialled(self) -> str:
        """What a phone dials to ring the client; empty without a usable number, or where they asked us not to."""
        is_stopped = getattr(self.case, "is_contact_stopped", False)
        return "" if is_stopped else wording.dialled(self.case.person.phone)


def build(case: Case, user: User, *, today: datetime.date, page: int = 1) -> Record:
    """The page of one case, fetched from `cases`: four queries, five for one who objected."""
    consents = latest(case.person)
    return Record(
        case=case,
        banner=banner.from_rows(case, banner.standing_risks(case), consents, today=today),
        summary=_summary(case, today),
        next_step=next_step(case, today=today),
        timeline=_timeline(case, page),
        attendances=attendances.of(case, today=today),
        consents=shown(consents.values(), today=today),
        notice=notice.of(case, today=today),
        referred=_referred(case),
        shared=_shared(case),
        to_recall=getattr(case, "to_recall", False),
        boundaries=getattr(case, "agreed", None),
        next_try=first_contact.next_try(case, today=today),
        origin_told=first_contact.origin_words(case),
        term=first_contact.term(case),
        visits=visit.of(case, user),
    )


def cases(service: Service, today: datetime.date) -> CaseQuerySet:
    """Cases as `build` wants them: with their newest score, what was shared, and what was said of the notice."""
    chaos = service.assessments.filter(case=OuterRef("pk"), instrument__slug=CHAOS_SCORE)
    scored = chaos.exclude(total=None).values("scored_on")[:1]
    shared = service.disclosures.filter(case__person=OuterRef("person_id"))
    newest = shared.order_by("-made_at", "-pk")[:SHARED_SHOWN]
    recalls = service.recall_notices.filter(sent_at=None, disclosure__case__person=OuterRef("person_id"))
    found = first_contact.annotated(reappearance.annotated(service.cases.all(), service), service).annotate(
        agreed=first_contact.agreed(service),
        origin=first_contact.told_origin(service),
        open_visits=visit.open_of_case(service),
        scored_on=Subquery(scored),
        shared=ArraySubquery(
            newest.values(found=JSONObject(pk="pk", at="made_at", partner="partner__organisation__name"))
        ),
        to_recall=Exists(recalls),
        goes_on=Exists(service.cases.open().filter(person=OuterRef("person_id"))),
    )
    return notice.annotated(found, service, today=today)


def ended(service: Service, today: datetime.date) -> CaseQuerySet:
    """Cases with what a new episode can take over: whether the worker still carries cases, and what was agreed."""
    return reappearance.for_board(service.cases.all(), service, today).annotate(
        agreed=first_contact.agreed(service)
    )


def _shared(case: Case) -> list[Shared]:
    return [
        Shared(found["pk"], found["partner"], datetime.datetime.fromisoformat(found["at"]))
        for found in getattr(case, "shared", [])
    ]


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


def _referred(case: Case) -> list[dict[str, Any]]:
    """Why somebody was referred, risks first: the worker reads it before they ring or knock."""
    referral = case.referral
    if referral is None:
        return []
    return [
        {"key": "Risks known", "value": referral.risks},
        {"key": "Why they were referred", "value": referral.reason},
        {"key": "What they want themselves", "value": referral.wants},
        {"key": "How best to talk with them", "value": referral.needs},
        {"key": "Phone that the referrer gave", "value": referral.phone},
        {"key": "What they said when asked", "value": referral.agreed_words},
        {
            "key": "Referred by",
            "value": ", ".join(filter(None, [referral.sent_by, referral.referrer_contact])),
        },
    ]


def _summary(case: Case, today: datetime.date) -> list[dict[str, Any]]:
    worker = case.worker.name if case.worker else "Nobody yet"
    next_on = wording.coming(case.next_contact_on, today=today) if case.next_contact_on else "No date set"
    return [
        {"key": "Stage", "value": case.get_stage_display()},
        {"key": "Worker", "value": worker},
        {"key": "Next contact", "value": next_on[:1].upper() + next_on[1:]},
        *_term(first_contact.term(case)),
        {"key": "Chaos Score", "value": _score_words(case)},
        {
            "key": "Support offered first",
            "value": f"{case.index_date:%-d %B %Y}" if case.index_date else "Not yet",
        },
        {"key": "Age", "value": case.person.age_on(today)},
        {"key": "Address", "value": " ".join(filter(None, [case.person.address, case.person.postcode]))},
    ]


def _term(term: Term) -> list[dict[str, Any]]:
    days = [("Next review", term.review_on), ("Support until", term.ends_on)]
    return [{"key": key, "value": f"{day:%-d %B %Y}"} for key, day in days if day]


def _score_words(case: Case) -> str:
    scored_on = getattr(case, "scored_on", None)
    if case.chaos_total is None or scored_on is None:
        return "Not scored yet"
    return f"{case.chaos_total} of 48, on {scored_on:%-d %B %Y}"


def _timeline(case: Case, page: int) -> Timeline:
    """Contacts and moves in one query: asks for one entry more than it shows, to know if there are older."""
    rows = _newest(case) if page == 1 else list(_entries(case, page))
    return Timeline([_entry(*row) for row in rows[:ENTRIES_A_PAGE]], page, len(rows) > ENTRIES_A_PAGE)


@asked_once
def _newest(case: Case) -> QuerySet[Any, Any]:
    return _entries(case, 1)


def _entries(case: Case, page: int) -> QuerySet[Any, Any]:
    contacts = case.contacts.order_by().annotate(moment=F("happened_at"), said=F("note"))
    stages = case.stages.order_by().annotate(
        moment=F("at"),
        kind=Value("", output_field=CharField()),
        outcome=F("stage"),
        minutes=Value(None, output_field=IntegerField()),
        travel_minutes=Value(None, output_field=IntegerField()),
        partners=Value("", output_field=CharField()),
        said=Cast("reason", TextField()),
    )
    columns = ("moment", "pk", "kind", "outcome", "minutes", "travel_minutes", "partners", "said", "by__name")
    both = contacts.values_list(*columns).union(stages.values_list(*columns), all=True)
    start = (page - 1) * ENTRIES_A_PAGE
    return both.order_by("-moment", "-pk")[start : start + ENTRIES_A_PAGE + 1]


def _entry(
    at: datetime.datetime,
    pk: int,
    kind: str,
    outcome: str,
    minutes: int | None,
    travel_minutes: int | None,
    partners: str,
    text: str,
    by: str,
) -> Entry:
    if not kind:
        opened = outcome == Stage.OFFERED
        title = "Case opened" if opened else f"Moved to {STAGE_LABELS[Stage(outcome)].lower()}"
        return Entry(at, title, text, by, is_stage=True)
    title = wording.contact(ContactKind(kind).label, ContactOutcome(outcome).label)
    if minutes is not None:
        title += f", {wording.count(minutes, 'minute')}"
    if travel_minutes is not None:
        title += f", {wording.count(travel_minutes, 'minute')} of travel"
    if partners:
        title += f", with {partners}"
    return Entry(at, title, text, by, is_stage=False)


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
        ("allocate_cases", case.is_open, "casework:roles", "Share the case"),
        ("work_cases", case.is_open, "casework:needs", "Needs and the way there"),
        ("work_cases", case.is_open, "casework:move_stage", "Move to another stage"),
        ("work_cases", True, "casework:scores", "Scores"),
        ("work_cases", case.is_open, "casework:visit", "Go in, or plan a visit"),
        ("work_cases", True, "casework:risk", "Risks"),
        ("work_cases", case.is_open, "casework:boundaries", "What we agreed about being in touch"),
        ("work_cases", case.is_open, "casework:review", "Review"),
        ("work_cases", True, "casework:experience", "What they say of us"),
        ("work_cases", True, "casework:communication", "Communication needs"),
        ("work_cases", True, "casework:consent", "Consent"),
        ("share_information", True, "casework:sharing", "Sharing"),
        ("share_information", True, "casework:message", "Message to GP or referrer"),
    ]
    found = [
        {"label": label, "url": reverse(view, args=[case.pk])}
        for permission, shown, view, label in offers
        if shown and permission in allowed
    ]
    if "seal_records" in allowed:
        label = "Who opens this sealed record" if case.access.sealed else "Seal this record"
        found.append({"label": label, "url": reverse("governance:seal", args=[case.person_id])})
    return found


def access_words(case: Case, opened: Opened | None) -> str:
    """Said on top of a record that is not open to everybody who might expect it; empty otherwise."""
    why = opened.why if opened else None
    if why == Why.NAMED:
        return "This record is sealed. Only the people named on it open it; you are one of them."
    until = case.access.until
    if why == Why.BREAK_GLASS and until:
        return f"You opened this record with a reason. It is open to you until {_moment(until)}."
    return ""


def _moment(at: datetime.datetime) -> str:
    return f"{timezone.localtime(at):%H:%M on %-d %B}"
