from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from evaluation import quarters
from evaluation.actions import area_profile as profile_actions
from evaluation.actions import kpi_choice, running_cost, unit_cost
from evaluation.actions import report as report_actions
from evaluation.forms import (
    KpiForm,
    ProfileForm,
    QuarterForm,
    RunningCostForm,
    ScheduleForm,
    UnitCostForm,
    WithdrawForm,
)
from evaluation.models import Report
from evaluation.pages import (
    cost_rows,
    definitions,
    kpi_now,
    kpi_sets,
    lists_to_profile,
    offered,
    plain_words,
    quotations,
    running_cost_rows,
    schedule_tables,
)
from evaluation.render import CONTENT_TYPES, csv, file_name, html, pdf, xlsx
from governance import audit
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken

REPORTS_A_PAGE = 20
DRAW = {"csv": csv.draw, "xlsx": xlsx.draw, "pdf": pdf.draw}
COST_HEAD = [
    {"label": "Measure"},
    {"label": "Cost of one", "numeric": True},
    {"label": "Price year"},
    {"label": "Used from"},
    {"label": "Clinician minutes", "numeric": True},
    {"label": "Source"},
]
RUNNING_HEAD = [
    {"label": "Cost of"},
    {"label": "A year", "numeric": True},
    {"label": "Used from"},
    {"label": "Source"},
]
KPI_HEAD = [{"label": "Target"}, {"label": "To reach each quarter"}, {"label": "Measured here"}]
QUOTED_HEAD = [{"label": "Figure"}, {"label": "As printed"}, {"label": "People"}, {"label": "Read with it"}]
SCHEDULE_HEAD = [{"label": "Measure"}, {"label": "Cost of one", "numeric": True}, {"label": "Made of"}]


@requires(Permission.VIEW_REPORTS)
@require_safe
def reports(request: ServiceRequest) -> HttpResponse:
    """Every report of the service, newest first; drafts only for who builds them."""
    can_build = role_allows(request.membership.role, Permission.BUILD_REPORTS)
    today = timezone.localdate()
    to_build = [str(each) for each in offered(request.service, today)] if can_build else []
    newest = str(quarters.of(today).previous)
    found = _visible(request).defer("snapshot", "manifest")
    page = Paginator(found, REPORTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "can_build": can_build,
        "next_quarter": newest if newest in to_build else None,
        "earlier": any(each != newest for each in to_build),
    }
    return render(request, "evaluation/reports.html", context)


@requires(Permission.VIEW_REPORTS)
@require_safe
def report(request: ServiceRequest, pk: int) -> HttpResponse:
    """One report, drawn from its frozen copy."""
    found = _report(request, pk)
    context = {
        **html.context(found),
        "pdf_problem": pdf.why_not(),
        "why_not_release": _why_not_release(request, found),
    }
    audit.look("report_opened", service=request.service, by=request.user, on=found)
    return render(request, "evaluation/report.html", context)


