"""Setting up a second factor; the only pages for those who have none."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from governance.actions import second_factor, sign_in
from governance.forms.sign_in import CodeForm, NewPasskeyForm
from governance.models import User
from governance.pages import sign_in as pages
from governance.rules import RuleBroken
from governance.sign_in import limits, marks
from governance.sign_in.middleware import fresh, step


@step("set_up")
@fresh
@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """Choose what to show beside the password from now on."""
    user = marks.user_of(request)
    context = {
        "asked_for_passkey": pages.is_asked_for_passkey(user),
        "has_app": pages.has_app(user),
        "passed": marks.passed(request),
    }
    return render(request, "governance/set_up.html", context)


@step("set_up")
@fresh
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up_app(request: HttpRequest) -> HttpResponse:
    """Scan, type the code, done."""
    user = marks.user_of(request)
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = "The six digits the app shows now."
    secret = pages.seed(request)
    if form.is_valid():
        try:
            _check_tries(request, user)
            code, proven = form.cleaned_data["code"], marks.passed(request)
            with_codes = second_factor.add_app(secret=secret, code=code, proven=proven, by=user)
            del request.session[pages.SEED]
            return _added(request, user, "totp", with_codes)
        except RuleBroken as problem:
            form.add_error("code", str(problem))
    context = {"form": form, **pages.app_set_up(user, secret)}
    return render(request, "governance/set_up_app.html", context)


@step("set_up")
@fresh
@require_http_methods(["GET", "POST"])
def set_up_passkey(request: HttpRequest) -> HttpResponse:
    """Let the phone, the computer or a security key vouch for its owner."""
    user = marks.user_of(request)
    form = NewPasskeyForm(request.POST or None)
    if form.is_valid():
        try:
            told = form.cleaned_data
            with_codes = second_factor.add_passkey(
                name=told["name"], answer=told["answer"], proven=marks.passed(request), by=user
            )
            return _added(request, user, "webauthn", with_codes)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    question = json.dumps(pages.new_passkey_question(user))
    return render(request, "governance/set_up_passkey.html", {"form": form, "question": question})


@step()
@fresh
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Codes for the day the phone is lost: shown until the person says that they are kept."""
    user = marks.user_of(request)
    if request.POST.get("made") == "new":
        second_factor.make_recovery_codes(by=user)
        request.session[pages.SHOW_CODES] = True
        return redirect("recovery_codes")
    if request.method == "POST":
        request.session.pop(pages.SHOW_CODES, None)
        messages.success(request, "You are signed in, and your account has a second factor.")
        return redirect("home")
    codes = second_factor.recovery_codes(user)
    context = {"shown": codes if request.session.get(pages.SHOW_CODES) else [], "left": len(codes)}
    return render(request, "governance/recovery_codes.html", context)


def _check_tries(request: HttpRequest, user: User) -> None:
    if not limits.may_try(request, "code", str(user.pk)):
        raise RuleBroken(limits.TOO_MANY)


def _added(request: HttpRequest, user: User, kind: str, with_codes: bool) -> HttpResponse:
    """The session has just shown the new factor; the recovery codes are shown next, if they are new."""
    old = request.session.session_key
    marks.confirm(request, kind)
    sign_in.move(old_key=old, new_key=request.session.session_key, by=user)
    if with_codes:
        request.session[pages.SHOW_CODES] = True
        return redirect("recovery_codes")
    messages.success(request, "The second factor is added.")
    return redirect("security")
