from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.actions import retention as actions
from governance.forms.retention import ClassHoldForm, KeepingTimeForm, LiftForm
from governance.need_to_know import Why
from governance.opened import Opened
from governance.pages import retention as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.views.common import attempt, posted

HOLDS_A_PAGE = 50


@requires(Permission.MANAGE_RIGHTS)
@require_safe
def retention(request: ServiceRequest) -> HttpResponse:
    """The schedule: what is due, what is held, and what went last."""
    context = {"lines": pages.schedule(request.service, timezone.localdate())}
    return render(request, "governance/retention.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def keeping_time(request: ServiceRequest) -> HttpResponse:
    """Keep a class of records for another time."""
    form = KeepingTimeForm(posted(request), initial={"record_class": request.GET.get("class")})
    told = {"service": request.service, "by": request.user}
    if form.is_valid() and attempt(form, actions.set_time, **told, **form.cleaned_data):
        messages.success(request, "The time is changed. It counts from the next night.")
        return redirect("governance:retention")
    context = {"form": form, "title": "Change how long records are kept", "label": "Change it"}
    return render(request, "governance/retention_form.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_safe
def holds(request: ServiceRequest) -> HttpResponse:
    """Holds, those in force first."""
    rows = request.service.legal_holds.select_related("person", "placed_by", "lifted_by")
    page = Paginator(rows.order_by("-lifted_at", "-placed_at"), HOLDS_A_PAGE).get_page(
        request.GET.get("page")
    )
    found = [(row, pages.about(row)) for row in page.object_list]
    return render(request, "governance/holds.html", {"page": page, "holds": found})


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def hold_class(request: ServiceRequest) -> HttpResponse:
    """Keep a whole class, whatever the schedule says."""
    form = ClassHoldForm(posted(request))
    told = {"service": request.service, "by": request.user}
    if form.is_valid() and attempt(form, actions.hold, **told, **form.cleaned_data):
        messages.success(request, "Nothing of this class is deleted until the hold is lifted.")
        return redirect("governance:holds")
    context = {"form": form, "title": "Hold a class of records", "label": "Place the hold"}
    return render(request, "governance/retention_form.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def lift_hold(request: ServiceRequest, pk: int) -> HttpResponse:
    """End a hold, with a reason."""
    hold = get_object_or_404(request.service.legal_holds.select_related("person"), pk=pk)
    if hold.person is not None:
        request.opened = Opened(hold.person, Why.RIGHTS)
    form = LiftForm(posted(request))
    if form.is_valid() and attempt(form, actions.lift, hold=hold, by=request.user, **form.cleaned_data):
        messages.success(request, "The hold is lifted. The schedule applies again from the next night.")
        return redirect("governance:holds")
    context = {"form": form, "title": "Lift a hold", "label": "Lift the hold"}
    return render(request, "governance/retention_form.html", context)