@requires(Permission.VIEW_REPORTS)
@require_safe
def report_file(request: ServiceRequest, pk: int, kind: str) -> HttpResponse:
    """A released report as a file to keep; each one taken is a row in the access log."""
    found = _report(request, pk)
    if kind not in DRAW:
        raise Http404
    if found.is_draft:
        messages.warning(request, "A draft is read on its page. Its files can be taken once it is released.")
        return redirect(found)
    try:
        content = DRAW[kind](found)
    except pdf.CannotDraw as problem:
        messages.warning(request, str(problem))
        return redirect(found)
    report_actions.record_download(report=found, kind=kind, by=request.user)
    name = file_name(found, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=CONTENT_TYPES[kind], headers=headers)


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def report_new(request: ServiceRequest) -> HttpResponse:
    """Choose a quarter that has ended, and freeze its figures."""
    to_build = offered(request.service, timezone.localdate())
    first = str(to_build[0]) if to_build else None
    form = QuarterForm(request.POST or None, offered=to_build, initial={"quarter": first})
    if form.is_valid():
        try:
            made = report_actions.freeze(
                service=request.service, quarter=form.cleaned_data["quarter"], by=request.user
            )
            messages.success(
                request,
                f"The report for {made.quarter} is built as a draft. Ask somebody else to release it.",
            )
            return redirect(made)
        except RuleBroken as problem:
            form.add_error("quarter", str(problem))
    return render(request, "evaluation/report_new.html", {"form": form})


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def report_release(request: ServiceRequest, pk: int) -> HttpResponse:
    """Let commissioners read a draft that somebody else made."""
    found = _report(request, pk)
    try:
        report_actions.check_may_release(found, request.user)
        if request.method == "POST":
            report_actions.release(report=found, by=request.user)
            messages.success(
                request, f"The report for {found.quarter} is released. Commissioners can read it now."
            )
            return redirect(found)
    except report_actions.CannotRelease as problem:
        messages.warning(request, str(problem))
        return redirect(found)
    return render(request, "evaluation/report_release.html", {"report": found})


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def report_withdraw(request: ServiceRequest, pk: int) -> HttpResponse:
    """Take back a draft that is wrong."""
    found = _report(request, pk)
    form = WithdrawForm(request.POST or None)
    try:
        report_actions.check_may_withdraw(found)
        if form.is_valid():
            report_actions.withdraw(report=found, by=request.user, **form.cleaned_data)
            messages.success(
                request,
                f"The draft for {found.quarter} is withdrawn. Build the report again when what was wrong is put right.",
            )
            return redirect("evaluation:reports")
    except report_actions.CannotWithdraw as problem:
        messages.warning(request, str(problem))
        return redirect(found)
    return render(request, "evaluation/report_withdraw.html", {"report": found, "form": form})


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def unit_costs(request: ServiceRequest) -> HttpResponse:
    """What one event costs, and the form that adds a cost."""
    form = UnitCostForm(request.POST or None)
    if form.is_valid():
        try:
            unit_cost.add(service=request.service, by=request.user, **form.cleaned_data)
            messages.success(request, "The cost is added. The next report uses it.")
            return redirect("evaluation:unit_costs")
        except unit_cost.Questioned as question:
            form.ask(str(question), about="amount")
        except RuleBroken as problem:
            form.add_error("valid_from", str(problem))
    context = {"form": form, "head": COST_HEAD, "rows": cost_rows(request.service.unit_costs.all())}
    return render(request, "evaluation/unit_costs.html", context)


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def unit_cost_schedule(request: ServiceRequest) -> HttpResponse:
    """Take over the unit costs of a price year, all at once."""
    form = ScheduleForm(request.POST or None)
    if form.is_valid():
        try:
            added = unit_cost.take_over(service=request.service, by=request.user, **form.cleaned_data)
            said = (
                f"{len(added)} costs are added." if added else "The service had all of these costs already."
            )
            messages.success(request, said)
            return redirect("evaluation:unit_costs")
        except unit_cost.Questioned as question:
            form.ask(str(question), about="schedule")
        except RuleBroken as problem:
            form.add_error("valid_from", str(problem))
    context = {"form": form, "head": SCHEDULE_HEAD, "schedules": schedule_tables()}
    return render(request, "evaluation/unit_cost_schedule.html", context)


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def running_costs(request: ServiceRequest) -> HttpResponse:
    """What the service costs in a year, and the form that adds a cost."""
    form = RunningCostForm(request.POST or None)
    if form.is_valid():
        try:
            running_cost.add(service=request.service, by=request.user, **form.cleaned_data)
            messages.success(request, "The running cost is added. The next report uses it.")
            return redirect("evaluation:running_costs")
        except unit_cost.Questioned as question:
            form.ask(str(question), about="amount")
        except RuleBroken as problem:
            form.add_error("valid_from", str(problem))
    rows = running_cost_rows(request.service.running_costs.all())
    return render(
        request, "evaluation/running_costs.html", {"form": form, "head": RUNNING_HEAD, "rows": rows}
    )


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def targets(request: ServiceRequest) -> HttpResponse:
    """By which set of targets the service is measured, or by none."""
    initial = {"first_quarter": str(quarters.of(timezone.localdate()))}
    form = KpiForm(request.POST or None, initial=initial)
    if form.is_valid():
        kpi_choice.choose(service=request.service, by=request.user, **form.cleaned_data)
        messages.success(request, "The choice is kept. The next report follows it.")
        return redirect("evaluation:targets")
    context = {"form": form, "head": KPI_HEAD, "sets": kpi_sets(), "now": kpi_now(request.service)}
    return render(request, "evaluation/targets.html", context)


@requires(Permission.VIEW_REPORTS)
@require_safe
def area_profiles(request: ServiceRequest) -> HttpResponse:
    """Every area profile of the service, newest first."""
    page = Paginator(request.service.area_profiles.all(), REPORTS_A_PAGE).get_page(request.GET.get("page"))
    can_build = role_allows(request.membership.role, Permission.BUILD_REPORTS)
    return render(request, "evaluation/area_profiles.html", {"page": page, "can_build": can_build})


@requires(Permission.VIEW_REPORTS)
@require_safe
def area_profile(request: ServiceRequest, pk: int) -> HttpResponse:
    """One area profile, from its frozen copy; it prints on one page of paper."""
    found = get_object_or_404(request.service.area_profiles, pk=pk)
    audit.look("area_profile_opened", service=request.service, by=request.user, on=found)
    return render(request, "evaluation/area_profile.html", {"profile": found, "snapshot": found.snapshot})


@requires(Permission.BUILD_REPORTS)
@require_http_methods(["GET", "POST"])
def area_profile_new(request: ServiceRequest) -> HttpResponse:
    """Choose a list, and freeze its figures."""
    to_choose = lists_to_profile(request.service)
    form = ProfileForm(request.POST or None, offered=to_choose)
    if form.is_valid():
        try:
            made = profile_actions.freeze(
                service=request.service, cohort_list=form.cleaned_data["cohort_list"], by=request.user
            )
            messages.success(request, "The area profile is made. Commissioners can read it now.")
            return redirect(made)
        except RuleBroken as problem:
            form.add_error("cohort_list", str(problem))
    return render(request, "evaluation/area_profile_new.html", {"form": form, "lists": to_choose})


@requires(Permission.VIEW_REPORTS)
@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """How figures are made, in plain words."""
    context = {"words": plain_words(), "definitions": definitions()}
    return render(request, "evaluation/methods.html", context)


@requires(Permission.VIEW_REPORTS)
@require_safe
def quoted(request: HttpRequest) -> HttpResponse:
    """What services published about themselves, word for word: none of it is worked out here."""
    return render(request, "evaluation/quoted.html", {"head": QUOTED_HEAD, "groups": quotations()})


def _report(request: ServiceRequest, pk: int) -> Report:
    return get_object_or_404(_visible(request).select_related("service"), pk=pk)


def _visible(request: ServiceRequest) -> QuerySet[Report]:
    """The reports of the service; without drafts, withdrawn ones among them, for who does not build them."""
    reports = request.service.reports.select_related("release", "withdrawal__withdrawn_by", "draft_copy")
    if role_allows(request.membership.role, Permission.BUILD_REPORTS):
        return reports
    return reports.exclude(release=None)


def _why_not_release(request: ServiceRequest, found: Report) -> str:
    try:
        report_actions.check_may_release(found, request.user)
    except report_actions.CannotRelease as problem:
        return str(problem)
    return ""
