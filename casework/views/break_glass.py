from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework import permissions
from casework.models import Case
from casework.pages.cases import A_SEALED_RECORD
from casework.views.common import attempt, posted, unopened_case_or_404
from governance.actions import break_glass
from governance.forms.break_glass import ReasonForm
from governance.opened import Opened
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.VIEW_CASES)
@require_http_methods(["GET", "POST"])
def give_reason(request: ServiceRequest, pk: int) -> HttpResponse:
    """Ask why somebody must open a record outside their caseload; then back to what they wanted."""
    case = unopened_case_or_404(request, pk, timezone.now())
    sentence = permissions.reason_wanted(request.membership, case)
    if sentence is None:
        return redirect(_wanted(request, case))
    form = ReasonForm(posted(request))
    told = {"service": request.service, "person": case.person, "by": request.user}
    if form.is_valid() and attempt(form, break_glass.open, **told, **form.cleaned_data):
        return redirect(_wanted(request, case))
    request.opened = Opened(case.person, None, case=case.pk, event="record_asked_for")
    name = A_SEALED_RECORD if case.access.sealed else case.person.short_name
    context = {"form": form, "name": name, "sentence": sentence, "hours": request.service.break_glass_hours}
    return render(request, "casework/give_reason.html", context)


def _wanted(request: ServiceRequest, case: Case) -> str:
    """The page of the case that was asked for first; anything else in the address is ignored."""
    start = case.get_absolute_url()
    wanted = request.GET.get("next", "")
    return wanted if wanted.startswith(start) else start
