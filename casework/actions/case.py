"""Opening an episode of support and moving it along the path."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from casework import rules
from casework.actions import allocation, needs, silence, support, visit
from casework.models import Case, ReappearanceAnswer
from cohorts.actions import referral as referrals
from cohorts.models import Candidate, Referral
from governance import audit, locks
from governance.models import Person, Service, User
from governance.rights import objects_to_contact
from governance.rules import RuleBroken


@transaction.atomic
def open(
    *,
    service: Service,
    person: Person,
    candidate: Candidate | None = None,
    referral: Referral | None = None,
    by: User,
) -> Case:
    """Start an episode of support for a person, at the stage "offered", carried by nobody yet.

    Raises:
        RuleBroken: the person has an open case, has died, asked not to be contacted, or belongs to
            another service, or the record was merged into another.
    """
    _check_may_open(service, person)
    case = _create(service, person, candidate, referral)
    silence.note(case)
    case.save(update_fields=["silent_after"])
    service.stage_changes.create(case=case, stage=rules.Stage.OFFERED, by=by)
    # Whichever way somebody is taken on again, nobody needs to be told any more that they are back.
    told = service.reappearances.standing().filter(case__person=person)
    told.update(answer=ReappearanceAnswer.TAKEN_UP, answered_at=timezone.now(), answered_by=by)
    audit.record("case_opened", service=service, by=by, on=case, changes={"person": [None, person.pk]})
    return case


@transaction.atomic
def move(*, case: Case, to: str, reason: str = "", by: User) -> Case:
    """Move a case to another stage; an ended episode has no next contact any more, and no visit planned.

    Raises:
        RuleBroken: the path has no such step; the sentence names the steps there are.
    """
    rows = Case.objects.select_for_update(of=["self"]).select_related("service", "referral")
    case = rows.get(pk=case.pk)
    before = case.stage
    rules.check_transition(before, to)
    case.stage = to
    if not case.is_open:
        case.next_contact_on = None
    silence.note(case)
    case.save(update_fields=["stage", "next_contact_on", "silent_after"])
    case.service.stage_changes.create(case=case, stage=to, reason=reason, by=by)
    if not case.is_open:
        allocation.end_roles(case)
    if case.referral is not None and not case.is_open:
        referrals.end(referral=case.referral, by=by)
    if not case.is_open:
        visit.call_off_all(case=case, by=by)
    audit.record("case_moved", service=case.service, by=by, on=case, changes={"stage": [before, to]})
    return case


@transaction.atomic
def reopen(*, case: Case, worker: User | None = None, keep_boundaries: bool = False, by: User) -> Case:
    """Open a new episode for the person of an ended one; the old episode stays as it is.

    `worker` carries the new one, if they still carry cases here. `keep_boundaries` takes over what was agreed
    about being in touch. What they need in a worker and the way there go along, since both are the person's.
    Consents and risks go on standing by themselves.

    Raises:
        RuleBroken: the old episode has not ended, the person cannot have a new one, or the worker no longer
            carries cases here.
    """
    if case.is_open:
        raise RuleBroken("This episode is still open. Go on with it; there is no need for a new one.")
    again = open(service=case.service, person=case.person, by=by)
    if worker is not None:
        allocation.allocate(case=again, worker=worker, instead_of=None, reason="Their worker before", by=by)
    needed = case.service.case_needs.filter(case__person=case.person_id).first()
    if needed is not None:
        told = {name: getattr(needed, name) for name in needs.TOLD}
        needs.set(case=again, seen=None, by=by, **told)
    agreed = case.boundaries.first() if keep_boundaries else None
    if agreed is not None:
        names = ("ring_when", "answer_within", "otherwise", "rhythm_days", "calls_a_week")
        support.agree(case=again, by=by, **{name: getattr(agreed, name) for name in names})
    return again


def _check_may_open(service: Service, person: Person) -> None:
    if person.service_id != service.pk:
        raise RuleBroken("This person belongs to another service. Open the case in that service.")
    person = locks.hold_record(person.pk) or person
    if person.merged_into_id is not None:
        raise RuleBroken(
            "This record was merged into another one of the same person. Open the case on the record that stays."
        )
    if person.died_on is not None:
        raise RuleBroken(f"This person died on {person.died_on:%-d %B %Y}. Do not get in touch.")
    if service.cases.filter(person=person, stage=rules.Stage.DIED).exists():
        raise RuleBroken("This person has died. Do not get in touch.")
    if service.cases.open().filter(person=person).exists():
        raise RuleBroken("This person already has an open case. Go on with that one.")
    if objects_to_contact(person):
        raise RuleBroken(
            "This person asked not to be contacted. If they want support now, have the IG lead record it first."
        )


def _create(service: Service, person: Person, candidate: Candidate | None, referral: Referral | None) -> Case:
    """Two leads may accept the same person at once: the constraint lets one of them through."""
    try:
        with transaction.atomic():
            return service.cases.create(person=person, candidate=candidate, referral=referral)
    except IntegrityError as problem:
        raise RuleBroken("This person already has an open case. Go on with that one.") from problem
