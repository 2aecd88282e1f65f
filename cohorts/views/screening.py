from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cohorts.actions import screening as actions
from cohorts.forms.screening import ScreeningForm
from cohorts.models import Candidate, ScreeningDecision
from cohorts.pages import screening
from governance.need_to_know import SEALED, Why
from governance.opened import Opened
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken, format_nhs_number

RELATED = ("person", "cohort_list__rule", "screening__by")


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def candidate(request: ServiceRequest, pk: int) -> HttpResponse:
    """One candidate: who they are, and exactly what put them on the list."""
    chosen = candidate_or_404(request, pk)
    return _page(request, chosen, ScreeningForm())


@requires(Permission.SCREEN_CANDIDATES)
@require_POST
def screen(request: ServiceRequest, pk: int) -> HttpResponse:
    """Take on, or not with a reason; then back to where the lead was on the list."""
    chosen = candidate_or_404(request, pk)
    form = ScreeningForm(request.POST)
    if not form.is_valid():
        return _page(request, chosen, form)
    try:
        actions.decide(candidate=chosen, by=request.user, **form.cleaned_data)
    except RuleBroken as problem:
        messages.error(request, f"{chosen.person.short_name}: {problem}")
        return redirect("cohorts:candidate", chosen.pk)
    messages.success(request, _what_happened(chosen, form.cleaned_data["decision"]))
    return redirect(_back(request, chosen))


def candidate_or_404(request: ServiceRequest, pk: int) -> Candidate:
    """A candidate, opened: the page that shows them is noted. The only way for a view to a candidate.

    Raises:
        Http404: there is none of this number in the service.
        PermissionDenied: the person's record is sealed.
    """
    found = screening.with_seal(
        request.service, request.user, request.service.candidates.all(), timezone.now()
    )
    chosen = get_object_or_404(found.select_related(*RELATED), pk=pk)
    if chosen.is_hidden and not chosen.gave_reason:
        raise PermissionDenied(SEALED)
    why = Why.BREAK_GLASS if chosen.is_hidden else Why.SCREENING
    request.opened = Opened(chosen.person, why, more={"candidate": chosen.pk})
    return chosen


def _page(request: ServiceRequest, chosen: Candidate, form: ScreeningForm) -> HttpResponse:
    context = {
        "candidate": chosen,
        "person": chosen.person,
        "nhs_number": format_nhs_number(chosen.person.nhs_number or ""),
        "list": chosen.cohort_list,
        "screening": getattr(chosen, "screening", None),
        "form": form,
        **screening.of_candidate(request.service, chosen),
        **screening.staleness(chosen.cohort_list, timezone.localdate()),
    }
    return render(request, "cohorts/candidate.html", context)


def _what_happened(chosen: Candidate, decision: str) -> str:
    name = chosen.person.short_name
    if decision == ScreeningDecision.ACCEPT:
        return f"{name} is taken on. A case is open and waits for a worker."
    return f"{name} is not taken on. The reason is kept."


def _back(request: ServiceRequest, chosen: Candidate) -> str:
    """The same part of the list: whoever was decided has left it, so the next one has moved up."""
    shown = request.GET.get("show", screening.UNDECIDED)
    place = {"show": shown if shown in screening.SHOWN else screening.UNDECIDED}
    if request.GET.get("page", "").isdigit():
        place["page"] = request.GET["page"]
    return f"{reverse('cohorts:list', args=[chosen.cohort_list_id])}?{urlencode(place)}"
