from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from governance.actions import partner as partners_actions
from governance.forms.partner import PartnerForm
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def partners(request: ServiceRequest) -> HttpResponse:
    """The organisations that information may be shared with, and the form that adds one."""
    form = PartnerForm(request.POST or None)
    if form.is_valid():
        try:
            added = partners_actions.add(service=request.service, by=request.user, **form.cleaned_data)
            messages.success(request, f"{added} is a partner. Nothing is shared until a person agrees to it.")
            return redirect("governance:partners")
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    return render(
        request, "governance/partners.html", {"form": form, "partners": request.service.partners.in_use()}
    )


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def end_partner(request: ServiceRequest, pk: int) -> HttpResponse:
    """Offer a partner no longer."""
    partner = get_object_or_404(request.service.partners.select_related("organisation"), pk=pk)
    partners_actions.end(partner=partner, by=request.user)
    messages.success(request, f"{partner} is offered no longer. What was shared with it stays in the log.")
    return redirect("governance:partners")
