from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.actions import rights as actions
from governance.copy import write
from governance.copy.gather import gather
from governance.forms.rights import ExtensionForm, RequestForm, TextForm
from governance.models import FreeText, SubjectRequest
from governance.need_to_know import Why
from governance.opened import Opened
from governance.pages import rights as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken
from governance.views.common import attempt, posted

# What a copy can be taken as: how it is made, its type, and its ending.
KINDS = {
    "html": (write.html, "text/html", "html"),
    "json": (write.as_json, "application/json", "json"),
    "csv": (write.zipped, "application/zip", "zip"),
}


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def request_new(request: ServiceRequest, pk: int) -> HttpResponse:
    """Write down that somebody asked for a copy."""
    person = get_object_or_404(request.service.people, pk=pk)
    request.opened = Opened(person, Why.RIGHTS)
    form = RequestForm(posted(request), initial={"received_on": timezone.localdate()})
    told = {"service": request.service, "person": person, "by": request.user}
    if form.is_valid() and (opened := attempt(form, actions.open_request, **told, **form.cleaned_data)):
        return redirect(opened)
    context = {"person": person, "form": form, "title": "A request for a copy", "label": "Record the request"}
    return render(request, "governance/person_form.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_safe
def subject_request(request: ServiceRequest, pk: int) -> HttpResponse:
    """How far the answer is: the texts to look through, and then the copy."""
    chosen = _chosen(request, pk)
    queue = pages.queue(chosen, request.GET.get("page"))
    context = {"chosen": chosen, "person": chosen.person, "page": queue, "today": timezone.localdate()}
    return render(request, "governance/subject_request.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def extend_request(request: ServiceRequest, pk: int) -> HttpResponse:
    """Take longer to answer, with a reason."""
    chosen = _chosen(request, pk)
    form = ExtensionForm(posted(request))
    if form.is_valid() and attempt(
        form, actions.extend, request=chosen, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "The time is extended. Tell the person why, within the first month.")
        return redirect(chosen)
    context = {"person": chosen.person, "form": form, "title": "Take longer to answer", "label": "Extend"}
    return render(request, "governance/person_form.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_POST
def second_request(request: ServiceRequest, pk: int) -> HttpResponse:
    """A second person agrees."""
    chosen = _chosen(request, pk)
    try:
        actions.second(request=chosen, by=request.user)
        messages.success(request, "Your agreement is recorded.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect(chosen)


@requires(Permission.MANAGE_RIGHTS)
@require_POST
def release_request(request: ServiceRequest, pk: int) -> HttpResponse:
    """Let the copy be given out; texts written since the request came are listed first."""
    chosen = _chosen(request, pk)
    try:
        actions.list_texts(request=chosen, by=request.user)
        actions.release(request=chosen, by=request.user)
        messages.success(request, "The copy is released. Download it and hand it over safely.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect(chosen)


@requires(Permission.MANAGE_RIGHTS)
@require_http_methods(["GET", "POST"])
def free_text(request: ServiceRequest, pk: int) -> HttpResponse:
    """One text, and what of it may be given out; then the next one. That it was opened goes on record."""
    text = get_object_or_404(request.service.free_texts.select_related("request__person"), pk=pk)
    form = TextForm(posted(request), initial={"decision": text.decision, "reason": text.reason})
    if form.is_valid() and attempt(
        form, actions.decide_text, text=text, by=request.user, **form.cleaned_data
    ):
        return redirect(_next(text))
    request.opened = Opened(text.request.person, Why.RIGHTS, more={"text": pk})
    context = {**pages.of_text(text), "form": form, "person": text.request.person}
    return render(request, "governance/free_text.html", context)


@requires(Permission.MANAGE_RIGHTS)
@require_safe
def copy(request: ServiceRequest, pk: int, kind: str) -> HttpResponse:
    """The released copy as a file. Who took it is on record."""
    chosen = _chosen(request, pk)
    if kind not in KINDS or chosen.released_at is None:
        messages.error(request, "There is no copy to take until the request is released.")
        return redirect(chosen)
    gathered = gather(chosen.person)
    draw, content_type, ending = KINDS[kind]
    actions.record_copy(person=chosen.person, kind=kind, withheld=gathered.withheld, by=request.user)
    response = HttpResponse(draw(gathered), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="about-person-{chosen.person_id}.{ending}"'
    return response


def _chosen(request: ServiceRequest, pk: int) -> SubjectRequest:
    chosen = get_object_or_404(pages.requests(request.service), pk=pk)
    request.opened = Opened(chosen.person, Why.RIGHTS)
    return chosen


def _next(text: FreeText) -> FreeText | SubjectRequest:
    """The next text that waits, or the request when none does."""
    after = text.request.texts.filter(decision="").exclude(pk=text.pk).order_by("pk").first()
    return after or text.request
