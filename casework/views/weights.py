from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casework import team
from casework.actions import weights
from casework.forms.weights import WeightsForm, WhatIfForm
from casework.pages import weights as weights_page
from casework.pages import what_if as what_if_page
from casework.views.common import attempt, posted
from casework.wording import whole_number
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.VIEW_CASELOADS)
@require_safe
def table(request: ServiceRequest) -> HttpResponse:
    """What cases weigh in this service. Names no client."""
    return render(request, "casework/weights.html", {"weights": weights_page.build(request.service)})


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def change(request: ServiceRequest) -> HttpResponse:
    """Weigh cases by another table from now on, with a reason."""
    found = team.of(request.service)
    form = WeightsForm(posted(request), table=found.weights, pairs=found.first_visits_in_pairs)
    seen = whole_number(request.POST.get("seen", "")) if request.method == "POST" else found.weights.version
    if form.is_valid():
        told = {
            "service": request.service,
            "values": form.values,
            "first_visits_in_pairs": form.cleaned_data["first_visits_in_pairs"],
            "reason": form.cleaned_data["reason"],
            "seen": seen,
        }
        if attempt(form, weights.change, by=request.user, **told):
            messages.success(request, "Cases are weighed by the new table from now on.")
            return redirect("casework:weights")
    return render(request, "casework/change_weights.html", {"form": form, "seen": seen})


@requires(Permission.VIEW_CASELOADS)
@require_safe
def what_if(request: ServiceRequest) -> HttpResponse:
    """Try a change: somebody leaves, new cases come. Nothing is stored, and no client is named."""
    found = what_if_page.members(request.service)
    people = [(member.worker, member.name) for member in found.members]
    form = WhatIfForm(request.GET or None, team=people)
    answer = None
    if form.is_valid():
        cleaned = form.cleaned_data
        answer = what_if_page.answer(
            request.service,
            found,
            leaver=whole_number(cleaned["leaver"]) or None,
            cases=cleaned["cases"] or 0,
            score=cleaned["score"],
        )
    return render(request, "casework/what_if.html", {"form": form, "answer": answer})
