from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.actions import lots
from cohorts.actions import shortlist as actions
from cohorts.forms.screening import LineForm
from cohorts.lists import case_mix
from cohorts.models import CohortList
from cohorts.pages import shortlist as pages
from governance import audit
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def line(request: ServiceRequest, pk: int) -> HttpResponse:
    """Where the line falls with so many places, and taking on everybody above it."""
    chosen = get_object_or_404(request.service.cohort_lists.select_related("rule", "lots__by"), pk=pk)
    found = pages.board(request.service, request.user, chosen)
    if request.method == "POST":
        return _propose(request, chosen, found)
    free = pages.free_places(request.service)
    tiers = found.by_tier if chosen.rule.tiers else {}
    form = LineForm({"places": free or 0, **request.GET.dict()}, tiers=tiers)
    context: dict[str, Any] = {"list": chosen, "form": form, "free": free, "aside": found.aside}
    if form.is_valid():
        by_hand = form.mix if "mix" in request.GET else None
        mix = by_hand or case_mix.propose(found.by_tier, form.cleaned_data["places"])
        shown = {f"tier_{n}": mix.get(tier, 0) for n, tier in enumerate(tiers)}
        places = sum(mix.values()) if by_hand else form.cleaned_data["places"]
        context["form"] = LineForm({"places": places, **shown}, tiers=tiers)
        context |= {"waiting": pages.open_shortlist(chosen), **pages.line(found, mix)}
    changes = {"page": "cohorts:line"}
    audit.look("list_opened", service=request.service, by=request.user, on=chosen, changes=changes)
    return render(request, "cohorts/line.html", context)


@requires(Permission.SCREEN_CANDIDATES)
@require_POST
def sign(request: ServiceRequest, pk: int) -> HttpResponse:
    """Sign the shortlist that waits, or put it aside."""
    chosen = get_object_or_404(request.service.cohort_lists.select_related("rule"), pk=pk)
    waiting = pages.open_shortlist(chosen)
    try:
        if waiting is None:
            raise RuleBroken("No shortlist of this list waits for a signature.")
        if "aside" in request.POST:
            actions.put_aside(shortlist=waiting, by=request.user)
            messages.success(request, "The shortlist is put aside. Nobody was taken on.")
        else:
            taken = actions.sign(shortlist=waiting, by=request.user)
            messages.success(request, f"Signed: {taken} taken on. The cases wait for a worker.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("cohorts:line", chosen.pk)


@requires(Permission.SCREEN_CANDIDATES)
@require_POST
def draw_lots(request: ServiceRequest, pk: int) -> HttpResponse:
    """Leave to chance who comes first among people with as many attendances."""
    chosen = get_object_or_404(request.service.cohort_lists, pk=pk)
    try:
        drawn = lots.draw(cohort_list=chosen, by=request.user)
        messages.success(request, f"Lots are drawn among {drawn.people} people. Look at the line again.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("cohorts:line", chosen.pk)


def _propose(request: ServiceRequest, chosen: CohortList, found: pages.Board) -> HttpResponse:
    """Those whom the lead saw above the line, as the page sent them back."""
    seen = [int(each) for each in request.POST.getlist("candidate") if each.isdigit()]
    needs_second = "needs_second" in request.POST
    try:
        if not found.candidates.keys() >= set(seen):
            raise RuleBroken("Somebody above the line was decided on a moment ago. Look at the line again.")
        actions.propose(cohort_list=chosen, candidates=seen, needs_second=needs_second, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return redirect("cohorts:line", chosen.pk)
    who = "1 person is" if len(seen) == 1 else f"{len(seen)} people are"
    if needs_second:
        messages.success(request, f"{who} put forward. A colleague signs before anybody is taken on.")
        return redirect("cohorts:line", chosen.pk)
    messages.success(request, f"{who} taken on. The cases wait for a worker.")
    return redirect("cohorts:list", chosen.pk)
