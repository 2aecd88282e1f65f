"""The lead's decision on a candidate."""

from django.db import transaction
from django.utils import timezone

from cohorts.models import Candidate, Screening, ScreeningDecision, ScreeningReason
from cohorts.signals import person_taken_on
from governance import audit, locks
from governance.models import User
from governance.rights import objects_to_contact
from governance.rules import RuleBroken


@transaction.atomic
def decide(*, candidate: Candidate, decision: str, reason: str = "", note: str = "", by: User) -> Screening:
    """Accept or decline a candidate, once. Accepting tells casework inside the same transaction.

    Raises:
        RuleBroken: with a sentence, when the candidate was decided on before, when a decline has no
            reason, when the record was merged into another, when the person asked not to be contacted,
            or when casework cannot open a case (the person has one, or has died).
    """
    # The locks make the second of two leads wait, and then read what the first decided.
    candidate = _locked(candidate)
    _check_undecided(candidate)
    if decision == ScreeningDecision.ACCEPT:
        _check_may_be_contacted(candidate)
        reason = ""
    elif reason not in ScreeningReason.values:
        raise RuleBroken("Choose a reason for not taking this person on.")
    screening = Screening.objects.create(
        service=candidate.service, candidate=candidate, decision=decision, reason=reason, note=note, by=by
    )
    if decision == ScreeningDecision.ACCEPT:
        person_taken_on.send(
            sender=Screening, service=candidate.service, person=candidate.person, candidate=candidate, by=by
        )
    audit.record(
        f"candidate_{'accepted' if decision == ScreeningDecision.ACCEPT else 'declined'}",
        service=candidate.service,
        by=by,
        on=candidate,
        changes={"reason": reason} if reason else None,
    )
    return screening


def _locked(candidate: Candidate) -> Candidate:
    # The person first, as a merge does it.
    person = locks.hold_record(candidate.person_id)
    try:
        found = Candidate.objects.select_for_update(of=["self"]).get(pk=candidate.pk)
    except Candidate.DoesNotExist:
        raise RuleBroken(
            "This person was removed from the list a moment ago: the list is old and its time to be kept is over. "
            "Build a new list."
        ) from None
    if person is None or person.pk != found.person_id or person.merged_into_id:
        raise RuleBroken(
            "This record was merged with another one of the same person. "
            "Go back to the list and decide on the record that stays."
        )
    found.person = person
    return found


def _check_may_be_contacted(candidate: Candidate) -> None:
    if objects_to_contact(candidate.person):
        raise RuleBroken(
            "This person asked not to be contacted. Choose not to take them on, with that reason, or ask the IG lead."
        )


def _check_undecided(candidate: Candidate) -> None:
    before = Screening.objects.filter(candidate=candidate).select_related("by").first()
    if before is None:
        return
    when = timezone.localtime(before.at)
    what = "took" if before.decision == ScreeningDecision.ACCEPT else "decided not to take"
    raise RuleBroken(
        f"{before.by.name} {what} this person on, on {when:%-d %B %Y at %H:%M}. "
        "A decision is final; nothing was changed."
    )
