from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from casework.actions import assessment
from casework.forms.assessment import ScoreForm
from casework.pages import scores
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def score(request: ServiceRequest, pk: int) -> HttpResponse:
    """Score a case with the newest Chaos Score the service has."""
    case = case_or_404(request, pk)
    items = scores.questions_for(request.service)
    instrument = items[0].instrument if items else None
    form = ScoreForm(posted(request), items=items)
    if instrument and form.is_valid():
        told = {"answers": form.answers, "scored_on": form.cleaned_data["scored_on"]}
        if attempt(form, assessment.score, case=case, instrument=instrument, by=request.user, **told):
            return redirect(case)
    earlier = scores.earlier(case)
    return case_page(request, "score.html", case, form, instrument=instrument, earlier=earlier)
