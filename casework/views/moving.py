from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.actions import allocation, case_role
from casework.actions.allocation import Gift
from casework.forms.moving import ChooseForm, LeaverForm, RoleForm, WhyForm, moved
from casework.pages import moving as moving_page
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import count, whole_number
from governance.models import Membership
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


def _member(request: ServiceRequest, pk: int) -> Membership:
    """Somebody of the team, or whose role or access ended while they still have cases."""
    members = request.service.memberships.select_related("user", "service")
    carrying = request.service.cases.open().values("worker")
    team = Q(pk__in=request.service.memberships.link_workers()) | Q(user__in=carrying)
    return get_object_or_404(members.filter(team), pk=pk)


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def move_cases(request: ServiceRequest, pk: int) -> HttpResponse:
    """Give several cases of one worker to another: choose, look at both loads, then move."""
    member = _member(request, pk)
    found = moving_page.build(request.service, request.user, member)
    choose = ChooseForm(request.GET or None, moving=found)
    why = WhyForm(posted(request))
    sides = []
    if choose.is_valid():
        to, chosen = choose.cleaned_data["to"], choose.cleaned_data["case"]
        sides = found.both(to, chosen)
        if why.is_valid():
            told = {"reason": why.cleaned_data["reason"], "instead_of": member.user_id, "worker": to}
            gifts = [Gift(case=case, **told) for case in chosen]
            done = attempt(
                why,
                allocation.allocate_all,
                service=request.service,
                gifts=gifts,
                on=member,
                by=request.user,
            )
            if done:
                messages.success(request, moved(len(gifts), dict(found.others)[to]))
                return redirect("casework:caseload")
    moving_page.look(request.service, request.user, found, "casework:move_cases")
    context = {"moving": found, "form": why if sides else choose, "sides": sides}
    return render(request, "casework/move_cases.html", context)


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def leaver(request: ServiceRequest, pk: int) -> HttpResponse:
    """Hand over everything somebody who leaves carries; it does not end with a case that nobody has."""
    member = _member(request, pk)
    found = moving_page.build(request.service, request.user, member, propose_each=request.method != "POST")
    helped = moving_page.helped(request.service, request.user, member)
    form = LeaverForm(posted(request), moving=found)
    if form.is_valid():
        told = {"to": form.to, "seconds": form.seconds, "reason": form.cleaned_data["reason"]}
        done = attempt(
            form,
            allocation.hand_over,
            service=request.service,
            leaver=member.user,
            by=request.user,
            **told,
        )
        if done is not None:
            said = f"{member.user.name} carries nothing any more: {count(len(form.to), 'case')} handed over"
            if not found.has_left:
                said += ", and no new ones come. Ask your service manager to end the access on the last day"
            messages.success(request, f"{said}.")
            return redirect("casework:caseload")
    moving_page.look(request.service, request.user, found, "casework:leaver")
    return render(request, "casework/leaver.html", {"moving": found, "helped": helped, "form": form})


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def roles(request: ServiceRequest, pk: int) -> HttpResponse:
    """Who helps with a case, now, later and before."""
    case = case_or_404(request, pk, moving_page.with_leads)
    if not case.is_open:
        return redirect(case)
    if "end" in request.POST:
        _end(request, pk)
        return redirect("casework:roles", pk=pk)
    team = request.service.memberships.in_force(timezone.localdate()).link_workers().select_related("user")
    users = {row.user_id: row.user for row in team if row.user_id != case.worker_id}
    others = [(pk, user.name) for pk, user in users.items()]
    form = RoleForm(posted(request), others=others, initial={"starts_on": timezone.localdate()})
    if form.is_valid():
        told = {**form.cleaned_data, "worker": users[form.cleaned_data["worker"]]}
        if attempt(form, case_role.start, case=case, by=request.user, **told):
            messages.success(request, f"{told['worker'].name} helps with this case.")
            return redirect("casework:roles", pk=pk)
    rows = case.roles.select_related("worker").order_by("-starts_on", "-pk")
    led = moving_page.leads(case)
    today = timezone.localdate()
    return case_page(request, "roles.html", case, form, roles=rows, led=led, today=today)


def _end(request: ServiceRequest, case: int) -> None:
    row = get_object_or_404(
        request.service.case_roles, case=case, pk=whole_number(request.POST["end"], digits=18)
    )
    try:
        case_role.end(role=row, by=request.user)
        messages.success(request, "Today is the last day.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
