from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance import audit, checklist, printing
from governance.actions import impact as actions
from governance.forms.impact import LookAgainForm, NewAssessmentForm, SignOffForm, StepForm
from governance.models import ImpactAssessment, ImpactVersion
from governance.pages import impact as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def assessments(request: ServiceRequest) -> HttpResponse:
    """Every data protection and equality assessment of the service."""
    return render(request, "governance/assessments.html", {"rows": pages.listed(request.service)})


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def assessment_new(request: ServiceRequest) -> HttpResponse:
    """Begin an assessment."""
    form = NewAssessmentForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.begin(service=request.service, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error("title", str(problem))
        else:
            return redirect("governance:assessment", made.pk)
    return render(request, "governance/assessment_new.html", {"form": form})


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def assessment(request: ServiceRequest, pk: int) -> HttpResponse:
    """One assessment: its steps, how much is answered, and who signed what."""
    return render(request, "governance/assessment.html", pages.of(_assessment(request, pk)))


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def assessment_step(request: ServiceRequest, pk: int, step: str) -> HttpResponse:
    """The questions of one step; only answers that changed become rows."""
    found = _assessment(request, pk)
    chosen = checklist.load(found.kind).step(step)
    if chosen is None:
        raise Http404
    standing = found.versions.latest("number").standing()
    form = StepForm(request.POST or None, step=chosen, standing=standing)
    if form.is_valid():
        try:
            actions.answer(assessment=found, answers=form.answers(), by=request.user)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"“{chosen.title}” is saved.")
            return redirect("governance:assessment", found.pk)
    context = {"form": form, "assessment": found, "step": chosen}
    return render(request, "governance/assessment_step.html", context)


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def assessment_sign_off(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record who stands for the newest version."""
    found = _assessment(request, pk)
    form = SignOffForm(request.POST or None)
    if form.is_valid():
        try:
            actions.sign_off(assessment=found, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "The assessment is signed off.")
            return redirect("governance:assessment", found.pk)
    return render(request, "governance/assessment_sign_off.html", {"form": form, "assessment": found})


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def assessment_again(request: ServiceRequest, pk: int) -> HttpResponse:
    """Begin the next version."""
    found = _assessment(request, pk)
    form = LookAgainForm(request.POST or None)
    if form.is_valid():
        try:
            actions.look_again(assessment=found, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("governance:assessment", found.pk)
    return render(request, "governance/assessment_again.html", {"form": form, "assessment": found})


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def assessment_version(request: ServiceRequest, pk: int) -> HttpResponse:
    """One version in full, to read or print."""
    context = {**pages.printed(_version(request, pk)), "pdf_problem": printing.why_not()}
    return render(request, "governance/assessment_version.html", context)


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def assessment_pdf(request: ServiceRequest, pk: int) -> HttpResponse:
    """The same as a PDF; who took one is on record."""
    found = _version(request, pk)
    context = {**pages.printed(found), "service": request.service}
    name = f"assessment-{found.assessment_id}-version-{found.number}"
    try:
        response = printing.pdf_response("governance/assessment_document.html", context, name=name)
    except printing.CannotDraw as problem:
        messages.warning(request, str(problem))
        return redirect("governance:assessment_version", found.pk)
    audit.look("assessment_printed", service=request.service, by=request.user, on=found)
    return response


def _assessment(request: ServiceRequest, pk: int) -> ImpactAssessment:
    return get_object_or_404(request.service.impact_assessments, pk=pk)


def _version(request: ServiceRequest, pk: int) -> ImpactVersion:
    rows = request.service.impact_versions.select_related("assessment", "sign_off")
    return get_object_or_404(rows, pk=pk)
