from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.actions import agreement as actions
from governance.forms.agreement import NewAgreementForm, NewVersionForm, SignatureForm, WhyForm
from governance.models import Agreement, Standing
from governance.pages import agreement as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def agreement(request: ServiceRequest, pk: int) -> HttpResponse:
    """One agreement in full: what acts, what waits for signatures, and how it came about."""
    found = _agreement(request, pk)
    return render(request, "governance/agreement.html", pages.of(found, timezone.localdate()))


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def agreement_new(request: ServiceRequest) -> HttpResponse:
    """Write an agreement; it is a draft until both parties have signed."""
    form = NewAgreementForm(request.POST or None, service=request.service)
    if form.is_valid():
        try:
            made = actions.add(
                service=request.service, by=request.user, standing=Standing.DRAFT, **form.cleaned_data
            )
        except RuleBroken as problem:
            form.add_error("title", str(problem))
        else:
            messages.success(request, "The agreement is a draft. Loads start when both parties have signed.")
            return redirect("governance:agreement", made.pk)
    return render(request, "governance/agreement_new.html", {"form": form})


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def agreement_change(request: ServiceRequest, pk: int) -> HttpResponse:
    """Write the next version: a change of terms, or a renewal."""
    found = _agreement(request, pk)
    terms = (found.versions.first() or found).terms()
    form = NewVersionForm(request.POST or None, service=request.service, initial=terms)
    if form.is_valid():
        try:
            version = actions.revise(agreement=found, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"Version {version.number} is written.")
            return redirect("governance:agreement", found.pk)
    return render(request, "governance/agreement_change.html", {"form": form, "agreement": found})


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def agreement_sign(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record who signed the newest version for which party."""
    found = _agreement(request, pk)
    form = SignatureForm(request.POST or None, agreement=found)
    if form.is_valid():
        try:
            acts = actions.sign(agreement=found, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            said = "Both parties have signed. The agreement acts." if acts else "The signature is recorded."
            messages.success(request, said)
            return redirect("governance:agreement", found.pk)
    context = {"form": form, **pages.of(found, timezone.localdate())}
    return render(request, "governance/agreement_sign.html", context)


@requires(Permission.MANAGE_AGREEMENTS)
@require_http_methods(["GET", "POST"])
def agreement_stop(request: ServiceRequest, pk: int) -> HttpResponse:
    """Suspend an agreement, or lift its suspension."""
    found = _agreement(request, pk)
    form = WhyForm(request.POST or None)
    lifting = found.suspended_at is not None
    if form.is_valid():
        # What the page said decides, not the state by now: a second press must not undo the first.
        act = actions.lift if request.POST.get("act") == "lift" else actions.suspend
        try:
            act(agreement=found, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, "Loads go on." if act is actions.lift else "Loads are stopped.")
        return redirect("governance:agreement", found.pk)
    context = {"form": form, "agreement": found, "lifting": lifting}
    return render(request, "governance/agreement_stop.html", context)


def _agreement(request: ServiceRequest, pk: int) -> Agreement:
    rows = request.service.agreements.select_related(
        "sharer", "recipient", "suspended_by", "dpia", "equality"
    )
    return get_object_or_404(rows, pk=pk)
