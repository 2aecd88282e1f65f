import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.actions import source as actions
from cohorts.forms.source import MappingForm, SampleForm, SourceForm
from cohorts.models import Source
from cohorts.pages import mapping
from cohorts.pipeline import read
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.MANAGE_SOURCES)
@require_safe
def sources(request: ServiceRequest) -> HttpResponse:
    """Every feed, with its agreement and the newest day it reported."""
    found = request.service.sources.select_related("organisation", "agreement").with_newest()
    return render(request, "cohorts/sources.html", {"sources": found})


@requires(Permission.MANAGE_SOURCES)
@require_http_methods(["GET", "POST"])
def source_new(request: ServiceRequest) -> HttpResponse:
    """A new feed; its columns come on the next page."""
    form = SourceForm(request.POST or None, service=request.service)
    if form.is_valid():
        added = actions.add(service=request.service, by=request.user, **form.new_source())
        messages.success(request, f"{added} is added. Now check which column is what.")
        return redirect("cohorts:source", added.pk)
    return render(request, "cohorts/source_new.html", {"form": form})


@requires(Permission.MANAGE_SOURCES)
@require_http_methods(["GET", "POST"])
def source(request: ServiceRequest, pk: int) -> HttpResponse:
    """The column mapping of a source."""
    chosen = get_object_or_404(request.service.sources.select_related("organisation", "agreement"), pk=pk)
    if "sample" in request.FILES or request.POST.get("step") == "sample":
        return _take_sample(request, chosen)
    if request.method == "POST":
        return _save(request, chosen)
    header = request.session.get(_key(chosen)) or _header_of_latest(chosen)
    fields = mapping.known_columns(chosen, header) if header else dict(chosen.columns)
    return _page(request, chosen, header or mapping.stored_header(chosen), fields, SampleForm())


def _take_sample(request: ServiceRequest, chosen: Source) -> HttpResponse:
    """Keep the column names for this session; the next page shows them in the table."""
    form = SampleForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            header = _read_header(form.cleaned_data["sample"], form.cleaned_data["password"], chosen)
        except read.Unreadable as problem:
            form.add_error("sample", problem.sentence)
        else:
            request.session[_key(chosen)] = header
            messages.success(request, f"{len(header)} columns found. Check them, then save.")
            return redirect("cohorts:source", chosen.pk)
    return _page(request, chosen, mapping.stored_header(chosen), dict(chosen.columns), form)


def _save(request: ServiceRequest, chosen: Source) -> HttpResponse:
    form = MappingForm(request.POST)
    if form.is_valid():
        try:
            actions.change_mapping(source=chosen, columns=form.mapping, by=request.user)
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "The columns are saved. The next file of this source is read this way.")
            return redirect("cohorts:sources")
    fields = dict(zip(form.columns, form.chosen, strict=False))
    return _page(request, chosen, form.columns, fields, SampleForm(), form)


def _page(
    request: ServiceRequest,
    chosen: Source,
    header: list[str],
    fields: dict[str, str],
    sample_form: SampleForm,
    form: MappingForm | None = None,
) -> HttpResponse:
    table = mapping.table(chosen, header, fields, everything="all" in request.GET)
    context = {"source": chosen, "table": table, "sample_form": sample_form, "form": form or sample_form}
    return render(request, "cohorts/source.html", context)


def _key(chosen: Source) -> str:
    return f"columns of source {chosen.pk}"


def _header_of_latest(chosen: Source) -> list[str]:
    """The columns of the newest file: those that were mapped and those that were dropped."""
    latest = chosen.extracts.exclude(columns_dropped=[]).first()
    return [*mapping.stored_header(chosen), *latest.columns_dropped] if latest else []


def _read_header(upload: UploadedFile, password: str, chosen: Source) -> list[str]:
    """The heading row of an uploaded file, which is gone again when this ends."""
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix) as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        opened = read.open_table(
            Path(copy.name), name=upload.name or "", password=password or None, expected=chosen.columns
        )
        with opened as table:
            return table.header
