"""From the rows of a service to the question who takes which case, and back to words."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from casework import team
from casework.allocation.people import Carrier, Needs, Problem, Waiting
from casework.allocation.weights import SECOND, Part, band_of
from casework.models import (
    Allocation,
    Case,
    CaseNeeds,
    CaseRole,
    Contact,
    ContactKind,
    ContactOutcome,
    Gender,
    Risk,
    RiskLevel,
    RoleOnCase,
    Skill,
)
from casework.models.case import CaseQuerySet
from governance.models import Seal, SealName, Service


def with_needs(cases: CaseQuerySet, today: datetime.date) -> CaseQuerySet:
    """Cases with what a proposal asks of each: needs, whether two are needed, who knew the person before."""
    newest = CaseNeeds.objects.filter(case=OuterRef("pk")).order_by("-at", "-pk")
    pair = Risk.objects.filter(case__person=OuterRef("person"), level=RiskLevel.PAIR, ended_at=None)
    visits = Contact.objects.filter(
        case__person=OuterRef("person"), kind=ContactKind.HOME, outcome=ContactOutcome.REACHED
    )
    knew = Allocation.objects.filter(case__person=OuterRef("person")).order_by().values("worker").distinct()
    # Whose last day is today goes along no more.
    seconds = CaseRole.objects.in_force(today).filter(case=OuterRef("pk"), role=RoleOnCase.SECOND)
    seconds = seconds.exclude(ends_on=today)
    names = SealName.objects.filter(seal=OuterRef("pk")).order_by().values("user")
    seals = Seal.objects.standing().filter(person=OuterRef("person"))
    told = JSONObject(language="language", gender="gender", skills="skills", area="area", two="two")
    return cases.annotate(
        told=Subquery(newest.values(found=told)[:1]),
        risk_for_two=Exists(pair),
        visited=Exists(visits),
        knew=ArraySubquery(knew),
        seconds=ArraySubquery(seconds.order_by("pk").values("worker")),
        # Who may open a sealed record; None where it is not sealed.
        named=Subquery(seals.values(found=JSONObject(users=ArraySubquery(names)))[:1]),
    )


def needs_of(case: Case, *, first_visits_in_pairs: bool) -> Needs:
    """What a case fetched `with_needs` asks of a worker, in the words that pages use."""
    row: Any = case
    told = row.told or {}
    return Needs(
        language=told.get("language", ""),
        gender=_gender(told.get("gender", "")),
        skills=frozenset(_skills(told.get("skills", []))),
        area=told.get("area", ""),
        two=bool(told.get("two") or row.risk_for_two or (first_visits_in_pairs and not row.visited)),
    )


def is_for_first_visits(case: Case) -> bool:
    """Whether nothing but first visits in pairs asks for two, of a case fetched `with_needs`."""
    row: Any = case
    return not ((row.told or {}).get("two") or row.risk_for_two or row.visited)


def along(case: Case, found: team.Team) -> dict[int, str]:
    """Who goes along already and stays, by id and name, of a case fetched `with_needs`."""
    row: Any = case
    return {m.worker: m.name for m in found.members if m.worker in row.seconds and not m.leaving}


@dataclass(frozen=True)
class Asked:
    """A question and the rows it was made from."""

    problem: Problem
    cases: dict[int, Case]
    team: team.Team


def ask(found: team.Team, groups: Iterable[tuple[Any, ...]], cases: Iterable[Case]) -> Asked:
    """The question who takes these cases, fetched `with_needs`; `groups` as from team.carried.

    A case that somebody has already counts with the one who takes it: it is taken off its worker first.
    """
    rows = list(cases)
    return Asked(
        Problem(
            [_waiting(case, found) for case in rows],
            carriers(found, groups, without=rows),
            found.weights.value(Part.SHARE, SECOND),
        ),
        {case.pk: case for case in rows},
        found,
    )


def queue(service: Service) -> CaseQuerySet:
    """Open cases that nobody carries, the oldest first."""
    return with_needs(service.cases.open().filter(worker=None), timezone.localdate()).order_by(
        "opened_at", "pk"
    )


def carriers(
    found: team.Team, groups: Iterable[tuple[Any, ...]], *, without: Iterable[Case] = ()
) -> list[Carrier]:
    """Workers whose hours are known and leave some room, with what they carry apart from some cases."""
    groups = list(groups)
    taken = [
        (case.worker_id, "", case.stage, case.chaos_total, case.travel, case.rhythm, -1) for case in without
    ]
    groups += [row for row in taken if row[0] is not None]
    tiers: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for worker, _, _, chaos_total, _, _, number in groups:
        tiers[worker][band_of(chaos_total)] += number
    loads = {load.worker: load for load in team.loads(found, groups)}
    return [_carrier(m, loads[m.worker].points, tiers[m.worker]) for m in found.members if m.capacity]


def _carrier(member: team.Member, points: float, tiers: dict[str, int]) -> Carrier:
    brings = member.brings
    return Carrier(
        member.worker,
        member.name,
        float(member.capacity or 0),
        max(0.0, round(points, 2)),
        tiers,
        frozenset(brings.get("languages", [])),
        _gender(brings.get("gender", "")),
        frozenset(_skills(brings.get("skills", []))),
        frozenset(brings.get("areas", [])),
    )


def _waiting(case: Case, found: team.Team) -> Waiting:
    row: Any = case
    barred = frozenset(m.worker for m in found.members if m.leaving) | {case.worker_id}
    if row.named is not None:
        barred |= {m.worker for m in found.members if m.worker not in row.named["users"]}
    needs = needs_of(case, first_visits_in_pairs=found.first_visits_in_pairs)
    # Whoever goes along already goes on: no other is looked for, and they do not lead what two are needed for.
    stays = along(case, found) if needs.two else {}
    if stays:
        needs, barred = replace(needs, two=False), barred | set(stays)
    return Waiting(
        case.pk,
        found.weights.points(case.weighed),
        band_of(case.chaos_total),
        needs,
        frozenset(row.knew),
        frozenset(worker for worker in barred if worker is not None),
        " and ".join(stays.values()),
    )


def _gender(value: str) -> str:
    return str(Gender(value).label).lower() if value else ""


def _skills(values: Iterable[str]) -> list[str]:
    return [str(Skill(value).label) for value in values]
