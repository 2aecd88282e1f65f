"""Contacts that came from a phone and wait for their author."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework import permissions
from casework.actions import outbox
from casework.forms.held import TakeOverForm
from casework.models import HeldContact
from casework.views.common import attempt, case_of_code, posted, unopened_case_or_404
from casework.views.contact import log_from
from casework.views.outbox import written_form
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken

NOT_YOURS = "Only who wrote a contact, or took it over, can put it right or throw it away."
TAKEN_OVER = "You have taken the contact over. Put it right below, or throw it away."


@requires(Permission.WORK_CASES)
@require_safe
def held_contacts(request: ServiceRequest) -> HttpResponse:
    """One's own, oldest first, each with why it was not logged; for a lead also that others have some."""
    kept = request.service.held_contacts.select_related("by", "taken_over_by")
    mine = [held for held in kept if held.keeper_id == request.user.pk]
    others = [held for held in kept if held not in mine] if _leads(request) else []
    rows = [{"held": held, "code": QueryDict(held.content).get("code", "")} for held in mine]
    return render(request, "casework/held_contacts.html", {"rows": rows, "others": others})


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def held_contact(request: ServiceRequest, pk: int) -> HttpResponse:
    """What was typed, to put it right and save it. Names nobody: the case is the code."""
    held: HeldContact = get_object_or_404(request.service.held_contacts, pk=pk)
    if held.keeper_id != request.user.pk:
        messages.error(request, NOT_YOURS)
        return redirect("casework:held_contacts")
    data = (request.POST if request.method == "POST" else QueryDict(held.content)).copy()
    data["key"] = str(held.key)
    case, problem = None, ""
    try:
        case = case_of_code(request, data.get("code", ""))
    except RuleBroken as broken:
        problem = str(broken)
    form = written_form(data, case=case, written_at=held.written_at)
    if problem and "code" not in form.errors:
        form.add_error("code", problem)
    if form.is_valid() and request.method == "POST":
        contact = log_from(request, form, outbox.log, held=held)[0]
        if contact:
            return redirect(f"{reverse('casework:today')}?logged={contact.pk}")
        outbox.renew_key(held=held, by=request.user)
    return render(request, "casework/held_contact.html", {"held": held, "form": form})


@requires(Permission.WORK_CASES)
@require_POST
def discard_held(request: ServiceRequest, pk: int) -> HttpResponse:
    """Throw one's own away."""
    held: HeldContact = get_object_or_404(request.service.held_contacts, pk=pk)
    if held.keeper_id != request.user.pk:
        messages.error(request, NOT_YOURS)
        return redirect("casework:held_contacts")
    try:
        outbox.settle(held=held, contact=None, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "The contact was thrown away. Nothing of what it said is kept.")
    return redirect("casework:held_contacts")


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def take_over_held(request: ServiceRequest, pk: int) -> HttpResponse:
    """A lead takes over what its author cannot put right. Nothing of what was typed is shown before."""
    rows = request.service.held_contacts.select_related("by")
    held: HeldContact = get_object_or_404(rows, pk=pk)
    if held.case_id:
        case = unopened_case_or_404(request, held.case_id, timezone.now())
        permissions.check_can_open(request.membership, case)
    form = TakeOverForm(posted(request))
    if form.is_valid() and attempt(form, outbox.take_over, held=held, by=request.user, **form.cleaned_data):
        messages.success(request, TAKEN_OVER)
        return redirect("casework:held_contact", pk=pk)
    return render(request, "casework/take_over_held.html", {"held": held, "form": form})


def _leads(request: ServiceRequest) -> bool:
    return role_allows(request.membership.role, Permission.ALLOCATE_CASES)
