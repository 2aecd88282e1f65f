import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance.actions import team as actions
from governance.forms.team import JoinForm, NeedToKnowForm, TeamForm
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def teams(request: ServiceRequest) -> HttpResponse:
    """Who is in which team, and who opens a case without being asked why."""
    today, service = timezone.localdate(), request.service
    members = service.team_members.in_force(today).select_related("user")
    found = list(service.teams.prefetch_related(Prefetch("members", members, to_attr="now")))
    workers = service.memberships.in_force(today).link_workers().select_related("user")
    step = request.POST.get("step", "")
    setting = NeedToKnowForm(_posted(request, step, "setting"), instance=service)
    new = TeamForm(_posted(request, step, "new"))
    people = [member.user for member in workers]
    join = JoinForm(_posted(request, step, "join"), teams=found, workers=people)
    told = {"by": request.user}
    done = (
        (step == "setting" and _tried(setting, actions.set_need_to_know, service=service, **told))
        or (step == "new" and _tried(new, actions.add, service=service, **told))
        or (step == "join" and _tried(join, actions.join, on=today, **told))
    )
    if done:
        messages.success(request, "Your change is kept and holds from now on.")
        return redirect("governance:teams")
    form = {"new": new, "join": join}.get(step, setting)
    context = {"teams": found, "setting": setting, "new": new, "join": join, "form": form}
    return render(request, "governance/teams.html", context)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def leave_team(request: ServiceRequest, pk: int) -> HttpResponse:
    """Somebody is out of a team now."""
    member = get_object_or_404(request.service.team_members.select_related("user", "team"), pk=pk)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    actions.leave(member=member, on=yesterday, by=request.user)
    messages.success(request, f"{member.user.name} is no longer in {member.team.name}.")
    return redirect("governance:teams")


def _posted(request: ServiceRequest, step: str, wanted: str) -> Any:
    return request.POST if step == wanted else None


def _tried(form: forms.BaseForm, action: Callable[..., Any], **told: Any) -> bool:
    """Whether the action was done; what it says against it stands on the form."""
    if not form.is_valid():
        return False
    try:
        action(**told, **getattr(form, "told", form.cleaned_data))
    except RuleBroken as problem:
        form.add_error(None, str(problem))
        return False
    return True
