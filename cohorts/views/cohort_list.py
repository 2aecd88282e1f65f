from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.actions import cohort_list as actions
from cohorts.forms.cohort_list import ListForm
from cohorts.forms.screening import ScreeningForm
from cohorts.lists import selection, under_18
from cohorts.models import Benefit, Measure
from cohorts.pages import incoming, screening, timeline
from cohorts.pages.place import Place
from governance import audit
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

A_PAGE = 25


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def lists(request: ServiceRequest) -> HttpResponse:
    """Every list, newest first, with how far its screening is."""
    found = request.service.cohort_lists.select_related("rule").with_decisions()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    alarms = incoming.alarms(request.service)
    return render(request, "cohorts/lists.html", {"page": page, "alarms": alarms})


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def list_new(request: ServiceRequest) -> HttpResponse:
    """Choose a rule and a day, and build the list."""
    data_to = selection.newest_day(request.service, Measure.AE)
    initial = {"rule": request.GET.get("rule"), "as_at": data_to or timezone.localdate()}
    form = ListForm(request.POST or None, service=request.service, data_to=data_to, initial=initial)
    lacks: list[str] = []
    if form.is_valid():
        lacks = under_18.lacks(request.service, form.cleaned_data["rule"], timezone.localdate())
        if lacks:
            form.add_error("rule", "No list can be built with this rule yet. What it needs is said below.")
    if form.is_valid():
        built = actions.build(service=request.service, by=request.user, **form.cleaned_data)
        messages.success(request, f"The list is ready: {built.selected:,} of {built.considered:,} people.")
        return redirect("cohorts:list", built.pk)
    return render(request, "cohorts/list_new.html", {"form": form, "data_to": data_to, "lacks": lacks})


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def cohort_list(request: ServiceRequest, pk: int) -> HttpResponse:
    """The screening page: each candidate with what speaks for and against, and two ways to decide."""
    found = request.service.cohort_lists.select_related("rule").with_decisions().with_gaps().with_waiting()
    chosen = get_object_or_404(found, pk=pk)
    place = Place.of(request.GET)
    filters = screening.filters(chosen, place)
    count = next(choice["count"] for choice in filters if choice["current"])
    page = screening.cards(request.service, request.user, chosen, place, count)
    context = {
        "list": chosen,
        "shown": place.show,
        "place": place,
        "here": place.at(page.number).query,
        "choices": place.choices(chosen.rule),
        "filters": filters,
        "page": page,
        "gaps": screening.gaps(chosen),
        "left_out": screening.left_out(chosen),
        "axis": timeline.axis(chosen.as_at),
        "form": ScreeningForm(),
        "benefits": Benefit.choices,
        **screening.staleness(chosen, timezone.localdate()),
    }
    changes = {"page": "cohorts:list", "show": place.show, "number": page.number}
    audit.look("list_opened", service=request.service, by=request.user, on=chosen, changes=changes)
    return render(request, "cohorts/list.html", context)
