"""What the lead sees first: what waits for a decision."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, JSONField, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone

from casework import rules
from casework.models import Case
from casework.pages import caseload, first_contact, reappearance, visit
from casework.pages.cases import A_SEALED_RECORD
from casework.wording import count
from cohorts.models import ExtractStatus
from cohorts.pages import referral
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
    """A person who attends again, and whose last worker has left."""

    words: str


@dataclass(frozen=True)
class Board:
    """The page."""

    unallocated: list[Waiting]
    over: list[caseload.Line]
    silent: list[Silent]
    extracts_waiting: int
    files_late: int
    referrals: referral.Waiting
    back: list[Back]
    recalls_waiting: int
    held_long: int
    to_review: int
    open_cases: int
    # Workers who should be out of a visit and have not said so.
    overdue: list[str]

    @property
    def next_step(self) -> tuple[str, str, str]:
        """What to do first: the sentence, the label of the button, where it leads."""
        if self.overdue:
            words = "Ring whoever is overdue. When you have heard from them, say on Today that they are out."
            return words, "Open Today", reverse("casework:today")
        if self.referrals.over:
            words = f"Referred, and nobody has been in touch: {self.referrals.in_words}."
            return words, "Open referrals", reverse("cohorts:referrals")
        if self.recalls_waiting:
            words = f"{count(self.recalls_waiting, 'partner')} not told yet that a client took a yes back."
            return words, "Tell the partners", reverse("casework:recalls")
        if self.unallocated:
            words = f"{count(len(self.unallocated), 'case')} waiting for a worker."
            return words, "Allocate cases", reverse("casework:allocation")
        if self.referrals.in_words:
            words = f"Referrals wait: {self.referrals.in_words}."
            return words, "Open referrals", reverse("cohorts:referrals")
        if self.to_review:
            words = (
                f"{count(self.to_review, 'record')} opened outside own caseload. "
                "Read the reason and say whether there was a need."
            )
            return words, "Review", reverse("governance:openings")
        if self.extracts_waiting:
            words = f"{count(self.extracts_waiting, 'extract')} checked and waiting for you to look."
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
            {"value": len(self.unallocated), "label": "unallocated"},
            {"value": self.referrals.number, "label": "referrals waiting", "note": self.referrals.in_words},
            {"value": len(self.over), "label": "workers full or over"},
            {"value": len(self.silent), "label": "silent cases", "note": _SILENT_NOTE},
            {"value": self.extracts_waiting, "label": "extracts waiting"},
            {"value": self.to_review, "label": "openings to review", "note": "records opened with a reason"},
        ]


_SILENT_NOTE = f"longer than agreed, or than {rules.SILENT_AFTER_DAYS} days"


def build(service: Service, user: User, *, today: datetime.date) -> Board:
    """The board of a service in front of a lead: four queries, however many cases there are."""
    hidden = Exists(service.seals.hiding_from(user).filter(person=OuterRef("person")))
    shown = reappearance.for_board(service.cases.select_related("person", "worker"), service)
    shown = shown.filter(Q(stage__in=rules.OPEN_STAGES) | Q(is_back=True, is_carried=False))
    shown = shown.annotate(
        hidden=hidden, agreed=first_contact.agreed(service), seen_at=first_contact.seen_at(service)
    )
    found = list(shown.order_by("opened_at", "pk"))
    cases = [case for case in found if case.is_open]
    waiting, clocks, overdue = _waiting(service, user)
    return Board(
        unallocated=[Waiting(case, _name(case)) for case in cases if case.worker_id is None],
        over=caseload.over_capacity(caseload.from_cases(service, cases)),
        silent=_silent(cases, today),
        extracts_waiting=waiting["extracts"],
        files_late=waiting["late"],
        referrals=clocks,
        back=[
            Back(case, _name(case), reappearance.words(case))
            for case in found
            if reappearance.is_for_lead(case)
        ],
        recalls_waiting=waiting["recalls"],
        held_long=waiting["held"],
        to_review=waiting["openings"],
        open_cases=len(cases),
        overdue=visit.overdue_words(overdue),
    )


def _name(case: Case) -> str:
    return A_SEALED_RECORD if getattr(case, "hidden", False) else case.person.short_name


def _waiting(service: Service, user: User) -> tuple[Counter[str], referral.Waiting, list[dict[str, Any]]]:
    """Extracts to look at, files that are late, recall notices to send, openings that somebody other than `user`
    made, contacts from phones left alone, the clocks of referrals, and visits that are overdue. One query.
    """
    kinds: dict[str, QuerySet] = {
        "extracts": service.extracts.filter(status=ExtractStatus.PREVIEWED),
        "late": service.expected_extracts.missing(),
        "recalls": service.recall_notices.filter(sent_at=None),
        "openings": service.break_glasses.unreviewed().exclude(by=user),
        "held": service.held_contacts.filter(received_at__lt=timezone.now() - rules.HELD_TOO_LONG),
        "referrals": service.referrals.waiting(),
        "visits": visit.overdue(service, now=timezone.now()),
    }
    nothing = Value(None, output_field=JSONField())
    more = {"referrals": referral.clocks(), "visits": visit.told_of_overdue()}
    first, *others = (
        rows.order_by()
        .values(kind=Value(kind))
        .annotate(number=Count("pk"), told=more.get(kind, nothing))
        .values_list("kind", "number", "told")
        for kind, rows in kinds.items()
    )
    found = {kind: (number, told) for kind, number, told in first.union(*others, all=True)}
    _, told = found.pop("referrals", (0, None))
    _, overdue = found.pop("visits", (0, None))
    numbers = Counter({kind: number for kind, (number, _) in found.items()})
    return numbers, referral.waiting(told or [], timezone.now()), overdue or []


def _silent(cases: Sequence[Case], today: datetime.date) -> list[Silent]:
    """Silent cases that somebody carries, the longest silence first."""
    found = []
    for case in cases:
        last = timezone.localdate(case.last_contact_at) if case.last_contact_at else None
        opened = timezone.localdate(case.opened_at)
        since = first_contact.silence(case, today=today) if case.worker_id else ""
        if since:
            found.append((last or opened, Silent(case, _name(case), since)))
    return [silent for _, silent in sorted(found, key=lambda pair: pair[0])]
