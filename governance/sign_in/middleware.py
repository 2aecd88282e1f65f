"""Who gets past the door: signed in, not for too long, and with a second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from governance.actions import second_factor
from governance.models import User
from governance.sign_in import marks

Handler = Callable[[HttpRequest], HttpResponse]


class SessionAgeMiddleware:
    """Ends a session that was left alone, and every session after a working day."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            over = marks.why_over(request.session)
            if over:
                logout(request)
                request.session[marks.ENDED] = over
            elif not _asked_by_itself(request):
                marks.saw(request.session)
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to the sign-in page, and from there back to the page they saw."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponseBase:  # type: ignore[override]
        return redirect_to_login(page_of(request), self.get_login_url(view_func))


class SecondFactorMiddleware:
    """Signed in without a second factor: only the pages that set one up, or ask for it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: list, kwargs: dict
    ) -> HttpResponseBase | None:
        """Where to send somebody who is not that far yet; None for those who are."""
        user = request.user
        if not isinstance(user, User) or not getattr(view, "login_required", True) or marks.passed(request):
            return None
        step = _next_step(user)
        if step in getattr(view, "steps", ()):
            return None
        return redirect(step) if step != "second_factor" else redirect_to_login(page_of(request), step)


def step(*names: str) -> Callable[[Callable], Callable]:
    """Open a view to those who are at these steps of signing in, and to all who are through, in any service."""

    def mark(view: Callable) -> Callable:
        view.steps = names  # type: ignore[attr-defined]
        view.without_service = True  # type: ignore[attr-defined]
        return view

    return mark


def fresh(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Factors are changed only by somebody who has shown one in the last minutes, if they have one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if marks.is_fresh(request) or not marks.passed(request):
            return view(request, *args, **kwargs)
        return redirect_to_login(page_of(request), "second_factor")

    return guarded


def page_of(request: HttpRequest) -> str:
    """The page the person is at: of something sent, the page it was sent from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        parts = urlsplit(came_from)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.get_full_path()


def _next_step(user: User) -> str:
    """The name of the page at which signing in goes on."""
    if second_factor.has_factor(user):
        return "second_factor"
    return "new_password" if user.has_first_password else "set_up"


def _asked_by_itself(request: HttpRequest) -> bool:
    """A page that polls for progress does not mean that anybody is there."""
    return request.method == "GET" and request.headers.get("Accept") == "application/json"
