"""What the lead sees first: what waits for a decision."""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, JSONField, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone

from casework import rules, team
from casework.models import Case
from casework.models.case import CaseQuerySet
from casework.pages import caseload, first_contact, reappearance, visit
from casework.pages.cases import A_SEALED_RECORD
from casework.wording import count
from cohorts.models import ExtractStatus
from cohorts.pages import referral
from governance.asked_once import asked_once
from governance.models import Service, User

ROWS_A_SECTION = 10


@dataclass(frozen=True)
class Waiting:
    """An open case and what to call it here: the lead learns of a sealed one, not whose it is."""

    case: Case
    name: str


@dataclass(frozen=True)
class Silent(Waiting):
    """An open case where some kind of contact has been missing for too long."""

    since: str


@dataclass(frozen=True)
class Back(Waiting):
    """A person who attends again, and whose last worker has left or is leaving."""

    words: str


@dataclass(frozen=True)
class Board:
    """The page."""

    unallocated: list[Waiting]
    # How many there are in all; of each kind the first few are shown.
    numbers: Counter[str]
    over: list[caseload.Line]
    away: list[caseload.Line]
    silent: list[Silent]
    referrals: referral.Waiting
    back: list[Back]
    # Workers who should be out of a visit and have not said so.
    overdue: list[str]

    @property
    def has_cases(self) -> bool:
        """Whether any case is open: somebody carries it, or nobody does."""
        return bool(self.numbers["unallocated"] or self.numbers["cases"])

    @property
    def next_step(self) -> tuple[str, str, str]:
        """What to do first: the sentence, the label of the button, where it leads."""
        if self.overdue:
            words = "Ring whoever is overdue. When you have heard from them, say on Today that they are out."
            return words, "Open Today", reverse("casework:today")
        if self.referrals.over:
            words = f"Referred, and nobody has been in touch: {self.referrals.in_words}."
            return words, "Open referrals", reverse("cohorts:referrals")
        if self.numbers["recalls"]:
            words = f"{count(self.numbers['recalls'], 'partner')} not told yet that a client took a yes back."
            return words, "Tell the partners", reverse("casework:recalls")
        if self.unallocated:
            words = f"{count(self.numbers['unallocated'], 'case')} waiting for a worker."
            return words, "Allocate cases", reverse("casework:allocation")
        if self.referrals.in_words:
            words = f"Referrals wait: {self.referrals.in_words}."
            return words, "Open referrals", reverse("cohorts:referrals")
        if self.numbers["openings"]:
            words = (
                f"{count(self.numbers['openings'], 'record')} opened outside own caseload. "
                "Read the reason and say whether there was a need."
            )
            return words, "Review", reverse("governance:openings")
        if self.numbers["extracts"]:
            words = f"{count(self.numbers['extracts'], 'extract')} checked and waiting for you to look."
            return words, "Look at extracts", reverse("cohorts:extracts")
        if self.silent:
            words = (
                "No contact for longer than agreed, or not met in person. Ask the worker, or ring the client."
            )
            return (
                words,
                "Open the first silent case",
                reverse("casework:case", args=[self.silent[0].case.pk]),
            )
        if self.away:
            load = self.away[0].load
            words = (
                f"{load.name} is away, and nobody covers {count(load.uncovered, 'case')}. Say who stands in."
            )
            return words, "Look at their cases", f"{reverse('casework:cases')}?worker={load.worker}"
        if self.over:
            return "Somebody carries more than they can.", "Look at caseloads", reverse("casework:caseload")
        return (
            "Nothing is waiting. See who else could be offered support.",
            "Open lists",
            reverse("cohorts:lists"),
        )

    @property
    def stats(self) -> list[dict[str, Any]]:
        """Figures at a glance, for templates/components/stats.html."""
        return [
            {"value": self.numbers["unallocated"], "label": "unallocated"},
            {"value": self.referrals.number, "label": "referrals waiting", "note": self.referrals.in_words},
            {"value": len(self.over), "label": "workers full or over"},
            {"value": self.numbers["silent"], "label": "silent cases", "note": _SILENT_NOTE},
            {"value": self.numbers["extracts"], "label": "extracts waiting"},
            {
                "value": self.numbers["openings"],
                "label": "openings to review",
                "note": "records opened with a reason",
            },
        ]


_SILENT_NOTE = f"longer than agreed, or than {rules.SILENT_AFTER_DAYS} days"


