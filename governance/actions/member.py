"""Access to a service: given, and ended by a day."""

import datetime
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import audit
from governance.actions import sign_in
from governance.models import Membership, Service, User
from governance.rules import RuleBroken


@transaction.atomic
def add(
    *,
    service: Service,
    name: str,
    email: str,
    role: str,
    starts_on: datetime.date,
    ends_on: datetime.date | None,
    by: User,
) -> tuple[Membership, str | None]:
    """Give access, or give it again to somebody whose access has ended.

    The second value is the first password of a new account, shown once and never kept.

    Raises:
        RuleBroken: the last day comes before the first, or the address has access already.
    """
    if ends_on is not None and ends_on < starts_on:
        raise RuleBroken("The last day of access has passed. Enter today or a later day, or leave it empty.")
    try:
        with transaction.atomic():
            user, password = _account(name, email)
            membership, before = _membership(service, user, role, starts_on, ends_on)
    except IntegrityError as problem:
        raise RuleBroken(
            f"Somebody else is giving {email} access right now. Look at who has access."
        ) from problem
    changes = {"role": [before, role], "user": user.pk}
    audit.record("member_added", service=service, by=by, on=membership, changes=changes)
    return membership, password


@transaction.atomic
def end(*, membership: Membership, on: datetime.date, by: User) -> None:
    """Take access away after a day; yesterday means from now on. What ended before stays as it is."""
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    before = membership.ends_on
    if before is not None and before <= on:
        return
    membership.ends_on = on
    # Access given today by mistake must end today, and no membership ends before it starts.
    membership.starts_on = min(membership.starts_on, on)
    membership.save(update_fields=["starts_on", "ends_on"])
    if on < timezone.localdate():
        sign_in.end_everywhere(user=membership.user)
    audit.record(
        "member_ended", service=membership.service, by=by, on=membership, changes={"ends_on": [before, on]}
    )


@transaction.atomic
def set_end_dates(
    *,
    membership: Membership,
    contract_ends_on: datetime.date | None,
    training_valid_to: datetime.date | None,
    by: User,
) -> None:
    """Say until when a member's contract lasts and their training is valid; access ends with the first.

    Raises:
        RuleBroken: it is one's own membership.
    """
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    if membership.user_id == by.pk:
        raise RuleBroken("You cannot change your own dates. Ask another administrator.")
    told = {"contract_ends_on": contract_ends_on, "training_valid_to": training_valid_to}
    changes = {f: [getattr(membership, f), day] for f, day in told.items() if getattr(membership, f) != day}
    if not changes:
        return
    for field, day in told.items():
        setattr(membership, field, day)
    membership.save(update_fields=list(told))
    audit.record("member_dates_set", service=membership.service, by=by, on=membership, changes=changes)


def _account(name: str, email: str) -> tuple[User, str | None]:
    """The account of the address; a new one comes with a password."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        return user, None
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password, name=name, has_first_password=True), password


def _membership(
    service: Service, user: User, role: str, starts_on: datetime.date, ends_on: datetime.date | None
) -> tuple[Membership, str | None]:
    """The membership, new or renewed, and the role it had before."""
    given = {"role": role, "starts_on": starts_on, "ends_on": ends_on}
    old = service.memberships.select_for_update(of=["self"]).filter(user=user).first()
    if old is None:
        return service.memberships.create(user=user, **given), None
    if old.ends_on is None or old.ends_on >= starts_on:
        raise RuleBroken(
            f"{user.email} already has access to this service. To give another role, end this access first."
        )
    before = old.role
    for field, value in given.items():
        setattr(old, field, value)
    old.save(update_fields=list(given))
    sign_in.end_everywhere(user=user)
    return old, before
