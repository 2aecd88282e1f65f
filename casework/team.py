"""Who carries a caseload today, what each can carry and brings, and what cases weigh here: one query."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case as CaseWhen
from django.db.models import Count, Exists, F, Func, JSONField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONArray, JSONObject
from django.utils import timezone

from casework.allocation import weights
from casework.allocation.load import Load, away_until
from casework.allocation.weights import Facts, Weights
from casework.models import Capacity, Case, ReductionKind, RoleOnCase
from casework.rules import OPEN_STAGES
from governance.asked_once import asked_once
from governance.models import Membership, Service

_CAPACITY_FIELDS = ("target_points", "standard_hours", "contracted_hours", "reduction_hours")


@dataclass(frozen=True)
class Helping:
    """A share in a case that somebody else leads."""

    role: str
    weighed: Facts


@dataclass(frozen=True)
class Member:
    """One worker. `capacity` is in points, None where nobody set the hours."""

    worker: int
    name: str
    membership: int
    capacity: int | None
    leaving: bool = False
    away_until: datetime.date | None = None
    uncovered: int = 0
    helping: tuple[Helping, ...] = ()
    brings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Team:
    """Everybody who carries a caseload, and the table that cases are weighed by."""

    members: list[Member]
    weights: Weights
    first_visits_in_pairs: bool = False


def of(service: Service, *, today: datetime.date | None = None) -> Team:
    """The team of a service on a day. One query; a second where nobody carries a caseload."""
    rows = _memberships(service, today or timezone.localdate())
    table = rows[0].table if rows else _table(service)
    told = table or {"version": 0, "pairs": False, "lines": []}
    lines = [(line["part"], line["level"], line["value"]) for line in told["lines"]]
    return Team([_member(row) for row in rows], weights.of_rows(lines, told["version"]), told["pairs"])


_KINDS = ("worker", "worker__name", "stage", "chaos_total", "travel", "rhythm")


def carried(service: Service) -> QuerySet[Case, tuple[Any, ...]]:
    """Who carries how many open cases of which kind: worker, name, stage, Chaos Score, travel, rhythm, how many."""
    groups = service.cases.open().exclude(worker=None).values_list(*_KINDS)
    return groups.annotate(cases=Count("pk")).order_by()


def carried_as_json(service: Service) -> Func:
    """The rows of `carried` as one JSON array, for a query that asks other things besides."""
    groups = service.cases.open().exclude(worker=None).order_by().values(*_KINDS).annotate(cases=Count("pk"))
    rows = groups.values(found=JSONArray(*_KINDS, "cases"))
    return Func(ArraySubquery(rows), function="to_jsonb", output_field=JSONField())


def loads(found: Team, groups: Iterable[tuple[Any, ...]]) -> list[Load]:
    """What everybody carries, `groups` as from `carried`; whoever is no member any more comes first."""
    by_worker = {
        m.worker: Load(
            m.worker,
            m.name,
            m.capacity,
            away_until=m.away_until,
            leaving=m.leaving,
            uncovered=m.uncovered,
        )
        for m in found.members
    }
    for member in found.members:
        for one in member.helping:
            points = found.weights.points(one.weighed, share=one.role)
            by_worker[member.worker] = by_worker[member.worker].helping_with(points)
    weigh = lru_cache(maxsize=None)(lambda *facts: found.weights.points(Facts(*facts)))
    names: dict[int, str] = {}
    cases_of: dict[int, Counter[str]] = defaultdict(Counter)
    points_of: Counter[int] = Counter()
    for worker, names[worker], stage, chaos_total, travel, rhythm, cases in groups:
        cases_of[worker][stage] += cases
        points_of[worker] += cases * weigh(chaos_total, stage, travel, rhythm)
    for worker, by_stage in cases_of.items():
        load = by_worker.get(worker) or Load(worker, names[worker], None, in_team=False)
        by_worker[worker] = load.with_cases(by_stage, points_of[worker])
    return sorted(by_worker.values(), key=lambda load: (load.in_team, load.name))


@asked_once
def _memberships(service: Service, today: datetime.date) -> Any:
    capacity = service.capacities.filter(worker=OuterRef("user")).order_by("-at", "-pk")
    reductions = service.reductions.filter(worker=OuterRef("user"))
    leaving = reductions.filter(Q(ends_on=None) | Q(ends_on__gte=today), kind=ReductionKind.LEAVING)
    hours = reductions.in_force(today).exclude(kind=ReductionKind.LEAVING)
    cover = service.case_roles.in_force(today).filter(case=OuterRef("pk"), role=RoleOnCase.COVER)
    uncovered = service.cases.open().filter(~Exists(cover), worker=OuterRef("user")).order_by()
    roles = service.case_roles.in_force(today).filter(worker=OuterRef("user"), case__stage__in=OPEN_STAGES)
    roles = roles.exclude(case__worker=F("worker"))
    helping = JSONObject(
        role="role",
        stage="case__stage",
        chaos="case__chaos_total",
        travel="case__travel",
        rhythm="case__rhythm",
    )
    brings = service.worker_profiles.filter(worker=OuterRef("user")).order_by("-at", "-pk")
    team = service.memberships.in_force(today).link_workers().select_related("user")
    return team.annotate(
        **{name: Subquery(capacity.values(name)[:1]) for name in _CAPACITY_FIELDS},
        reduced=ArraySubquery(
            hours.order_by("pk").values(found=JSONObject(hours="hours", ends_on="ends_on"))
        ),
        # Asked of those alone who have hours taken off: of everybody it is a look at each case of the service.
        uncovered=CaseWhen(
            When(
                Exists(hours), then=Subquery(uncovered.values("worker").annotate(n=Count("pk")).values("n"))
            ),
            default=0,
        ),
        leaving=Exists(leaving),
        helping=ArraySubquery(roles.order_by("pk").values(found=helping)),
        brings=Subquery(
            brings.values(
                found=JSONObject(languages="languages", gender="gender", skills="skills", areas="areas")
            )[:1]
        ),
        table=Subquery(_newest_table(service)),
    )


def _newest_table(service: Service) -> Any:
    lines = service.weight_tables.filter(pk=OuterRef("pk")).order_by("lines__pk")
    found = JSONObject(part="lines__part", level="lines__level", value=F("lines__value"))
    told = JSONObject(
        version="version", pairs="first_visits_in_pairs", lines=ArraySubquery(lines.values(found=found))
    )
    return service.weight_tables.order_by("-version").values(found=told)[:1]


def _table(service: Service) -> Any:
    return _newest_table(service).values_list("found", flat=True).first()


def _member(row: Membership) -> Member:
    told: Any = row
    reduced = [(Decimal(str(one["hours"])), _day(one["ends_on"])) for one in told.reduced]
    return Member(
        row.user_id,
        row.user.name,
        row.pk,
        None
        if told.target_points is None
        else _points(told, sum((hours for hours, _ in reduced), Decimal(0))),
        told.leaving,
        None
        if told.target_points is None
        else away_until(told.contracted_hours - told.reduction_hours, reduced),
        told.uncovered or 0,
        tuple(
            Helping(one["role"], Facts(one["chaos"], one["stage"], one["travel"], one["rhythm"]))
            for one in told.helping
        ),
        told.brings or {},
    )


def _day(told: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(told) if told else None


def _points(told: Any, reduced: Decimal) -> int:
    if told.leaving:
        return 0
    numbers = {name: getattr(told, name) for name in _CAPACITY_FIELDS}
    numbers["reduction_hours"] = min(told.contracted_hours, told.reduction_hours + reduced)
    return Capacity(**numbers).points
