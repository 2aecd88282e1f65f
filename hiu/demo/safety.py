"""First contacts, needs, what was agreed, scores and visits of invented clients, with the times they would have had."""

import datetime
import random
import uuid

from django.utils import timezone

from casework.actions import access_needs, instrument
from casework.models import (
    AccessNeeds,
    Assessment,
    AssessmentAnswer,
    Boundaries,
    Case,
    Contact,
    ContactKind,
    ContactOutcome,
    Instrument,
    NeedFormat,
    Risk,
    RiskCheck,
    RiskLevel,
    Visit,
    WayOfWorking,
)
from casework.rules import Stage
from casework.safety import AREAS, NOTHING_KNOWN
from casework.support import LADDER
from governance.models import Service, User

MOST_TOLD = 60
NEEDS = (
    ("Cannot read letters", [NeedFormat.EASY_READ, NeedFormat.CALL_ONLY], "We ring and read letters out."),
    ("Speaks Polish", [NeedFormat.LANGUAGE], "An interpreter is booked for each visit."),
    ("Hard of hearing on the phone", [NeedFormat.TEXT_ONLY], "We text and meet face to face."),
)
WELL_BEING = ("satisfied", "worthwhile", "happy", "anxious")
LONELINESS = ("companionship", "left-out", "isolated", "lonely")


def tell(service: Service, *, lead: User, chance: random.Random, today: datetime.date) -> None:
    """Fill in what Today, the board and the pages of clients show beside contacts."""
    WayOfWorking.objects.create(
        service=service,
        ladder=[{"kind": each.kind, "after_days": each.after_days} for each in LADDER],
        review_weeks=12,
        by=lead,
        at=timezone.now() - datetime.timedelta(days=365),
    )
    shipped = {name: instrument.load(name=name)[0] for name in instrument.names()}
    open_cases = service.cases.open().exclude(worker=None).select_related("worker", "person").order_by("-pk")
    for position, case in enumerate(open_cases[:MOST_TOLD]):
        if case.last_contact_at is None or case.worker is None:
            continue
        if position == 0:
            _overdue_review(case, case.worker, today)
        if position % 6:
            _risk_form(case, case.worker)
        if position % 4 == 1:
            _needs(case, case.worker, NEEDS[position // 4 % len(NEEDS)], today)
        if case.stage in (Stage.ACTIVE, Stage.ENGAGING) and position % 3 == 0:
            _agreed(case, case.worker, chance, today)
        if position % 2:
            _scored(case, case.worker, shipped, chance, today)
    _visits(list(open_cases[:MOST_TOLD]), lead)


def _risk_form(case: Case, worker: User) -> None:
    answers = dict.fromkeys(AREAS, NOTHING_KNOWN)
    RiskCheck.objects.create(
        service=case.service, case=case, source="the referrer", by=worker, at=case.opened_at, **answers
    )


def _overdue_review(case: Case, worker: User, today: datetime.date) -> None:
    Risk.objects.create(
        service=case.service,
        case=case,
        level=RiskLevel.NOTE,
        area="mobility",
        detail="Steep stairs without a rail. Ring first, so that they can come down.",
        source="ambulance crew",
        review_on=today - datetime.timedelta(days=6),
        noted_at=case.opened_at,
        noted_by=worker,
    )


def _needs(case: Case, worker: User, told: tuple[str, list[NeedFormat], str], today: datetime.date) -> None:
    needs, formats, met = told
    row = AccessNeeds.objects.create(
        service=case.service,
        case=case,
        needs=needs,
        formats=formats,
        met=met,
        review_on=today + datetime.timedelta(days=200),
        by=worker,
        at=case.opened_at,
    )
    case.person.communication_needs = access_needs.in_words(row)
    case.person.save(update_fields=["communication_needs"])


def _agreed(case: Case, worker: User, chance: random.Random, today: datetime.date) -> None:
    Boundaries.objects.create(
        service=case.service,
        case=case,
        ring_when="Monday to Friday, 9 to 5",
        answer_within="By the end of the next working day",
        otherwise="111, or 999 in an emergency",
        rhythm_days=chance.choice((3, 7, 14)),
        calls_a_week=5,
        by=worker,
        at=case.opened_at,
    )
    calls = []
    for week in range(11, -1, -1):
        for _ in range(chance.randint(0, week)):
            at = timezone.now() - datetime.timedelta(weeks=week, minutes=chance.randint(60, 5000))
            if at > case.opened_at:
                calls.append(_rang(case, worker, at, chance))
    Contact.objects.bulk_create(calls)


def _rang(case: Case, worker: User, at: datetime.datetime, chance: random.Random) -> Contact:
    return Contact(
        service=case.service,
        case=case,
        key=uuid.UUID(int=chance.getrandbits(128), version=4),
        happened_at=at,
        logged_at=at,
        kind=ContactKind.RANG,
        outcome=ContactOutcome.REACHED,
        minutes=6,
        by=worker,
    )


def _scored(
    case: Case, worker: User, shipped: dict[str, Instrument], chance: random.Random, today: datetime.date
) -> None:
    """Asked at the start and again since, as a service with such targets does."""
    first = timezone.localdate(case.opened_at) + datetime.timedelta(days=10)
    for name, codes in (("ons4", WELL_BEING), ("ucla-3", LONELINESS)):
        items = {item.code: item for item in shipped[name].items.all()}
        for number, day in enumerate(
            (first, first + datetime.timedelta(days=60), first + datetime.timedelta(days=120))
        ):
            if day > today:
                break
            row = Assessment(
                service=case.service, case=case, instrument=shipped[name], scored_on=day, by=worker
            )
            given = {code: chance.choice(items[code].values) for code in codes[: len(codes) - (number == 1)]}
            if name == "ucla-3" and "isolated" in given:
                row.total = sum(given[code] for code in LONELINESS[:3])
            row.save()
            AssessmentAnswer.objects.bulk_create(
                AssessmentAnswer(assessment=row, item=items[code], value=value)
                for code, value in given.items()
            )


def _visits(cases: list[Case], lead: User) -> None:
    """One that is overdue, one going on, one planned, each of another worker."""
    now, hour = timezone.now(), datetime.timedelta(hours=1)
    alone = [
        case
        for case in cases
        if not case.risks.filter(level__in=(RiskLevel.PAIR, RiskLevel.NO_VISIT)).exists()
    ]
    by_worker = {case.worker_id: case for case in alone}
    times = ((-2 * hour, -hour / 2, True), (-hour / 2, hour, True), (2 * hour, 3 * hour, False))
    for case, (start, end, is_in) in zip(by_worker.values(), times, strict=False):
        assert case.worker is not None
        Visit.objects.create(
            service=case.service,
            case=case,
            worker=case.worker,
            starts_at=now + start,
            due_back_at=now + end,
            planned_at=now + min(start, datetime.timedelta(0)),
            planned_by=case.worker,
            went_in_at=now + start if is_in else None,
        )
