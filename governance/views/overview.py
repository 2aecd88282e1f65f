from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance import audit
from governance.pages import agreement, incident, opening
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import ROLES, Permission


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def overview(request: ServiceRequest) -> HttpResponse:
    """What an IG lead looks at first: agreements, what was done last, what each role may do."""
    context = {
        "agreements": agreement.listed(request.service, timezone.localdate()),
        "events": audit.events_of(request.service)[:10],
        "alarm": incident.alarm(request.service, timezone.now()),
        "roles": ROLES.values(),
        "to_review": opening.number_waiting(request.service)
        if role_allows(request.membership.role, Permission.REVIEW_OPENINGS)
        else 0,
    }
    return render(request, "governance/overview.html", context)
