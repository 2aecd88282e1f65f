from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.actions import case as cases_actions
from casework.actions import reappearance
from casework.forms.case import CaseFilterForm, MoveForm
from casework.forms.support import AgainForm
from casework.models import ReappearanceAnswer
from casework.pages import cases as cases_page
from casework.pages import experience, record
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import whole_number
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken

CASES_A_PAGE = 25


@requires(Permission.VIEW_CASES)
@require_safe
def cases(request: ServiceRequest) -> HttpResponse:
    """Cases of the service, one's own first, by stage and worker. Each look at them is on record."""
    workers = list(request.service.memberships.link_workers().values_list("user", "user__name"))
    narrow = cases_page.is_narrow(request.membership)
    form = CaseFilterForm(request.GET, workers=workers, me=request.user.pk, narrow=narrow)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = cases_page.found(request.membership, **chosen)
    page = cases_page.OwnFirst(request.membership, found, CASES_A_PAGE).get_page(request.GET.get("page"))
    cases_page.look(request.membership, page, **chosen)
    context = {"page": page, "filters": form, "rows": cases_page.rows(request.membership, page)}
    return render(request, "casework/cases.html", context)


@requires(Permission.VIEW_CASES)
@require_safe
def case(request: ServiceRequest, pk: int) -> HttpResponse:
    """A client's page."""
    number = whole_number(request.GET.get("page", "")) or 1
    today = timezone.localdate()
    chosen = case_or_404(request, pk, record.cases)
    found = record.build(chosen, request.user, today=today, page=number)
    allowed = {p.value for p in Permission if role_allows(request.membership.role, p)}
    context = {
        "record": found,
        "case": chosen,
        "links": record.links(chosen, allowed),
        "access": record.access_words(chosen, request.opened),
    }
    return render(request, "casework/case.html", context)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def move_stage(request: ServiceRequest, pk: int) -> HttpResponse:
    """Move a case along the path."""
    case = case_or_404(request, pk, experience.to_ask)
    if not case.is_open:
        return redirect(case)
    form = MoveForm(posted(request), case=case, initial={"to": request.GET.get("to", "")})
    if form.is_valid() and attempt(form, cases_actions.move, case=case, by=request.user, **form.cleaned_data):
        return redirect(case)
    ask = experience.nobody_asked(case)
    return case_page(request, "move_stage.html", case, form, nobody_asked=ask)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def reopen(request: ServiceRequest, pk: int) -> HttpResponse:
    """Open a new episode for somebody who is back, with the worker and what was agreed before."""
    case = case_or_404(request, pk, record.ended)
    if case.is_open:
        messages.error(request, "This episode is still open. Go on with it; there is no need for a new one.")
        return redirect(case)
    worker = case.worker if getattr(case, "is_carried", False) else None
    agreed = getattr(case, "agreed", None)
    form = AgainForm(posted(request), worker=worker.name if worker else "", has_boundaries=bool(agreed))
    if form.is_valid():
        said = form.cleaned_data
        told = {
            "worker": worker if said.get("same_worker") else None,
            "keep_boundaries": bool(said.get("keep_boundaries")),
        }
        again = attempt(form, cases_actions.reopen, case=case, by=request.user, **told)
        if again:
            return redirect(again)
    return case_page(request, "again.html", case, form, agreed=agreed)


@requires(Permission.WORK_CASES)
@require_POST
def answer_back(request: ServiceRequest, pk: int) -> HttpResponse:
    """Answer what an extract told of somebody: support goes on, or nothing more is needed."""
    case = case_or_404(request, pk)
    try:
        if request.POST.get("answer") == ReappearanceAnswer.TAKEN_UP:
            again = reappearance.take_up(case=case, by=request.user)
            messages.success(request, f"{case.person.short_name} has support again. What was before is kept.")
            return redirect(again)
        reappearance.note(case=case, by=request.user)
        messages.success(request, "Noted. Nothing else was changed.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect(case)
