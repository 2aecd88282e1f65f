from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.actions import incident as actions
from governance.forms.incident import IncidentForm, StepForm, TriageForm
from governance.models import Incident
from governance.pages import incident as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken

INCIDENTS_A_PAGE = 25


@requires(Permission.REPORT_INCIDENTS)
@require_safe
def incidents(request: ServiceRequest) -> HttpResponse:
    """What the reader told of, and how far it is."""
    rows = pages.own(request.service, request.user, timezone.now())
    return render(request, "governance/incidents.html", {"rows": rows})


@requires(Permission.REPORT_INCIDENTS)
@require_http_methods(["GET", "POST"])
def incident_new(request: ServiceRequest) -> HttpResponse:
    """Tell of something that went wrong, or nearly did."""
    typed = request.GET.get("case", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else None
    form = IncidentForm(request.POST or None, case_number=number)
    if form.is_valid():
        try:
            actions.report(service=request.service, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
            form.renew_key()
        else:
            messages.success(request, "Thank you for telling. You can see below what becomes of it.")
            return redirect("governance:incidents")
    return render(request, "governance/incident_new.html", {"form": form})


@requires(Permission.TRIAGE_INCIDENTS)
@require_safe
def incident_desk(request: ServiceRequest) -> HttpResponse:
    """Every incident of the service, open ones first."""
    found = request.service.incidents.by_need().select_related("reported_by")
    page = Paginator(found, INCIDENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": pages.rows(page, timezone.now())}
    return render(request, "governance/incident_desk.html", context)


@requires(Permission.TRIAGE_INCIDENTS)
@require_http_methods(["GET", "POST"])
def incident(request: ServiceRequest, pk: int) -> HttpResponse:
    """One incident with everything done about it, and the form for what is done next."""
    found = _incident(request, pk)
    form = StepForm(request.POST or None, finished=found.finished)
    if form.is_valid():
        try:
            actions.step(incident=found, by=request.user, **form.cleaned_data)
            return redirect("governance:incident", pk=pk)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    context = {
        "incident": found,
        "form": form,
        "clock": pages.clock_of(found, timezone.now()),
        "status": pages.status_of(found),
        "summary": pages.summary(found),
        "triages": found.triages.select_related("by"),
        "steps": pages.steps(found),
    }
    return render(request, "governance/incident.html", context)


@requires(Permission.TRIAGE_INCIDENTS)
@require_http_methods(["GET", "POST"])
def incident_triage(request: ServiceRequest, pk: int) -> HttpResponse:
    """Decide whether it is a personal data breach, and how bad it was."""
    found = _incident(request, pk)
    form = TriageForm(request.POST or None, aware=found.aware)
    if form.is_valid():
        try:
            actions.triage(incident=found, by=request.user, **form.cleaned_data)
            return redirect("governance:incident", pk=pk)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    clock = pages.clock_of(found, timezone.now())
    return render(
        request, "governance/incident_triage.html", {"incident": found, "form": form, "clock": clock}
    )


def _incident(request: ServiceRequest, pk: int) -> Incident:
    found = request.service.incidents.with_state().select_related("reported_by")
    return get_object_or_404(found, pk=pk)
