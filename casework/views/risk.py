from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.actions import risk as risks
from casework.forms.risk import REVIEW_AFTER, RiskCheckForm, RiskForm
from casework.models import Case
from casework.pages.banner import standing_risks
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import whole_number
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def risk(request: ServiceRequest, pk: int) -> HttpResponse:
    """What to know before knocking: note it, keep it, or say that it is over."""
    case = case_or_404(request, pk)
    answer = next((name for name in ("keep", "end") if name in request.POST), None)
    form = RiskForm(None if answer else posted(request))
    if answer:
        _answer(request, case, answer)
        return redirect("casework:risk", pk=pk)
    if form.is_valid() and attempt(form, risks.note, case=case, by=request.user, **form.cleaned_data):
        return redirect(case)
    context = {"risks": standing_risks(case), "today": timezone.localdate()}
    return case_page(request, "risk.html", case, form, **context)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def risk_form(request: ServiceRequest, pk: int) -> HttpResponse:
    """The risk form, before the first visit and whenever something changed."""
    case = case_or_404(request, pk)
    form = RiskCheckForm(posted(request), standing=standing_risks(case))
    if form.is_valid() and attempt(form, risks.fill_in, case=case, by=request.user, **form.told):
        return redirect(case)
    return case_page(request, "risk_form.html", case, form)


def _answer(request: ServiceRequest, case: Case, answer: str) -> None:
    """Keep or end the risk whose button was pressed."""
    risks_of_person = request.service.risks.filter(case__person=case.person_id)
    row = get_object_or_404(risks_of_person, pk=whole_number(request.POST[answer], digits=18))
    try:
        if answer == "keep":
            risks.keep(risk=row, review_on=timezone.localdate() + REVIEW_AFTER, by=request.user)
        else:
            risks.end(risk=row, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
