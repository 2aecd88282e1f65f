from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance import checklist
from governance.actions import set_up as actions
from governance.forms.set_up import BeginForm, MilestoneForm
from governance.pages import set_up as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def set_up(request: ServiceRequest) -> HttpResponse:
    """The eight months of the set-up, line by line, and how long the first list took."""
    return render(request, "governance/set_up.html", pages.of(request.service, timezone.localdate()))


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def set_up_begin(request: ServiceRequest) -> HttpResponse:
    """Start the plan."""
    form = BeginForm(request.POST or None)
    if form.is_valid():
        try:
            actions.begin(service=request.service, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        return redirect("governance:set_up")
    return render(request, "governance/set_up_begin.html", {"form": form})


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def milestone(request: ServiceRequest, key: str) -> HttpResponse:
    """Say that a milestone is reached, and what shows it."""
    line = next((each for each in checklist.set_up_plan().milestones if each.key == key), None)
    if line is None or pages.plan_of(request.service) is None:
        raise Http404
    loads = pages.loads_of(request.service)
    form = MilestoneForm(request.POST or None, service=request.service, loads=loads)
    if request.POST.get("take_back") or form.is_valid():
        given = {"done_on": None} if request.POST.get("take_back") else form.cleaned_data
        try:
            actions.report(service=request.service, milestone=key, by=request.user, **given)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("governance:set_up")
    context = {"form": form, "milestone": line, "report": pages.latest(request.service).get(key)}
    return render(request, "governance/milestone.html", context)
