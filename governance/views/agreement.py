from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def agreement(request: ServiceRequest, pk: int) -> HttpResponse:
    """One agreement in full."""
    agreement = get_object_or_404(request.service.agreements.select_related("sharer", "recipient"), pk=pk)
    context = {"agreement": agreement, "problem": agreement.problem_on(timezone.localdate())}
    return render(request, "governance/agreement.html", context)
