from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cohorts.actions import screening as actions
from cohorts.actions import shortlist
from cohorts.forms.screening import BenefitForm, ScreeningForm
from cohorts.models import Candidate, ScreeningDecision
from cohorts.pages import identity, screening
from cohorts.pages.place import Place
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
    if stands := identity.candidate_standing_for(request.service, pk):
        return redirect("cohorts:candidate", stands)
    chosen = candidate_or_404(request, pk)
    return _page(request, chosen, ScreeningForm())


@requires(Permission.SCREEN_CANDIDATES)
@require_POST
def screen(request: ServiceRequest, pk: int) -> HttpResponse:
    """Take on, or not with a reason, or note how likely support is to help; then back to the list."""
    chosen = candidate_or_404(request, pk)
    if "benefit" in request.POST:
        return _say_benefit(request, chosen)
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


def _say_benefit(request: ServiceRequest, chosen: Candidate) -> HttpResponse:
    """From a card, back to the list; from the candidate's own page, which has room for a note, back there."""
    form = BenefitForm(request.POST)
    if not form.is_valid():
        return _page(request, chosen, ScreeningForm(), form)
    shortlist.say_benefit(candidate=chosen, by=request.user, **form.cleaned_data)
    messages.success(request, f"{chosen.person.short_name}: noted.")
    return redirect(_back(request, chosen) if "show" in request.GET else _own_page(chosen))


def _own_page(chosen: Candidate) -> str:
    return reverse("cohorts:candidate", args=[chosen.pk])


def _page(
    request: ServiceRequest, chosen: Candidate, form: ScreeningForm, benefit_form: BenefitForm | None = None
) -> HttpResponse:
    views = list(chosen.benefit_views.select_related("by"))
    said = {"benefit": views[0].benefit} if views else {}
    context = {
        "candidate": chosen,
        "person": chosen.person,
        "nhs_number": format_nhs_number(chosen.person.nhs_number or ""),
        "list": chosen.cohort_list,
        "screening": getattr(chosen, "screening", None),
        "form": form,
        "benefit_form": benefit_form or BenefitForm(initial=said),
        "benefit_views": views,
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
    return f"{reverse('cohorts:list', args=[chosen.cohort_list_id])}?{Place.of(request.GET).query}#people"
