from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.actions import safeguarding as actions
from governance.forms.safeguarding import SafeguardingLeadForm
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken
from governance.views.common import posted

SHOWN = 10


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def safeguarding(request: ServiceRequest) -> HttpResponse:
    """Who the safeguarding lead is, who was before, and the form that names another."""
    form = SafeguardingLeadForm(posted(request))
    if form.is_valid():
        try:
            named = actions.name_lead(service=request.service, by=request.user, **form.cleaned_data)
            messages.success(request, f"{named.name} is the safeguarding lead.")
            return redirect("governance:safeguarding")
        except RuleBroken as problem:
            form.add_error("ends_on", str(problem))
    leads = request.service.safeguarding_leads
    now = leads.on(timezone.localdate())
    rows = [{"key": "Name", "value": now.name}, {"key": "Role", "value": now.role}] if now else []
    if now:
        rows.append({"key": "How to reach them", "value": now.contact})
        rows.append({"key": "Last day", "value": f"{now.ends_on:%-d %B %Y}" if now.ends_on else "None set"})
    context = {"form": form, "rows": rows, "leads": leads.select_related("named_by")[:SHOWN]}
    return render(request, "governance/safeguarding.html", context)