def build(service: Service, user: User, *, today: datetime.date) -> Board:
    """The board of a service in front of a lead: three queries, however many cases there are."""
    numbers, told = _waiting(service, user, today)
    lines = caseload.from_groups(service, told.get("carried") or [])
    numbers["cases"] = sum(line.load.cases for line in lines)
    cases = _cases(service, user, today)
    silent = [case for case in cases if case.worker_id and case.silent_after and case.silent_after < today]
    return Board(
        unallocated=[Waiting(case, _name(case)) for case in cases if case.is_open and case.worker_id is None],
        numbers=numbers,
        over=caseload.over_capacity(lines),
        away=caseload.not_covered(lines),
        silent=[
            Silent(case, _name(case), first_contact.silence(case, today=today))
            for case in sorted(silent, key=lambda case: (case.silent_after, case.pk))
        ],
        referrals=referral.waiting(told.get("referrals") or [], timezone.now()),
        back=[
            Back(case, _name(case), reappearance.words(case))
            for case in cases
            if reappearance.is_for_lead(case)
        ],
        overdue=visit.overdue_words(told.get("visits") or []),
    )


def _unallocated(service: Service) -> CaseQuerySet:
    return service.cases.open().filter(worker=None)


def _silent(service: Service, today: datetime.date) -> CaseQuerySet:
    """Silent cases that somebody carries."""
    return service.cases.filter(silent_after__lt=today).exclude(worker=None)


def _back(service: Service, today: datetime.date) -> CaseQuerySet:
    """Cases of people who attend again, where the lead has to answer."""
    standing = service.reappearances.standing().values("case")
    back = reappearance.for_board(service.cases.filter(pk__in=standing), service, today)
    return back.filter(Q(is_carried=False))


@asked_once
def _cases(service: Service, user: User, today: datetime.date) -> CaseQuerySet:
    """The first of each kind, whom it is about, and what the words for it need."""
    first, *others = (
        cases.order_by(order, "pk").values("pk")[:ROWS_A_SECTION]
        for cases, order in (
            (_unallocated(service), "opened_at"),
            (_silent(service, today), "silent_after"),
            (_back(service, today), "opened_at"),
        )
    )
    # As one set of keys: with OR between them PostgreSQL expects most cases and reads everybody's record.
    shown = first.union(*others, all=True)
    hidden = Exists(service.seals.hiding_from(user).filter(person=OuterRef("person")))
    cases = reappearance.for_board(service.cases.filter(pk__in=shown), service, today)
    cases = cases.annotate(
        hidden=hidden, agreed=first_contact.agreed(service), seen_at=first_contact.seen_at(service)
    )
    return cases.select_related("person", "worker").order_by("opened_at", "pk")


def _name(case: Case) -> str:
    return A_SEALED_RECORD if getattr(case, "hidden", False) else case.person.short_name


def _waiting(service: Service, user: User, today: datetime.date) -> tuple[Counter[str], dict[str, Any]]:
    """How many of each kind wait, and what is told of some: one query.

    Cases without a worker, silent ones and people who are back; extracts to look at, files that are late, recall
    notices to send, openings that somebody other than `user` made, contacts from phones left alone; the clocks of
    referrals, visits that are overdue, and what everybody carries.
    """
    now = timezone.now()
    numbers, told = Counter[str](), dict[str, Any]()
    for kind, number, words in _asked(service, user, today, now, now - rules.HELD_TOO_LONG):
        numbers[kind], told[kind] = number, words
    return numbers, told


@asked_once
def _asked(
    service: Service, user: User, today: datetime.date, now: datetime.datetime, held_before: datetime.datetime
) -> QuerySet[Any, Any]:
    kinds: dict[str, QuerySet] = {
        "extracts": service.extracts.filter(status=ExtractStatus.PREVIEWED),
        "unallocated": _unallocated(service),
        "silent": _silent(service, today),
        "back": _back(service, today),
        "late": service.expected_extracts.missing(),
        "recalls": service.recall_notices.filter(sent_at=None),
        "openings": service.break_glasses.unreviewed().exclude(by=user),
        "held": service.held_contacts.filter(received_at__lt=held_before),
        "referrals": service.referrals.waiting(),
        "visits": visit.overdue(service, now=now),
        # One row, whoever looks: what everybody carries stands beside it.
        "carried": service.memberships.filter(user=user),
    }
    nothing = Value(None, output_field=JSONField())
    more = {
        "referrals": referral.clocks(),
        "visits": visit.told_of_overdue(),
        "carried": team.carried_as_json(service),
    }
    first, *others = (
        rows.order_by()
        .values(kind=Value(kind))
        .annotate(number=Count("pk"), told=more.get(kind, nothing))
        .values_list("kind", "number", "told")
        for kind, rows in kinds.items()
    )
    return first.union(*others, all=True)
