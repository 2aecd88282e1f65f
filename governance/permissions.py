"""Who may do what: `role_allows` answers, `requires` guards a view with it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from governance.models import Membership, Service, User
from governance.roles import ROLES, Permission, Role

View = Callable[..., HttpResponseBase]


class ServiceRequest(HttpRequest):
    """A request after ServiceMiddleware: signed in, with a service and what the user is in it."""

    user: User
    service: Service
    membership: Membership


def role_allows(role: str, permission: Permission) -> bool:
    """Whether a role, by its stored name, includes the permission."""
    return permission in ROLES[Role(role)].permissions


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
