"""What the allocation board of the demo works with: profiles, needs, a table, cases that wait, a proposal."""

import datetime
import random
from decimal import Decimal
from typing import Any

from casework.actions import allocation, case_role, needs, proposal, risk, silence, weights
from casework.actions import calibration as calibrations
from casework.allocation.weights import rhythm_of
from casework.models import (
    Boundaries,
    Case,
    CaseNeeds,
    Gender,
    Reduction,
    ReductionKind,
    RiskLevel,
    RoleOnCase,
    Skill,
)
from casework.models.needs import TRAVELS
from governance.models import Service, User

AREAS = ("North", "Market", "Riverside", "Villages")
# Of each worker in turn: languages, gender, skills.
PROFILES = (
    (("Polish",), Gender.WOMAN, (Skill.HOUSING, Skill.MONEY)),
    ((), Gender.MAN, (Skill.ALCOHOL, Skill.MIND)),
    (("Urdu", "Punjabi"), Gender.WOMAN, (Skill.MIND, Skill.TRAUMA)),
    (("British Sign Language",), Gender.WOMAN, (Skill.PAIN, Skill.AGE)),
    ((), Gender.MAN, (Skill.HOUSING, Skill.ALCOHOL)),
    (("Lithuanian",), Gender.WOMAN, (Skill.TRAUMA, Skill.LEARNING)),
)
# Of each case that waits, in turn.
WAITING: tuple[dict[str, Any], ...] = (
    {"language": "Polish", "skills": [Skill.HOUSING], "area": "Market", "travel": "near"},
    {
        "gender": Gender.WOMAN,
        "skills": [Skill.TRAUMA],
        "area": "North",
        "travel": "middle",
    },
    {"skills": [Skill.ALCOHOL], "area": "Villages", "travel": "far"},
)


# As many open cases at least for whoever signs in as the worker.
FEWEST = 4


def leave_nobody_idle(service: Service, worker: User, *, lead: User) -> None:
    """Whoever signs in finds somebody to ring, whatever day the demo is made on."""
    open_cases = service.cases.open().exclude(worker=None)
    missing = FEWEST - open_cases.filter(worker=worker).count()
    others = open_cases.exclude(worker=worker).not_sealed_from(worker).order_by("next_contact_on", "pk")
    for case in others[: max(missing, 0)]:
        allocation.allocate(
            case=case, worker=worker, instead_of=case.worker_id, reason="New in post", by=lead
        )


def fill(
    service: Service, workers: list[User], *, lead: User, today: datetime.date, chance: random.Random
) -> None:
    """Everything a lead decides from. The cases of the past get a way and a rhythm as they would have had."""
    for position, worker in enumerate(workers):
        languages, gender, skills = PROFILES[position % len(PROFILES)]
        areas = (AREAS[position % len(AREAS)], AREAS[(position + 1) % len(AREAS)])
        brings: dict[str, Any] = {"languages": languages, "gender": gender, "skills": skills, "areas": areas}
        needs.set_profile(service=service, worker=worker, by=lead, **brings)
    _ways_and_rhythms(service, lead, chance)
    silence.note_all(service.cases.all())
    weights.change(
        service=service,
        values={("travel", "remote"): Decimal("1.6")},
        first_visits_in_pairs=False,
        reason="The villages take longer than we thought",
        seen=0,
        by=lead,
    )
    Reduction.objects.create(
        service=service,
        worker=workers[1],
        kind=ReductionKind.TRAINING,
        hours=Decimal("3.5"),
        starts_on=today - datetime.timedelta(days=7),
        ends_on=today + datetime.timedelta(days=40),
        by=lead,
    )
    _share_one(service, workers, lead, today)
    waiting = list(service.cases.open().filter(worker=None).order_by("opened_at", "pk"))
    for case, told in zip(waiting, WAITING, strict=False):
        needs.set(case=case, by=lead, **told)
    if waiting:
        risk.note(
            case=waiting[-1],
            level=RiskLevel.PAIR,
            detail="A neighbour has threatened visitors.",
            source="Police liaison",
            review_on=today + datetime.timedelta(days=60),
            by=lead,
        )
        proposal.ask(service=service, by=lead)
    # A quarter of so small a service says little; its minutes of two years say something.
    calibrations.compare(
        service=service, starts_on=today - datetime.timedelta(days=730), ends_on=today, by=lead
    )


def _ways_and_rhythms(service: Service, lead: User, chance: random.Random) -> None:
    cases = list(service.cases.exclude(worker=None))
    agreed = dict(service.boundaries.values_list("case", "rhythm_days"))
    rhythms: dict[int, int] = {}
    for case in cases:
        case.travel = chance.choices([level for level, _ in TRAVELS], [5, 3, 2, 1])[0]
        rhythms[case.pk] = agreed.get(case.pk) or chance.choices((3, 7, 14, 28), [2, 5, 3, 2])[0]
        case.rhythm = rhythm_of(rhythms[case.pk])
    Case.objects.bulk_update(cases, ["travel", "rhythm"], batch_size=200)
    CaseNeeds.objects.bulk_create(
        CaseNeeds(
            service=service,
            case=case,
            travel=case.travel,
            area=chance.choice(AREAS),
            by=lead,
            at=case.opened_at,
        )
        for case in cases
    )
    Boundaries.objects.bulk_create(
        Boundaries(service=service, case=case, rhythm_days=rhythms[case.pk], by=lead, at=case.opened_at)
        for case in cases
        if case.pk not in agreed
    )


def _share_one(service: Service, workers: list[User], lead: User, today: datetime.date) -> None:
    case = service.cases.open().exclude(worker=None).exclude(worker=workers[-1]).order_by("pk").last()
    if case is not None:
        case_role.start(
            case=case,
            worker=workers[-1],
            role=RoleOnCase.COVER,
            ends_on=today + datetime.timedelta(days=12),
            reason="Leave of two weeks",
            by=lead,
        )
