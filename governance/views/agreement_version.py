"""One version of an agreement: as it was written, what it changed, and as the form to sign."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from governance import audit, printing
from governance.models import AgreementVersion
from governance.pages import agreement as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def version(request: ServiceRequest, pk: int) -> HttpResponse:
    """One version as it was written, and what it changed."""
    found = _version(request, pk)
    earlier = request.service.agreement_versions.filter(
        agreement=found.agreement_id, number__lt=found.number
    ).select_related("dpia", "equality")
    context = {**_context(found), "changed": pages.differences(found, earlier.first())}
    return render(request, "governance/agreement_version.html", context)


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def form(request: ServiceRequest, pk: int) -> HttpResponse:
    """The version in the order of the starter pack's form, to print and sign."""
    context = {**_context(_version(request, pk)), "pdf_problem": printing.why_not()}
    return render(request, "governance/agreement_form.html", context)


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def pdf(request: ServiceRequest, pk: int) -> HttpResponse:
    """The same form as a PDF; who took one is on record."""
    found = _version(request, pk)
    context = {**_context(found), "service": request.service}
    name = f"agreement-{found.agreement_id}-version-{found.number}"
    try:
        response = printing.pdf_response("governance/agreement_document.html", context, name=name)
    except printing.CannotDraw as problem:
        messages.warning(request, str(problem))
        return redirect("governance:agreement_form", found.pk)
    audit.look("agreement_printed", service=request.service, by=request.user, on=found)
    return response


def _version(request: ServiceRequest, pk: int) -> AgreementVersion:
    rows = request.service.agreement_versions.select_related(
        "agreement__sharer", "agreement__recipient", "written_by", "dpia", "equality"
    )
    return get_object_or_404(rows.prefetch_related("signatures__organisation"), pk=pk)


def _context(found: AgreementVersion) -> dict[str, Any]:
    return {
        "version": found,
        "agreement": found.agreement,
        "rows": pages.terms_in_words(found),
        "dpia": pages.dpia_in_words(found),
        "missing": pages.unsigned_by(found.agreement, found),
    }
