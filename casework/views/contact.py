from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.actions import contact as contacts
from casework.forms.contact import ContactForm
from casework.models import Contact
from casework.outbox.codes import code_of
from casework.outbox.entry import Entry, opened, read_json
from casework.pages import choose, today
from casework.pages import notice as notices_page
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.actions import notice as notices
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.WORK_CASES)
@require_safe
def today_page(request: ServiceRequest) -> HttpResponse:
    """The link worker's home: whom to ring, what is due, risks first."""
    day = timezone.localdate()
    lead = role_allows(request.membership.role, Permission.ALLOCATE_CASES)
    context = {
        "today": today.build(request.service, request.user, today=day, is_lead=lead),
        "day": day,
        "receipt": today.receipt(request.service, request.user, request.GET.get("logged", ""), today=day),
    }
    return render(request, "casework/today.html", context)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def choose_client(request: ServiceRequest) -> HttpResponse:
    """Pick the client first, when logging starts from the menu.

    What is typed is posted, so that it stands in no address, history or server log.
    """
    page = choose.build(request.membership, words=request.POST.get("q", "")[:200])
    if page.words.strip():
        choose.look(request.membership, page)
    return render(request, "casework/choose_client.html", {"page": page})


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def log_contact(request: ServiceRequest, pk: int) -> HttpResponse:
    """Log a contact; then back to Today, with a receipt, or on to what makes it complete.

    Our script sends the form sealed, and is answered with a receipt and the address or the page that follows.
    """
    today_is = timezone.localdate()
    case = case_or_404(request, pk, notices_page.cases)
    notice = notices_page.of(case, today=today_is)
    ask = notice.is_missing and notice.may_be_given
    try:
        entry = _sealed(request)
    except RuleBroken as problem:
        return JsonResponse({"sentence": str(problem)}, status=400)
    form = ContactForm(entry.data if entry else posted(request), case=case, today=today_is, ask_notice=ask)
    if form.is_valid():
        contact, is_told = log_from(request, form)
        if contact:
            page = "notice" if contacts.lacks_notice(contact, is_told=is_told or not ask) else "today"
            address = reverse(f"casework:{page}", args=[pk] if page == "notice" else [])
            address = f"{address}?logged={contact.pk}"
            return JsonResponse({**entry.receipt("logged"), "url": address}) if entry else redirect(address)
        form.renew_key()
    code = code_of(case.pk)
    page_again = case_page(request, "log_contact.html", case, form, notice=notice, code=code)
    if entry:
        return JsonResponse({**entry.receipt("form"), "page": page_again.content.decode()})
    return page_again


def log_from(
    request: ServiceRequest, form: ContactForm, action: Callable[..., Contact] = contacts.log, **more: Any
) -> tuple[Contact | None, bool]:
    """The contact a valid form tells of, and whether it said something of the privacy notice.

    No contact where it may not be so; then the form says why.
    """
    contact = attempt(form, action, case=form.case, by=request.user, **form.told, **more)
    # The note is safe from here on, whatever becomes of the rest.
    return contact, bool(contact) and _keep_notice(request, contact, form.told_notice)


def _sealed(request: ServiceRequest) -> Entry | None:
    if request.method != "POST" or request.content_type != "application/json":
        return None
    return opened(read_json(request.body), request.membership)


@requires(Permission.WORK_CASES)
@require_POST
def take_back_contact(request: ServiceRequest, pk: int) -> HttpResponse:
    """Undo what was logged by mistake a moment ago."""
    contact: Contact = get_object_or_404(request.service.contacts, pk=pk)
    case = case_or_404(request, contact.case_id)
    try:
        contacts.take_back(contact=contact, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return redirect(case)
    messages.success(request, f"The contact with {case.person.short_name} was taken back.")
    return redirect("casework:today")


def _keep_notice(request: ServiceRequest, contact: Contact, told: dict[str, Any] | None) -> bool:
    """Keep what the form said about the privacy notice, as said at that contact; False where it said nothing."""
    if told is None:
        return False
    action = notices.delay if "reason" in told else notices.give
    try:
        person = contact.case.person
        action(service=request.service, person=person, at=contact.happened_at, by=request.user, **told)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return False
    return True
