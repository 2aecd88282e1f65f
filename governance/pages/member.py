"""What the pages of members show: until when each has access, and what somebody leaves behind."""

import datetime
from dataclasses import dataclass
from typing import Any, cast

from governance.models import Membership, Service
from governance.roles import ROLES, Permission
from governance.signals import cases_carried


@dataclass(frozen=True)
class Row:
    """A membership in the list."""

    membership: Membership
    ends: str
    can_be_ended: bool


def listed(service: Service, today: datetime.date) -> list[Row]:
    """Everybody who has or had access."""
    return [
        Row(
            membership,
            membership.access_ends.in_words(today) if membership.access_ends else "",
            membership.ends_on is None or membership.ends_on >= today,
        )
        for membership in service.memberships.select_related("user")
    ]


def left_behind(membership: Membership, today: datetime.date) -> dict[str, Any]:
    """How many open cases the member carries, and who sees that these need another worker."""
    answers = cases_carried.send(Service, service=membership.service, user=membership.user)
    allocate = [role for role, it in ROLES.items() if Permission.ALLOCATE_CASES in it.permissions]
    others = membership.service.memberships.in_force(today).filter(role__in=allocate)
    leads = others.exclude(pk=membership.pk).values_list("user__name", flat=True)
    return {"cases": sum(cast(int, number) for _, number in answers), "leads": list(leads)}
