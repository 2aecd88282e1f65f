from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casework.actions import assessment
from casework.actions import instrument as instruments
from casework.forms.assessment import ScoreForm, TotalForm, WordingForm
from casework.models import Case, Instrument
from casework.pages import scores
from casework.scoring import CHAOS_SCORE
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_safe
def scores_page(request: ServiceRequest, pk: int) -> HttpResponse:
    """How a case went on each instrument."""
    case = case_or_404(request, pk)
    return case_page(request, "scores.html", case, sheets=scores.sheets(request.service, case))


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def score(request: ServiceRequest, pk: int) -> HttpResponse:
    """Score a case: with the Chaos Score, unless the address says with what (`?with=ons4`)."""
    case = case_or_404(request, pk)
    slug = request.GET.get("with", CHAOS_SCORE)
    versions = scores.every_version(request.service)
    instrument = scores.newest(versions).get(slug)
    if instrument is None and slug != CHAOS_SCORE:
        raise Http404
    earlier = scores.scorings(case, versions, slug)
    form = _form(request, instrument, earlier[0].goals if earlier else {})
    if instrument and form.is_valid() and _save(request, case, instrument, form):
        return redirect(case) if slug == CHAOS_SCORE else redirect("casework:scores", pk=pk)
    shown = earlier[: scores.EARLIER_SHOWN]
    return case_page(request, "score.html", case, form, instrument=instrument, earlier=shown)


def _form(
    request: ServiceRequest, instrument: Instrument | None, goals: dict[str, assessment.Goal]
) -> ScoreForm | TotalForm:
    if instrument and instrument.is_slot:
        return TotalForm(posted(request), instrument=instrument)
    if instrument is None:
        return ScoreForm(posted(request), items=[])
    items = list(instrument.items.all())
    return ScoreForm(posted(request), items=items, scoring=instrument.scoring, goals=goals)


def _save(request: ServiceRequest, case: Case, instrument: Instrument, form: ScoreForm | TotalForm) -> bool:
    told = {
        "case": case,
        "instrument": instrument,
        "scored_on": form.cleaned_data["scored_on"],
        "by": request.user,
    }
    if isinstance(form, TotalForm):
        return bool(attempt(form, assessment.enter_total, total=form.value, **told))
    return bool(attempt(form, assessment.score, answers=form.answers, goals=form.goals, **told))


@requires(Permission.ALLOCATE_CASES)
@require_safe
def instruments_page(request: ServiceRequest) -> HttpResponse:
    """The instruments that the service can use."""
    found = scores.newest(scores.every_version(request.service))
    return render(request, "casework/instruments.html", {"instruments": found.values()})


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def wording(request: ServiceRequest) -> HttpResponse:
    """Put the Chaos Score into the service's own words."""
    instrument = scores.newest(scores.every_version(request.service)).get(CHAOS_SCORE)
    if instrument is None:
        return redirect("casework:instruments")
    form = WordingForm(posted(request), instrument=instrument)
    if form.is_valid():
        told = {"instrument": instrument, "service": request.service, "words": form.words, "by": request.user}
        if attempt(form, instruments.reword, **told):
            return redirect("casework:instruments")
    return render(request, "casework/wording.html", {"form": form, "instrument": instrument})
