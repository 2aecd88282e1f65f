from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from casework import support
from casework.actions import access_needs
from casework.actions import support as actions
from casework.forms.access_needs import AccessNeedsForm
from casework.forms.support import BoundariesForm, ReviewForm, WayForm
from casework.pages import boundaries as boundaries_page
from casework.pages import communication, first_contact, notice
from casework.views.common import attempt, case_or_404, case_page, posted, seen_by
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def way_of_working(request: ServiceRequest) -> HttpResponse:
    """How the service makes a first contact, and how long it supports somebody."""
    row = request.service.ways_of_working.first()
    way = row.way if row else support.Way()
    form = WayForm(posted(request), way=way)
    seen = seen_by(request, row)
    told = {"service": request.service, "seen": seen, "by": request.user}
    if form.is_valid() and attempt(form, actions.set_way, way=form.way, **told):
        messages.success(request, "Saved. It holds from now on, also for cases that are open.")
        return redirect("casework:way_of_working")
    return render(request, "casework/way_of_working.html", {"form": form, "way": way, "seen": seen})


@requires(Permission.WORK_CASES)
@require_POST
def tell_origin(request: ServiceRequest, pk: int) -> HttpResponse:
    """Note that the answer to "How did you get my number?" was read out."""
    today = timezone.localdate()
    case = case_or_404(request, pk, notice.cases)
    try:
        actions.tell_origin(case=case, words=notice.of(case, today=today).answer, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect(case)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def boundaries(request: ServiceRequest, pk: int) -> HttpResponse:
    """What was agreed about being in touch, and how often they ring."""
    case = case_or_404(request, pk)
    page = boundaries_page.build(request.service, case, today=timezone.localdate())
    form = BoundariesForm(posted(request), instance=page.blank)
    seen = seen_by(request, page.newest)
    told = {name: form.cleaned_data.get(name) for name in form.fields} if form.is_valid() else {}
    if told and attempt(form, actions.agree, case=case, seen=seen, by=request.user, **told):
        return redirect(case)
    return case_page(request, "boundaries.html", case, form, page=page, seen=seen)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def review(request: ServiceRequest, pk: int) -> HttpResponse:
    """Look at how support goes, and how long it goes on."""
    case = case_or_404(request, pk, first_contact.cases)
    if not case.is_open:
        return redirect(case)
    way = first_contact.way_of(case)
    newest = case.reviews.first()
    form = ReviewForm(posted(request), way=way, until=newest.until if newest else None)
    seen = seen_by(request, newest)
    told = {"case": case, "seen": seen, "by": request.user}
    if form.is_valid() and attempt(form, actions.review, **told, **form.cleaned_data):
        return redirect(case)
    term = first_contact.term(case)
    due = term.due(timezone.localdate())
    return case_page(request, "review.html", case, form, way=way, term=term, due=due, seen=seen)


@requires(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def access(request: ServiceRequest, pk: int) -> HttpResponse:
    """What somebody needs to read, hear and be understood."""
    case = case_or_404(request, pk)
    before = communication.newest(request.service, case)
    form = AccessNeedsForm(posted(request), before=before)
    seen = seen_by(request, before)
    told = {"case": case, "seen": seen, "by": request.user}
    if form.is_valid() and attempt(form, access_needs.record, **told, **form.cleaned_data):
        return redirect(case)
    steps = communication.steps(case, before, today=timezone.localdate())
    return case_page(request, "communication.html", case, form, steps=steps, seen=seen)
