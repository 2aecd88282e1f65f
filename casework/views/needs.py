from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from casework.actions import needs
from casework.forms.capacity import NeedsForm
from casework.views.common import attempt, case_or_404, case_page, posted, seen_by
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def needs_page(request: ServiceRequest, pk: int) -> HttpResponse:
    """What the client needs in a worker, and how far the worker goes."""
    case = case_or_404(request, pk)
    if not case.is_open:
        return redirect(case)
    newest = case.needs.first()
    form = NeedsForm(posted(request), initial=NeedsForm.initial_of(newest))
    seen = seen_by(request, newest)
    told = {"case": case, "by": request.user, "seen": seen}
    if form.is_valid() and attempt(form, needs.set, **told, **form.cleaned_data):
        messages.success(request, "Noted. The case weighs by it, and proposals count on it.")
        return redirect(case)
    return case_page(request, "needs.html", case, form, seen=seen)
