from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from casework import tasks, team
from casework.actions import weights
from casework.forms.weights import ReasonForm
from casework.pages import calibration as page
from casework.views.common import attempt, posted
from casework.wording import whole_number
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

SHOWN = 12


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def calibrations(request: ServiceRequest) -> HttpResponse:
    """Comparisons of the weights with what was logged, and asking for another one."""
    if request.method == "POST":
        # The queue works it out: what it needs is large, and a page should not wait for it.
        try:
            tasks.compare_weights.delay(request.service.pk, request.user.pk)
            messages.success(request, "The minutes are being compared. Look again in a moment.")
        except OperationalError:
            messages.error(request, "Nothing works in the background right now. Try again in a few minutes.")
        return redirect("casework:calibrations")
    rows = request.service.calibrations.select_related("by", "decision")[:SHOWN]
    return render(request, "casework/calibrations.html", {"rows": rows})


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def calibration(request: ServiceRequest, pk: int) -> HttpResponse:
    """One comparison: what the minutes say of each line, to be taken over or not."""
    rows = request.service.calibrations.select_related("service", "decision__by", "decision__table")
    row = get_object_or_404(rows, pk=pk)
    form = ReasonForm(posted(request))
    if request.method == "POST":
        seen = whole_number(request.POST.get("seen", ""))
    else:
        seen = team.of(request.service).weights.version
    if form.is_valid():
        told = {"approve": "approve" in request.POST, "reason": form.cleaned_data["reason"], "seen": seen}
        if attempt(form, weights.decide, calibration=row, by=request.user, **told):
            messages.success(
                request,
                "Cases are weighed by the minutes from now on."
                if told["approve"]
                else "The weights stay as they are.",
            )
            return redirect("casework:weights")
    context = {"compared": page.build(row), "form": form, "seen": seen}
    return render(request, "casework/calibration.html", context)
