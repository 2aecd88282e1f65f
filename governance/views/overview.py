from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance import audit
from governance.pages import incident
from governance.permissions import ServiceRequest, requires
from governance.roles import ROLES, Permission


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def overview(request: ServiceRequest) -> HttpResponse:
    """What an IG lead looks at first: agreements, what was done last, what each role may do."""
    today = timezone.localdate()
    agreements = list(request.service.agreements.select_related("sharer", "recipient"))
    context = {
        "agreements": [(agreement, agreement.problem_on(today)) for agreement in agreements],
        "events": audit.events_of(request.service)[:10],
        "alarm": incident.alarm(request.service, timezone.now()),
        "roles": ROLES.values(),
    }
    return render(request, "governance/overview.html", context)
