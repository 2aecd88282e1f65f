"""Access to a service: given, and ended by a day."""

import datetime
import secrets

from django.db import transaction

from governance import audit
from governance.models import Membership, Service, User


class AlreadyMember(Exception):
    """Raised with a sentence when somebody already has access."""


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
    """Give access; the second value is the first password of a new account, shown once and never kept.

    Raises:
        AlreadyMember: the address already has a membership of this service.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    password = None
    if user is None:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(email, password, name=name)
    if user.memberships.filter(service=service).exists():
        raise AlreadyMember(f"{user.email} already has access to this service.")
    membership = service.memberships.create(user=user, role=role, starts_on=starts_on, ends_on=ends_on)
    audit.record(
        "member_added", service=service, by=by, on=membership, changes={"role": [None, role], "user": user.pk}
    )
    return membership, password


@transaction.atomic
def end(*, membership: Membership, on: datetime.date, by: User) -> None:
    """Take access away after a day; yesterday means from now on."""
    membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    before, membership.ends_on = membership.ends_on, max(on, membership.starts_on)
    membership.save(update_fields=["ends_on"])
    audit.record(
        "member_ended",
        service=membership.service,
        by=by,
        on=membership,
        changes={"ends_on": [before, membership.ends_on]},
    )
