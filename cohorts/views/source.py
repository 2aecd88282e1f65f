import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.actions import source as actions
from cohorts.forms.source import MappingForm, ProfileFileForm, ReadingForm, SampleForm, SourceForm
from cohorts.models import Source
from cohorts.pages import mapping
from cohorts.pipeline import archive, read, sample
from cohorts.pipeline.profile import as_toml
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
    page = _Page(request, _source(request, pk))
    if "sample" in request.FILES or request.POST.get("step") == "sample":
        return _take_sample(request, page)
    if request.method == "POST":
        return _save(request, page)
    header = request.session.get(page.key) or _header_of_latest(page.source)
    if header:
        return page.show(header, mapping.known_columns(page.source, header))
    return page.show_stored()


@requires(Permission.MANAGE_SOURCES)
@require_safe
def profile(request: ServiceRequest, pk: int) -> HttpResponse:
    """The mapping as a TOML file, which another installation can load."""
    chosen = _source(request, pk)
    answer = HttpResponse(as_toml(mapping.profile_of(chosen)), content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{chosen.slug}.toml"'
    return answer


@requires(Permission.MANAGE_SOURCES)
@require_POST
def take_profile(request: ServiceRequest, pk: int) -> HttpResponse:
    """Read the files of a source as an uploaded profile says."""
    page = _Page(request, _source(request, pk))
    form = ProfileFileForm(request.POST, request.FILES)
    if form.is_valid():
        taken = form.cleaned_data["profile"]
        try:
            actions.read_as(source=page.source, by=request.user, **taken.as_source)
        except RuleBroken as problem:
            form.add_error("profile", str(problem))
        else:
            request.session.pop(page.key, None)
            messages.success(request, f"The profile “{taken.title}” is loaded. Check its columns.")
            return redirect("cohorts:source", pk)
    page.forms |= {"profile_form": form, "form": form}
    return page.show_stored()


class _Page:
    """The mapping page: its forms, and what is shown in its table."""

    def __init__(self, request: ServiceRequest, chosen: Source) -> None:
        self.request = request
        self.source = chosen
        self.key = f"columns of source {chosen.pk}"
        self.shown = mapping.Shown()
        self.forms = {"sample_form": SampleForm(), "profile_form": ProfileFileForm()}

    def show_stored(self) -> HttpResponse:
        """The mapping as it is stored."""
        return self.show(mapping.stored_header(self.source), dict(self.source.columns))

    def show(self, header: list[str], fields: dict[str, str]) -> HttpResponse:
        """The table for these columns; a form with errors that was put into `forms` is shown with them."""
        table = mapping.table(
            self.source, header, fields, everything="all" in self.request.GET, shown=self.shown
        )
        context = {
            "source": self.source,
            "table": table,
            "shown": self.shown,
            "cannot": mapping.underivable(self.source, table.kept_fields),
            "reading_form": ReadingForm(initial=self._reading()),
            "form": self.forms["sample_form"],
            **self.forms,
        }
        return render(self.request, "cohorts/source.html", context)

    def _reading(self) -> dict[str, str | bool]:
        said = self.source.conventions
        return {
            "date_order": said.date_order,
            "day_numbers": said.day_numbers,
            "code_set": said.code_set or self.shown.code_set,
            "order_open": bool(self.shown.order_finding) and not said.date_order,
        }


def _take_sample(request: ServiceRequest, page: _Page) -> HttpResponse:
    """Show the first rows once; only the column names are kept, for this session."""
    form = SampleForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = _read(form.cleaned_data["sample"], form.cleaned_data["password"], page.source)
        except read.Unreadable as problem:
            form.add_error("sample", problem.sentence)
        else:
            request.session[page.key] = found.header
            page.shown = mapping.of_sample(page.source, found)
            actions.sample_shown(
                source=page.source, by=request.user, columns=len(found.header), rows=page.shown.rows_shown
            )
            messages.success(request, f"{len(found.header)} columns found. Check them, then save.")
            fields = {column: one.field for column, one in page.shown.proposals.items()}
            return page.show(found.header, fields)
    page.forms |= {"sample_form": form, "form": form}
    return page.show_stored()


def _save(request: ServiceRequest, page: _Page) -> HttpResponse:
    form, reading = MappingForm(request.POST), ReadingForm(request.POST)
    if form.is_valid() and reading.is_valid():
        try:
            actions.change_mapping(
                source=page.source, columns=form.mapping, by=request.user, **reading.reading
            )
        except RuleBroken as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "The columns are saved. The next file of this source is read this way.")
            return redirect("cohorts:sources")
    page.forms |= {"form": form if form.errors else reading, "reading_form": reading}
    return page.show(form.columns, dict(zip(form.columns, form.chosen, strict=False)))


def _source(request: ServiceRequest, pk: int) -> Source:
    found = request.service.sources.select_related("organisation", "agreement", "service")
    return get_object_or_404(found, pk=pk)


def _header_of_latest(chosen: Source) -> list[str]:
    """The columns of the newest file: those that were mapped and those that were dropped."""
    latest = chosen.extracts.exclude(columns_dropped=[]).first()
    return [*mapping.stored_header(chosen), *latest.columns_dropped] if latest else []


def _read(upload: UploadedFile, password: str, chosen: Source) -> sample.Sample:
    """The beginning of an uploaded file, which is gone again when this ends."""
    with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix) as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        path, secret = Path(copy.name), password or None
        name = archive.unpack(path, secret) if archive.is_archive(path) else upload.name or ""
        return sample.take(path, name=name, password=secret, expected=chosen.columns)
