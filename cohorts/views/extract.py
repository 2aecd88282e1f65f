from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.actions import download
from cohorts.actions import extract as actions
from cohorts.forms.extract import AnswersForm, UploadForm
from cohorts.models import Extract, ExtractStatus
from cohorts.pages import incoming, preview
from cohorts.pipeline.problems import Unreadable
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken

A_PAGE = 25


@requires(Permission.LOAD_EXTRACTS)
@require_safe
def extracts(request: ServiceRequest) -> HttpResponse:
    """Every file received, newest first."""
    found = request.service.extracts.select_related("source", "received_by")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    alarms = incoming.alarms(request.service)
    return render(request, "cohorts/extracts.html", {"page": page, "alarms": alarms})


@requires(Permission.LOAD_EXTRACTS)
@require_http_methods(["GET", "POST"])
def upload(request: ServiceRequest) -> HttpResponse:
    """Hand in a file; it is checked in the background and shown before anything is stored."""
    initial = {"source": request.GET.get("source")}
    form = UploadForm(request.POST or None, request.FILES or None, service=request.service, initial=initial)
    if form.is_valid():
        try:
            received = actions.receive(service=request.service, by=request.user, **form.of_file())
        except (RuleBroken, Unreadable) as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("cohorts:extract", received.pk)
    context = {
        "form": form,
        "has_sources": request.service.sources.exists(),
        "warnings": preview.about_agreements(request.service, timezone.localdate()),
    }
    return render(request, "cohorts/upload.html", context)


@requires(Permission.LOAD_EXTRACTS)
@require_safe
def extract(request: ServiceRequest, pk: int) -> HttpResponse:
    """One extract, in whatever state it is: working, to be looked at, stored or refused."""
    chosen = _extract(request, pk)
    context = {"extract": chosen, "is_listed": chosen.source.shape == "people", **preview.of(chosen)}
    if chosen.status == ExtractStatus.PREVIEWED and getattr(chosen, "is_asked_for", False):
        context["answers_form"] = AnswersForm(extract=chosen)
    return render(request, "cohorts/extract.html", context)


@requires(Permission.LOAD_EXTRACTS)
@require_safe
def progress(request: ServiceRequest, pk: int) -> HttpResponse:
    """How far the work is, for the progress bar."""
    chosen = _extract(request, pk)
    answer = {
        "percent": chosen.progress,
        "label": chosen.stage_label or chosen.get_status_display(),
        "done": not chosen.is_busy,
        "url": reverse("cohorts:extract", args=[chosen.pk]),
    }
    return JsonResponse(answer)


@requires(Permission.LOAD_EXTRACTS)
@require_POST
def commit(request: ServiceRequest, pk: int) -> HttpResponse:
    """Store the rows of the preview."""
    chosen = _extract(request, pk)
    try:
        actions.commit(extract=chosen, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("cohorts:extract", chosen.pk)


@requires(Permission.LOAD_EXTRACTS)
@require_POST
def answers(request: ServiceRequest, pk: int) -> HttpResponse:
    """Say which data request a checked file answers."""
    chosen = _extract(request, pk)
    form = AnswersForm(request.POST, extract=chosen)
    if not form.is_valid():
        messages.error(request, "Choose one of the requests shown.")
        return redirect("cohorts:extract", chosen.pk)
    try:
        actions.answer(extract=chosen, request=form.cleaned_data["request"], by=request.user)
        messages.success(request, "What the file answers is kept.")
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("cohorts:extract", chosen.pk)


@requires(Permission.LOAD_EXTRACTS)
@require_POST
def withdraw(request: ServiceRequest, pk: int) -> HttpResponse:
    """Throw the preview away; nothing of it was stored."""
    chosen = _extract(request, pk)
    try:
        actions.withdraw(extract=chosen, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return redirect("cohorts:extract", chosen.pk)
    messages.success(request, f"{chosen.original_name} is thrown away. Nothing of it was stored.")
    return redirect("cohorts:extracts")


@requires(Permission.LOAD_EXTRACTS)
@require_safe
def rejects(request: ServiceRequest, pk: int) -> HttpResponseBase:
    """The rejected rows with their reasons, to send back. Who took it is on record."""
    chosen = _extract(request, pk)
    path = Path(settings.MEDIA_ROOT) / chosen.rejects_file
    if not chosen.rejects_file or not path.is_file():
        messages.error(request, "There is no file of rejected rows for this extract.")
        return redirect("cohorts:extract", chosen.pk)
    download.rejects_taken(extract=chosen, by=request.user)
    name = f"rejected-rows-of-extract-{chosen.pk}{path.suffix or '.csv'}"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


def _extract(request: ServiceRequest, pk: int) -> Extract:
    asked = request.service.data_requests.filter(source=OuterRef("source"))
    found = request.service.extracts.annotate(is_asked_for=Exists(asked)).select_related(
        "source__organisation",
        "source__agreement",
        "agreement_version",
        "answers",
        "received_by",
        "committed_by",
    )
    return get_object_or_404(found, pk=pk)
