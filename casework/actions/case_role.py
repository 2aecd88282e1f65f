"""Sharing a case: who goes along with the worker who leads it, and who stands in."""

import datetime

from django.db import transaction
from django.utils import timezone

from casework.actions.allocation import check_named
from casework.actions.capacity import check_takes_cases
from casework.models import Case, CaseRole, RoleOnCase
from governance import audit
from governance.models import User
from governance.rules import RuleBroken


@transaction.atomic
def start(
    *,
    case: Case,
    worker: User,
    role: str,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
    reason: str = "",
    by: User,
) -> CaseRole:
    """Let somebody help with an open case that another worker leads, from a day on and perhaps until one.

    Raises:
        RuleBroken: the episode has ended, nobody leads the case or this worker does, they help already, they
            carry no caseload here or are not named on the seal of the record, the days are in the wrong order, or
            cover has no last day.
    """
    case = Case.objects.select_for_update(of=["self"]).select_related("service").get(pk=case.pk)
    today = timezone.localdate()
    first = starts_on or today
    _check(case, worker, role, first, ends_on, today)
    row = case.service.case_roles.create(
        case=case, worker=worker, role=role, starts_on=first, ends_on=ends_on, reason=reason, by=by
    )
    audit.record(
        "case_shared",
        service=case.service,
        by=by,
        on=row,
        changes={"case": case.pk, "worker": [None, worker.pk], "role": [None, role]},
    )
    return row


@transaction.atomic
def end(*, role: CaseRole, by: User) -> CaseRole:
    """Say that somebody helps no longer, from tomorrow; the row stays, with its days.

    Raises:
        RuleBroken: it ended before.
    """
    role = CaseRole.objects.select_for_update(of=["self"]).select_related("service").get(pk=role.pk)
    today = timezone.localdate()
    if role.ends_on is not None and role.ends_on <= today:
        raise RuleBroken("This ended already. Nothing was changed.")
    before, role.ends_on = role.ends_on, max(today, role.starts_on)
    role.save(update_fields=["ends_on"])
    audit.record(
        "case_share_ended", service=role.service, by=by, on=role, changes={"ends_on": [before, role.ends_on]}
    )
    return role


def _check(
    case: Case,
    worker: User,
    role: str,
    first: datetime.date,
    last: datetime.date | None,
    today: datetime.date,
) -> None:
    if not case.is_open:
        raise RuleBroken("This episode has ended, so there is nothing to share.")
    if case.worker_id is None:
        raise RuleBroken("Nobody leads this case yet. Allocate it first, then choose who helps.")
    if case.worker_id == worker.pk:
        raise RuleBroken(f"{worker.name} leads this case. Choose somebody else to help.")
    if last is not None and last < max(first, today):
        raise RuleBroken("The last day cannot be before the first or in the past. Choose a later last day.")
    if role == RoleOnCase.COVER and last is None:
        raise RuleBroken("Cover ends some day. Enter the last day; you can put it off later.")
    standing = case.roles.filter(worker=worker).exclude(ends_on__lt=first)
    if any(last is None or row.starts_on <= last for row in standing):
        raise RuleBroken(f"{worker.name} helps with this case already in those days.")
    check_takes_cases(case.service, worker)
    check_named(case.service, [(case, worker.pk)])
