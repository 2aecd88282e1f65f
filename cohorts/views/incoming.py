from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.actions import plan as plans
from cohorts.actions import request as requests
from cohorts.forms.plan import PlanForm, RequestForm
from cohorts.models import Source
from cohorts.pages import incoming
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.LOAD_EXTRACTS)
@require_safe
def calendar(request: ServiceRequest) -> HttpResponse:
    """When files of each source are expected, what became of them, and which days each source covers."""
    lines = incoming.lines(request.service, timezone.localdate())
    context = {"lines": lines, "alarms": incoming.alarms(request.service)}
    return render(request, "cohorts/calendar.html", context)


@requires(Permission.MANAGE_SOURCES)
@require_http_methods(["GET", "POST"])
def plan(request: ServiceRequest, pk: int) -> HttpResponse:
    """How and when files of a source come, and whether one may be stored by itself."""
    source = _source(request, pk)
    row = request.service.source_plans.filter(source=source).first()
    form = PlanForm(request.POST or None, instance=row)
    if form.is_valid():
        try:
            plans.change(source=source, by=request.user, **form.plan())
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"Saved how files of {source} come.")
            return redirect("cohorts:calendar")
    return render(request, "cohorts/source_plan.html", {"source": source, "form": form})


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def data_request(request: ServiceRequest, pk: int) -> HttpResponse:
    """A locked file that asks the sender about named people; making it is a disclosure, and is noted."""
    source = _source(request, pk)
    form = RequestForm(request.POST or None, service=request.service)
    if form.is_valid():
        try:
            made = requests.make(service=request.service, source=source, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            name = f"data-request-{made.request.pk}.xlsx"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            return HttpResponse(made.content, content_type=kind, headers=headers)
    context = {"source": source, "form": form, "made": incoming.requests(request.service, source)}
    return render(request, "cohorts/data_request.html", context)


def _source(request: ServiceRequest, pk: int) -> Source:
    return get_object_or_404(
        request.service.sources.select_related("organisation", "agreement", "service"), pk=pk
    )
