from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from casework.actions import visit as visits
from casework.forms.visit import VisitForm
from casework.models import Visit
from casework.permissions import can_open
from casework.views.common import attempt, case_or_404, case_page, posted, unopened_case_or_404
from casework.wording import whole_number
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken

STEPS = {"in": visits.go_in, "out": visits.come_out, "off": visits.call_off}


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def visit(request: ServiceRequest, pk: int) -> HttpResponse:
    """Go in, with the time one will be back by; or plan it."""
    case = case_or_404(request, pk)
    if not case.is_open:
        return redirect(case)
    now = timezone.now()
    team = request.service.memberships.in_force(timezone.localdate(now)).link_workers()
    colleagues = {
        member.user_id: member.user for member in team.exclude(user=request.user).select_related("user")
    }
    form = VisitForm(
        posted(request), colleagues=[(pk, user.name) for pk, user in colleagues.items()], now=now
    )
    if form.is_valid():
        companion = colleagues.get(whole_number(form.cleaned_data["companion"], digits=18))
        told = {"case": case, "companion": companion, "by": request.user, **form.told}
        if attempt(form, visits.plan, **told):
            return redirect("casework:today")
    return case_page(request, "visit.html", case, form)


@requires(Permission.WORK_CASES)
@require_POST
def visit_step(request: ServiceRequest, pk: int) -> HttpResponse:
    """Go in, come out, or call a visit off."""
    row: Visit = get_object_or_404(request.service.visits.select_related("case"), pk=pk)
    step = STEPS.get(request.POST.get("step", ""))
    if step in (None, visits.go_in) or not _may_end(request, row):
        case_or_404(request, row.case_id)
    if step is None:
        return redirect(row.case)
    try:
        step(visit=row, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return redirect(row.case) if step is visits.go_in else redirect("casework:today")
    if step is not visits.come_out:
        return redirect("casework:today")
    case = unopened_case_or_404(request, row.case_id, timezone.now())
    if row.worker_id == request.user.pk and can_open(request.membership, case):
        messages.success(request, "Out and safe. Log what happened while you remember it.")
        return redirect("casework:log_contact", pk=row.case_id)
    messages.success(request, "Out and safe.")
    return redirect("casework:today")


def _may_end(request: ServiceRequest, row: Visit) -> bool:
    """Whether somebody may say how a visit ended without the client's record opening to them.

    That a worker is safe waits for no reason and no seal.
    """
    is_theirs = request.user.pk in (row.worker_id, row.companion_id)
    return is_theirs or role_allows(request.membership.role, Permission.ALLOCATE_CASES)
