"""Requests for a new second factor: asked by one person, answered by another."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.actions import factor_reset
from governance.forms.sign_in import LostFactorForm
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken

SHOWN = 20


@requires(Permission.MANAGE_MEMBERS)
@require_safe
def factor_resets(request: ServiceRequest) -> HttpResponse:
    """What waits for an answer, and what was answered last."""
    rows = request.service.factor_resets.select_related("user", "asked_by", "decided_by")
    context = {
        "waiting": rows.filter(decided_at=None)[:SHOWN],
        "answered": rows.exclude(decided_at=None).order_by("-decided_at")[:SHOWN],
    }
    return render(request, "governance/factor_resets.html", context)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def ask_factor_reset(request: ServiceRequest, pk: int) -> HttpResponse:
    """Ask for somebody who rang to say that their phone is gone."""
    membership = get_object_or_404(request.service.memberships.select_related("user"), pk=pk)
    form = LostFactorForm(request.POST or None)
    if form.is_valid():
        try:
            factor_reset.ask(
                service=request.service,
                user=membership.user,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
            messages.success(request, "Asked. A second person who manages members must answer.")
            return redirect("governance:factor_resets")
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    return render(request, "governance/ask_factor_reset.html", {"form": form, "member": membership.user})


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def decide_factor_reset(request: ServiceRequest, pk: int) -> HttpResponse:
    """Say yes or no."""
    reset = get_object_or_404(request.service.factor_resets.select_related("user"), pk=pk)
    approve = request.POST.get("answer") == "approve"
    try:
        factor_reset.decide(reset=reset, approve=approve, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    else:
        name = reset.user.name
        text = (
            f"{name} signs in with the password and sets up a new second factor." if approve else "Declined."
        )
        messages.success(request, text)
    return redirect("governance:factor_resets")
