"""What clients need in a worker and what workers bring. Every change of mind is another row."""

from collections.abc import Iterable

from django.db import transaction

from casework.actions.capacity import check_takes_cases, hold_member
from casework.actions.support import UNSEEN, Unseen, check_seen
from casework.models import Case, CaseNeeds, WorkerProfile
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

# What a row says, without who said it and when.
TOLD = ("travel", "language", "gender", "skills", "area", "two")


@transaction.atomic
def set(
    *,
    case: Case,
    travel: str = "",
    language: str = "",
    gender: str = "",
    skills: Iterable[str] = (),
    area: str = "",
    two: bool = False,
    seen: int | None = None,
    by: User,
) -> CaseNeeds:
    """Say what a client needs from now on, and how far the worker goes.

    `seen` is the id of the row that the writer started from, None for none.

    Raises:
        RuleBroken: the episode has ended, or somebody else changed the needs in the meantime.
    """
    case = Case.objects.select_for_update(of=["self"]).select_related("service").get(pk=case.pk)
    if not case.is_open:
        raise RuleBroken("This episode has ended. If the person is back, open a new episode.")
    check_seen(case.needs.first(), seen)
    before, case.travel = case.travel, travel
    case.save(update_fields=["travel"])
    row = case.service.case_needs.create(
        case=case,
        travel=travel,
        language=language,
        gender=gender,
        skills=list(skills),
        area=area,
        two=two,
        by=by,
    )
    changes = {"case": case.pk, "travel": [before, travel]}
    audit.record("needs_noted", service=case.service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def set_profile(
    *,
    service: Service,
    worker: User,
    languages: Iterable[str] = (),
    gender: str = "",
    skills: Iterable[str] = (),
    areas: Iterable[str] = (),
    seen: int | Unseen | None = UNSEEN,
    by: User,
) -> WorkerProfile:
    """Say what a worker brings from now on. `seen` is the id of the row that the writer started from, None for none.

    Raises:
        RuleBroken: they carry no caseload here, or somebody else changed it since the row `seen`.
    """
    check_takes_cases(service, worker)
    hold_member(service, worker)
    check_seen(service.worker_profiles.filter(worker=worker).first(), seen)
    row = service.worker_profiles.create(
        worker=worker,
        languages=list(languages),
        gender=gender,
        skills=list(skills),
        areas=list(areas),
        by=by,
    )
    audit.record("worker_profile_set", service=service, by=by, on=row, changes={"worker": worker.pk})
    return row
