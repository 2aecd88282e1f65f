"""Who may do what: `check_can(user, service, permission)` raises a sentence, `can` is its bool."""

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from governance.models import Membership, Service, User
from governance.roles import ROLES, Permission, Role

View = Callable[..., HttpResponseBase]


class ServiceRequest(HttpRequest):
    """A request after ServiceMiddleware: signed in, with a service and what the user is in it."""

    user: User
    service: Service
    membership: Membership


def membership_of(user: User, service: Service, on: datetime.date | None = None) -> Membership | None:
    """The user's membership of the service that is in force on the day (today by default)."""
    day = on or timezone.localdate()
    return Membership.objects.in_force(day).filter(user=user, service=service).first()


def role_allows(role: str, permission: Permission) -> bool:
    """Whether a role, by its stored name, includes the permission."""
    return permission in ROLES[Role(role)].permissions


def can(user: User, service: Service, permission: Permission) -> bool:
    """Whether the user may do this in the service today."""
    membership = membership_of(user, service)
    return membership is not None and role_allows(membership.role, permission)


def check_can(user: User, service: Service, permission: Permission) -> None:
    """Raise PermissionDenied, with a sentence for the page, unless the user may do this."""
    if not can(user, service, permission):
        raise PermissionDenied("Your role in this service does not include this. Ask your service manager.")


def requires(permission: Permission) -> Callable[[View], View]:
    """Only members whose role includes `permission` get through; others read why (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            membership = cast(ServiceRequest, request).membership
            if not role_allows(membership.role, permission):
                raise PermissionDenied(
                    "Your role in this service does not include this page. Ask your service manager."
                )
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
