from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance import audit
from governance.actions import retention
from governance.actions import rights as actions
from governance.forms.retention import PersonHoldForm
from governance.forms.rights import CorrectionForm, FindPersonForm, ObjectionForm, OptOutForm
from governance.models import CORRECTABLE, Person
from governance.need_to_know import Why
from governance.opened import Opened
from governance.pages import rights as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.views.common import attempt, posted


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def rights(request: ServiceRequest) -> HttpResponse:
    """Requests that wait for an answer, and the search for a person. Posted, so that no name is in an address."""
    form = FindPersonForm(posted(request))
    people = None
    if form.is_valid():
        people = pages.found(request.service, form.cleaned_data["sought"])
        changes = {"page": "governance:rights", "found": len(people)}
        audit.look("people_searched", service=request.service, by=request.user, changes=changes)
        if len(people) == 1:
            return redirect("governance:person", people[0].pk)
    context = {"form": form, "people": people, "requests": pages.requests(request.service)[:100]}
    return render(request, "governance/rights.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_safe
def person(request: ServiceRequest, pk: int) -> HttpResponse:
    """What a person asked about their data, and what can be done. That it was opened goes on record."""
    chosen = _person(request, pk)
    if chosen.merged_into_id:
        return redirect("governance:person", chosen.merged_into_id)
    return render(request, "governance/person.html", pages.of_person(chosen))


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def correct(request: ServiceRequest, pk: int) -> HttpResponse:
    """Put one wrong detail right."""
    chosen = _person(request, pk)
    field = request.GET.get("field", "")
    if field not in CORRECTABLE:
        return redirect("governance:person", chosen.pk)
    form = CorrectionForm(posted(request), field=field, person=chosen)
    told = {"person": chosen, "field": field, "by": request.user}
    if form.is_valid() and attempt(form, actions.correct, **told, **form.cleaned_data):
        messages.success(request, "The detail is put right. Extracts leave it alone from now on.")
        return redirect("governance:person", chosen.pk)
    return _form(request, chosen, form, "Put a detail right", "Put it right")


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def objection(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record an objection, a restriction, or what became of it."""
    chosen = _person(request, pk)
    form = ObjectionForm(posted(request))
    if form.is_valid() and attempt(
        form, actions.object_to, person=chosen, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "The objection is recorded and acts from now on.")
        return redirect("governance:person", chosen.pk)
    return _form(request, chosen, form, "Record an objection", "Record it")


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def opt_out(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record what is known of the national data opt-out."""
    chosen = _person(request, pk)
    form = OptOutForm(posted(request))
    if form.is_valid() and attempt(
        form, actions.record_opt_out, person=chosen, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "The opt-out is recorded. It is about reports, not about support.")
        return redirect("governance:person", chosen.pk)
    return _form(request, chosen, form, "Record a national data opt-out", "Record it")


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def hold_person(request: ServiceRequest, pk: int) -> HttpResponse:
    """Keep everything of a person, whatever the schedule says."""
    chosen = _person(request, pk)
    form = PersonHoldForm(posted(request))
    told = {"service": request.service, "person": chosen, "by": request.user}
    if form.is_valid() and attempt(form, retention.hold, **told, **form.cleaned_data):
        messages.success(request, "Nothing of this person is deleted until the hold is lifted.")
        return redirect("governance:person", chosen.pk)
    return _form(request, chosen, form, "Hold everything of this person", "Place the hold")


def _person(request: ServiceRequest, pk: int) -> Person:
    chosen = get_object_or_404(request.service.people.select_related("service"), pk=pk)
    request.opened = Opened(chosen, Why.RIGHTS)
    return chosen


def _form(
    request: ServiceRequest, chosen: Person, form: forms.BaseForm, title: str, label: str
) -> HttpResponse:
    context: dict[str, Any] = {"person": chosen, "form": form, "title": title, "label": label}
    return render(request, "governance/person_form.html", context)
