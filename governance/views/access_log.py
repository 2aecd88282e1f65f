from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from governance import audit, verification
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

EVENTS_A_PAGE = 50


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def access_log(request: ServiceRequest) -> HttpResponse:
    """Everything that was done in the service, newest first."""
    page = Paginator(audit.listed(request.service), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/access_log.html", {"page": page})


@requires(Permission.VIEW_GOVERNANCE)
@require_POST
def verify_log(request: ServiceRequest) -> HttpResponse:
    """Check the service's own chain now and say what was found."""
    found = verification.verify_chain(request.service)
    if found.ok:
        messages.success(request, f"Checked {found.events:,} events: none was changed, added or removed.")
    else:
        messages.error(request, f"The log is broken: {found.first_broken}. Tell your supplier today.")
    return redirect("governance:access_log")
