"""Who may do what: `role_allows` answers, `requires` guards a view with it and notes whom it showed."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from governance.models import Membership, Service, User
from governance.opened import Opened, note
from governance.roles import ROLES, Permission, Role

View = Callable[..., HttpResponseBase]


class ServiceRequest(HttpRequest):
    """A request after ServiceMiddleware: signed in, with a service and what the user is in it."""

    user: User
    service: Service
    membership: Membership
    # Set by whoever fetches a person's record for the request; see governance/opened.py.
    opened: Opened | None


class AskReason(PermissionDenied):
    """Raised with a sentence where a record opens only to somebody who says why; `url` asks them."""

    def __init__(self, sentence: str, url: str) -> None:
        super().__init__(sentence)
        self.url = url


def role_allows(role: str, permission: Permission) -> bool:
    """Whether a role, by its stored name, includes the permission."""
    return permission in ROLES[Role(role)].permissions


def requires(permission: Permission) -> Callable[[View], View]:
    """Only members whose role includes `permission` get through; others read why (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = cast(ServiceRequest, request)
            if not role_allows(asked.membership.role, permission):
                raise PermissionDenied(
                    "Your role in this service does not include this page. Ask your service manager."
                )
            asked.opened = None
            try:
                response = view(request, *args, **kwargs)
            except AskReason as ask:
                return redirect(_asking(asked, ask.url))
            # A redirect shows nobody; the page it leads to is noted by itself.
            if asked.opened is not None and response.status_code == HTTPStatus.OK:
                note(asked, asked.opened)
            return response

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _asking(request: ServiceRequest, url: str) -> str:
    """Where the reason is given, and where to go on afterwards; a form is not sent again by itself."""
    return f"{url}?{urlencode({'next': request.path})}" if request.method == "GET" else url
