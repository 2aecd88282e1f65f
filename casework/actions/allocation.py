"""Giving cases to workers."""

from django.db import transaction
from django.utils import timezone

from casework.models import Allocation, Case
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def allocate(*, case: Case, worker: User, instead_of: int | None, reason: str = "", by: User) -> Allocation:
    """Make somebody the main worker of an open case; whoever carried it until now is relieved.

    `instead_of` is the id of the worker whom the lead saw on the case, None for nobody.

    Raises:
        RuleBroken: the episode has ended, the worker carries no caseload in this service today or
            already has the case, or somebody allocated it since the lead looked.
    """
    case = Case.objects.select_for_update(of=["self"]).select_related("service").get(pk=case.pk)
    _check_may_allocate(case, worker, instead_of)
    before, case.worker = case.worker_id, worker
    case.save(update_fields=["worker"])
    row = case.service.allocations.create(case=case, worker=worker, reason=reason, by=by)
    audit.record(
        "case_allocated", service=case.service, by=by, on=case, changes={"worker": [before, worker.pk]}
    )
    return row


def _check_may_allocate(case: Case, worker: User, instead_of: int | None) -> None:
    if not case.is_open:
        raise RuleBroken(
            "This episode has ended. If the person is back, open a new episode and allocate that."
        )
    if case.worker_id == worker.pk:
        raise RuleBroken(f"{worker.name} already has this case. Choose somebody else.")
    if case.worker_id != instead_of:
        raise RuleBroken("Somebody allocated this case after you opened the page. Look again, then choose.")
    if not carries_a_caseload(case.service, worker):
        raise RuleBroken(f"{worker.name} carries no caseload in this service today. Choose somebody else.")


def carries_a_caseload(service: Service, worker: User) -> bool:
    """Whether somebody is a link worker or lead of the service today."""
    members = service.memberships.in_force(timezone.localdate()).link_workers()
    return members.filter(user=worker).exists()
