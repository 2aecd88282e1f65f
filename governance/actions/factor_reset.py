"""A lost second factor: one person asks, another answers, and nobody alone gets past it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit
from governance.actions import second_factor, sign_in
from governance.models import FactorReset, Service, User
from governance.rules import RuleBroken, reset_problem


@transaction.atomic
def ask(*, service: Service, user: User, reason: str, by: User) -> FactorReset:
    """Ask that somebody may set up a new second factor: the person themself, or an administrator.

    Raises:
        RuleBroken: a request for the person is open already.
    """
    try:
        with transaction.atomic():
            reset = service.factor_resets.create(user=user, reason=reason, asked_by=by)
    except IntegrityError as problem:
        raise RuleBroken(
            "A request is open already. Ring somebody who manages members and ask for an answer."
        ) from problem
    audit.record("factor_reset_asked", service=service, by=by, on=reset, changes={"user": user.pk})
    return reset


@transaction.atomic
def decide(*, reset: FactorReset, approve: bool, by: User) -> None:
    """Answer a request. A yes takes every factor away and ends every session; the password stays.

    Raises:
        RuleBroken: it is answered already, it is too old, or `by` asked or is the person.
    """
    # Locked together with the account: nothing is set up while it is taken away.
    reset = FactorReset.objects.select_for_update(of=["self", "user"]).select_related("user").get(pk=reset.pk)
    if reset.decided_at is not None:
        raise RuleBroken("Somebody answered this request before you.")
    problem = reset_problem(
        decides=by.pk,
        asked=reset.asked_by_id,
        whose=reset.user_id,
        asked_on=timezone.localdate(reset.asked_at),
        today=timezone.localdate(),
        approve=approve,
    )
    if problem:
        raise RuleBroken(problem)
    reset.approved, reset.decided_by, reset.decided_at = approve, by, timezone.now()
    reset.save(update_fields=["approved", "decided_by", "decided_at"])
    if approve:
        second_factor.take_all_away(user=reset.user)
        sign_in.end_everywhere(user=reset.user)
    event = "factor_reset_approved" if approve else "factor_reset_declined"
    audit.record(event, service=reset.service, by=by, on=reset, changes={"user": reset.user_id})
