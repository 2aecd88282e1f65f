from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.actions import experience as actions
from casework.experience import OF_A_CASE, Who
from casework.forms.experience import ExperienceForm
from casework.pages import experience as experience_page
from casework.views.common import attempt, case_or_404, case_page, posted
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken

NOTED = "Written down. Thank them for telling us."


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def of_case(request: ServiceRequest, pk: int) -> HttpResponse:
    """Write down what a client or their carer says of the service, below what they said before."""
    case = case_or_404(request, pk)
    form = ExperienceForm(posted(request), whom=OF_A_CASE)
    told = {"service": request.service, "case": case, "by": request.user}
    if form.is_valid() and attempt(form, actions.note, **told, **form.cleaned_data):
        messages.success(request, NOTED)
        return redirect(case)
    earlier = experience_page.of_person(request.service, case, request.user)
    return case_page(request, "experience_of_case.html", case, form, earlier=earlier)


@requires(Permission.NOTE_EXPERIENCE)
@require_http_methods(["GET", "POST"])
def note(request: ServiceRequest) -> HttpResponse:
    """Write down what somebody says of the service, kept with no case."""
    form = ExperienceForm(posted(request), whom=list(Who), initial={"who": request.GET.get("who", "")})
    if form.is_valid() and attempt(
        form, actions.note, service=request.service, by=request.user, **form.cleaned_data
    ):
        messages.success(request, NOTED)
        reads = role_allows(request.membership.role, Permission.READ_EXPERIENCE)
        return redirect("casework:experiences" if reads else "casework:note_experience")
    return render(request, "casework/note_experience.html", {"form": form})


@requires(Permission.READ_EXPERIENCE)
@require_safe
def answers(request: ServiceRequest) -> HttpResponse:
    """What people said of the service, and words that wait to be read before they are quoted."""
    page = experience_page.page(request.membership, request.GET.get("page"))
    experience_page.look(request.membership, page)
    return render(request, "casework/experiences.html", {"page": page})


@requires(Permission.READ_EXPERIENCE)
@require_POST
def decide(request: ServiceRequest, pk: int) -> HttpResponse:
    """Say of one answer whether its words may be quoted, or that it was entered by mistake."""
    answer = get_object_or_404(experience_page.visible(request.service, request.user), pk=pk)
    try:
        row = actions.rule(answer=answer, ruling=request.POST.get("ruling", ""), by=request.user)
        messages.success(request, f"Kept: {str(row).lower()}. The next report follows it.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("casework:experiences")
