from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.forms.consent import ConsentForm, TakeBackForm
from casework.models import Case
from casework.pages import banner
from casework.pages.consents import shown
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import whole_number
from governance import standing
from governance.actions import consent as consents
from governance.models import Consent, ConsentDecision
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def consent(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record what a client decided about support and sharing."""
    case = case_or_404(request, pk)
    today = timezone.localdate()
    every = consents.history(case.person)
    latest = standing.newest(every, on=today)
    asked = whole_number(request.GET.get("again", ""), digits=18)
    again = next((row for row in latest.values() if row.pk == asked), None)
    form = ConsentForm(posted(request), service=request.service, again=again)
    told = {"service": request.service, "person": case.person, "by": request.user}
    if form.is_valid() and attempt(form, consents.record, **told, **form.told):
        return redirect("casework:consent", pk=pk)
    above = banner.from_rows(case, banner.standing_risks(case), latest, today=today)
    context = {
        "banner": above,
        "standing": shown(latest.values(), today=today),
        "earlier": [row for row in every if row not in latest.values()],
    }
    return case_page(request, "consent.html", case, form, **context)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def take_back(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record that a client took a yes back; partners who received something are to be told."""
    row, case = consent_or_404(request, pk)
    form = TakeBackForm(posted(request))
    told = {
        "service": request.service,
        "person": case.person,
        "scope": row.scope,
        "partner": row.partner,
        "purpose": row.purpose,
        "decision": ConsentDecision.WITHDRAWN,
        "by": request.user,
    }
    if form.is_valid() and attempt(form, consents.record, **told, **form.told):
        messages.success(request, f"{row.subject}: taken back. Nothing rests on it any more.")
        return redirect("casework:sharing", pk=case.pk)
    return case_page(request, "take_back.html", case, form, row=row)


def consent_or_404(request: ServiceRequest, pk: int) -> tuple[Consent, Case]:
    """A decision of the request's own service, and the newest case of the person."""
    row = get_object_or_404(request.service.consents.select_related("partner__organisation"), pk=pk)
    cases = request.service.cases.filter(person=row.person_id).order_by("-opened_at", "-pk")
    newest = get_object_or_404(cases[:1])
    return row, case_or_404(request, newest.pk)
