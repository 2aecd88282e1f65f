from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from casework.forms.consent import ConsentForm
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.actions import consent as consents
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def consent(request: ServiceRequest, pk: int) -> HttpResponse:
    """Record what a client decided about support and sharing."""
    case = case_or_404(request, pk)
    form = ConsentForm(posted(request))
    told = {"service": request.service, "person": case.person, "by": request.user}
    if form.is_valid() and attempt(form, consents.record, **told, **form.cleaned_data):
        return redirect("casework:consent", pk=pk)
    standing = consents.latest(case.person).values()
    return case_page(request, "consent.html", case, form, standing=list(standing))
