"""The pages for those who refer without an account. They show nobody, and tell nobody who is known to us."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.actions import referral as actions
from cohorts.forms.referral import OutsideForm
from cohorts.models import ReferralLink
from cohorts.pages.referral import OUTSIDE
from cohorts.referrals import door
from governance.rules import RuleBroken
from governance.sign_in import limits

TOO_MANY = (
    "Many referrals came by this link in the last hour. Wait an hour and send it again, or ring us. What you "
    "typed is still here."
)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def refer(request: HttpRequest, token: str) -> HttpResponse:
    """The form of one organisation; then on to the page that says where the referral stands."""
    try:
        with door.through(token, people=request.method == "POST") as link:
            return _form(request, link)
    except door.NoSuchAddress:
        return _gone(request)


@login_not_required
@never_cache
@require_safe
def refer_status(request: HttpRequest, token: str) -> HttpResponse:
    """Where a referral stands, for whoever sent it."""
    try:
        standing = door.standing(token)
    except door.NoSuchAddress:
        return _gone(request)
    text, colour, next_step = OUTSIDE[standing.status]
    context = {"standing": standing, "text": text, "colour": colour, "next_step": next_step}
    return render(request, "cohorts/refer_status.html", context)


def _form(request: HttpRequest, link: ReferralLink) -> HttpResponse:
    form = OutsideForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if limits.may_try(request, "refer", str(link.pk)):
            try:
                made = actions.receive(service=link.service, link=link, **form.told(link))
                return redirect("cohorts:refer_status", door.status_token(made))
            except RuleBroken as problem:
                form.add_error(None, str(problem))
                form.renew_key()
        else:
            form.add_error(None, TOO_MANY)
    return render(request, "cohorts/refer.html", {"form": form, "link": link})


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "cohorts/refer_gone.html", status=404)
