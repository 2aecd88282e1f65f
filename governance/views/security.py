"""One's own account: second factors, recovery codes, and where one is signed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from governance.actions import second_factor, sign_in
from governance.pages import sign_in as pages
from governance.rules import RuleBroken
from governance.sign_in import marks
from governance.sign_in.middleware import fresh, step


@step()
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """What guards the account, and the sessions that are open."""
    user = marks.user_of(request)
    context = {
        "factors": pages.factors(user),
        "codes_left": len(second_factor.recovery_codes(user)),
        "sign_ins": sign_in.open_ones(user, request.session.session_key),
        "should_add_passkey": pages.should_add_passkey(user, "totp"),
    }
    return render(request, "governance/security.html", context)


@step()
@fresh
@require_POST
def remove_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """One second factor less, but never none."""
    user = marks.user_of(request)
    factor = get_object_or_404(second_factor.factors(user), pk=pk)
    try:
        second_factor.remove(factor=factor, by=user)
        messages.success(request, f"{pages.name_of(factor)} is removed.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("security")


@step()
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = sign_in.end_others(session_key=request.session.session_key, by=marks.user_of(request))
    messages.success(request, f"Signed out of {ended} other session{'' if ended == 1 else 's'}.")
    return redirect("security")
