"""Giving cases to workers: one, several together, or all that somebody leaves behind."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Q, Subquery, Value
from django.db.models.functions import Least
from django.utils import timezone

from casework import proposing
from casework.actions import capacity
from casework.models import Allocation, Case, CaseRole, Reduction, ReductionKind, RoleOnCase
from casework.rules import FIRST_VISITS
from governance import audit
from governance.models import Membership, Service, User
from governance.rules import RuleBroken

CHANGED = "Somebody allocated this case after you opened the page. Look again, then choose."


@dataclass(frozen=True)
class Gift:
    """A case for a worker, by their ids.

    `instead_of` is whom the lead saw on the case, None for nobody; `second` goes along from today instead of whoever
    does so now, and None leaves that as it is; `recommended` is whom a proposal named, kept beside the reason for
    going another way.
    """

    case: int
    worker: int
    instead_of: int | None
    second: int | None = None
    reason: str = ""
    recommended: int | None = None


@transaction.atomic
def allocate(
    *,
    case: Case,
    worker: User,
    instead_of: int | None,
    reason: str = "",
    second: User | None = None,
    recommended: int | None = None,
    by: User,
) -> Allocation:
    """Make somebody the main worker of an open case; whoever carried it until now is relieved. See Gift.

    Raises:
        RuleBroken: the episode has ended, the worker carries no caseload in this service today, is leaving, or
            already has the case, or somebody allocated it since the lead looked.
    """
    gift = Gift(case.pk, worker.pk, instead_of, second.pk if second else None, reason, recommended)
    [row] = _give(case.service, [gift], by, names={worker.pk: worker.name})
    audit.record(
        "case_allocated", service=case.service, by=by, on=case, changes={"worker": [instead_of, worker.pk]}
    )
    return row


@transaction.atomic
def allocate_all(
    *, service: Service, gifts: Sequence[Gift], on: models.Model | None = None, by: User
) -> list[Allocation]:
    """Give several cases, all of them or none. `on` is what was followed, such as a proposal.

    Raises:
        RuleBroken: there is no case among them, or what `allocate` says of any.
    """
    if not gifts:
        raise RuleBroken("No case was chosen. Choose at least one.")
    rows = _give(service, gifts, by)
    moved = {str(gift.case): [gift.instead_of, gift.worker] for gift in gifts}
    audit.record("cases_allocated", service=service, by=by, on=on, changes={"worker_of_case": moved})
    return rows


@transaction.atomic
def hand_over(
    *,
    service: Service,
    leaver: User,
    to: Mapping[int, int],
    seconds: Mapping[int, int] | None = None,
    reason: str,
    by: User,
) -> int:
    """Give everything a leaver carries to others and give them nothing more; how many cases moved.

    `to` names the next worker of each case, and `seconds` who goes along with some, by ids. What the leaver helped
    with ends today.

    Raises:
        RuleBroken: an open case of the leaver would be left without a worker, or what `allocate` says of any.
    """
    mine = service.cases.open().filter(worker=leaver).order_by("pk")
    # Cases first and then people, each in one order, as everywhere here; what came in between is seen below.
    list(mine.select_for_update(of=["self"]).values_list("pk"))
    along = seconds or {}
    users = {leaver.pk, *(worker for worker in (*to.values(), *along.values()) if worker)}
    members = service.memberships.filter(user__in=users).order_by("pk")
    member = next((m for m in members.select_for_update(of=["self"]) if m.user_id == leaver.pk), None)
    if member is None:
        raise RuleBroken(f"{leaver.name} is no member of this service.")
    carried = list(mine.values_list("pk", flat=True))
    left = [pk for pk in carried if not to.get(pk)]
    if left:
        codes = ", ".join(f"case {pk}" for pk in left[:5])
        raise RuleBroken(
            f"{len(left)} of {leaver.name}'s cases would be left with nobody: {codes}. "
            "Choose a worker for each. Nothing was changed."
        )
    if leaver.pk in {*(to[pk] for pk in carried), *along.values()}:
        raise RuleBroken(f"{leaver.name} is leaving. Choose somebody else for each case.")
    today = timezone.localdate()
    _give(service, [Gift(pk, to[pk], leaver.pk, second=along.get(pk), reason=reason) for pk in carried], by)
    _end(service.case_roles.filter(worker=leaver), today)
    # Whoever has left already may come back one day, and then takes cases again.
    if capacity.takes_cases(service, leaver):
        Reduction.objects.create(
            service=service, worker=leaver, kind=ReductionKind.LEAVING, hours=0, starts_on=today, by=by
        )
    audit.record(
        "cases_handed_over",
        service=service,
        by=by,
        on=member,
        changes={"worker_of_case": {str(pk): [leaver.pk, to[pk]] for pk in carried}},
    )
    return len(carried)


def _give(
    service: Service, gifts: Sequence[Gift], by: User, names: Mapping[int, str] | None = None
) -> list[Allocation]:
    """As many statements for one case as for a hundred; rows are held in one order, so that nobody gets stuck."""
    if not gifts:
        return []
    held = service.cases.select_for_update(of=["self"]).filter(pk__in=[gift.case for gift in gifts])
    cases = {case.pk: case for case in held.order_by("pk")}
    wanted = {gift.worker for gift in gifts} | {gift.second for gift in gifts if gift.second}
    team = _takers(service, wanted)
    for gift in gifts:
        if gift.case not in cases:
            raise RuleBroken("One of these cases is not there any more. Look again, then choose.")
        _check(cases[gift.case], gift, team, names or {})
    # Asked only now: what was said of somebody while the rows above were waited for is seen here.
    leaver = (
        capacity.leavers(service, timezone.localdate())
        .filter(worker__in=wanted)
        .select_related("worker")
        .first()
    )
    if leaver is not None:
        raise RuleBroken(f"{leaver.worker.name} is leaving and takes no new cases. Choose somebody else.")
    check_named(service, [(cases[gift.case], user) for gift in gifts for user in (gift.worker, gift.second)])
    for gift in gifts:
        cases[gift.case].worker_id = gift.worker
    Case.objects.bulk_update(cases.values(), ["worker"])
    today = timezone.localdate()
    leads = Q()
    for gift in gifts:
        leads |= Q(case=gift.case, worker=gift.worker)
    # Whoever leads a case does not also help with it.
    _end(service.case_roles.filter(leads), today)
    _add_seconds(service, gifts, today, by)
    return Allocation.objects.bulk_create(
        Allocation(
            service=service,
            case=cases[gift.case],
            worker_id=gift.worker,
            recommended_id=gift.recommended,
            reason=gift.reason,
            by=by,
        )
        for gift in gifts
    )


def _takers(service: Service, users: Iterable[int]) -> dict[int, Membership]:
    """Who of these carries a caseload today, held until the end: whoever says that they leave holds the same rows."""
    members = service.memberships.in_force(timezone.localdate()).link_workers().filter(user__in=users)
    held = members.select_for_update(of=["self"]).select_related("user").order_by("pk")
    return {member.user_id: member for member in held}


def _check(case: Case, gift: Gift, team: Mapping[int, Membership], names: Mapping[int, str]) -> None:
    if not case.is_open:
        raise RuleBroken(
            "This episode has ended. If the person is back, open a new episode and allocate that."
        )
    member = team.get(gift.worker)
    name = member.user.name if member else names.get(gift.worker, "This worker")
    if case.worker_id == gift.worker:
        raise RuleBroken(f"{name} already has this case. Choose somebody else.")
    if case.worker_id != gift.instead_of:
        raise RuleBroken(CHANGED)
    if gift.second == gift.worker:
        raise RuleBroken(f"{name} cannot go along with themselves. Choose two people.")
    if member is None:
        raise RuleBroken(f"{name} carries no caseload in this service today. Choose somebody else.")
    if gift.second and gift.second not in team:
        raise RuleBroken(
            "Whoever goes along carries no caseload in this service today. Choose somebody else."
        )


def check_named(service: Service, pairs: Iterable[tuple[Case, int | None]]) -> None:
    """Raise RuleBroken where a record is sealed and somebody who is to work with it could not open it.

    `pairs` are cases with the id of whoever would work with each.
    """
    pairs = [(case, user) for case, user in pairs if user]
    seals = service.seals.standing().filter(person__in={case.person_id for case, _ in pairs})
    named: dict[int, set[int | None]] = {}
    for person, user in seals.values_list("person", "names__user"):
        named.setdefault(person, set()).add(user)
    if any(case.person_id in named and user not in named[case.person_id] for case, user in pairs):
        raise RuleBroken(
            "A record among these is sealed, and whoever would take it or go along is not named on the seal. "
            "Have them named on the seal first, or choose somebody who is."
        )


def end_roles(case: Case) -> None:
    """End what anybody helped with, as part of an action that ends the episode."""
    _end(case.roles.all(), timezone.localdate())


def _end(roles: "models.QuerySet[CaseRole]", today: datetime.date) -> None:
    """End roles that are in force or begin later, with today as the last day."""
    going_on = roles.filter(Q(ends_on=None) | Q(ends_on__gt=today))
    going_on.update(starts_on=Least("starts_on", Value(today)), ends_on=today)


def _add_seconds(service: Service, gifts: Sequence[Gift], today: datetime.date, by: User) -> None:
    """Whoever is named goes along from today, also where they would begin later, and whoever did so until now stops."""
    pairs = {(gift.case, gift.second) for gift in gifts if gift.second}
    if not pairs:
        return
    cases = [case for case, _ in pairs]
    going_on = service.case_roles.filter(Q(ends_on=None) | Q(ends_on__gt=today), case__in=cases)
    there = {(role.case_id, role.worker_id): role for role in going_on}
    replaced = [r.pk for key, r in there.items() if r.role == RoleOnCase.SECOND and key not in pairs]
    if replaced:
        _end(service.case_roles.filter(pk__in=replaced), today)
    early = [role.pk for key, role in there.items() if role.starts_on > today and key in pairs]
    if early:
        service.case_roles.filter(pk__in=early).update(starts_on=today)
    new = sorted(pairs - there.keys())
    last = _last_days(service, [case for case, _ in new], today)
    CaseRole.objects.bulk_create(
        CaseRole(
            service=service,
            case_id=case,
            worker_id=worker,
            role=RoleOnCase.SECOND,
            starts_on=today,
            ends_on=last.get(case),
            by=by,
        )
        for case, worker in new
    )


def _last_days(service: Service, cases: Sequence[int], today: datetime.date) -> dict[int, datetime.date]:
    """Until when a second goes along where nothing but first visits in pairs asks for one, by case."""
    newest = service.weight_tables.order_by("-version").values("first_visits_in_pairs")[:1]
    rows = proposing.with_needs(service.cases.filter(pk__in=cases), timezone.localdate()).annotate(
        in_pairs=Subquery(newest)
    )
    return {
        case.pk: today + FIRST_VISITS
        for case in rows.filter(in_pairs=True)
        if proposing.is_for_first_visits(case)
    }
