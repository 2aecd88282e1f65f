from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.forms.notice import NoticeForm
from casework.pages import notice as notices_page
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.wording import whole_number
from governance.actions import notice as notices
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def notice(request: ServiceRequest, pk: int) -> HttpResponse:
    """Tell a client how their information is used, and keep the proof; or say why not yet."""
    today = timezone.localdate()
    case = case_or_404(request, pk, notices_page.cases)
    form = NoticeForm(posted(request))
    logged = whole_number(request.GET.get("logged", ""), digits=18)
    if form.is_valid():
        told = {"service": request.service, "person": case.person, "by": request.user, **form.told}
        if attempt(form, notices.give if form.was_told else notices.delay, **told):
            return redirect(f"{reverse('casework:today')}?logged={logged}" if logged else case)
    context = {
        "notice": notices_page.of(case, today=today),
        "current": notices.current(request.service, on=today),
        "logged": logged,
    }
    return case_page(request, "notice.html", case, form, **context)
