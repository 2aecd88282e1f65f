from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from casework.actions import contact as contacts
from casework.forms.contact import ContactForm
from casework.pages import choose, today
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_safe
def today_page(request: ServiceRequest) -> HttpResponse:
    """The link worker's home: whom to ring, what is due, risks first."""
    day = timezone.localdate()
    context = {
        "today": today.build(request.service, request.user, today=day),
        "day": day,
        "receipt": today.receipt(request.service, request.user, request.GET.get("logged", ""), today=day),
    }
    return render(request, "casework/today.html", context)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def choose_client(request: ServiceRequest) -> HttpResponse:
    """Pick the client first, when logging starts from the menu.

    Letters of a name are posted, so that they stand in no address, history or server log.
    """
    page = choose.build(request.membership, words=request.POST.get("q", ""))
    if page.words.strip():
        choose.look(request.membership, page)
    return render(request, "casework/choose_client.html", {"page": page})


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def log_contact(request: ServiceRequest, pk: int) -> HttpResponse:
    """Log a contact; then back to Today, with a receipt."""
    case = case_or_404(request, pk)
    form = ContactForm(posted(request), case=case, today=timezone.localdate())
    if form.is_valid():
        contact = attempt(form, contacts.log, case=case, by=request.user, **form.told)
        if contact:
            return redirect(f"{reverse('casework:today')}?logged={contact.pk}")
        form.renew_key()
    return case_page(request, "log_contact.html", case, form)
