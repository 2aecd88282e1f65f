"""Asking who should take the cases that wait, and following the answer."""

from django.db import transaction
from django.db.models import QuerySet

from casework import proposing, team
from casework.actions import allocation
from casework.actions.allocation import Gift
from casework.allocation.propose import propose
from casework.allocation.reasons import carried_after, reasons
from casework.models import Allocation, Proposal, ProposalLine
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def ask(*, service: Service, by: User | None) -> Proposal:
    """Propose a worker for every open case that nobody carries, with reasons; earlier proposals stay as history.

    Raises:
        RuleBroken: no case waits.
    """
    found = team.of(service)
    asked = proposing.ask(found, team.carried(service), proposing.queue(service))
    if not asked.cases:
        raise RuleBroken("No case waits for a worker, so there is nothing to propose.")
    answer = propose(asked.problem)
    after = carried_after(asked.problem, answer.places)
    proposal = service.proposals.create(
        weights_version=found.weights.version,
        method=answer.method,
        price=answer.price,
        greedy_price=answer.greedy_price,
        seconds=round(answer.seconds, 3),
        by=by,
    )
    points = {w.case: w.points for w in asked.problem.waiting}
    ProposalLine.objects.bulk_create(
        ProposalLine(
            service=service,
            proposal=proposal,
            case_id=place.case,
            worker_id=place.worker,
            second_id=place.second,
            points=points[place.case],
            reasons=reasons(asked.problem, place, after),
        )
        for place in answer.places
    )
    changes = {"cases": len(points), "unplaced": sum(p.worker is None for p in answer.places)}
    audit.record("allocation_proposed", service=service, by=by, on=proposal, changes=changes)
    return proposal


@transaction.atomic
def follow(*, lines: QuerySet[ProposalLine], service: Service, by: User) -> list[Allocation]:
    """Allocate cases as proposed, all of them or none.

    `lines` are those the lead saw with a worker, so one that another lead gave away since is told of.

    Raises:
        RuleBroken: nothing of it is left to follow, or somebody allocated one of the cases since.
    """
    rows = list(lines.exclude(worker=None).select_related("proposal").order_by("case"))
    if not rows:
        raise RuleBroken("There is nothing left to follow in this proposal. Ask for a new one.")
    gifts = [
        Gift(row.case_id, row.worker_id, None, second=row.second_id, recommended=row.worker_id)
        for row in rows
        if row.worker_id
    ]
    return allocation.allocate_all(service=service, gifts=gifts, on=rows[0].proposal, by=by)
