"""What a lead thinks of a candidate, and taking on several at once."""

from collections.abc import Sequence

from django.db import transaction

from cohorts.actions import screening
from cohorts.models import (
    LEFT_BEHIND,
    Benefit,
    BenefitView,
    Candidate,
    CohortList,
    ScreeningDecision,
    Shortlist,
    ShortlistSignature,
)
from governance import audit, locks
from governance.models import User
from governance.rules import RuleBroken


@transaction.atomic
def say_benefit(*, candidate: Candidate, benefit: int, note: str = "", by: User) -> BenefitView:
    """Note how likely support is to help somebody now. The newest word stands, and the others stay.

    Raises:
        RuleBroken: it is none of the words there are.
    """
    if benefit not in Benefit.values:
        raise RuleBroken("Choose how likely support from this service is to help.")
    said = BenefitView.objects.create(
        service=candidate.service, candidate=candidate, benefit=benefit, note=note, by=by
    )
    audit.record("candidate_benefit_said", service=candidate.service, by=by, on=candidate)
    return said


@transaction.atomic
def propose(*, cohort_list: CohortList, candidates: Sequence[int], needs_second: bool, by: User) -> Shortlist:
    """Put forward whom to take on; without a second signature they are taken on at once.

    Raises:
        RuleBroken: nobody is put forward, somebody has been decided on or removed meanwhile, or a
            shortlist of this list still waits.
    """
    wait_for_others(cohort_list.pk)
    if not candidates:
        raise RuleBroken("Nobody is above the line. Enter at least one place.")
    if cohort_list.shortlists.filter(signature=None).exists():
        raise RuleBroken("A shortlist of this list waits for a signature. Sign it or put it aside first.")
    waiting = cohort_list.candidates.filter(~LEFT_BEHIND, pk__in=candidates, screening=None)
    if waiting.count() != len(set(candidates)):
        raise RuleBroken("Somebody above the line was decided on a moment ago. Look at the line again.")
    made = Shortlist.objects.create(
        service=cohort_list.service,
        cohort_list=cohort_list,
        candidates=list(candidates),
        needs_second=needs_second,
        by=by,
    )
    audit.record(
        "shortlist_proposed",
        service=cohort_list.service,
        by=by,
        on=made,
        changes={"people": len(made.candidates), "needs_second": needs_second},
    )
    if not needs_second:
        sign(shortlist=made, by=by)
    return made


@transaction.atomic
def sign(*, shortlist: Shortlist, by: User) -> int:
    """Take on everybody on a shortlist; returns how many. All of them, or nobody.

    Raises:
        RuleBroken: it is signed, it needs somebody else, or somebody on it cannot be taken on.
    """
    _check_open(shortlist)
    if shortlist.needs_second and shortlist.by_id == by.pk:
        raise RuleBroken("You put this shortlist forward. Somebody else has to sign it.")
    rows = {row.pk: row for row in Candidate.objects.filter(pk__in=shortlist.candidates)}
    locks.hold_records([row.person_id for row in rows.values()])
    for number in shortlist.candidates:
        if number not in rows:
            raise RuleBroken(
                "Somebody on this shortlist is not kept any more. Put it aside and make another."
            )
        screening.decide(candidate=rows[number], decision=ScreeningDecision.ACCEPT, by=by)
    _finish(shortlist, by, taken_on=True)
    return len(shortlist.candidates)


@transaction.atomic
def put_aside(*, shortlist: Shortlist, by: User) -> None:
    """Let a shortlist go without taking anybody on.

    Raises:
        RuleBroken: it was signed, or put aside, before.
    """
    _check_open(shortlist)
    _finish(shortlist, by, taken_on=False)


def wait_for_others(cohort_list: int) -> None:
    """Of two leads at the same moment the second waits, and then reads what the first did."""
    CohortList.objects.select_for_update(of=["self"], no_key=True).get(pk=cohort_list)


def _check_open(shortlist: Shortlist) -> None:
    wait_for_others(shortlist.cohort_list_id)
    before = ShortlistSignature.objects.filter(shortlist=shortlist).select_related("by").first()
    if before is not None:
        what = "signed" if before.taken_on else "put aside"
        raise RuleBroken(f"{before.by.name} {what} this shortlist already. Nothing was changed.")


def _finish(shortlist: Shortlist, by: User, *, taken_on: bool) -> None:
    ShortlistSignature.objects.create(
        service=shortlist.service, shortlist=shortlist, taken_on=taken_on, by=by
    )
    event = "shortlist_signed" if taken_on else "shortlist_put_aside"
    audit.record(
        event, service=shortlist.service, by=by, on=shortlist, changes={"people": len(shortlist.candidates)}
    )
