from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance import audit
from governance.pages import agreement, incident
from governance.pages import overview as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import ROLES, Permission


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def overview(request: ServiceRequest) -> HttpResponse:
    """What an IG lead looks at first: what waits, agreements, what was done last, what each role may do."""
    today = timezone.localdate()
    agreements = agreement.listed(request.service, today)
    context = {
        "agreements": agreements,
        "events": audit.listed(request.service)[:10],
        "alarm": incident.alarm(request.service, timezone.now()),
        "roles": ROLES.values(),
        **pages.of(request.membership, agreements, today),
    }
    return render(request, "governance/overview.html", context)
