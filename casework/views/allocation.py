from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from casework.actions import allocation, proposal
from casework.forms.allocation import AllocateForm
from casework.pages import board, caseload, compare, queue
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import count, whole_number
from governance.models import User
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


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
    case = case_or_404(request, pk, compare.cases)
    if not case.is_open:
        return redirect(case)
    comparison = compare.compare(request.service, case)
    form = AllocateForm(posted(request), comparison=comparison)
    if form.is_valid():
        users = _users(request, form.cleaned_data["worker"], form.cleaned_data["second"])
        told = {
            "worker": users[form.cleaned_data["worker"]],
            "second": users.get(form.cleaned_data["second"]),
            "instead_of": whole_number(request.POST.get("instead_of", "")) or None,
            "reason": form.cleaned_data["reason"],
            "recommended": comparison.recommended,
        }
        if attempt(form, allocation.allocate, case=case, by=request.user, **told):
            messages.success(request, f"{told['worker'].name} has the case now.")
            return redirect("casework:allocation" if "queue" in request.GET else "casework:board")
    return case_page(request, "allocate.html", case, form, comparison=comparison)


def _users(request: ServiceRequest, *ids: int | None) -> dict[int | None, User]:
    rows = request.service.memberships.filter(user__in=[pk for pk in ids if pk]).select_related("user")
    return {row.user_id: row.user for row in rows}


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def allocation_page(request: ServiceRequest) -> HttpResponse:
    """The cases that wait, who is proposed for each and why; asking, and following what was proposed."""
    if request.method == "POST":
        _answer(request)
        return redirect("casework:allocation")
    found = queue.build(request.service, request.user, page=whole_number(request.GET.get("page", "")) or 1)
    queue.look(request.service, request.user, found)
    return render(request, "casework/allocation.html", {"queue": found})


def _answer(request: ServiceRequest) -> None:
    """Ask anew, or follow the lines that were shown: one, or all."""
    try:
        if "ask" in request.POST:
            proposal.ask(service=request.service, by=request.user)
            messages.success(request, "This is the new proposal. Nothing is allocated until you say so.")
            return
        chosen = [whole_number(pk, digits=18) for pk in request.POST.getlist("line")]
        lines = request.service.proposal_lines.filter(pk__in=chosen)
        given = proposal.follow(lines=lines, service=request.service, by=request.user)
        messages.success(request, f"{count(len(given), 'case')} allocated as proposed.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
