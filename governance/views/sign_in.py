"""Signing in, in two steps, and out again."""

import json

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from governance.actions import factor_reset, second_factor, sign_in
from governance.forms.sign_in import (
    CodeForm,
    LostFactorForm,
    NewPasswordForm,
    PasskeyForm,
    SignInForm,
    account_of,
)
from governance.models import User
from governance.pages import sign_in as pages
from governance.rules import RuleBroken
from governance.sign_in import limits, marks
from governance.sign_in.middleware import step


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """E-mail and password; then the second factor, if there is one."""
    if request.user.is_authenticated:
        return redirect(next_page(request))
    form = SignInForm(request, data=request.POST or None)
    if not form.is_valid():
        ended = request.session.pop(marks.ENDED, None)
        if request.GET.get("ended") == "idle":  # the page saw it first
            ended = marks.left_alone()
        return render(request, "registration/login.html", {"form": form, "ended": ended})
    user = account_of(form)
    if second_factor.has_factor(user):
        marks.wait_for_factor(request, user)
        return redirect(pages.with_next("second_factor", _next(request)))
    return _enter(request, user, marks.DEMO if marks.skips_second_factor(user) else "")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """A code or a passkey: to finish signing in, or to show again that one is there."""
    user = request.user if isinstance(request.user, User) else marks.waiting_user(request)
    if user is None or not second_factor.has_factor(user):
        return redirect(pages.with_next("login", _next(request)))
    by_passkey = "answer" in request.POST
    form = PasskeyForm(request.POST) if by_passkey else CodeForm(request.POST or None)
    if form.is_valid():
        try:
            return _enter(request, user, _shown_factor(request, user, form))
        except RuleBroken as problem:
            form.add_error(None if by_passkey else "code", str(problem))
    question, has_app = pages.passkey_question(user), pages.has_app(user)
    code_form = form if not by_passkey else CodeForm()
    if not has_app:
        code_form.fields["code"].help_text = "One of those you kept. Each works once."
    context = {
        "form": code_form,
        "problems": [p for found in form.errors.values() for p in found] if by_passkey else [],
        "question": json.dumps(question) if question else "",
        "next": _next(request),
        "has_app": has_app,
    }
    return render(request, "governance/second_factor.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def lost_factor(request: HttpRequest) -> HttpResponse:
    """The password was right, the second factor is gone: ask for a new one."""
    user = request.user if isinstance(request.user, User) else marks.waiting_user(request)
    if user is None or not second_factor.has_factor(user):
        return redirect("login")
    services = pages.services_of(user)
    if not services:
        return render(request, "governance/lost_factor.html", {"no_service": True})
    form = LostFactorForm(request.POST or None, services=[(str(s.pk), s.name) for s in services])
    if form.is_valid():
        chosen = form.cleaned_data.get("service", str(services[0].pk))
        service = next(s for s in services if str(s.pk) == chosen)
        try:
            with pages.inside(service, user):
                factor_reset.ask(service=service, user=user, reason=form.cleaned_data["reason"], by=user)
            return render(request, "governance/lost_factor.html", {"asked": service})
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    return render(request, "governance/lost_factor.html", {"form": form})


@login_not_required
@require_POST
def logout_page(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if isinstance(request.user, User):
        sign_in.end(session_key=request.session.session_key, by=request.user)
    logout(request)
    return redirect("login")


@step("new_password")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """A password of one's own; the other sessions end."""
    user = marks.user_of(request)
    first = user.has_first_password
    form = NewPasswordForm(user, request.POST or None)
    if form.is_valid():
        sign_in.set_password(password=form.cleaned_data["new_password1"], by=user)
        old = request.session.session_key
        update_session_auth_hash(request, user)
        sign_in.move(old_key=old, new_key=request.session.session_key, by=user)
        messages.success(request, "You have a new password. Everywhere else you are signed out.")
        return redirect("home")
    return render(request, "registration/password_change_form.html", {"form": form, "first": first})


@step()
@require_POST
def keep_working(request: HttpRequest) -> JsonResponse:
    """Somebody is still there: how many seconds the session has left from now."""
    left = marks.time_left(request.session)
    return JsonResponse({"idle": left.idle, "ends": left.ends})


def next_page(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is here."""
    return _next(request) or "home"


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if here and wanted.startswith("/") else ""


def _shown_factor(request: HttpRequest, user: User, form: CodeForm | PasskeyForm) -> str:
    """The kind of factor that was right. Raises RuleBroken with a sentence when none was."""
    if not limits.may_try(request, "code", str(user.pk)):
        raise RuleBroken(limits.TOO_MANY)
    if isinstance(form, PasskeyForm):
        kind: str | None = second_factor.accept_passkey(answer=form.cleaned_data["answer"], by=user)
    else:
        kind = second_factor.accept_code(code=form.cleaned_data["code"], by=user)
    if kind is None:
        raise RuleBroken("That code is not right, or it was used before. Enter the one the app shows now.")
    limits.forget(request, "code", str(user.pk))
    return kind


def _enter(request: HttpRequest, user: User, factor: str) -> HttpResponse:
    """Sign in, or, where somebody is signed in, note that they have shown a factor again."""
    if request.user.is_authenticated:
        old = request.session.session_key
        marks.confirm(request, factor)
        sign_in.move(old_key=old, new_key=request.session.session_key, by=user)
        return redirect(next_page(request))
    wanted = next_page(request)
    marks.enter(request, user, factor=factor)
    sign_in.begin(
        session_key=str(request.session.session_key),
        user_agent=request.headers.get("User-Agent", ""),
        factor=factor,
        by=user,
    )
    if pages.should_add_passkey(user, factor):
        messages.info(request, pages.ADD_A_PASSKEY)
    return redirect(wanted)
