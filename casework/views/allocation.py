from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from casework.actions import allocation, capacity
from casework.forms.allocation import AllocateForm, CapacityForm
from casework.pages import board, caseload
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import whole_number
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.ALLOCATE_CASES)
@require_safe
def board_page(request: ServiceRequest) -> HttpResponse:
    """The lead's home: what waits for a decision."""
    found = board.build(request.service, request.user, today=timezone.localdate())
    return render(request, "casework/board.html", {"board": found, "shown": board.ROWS_A_SECTION})


@requires(Permission.VIEW_CASELOADS)
@require_safe
def caseload_page(request: ServiceRequest) -> HttpResponse:
    """Every worker's points against capacity. Names no client."""
    return render(request, "casework/caseload.html", {"lines": caseload.lines(request.service)})


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def allocate(request: ServiceRequest, pk: int) -> HttpResponse:
    """Give a case to a worker, or to another one."""
    case = case_or_404(request, pk)
    if not case.is_open:
        return redirect(case)
    comparison = caseload.compare(request.service, case)
    form = AllocateForm(posted(request), comparison=comparison)
    if form.is_valid():
        worker = request.service.memberships.get(user=form.cleaned_data["worker"]).user
        told = {
            "instead_of": whole_number(request.POST.get("instead_of", "")) or None,
            "reason": form.cleaned_data["reason"],
        }
        if attempt(form, allocation.allocate, case=case, worker=worker, by=request.user, **told):
            messages.success(request, f"{worker.name} has the case now.")
            return redirect("casework:board")
    return case_page(request, "allocate.html", case, form, comparison=comparison)


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def capacity_page(request: ServiceRequest, pk: int) -> HttpResponse:
    """What a worker can carry."""
    member = get_object_or_404(
        request.service.memberships.link_workers().select_related("user", "service"), pk=pk
    )
    newest = request.service.capacities.filter(worker=member.user).values().first()
    form = CapacityForm(posted(request), initial=newest)
    told = {"service": request.service, "worker": member.user, "by": request.user}
    if form.is_valid() and attempt(form, capacity.set, **told, **form.cleaned_data):
        return redirect("casework:caseload")
    return render(request, "casework/capacity.html", {"form": form, "worker": member.user})
