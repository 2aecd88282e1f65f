from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.actions import member
from governance.forms.member import EndAccessForm, EndDatesForm, MemberForm
from governance.pages import member as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken
from governance.views.common import posted


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def members(request: ServiceRequest) -> HttpResponse:
    """Who has access, and the form that gives it."""
    form = MemberForm(request.POST or None)
    if form.is_valid():
        try:
            _added(request, form)
            return redirect("governance:members")
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    context = {
        "form": form,
        "members": pages.listed(request.service, timezone.localdate()),
        "resets_waiting": request.service.factor_resets.filter(decided_at=None).count(),
    }
    return render(request, "governance/members.html", context)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def end_dates(request: ServiceRequest, pk: int) -> HttpResponse:
    """Until when the contract lasts and the training is valid."""
    membership = get_object_or_404(request.service.memberships.select_related("user"), pk=pk)
    dates = {f: getattr(membership, f) for f in ("contract_ends_on", "training_valid_to")}
    form = EndDatesForm(request.POST or None, initial=dates)
    if form.is_valid():
        try:
            member.set_end_dates(membership=membership, by=request.user, **form.cleaned_data)
            messages.success(request, f"The dates of {membership.user.name} are kept.")
            return redirect("governance:members")
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    return render(request, "governance/end_dates.html", {"form": form, "member": membership.user})


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def end_membership(request: ServiceRequest, pk: int) -> HttpResponse:
    """What somebody leaves behind and who hears of it; then access ends, now or with a day."""
    membership = get_object_or_404(request.service.memberships.select_related("user"), pk=pk)
    if membership.user_id == request.user.pk:
        messages.error(request, "You cannot end your own access. Ask another administrator.")
        return redirect("governance:members")
    today = timezone.localdate()
    form = EndAccessForm(posted(request), today=today, ends_on=membership.ends_on)
    if form.is_valid():
        member.end(membership=membership, on=form.on, by=request.user)
        name, day = membership.user.name, f"{form.on:%-d %B %Y}"
        can = (
            "can no longer sign in"
            if form.on < today
            else f"can sign in until the end of {day}, then no more,"
        )
        messages.success(request, f"{name} {can} to this service.")
        return redirect("governance:members")
    context = {"form": form, "member": membership.user, **pages.left_behind(membership, today)}
    return render(request, "governance/end_membership.html", context)


def _added(request: ServiceRequest, form: MemberForm) -> None:
    membership, password = member.add(
        service=request.service, starts_on=timezone.localdate(), by=request.user, **form.cleaned_data
    )
    text = f"{membership.user.name} has access."
    if password:
        text += f" Give them this first password by phone; it is shown only now: {password}"
    messages.success(request, text)
