from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance import audit
from governance.actions import seal as seals
from governance.forms.record import FindRecordForm, SealForm
from governance.models import Person, Seal
from governance.need_to_know import SEALED, Why
from governance.opened import Opened
from governance.pages import record as pages
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken

LINES_A_PAGE = 100


@requires(Permission.TRACE_RECORDS)
@require_http_methods(["GET", "POST"])
def records(request: ServiceRequest) -> HttpResponse:
    """Find a person's record by number, to see who opened it; and the records that are sealed."""
    form = FindRecordForm(request.POST or None)
    if form.is_valid():
        person = pages.found(request.service, form.cleaned_data["number"])
        changes = {"page": "governance:records", "found": int(person is not None)}
        audit.look("people_searched", service=request.service, by=request.user, changes=changes)
        if person is not None:
            return redirect("governance:record", person.pk)
        form.add_error("number", "This service has nobody of this number. Check the digits.")
    return render(request, "governance/records.html", {"form": form, "seals": pages.sealed(request.service)})


@requires(Permission.TRACE_RECORDS)
@require_safe
def record(request: ServiceRequest, pk: int) -> HttpResponse:
    """Who opened a person's record, when and why, in words that the person can be given."""
    person = get_object_or_404(request.service.people, pk=pk)
    if person.merged_into_id:
        return redirect("governance:record", person.merged_into_id)
    request.opened = Opened(person, Why.TRACE)
    page = Paginator(pages.openings(request.service, person), LINES_A_PAGE).get_page(request.GET.get("page"))
    context = {"person": person, "page": page, "lines": pages.lines(request.service, list(page))}
    return render(request, "governance/record.html", context)


@requires(Permission.SEAL_RECORDS)
@require_http_methods(["GET", "POST"])
def seal(request: ServiceRequest, pk: int) -> HttpResponse:
    """Seal a record to a few people by name, or lift the seal."""
    person = get_object_or_404(request.service.people, pk=pk)
    standing = request.service.seals.standing().filter(person=person).first()
    named = [row.user_id for row in standing.names.all()] if standing else [request.user.pk]
    why = _may_seal(request, standing, named)
    team = request.service.memberships.in_force(timezone.localdate()).link_workers()
    workers = [member.user for member in team.select_related("user")]
    form = SealForm(request.POST or None, workers=workers, initial={"names": named})
    if form.is_valid() and _change(request, person, form):
        return redirect("home")
    request.opened = Opened(person, why)
    sees_name = role_allows(request.membership.role, Permission.OPEN_EVERY_CASE)
    name = person.short_name if sees_name else f"Person {person.pk}"
    return render(request, "governance/seal.html", {"form": form, "name": name, "standing": standing})


def _may_seal(request: ServiceRequest, standing: Seal | None, named: list[int]) -> Why:
    """Why this user may change the seal. Raises PermissionDenied where it shuts them out."""
    if role_allows(request.membership.role, Permission.TRACE_RECORDS):
        return Why.TRACE
    if standing is None:
        return Why.LEAD
    if request.user.pk not in named:
        raise PermissionDenied(SEALED)
    return Why.NAMED


def _change(request: ServiceRequest, person: Person, form: SealForm) -> bool:
    told: dict[str, Any] = {"service": request.service, "person": person, "by": request.user}
    reason = form.cleaned_data["reason"]
    try:
        if "lift" in request.POST:
            seals.lift(reason=reason, **told)
            messages.success(request, "The seal is lifted. The record opens as any other does.")
        else:
            seals.seal(names=form.named, reason=reason, **told)
            messages.success(request, "The record is sealed. Only the people you named open it.")
    except RuleBroken as problem:
        form.add_error(None, str(problem))
        return False
    return True
