"""Which service a request is in, decided once, before any view runs."""

import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from governance import scope
from governance.asked_once import asked_once
from governance.models import Membership, User
from governance.roles import ROLES, Role
from governance.sign_in import marks

SESSION_KEY = "service"

Handler = Callable[[HttpRequest], HttpResponse]


@asked_once
def _memberships(user: User, today: datetime.date) -> QuerySet[Membership]:
    return (
        Membership.objects.in_force(today).filter(user=user).order_by("pk").select_related("service", "user")
    )


class ServiceMiddleware:
    """Sets request.service and request.membership from the memberships in force today.

    Checked on every request, so that access which ended this morning ends now, not at sign-out.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.service = request.membership = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._choose(request)
        with self._scope(request):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: list, kwargs: dict
    ) -> HttpResponse | None:
        """Send a member of several services to choose one; refuse a member of none."""
        if not request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if not request.memberships:  # type: ignore[attr-defined]
            raise PermissionDenied("No service gives you access today. Ask your service manager.")
        if request.membership is not None or getattr(view, "without_service", False):  # type: ignore[attr-defined]
            return None
        return redirect("governance:choose_service")

    def _scope(self, request: HttpRequest) -> AbstractContextManager[None]:
        """The database session sees no more than the request: this service, and people only if the role does."""
        membership: Membership | None = request.membership  # type: ignore[attr-defined]
        by = request.user if isinstance(request.user, User) else None
        if membership is None:
            return scope.nothing(by=by)
        people = ROLES[Role(membership.role)].reaches_people
        return scope.of(membership.service, by=by, people=people, request=request.path)

    def _choose(self, request: HttpRequest) -> None:
        memberships = _memberships(request.user, timezone.localdate())  # type: ignore[arg-type]
        request.memberships = memberships  # type: ignore[attr-defined]
        if not marks.passed(request):
            return  # a password alone opens no service
        chosen = request.session.get(SESSION_KEY)
        for membership in memberships:
            if membership.service_id == chosen or len(memberships) == 1:
                request.membership = membership  # type: ignore[attr-defined]
                request.service = membership.service  # type: ignore[attr-defined]
