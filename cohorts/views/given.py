from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import giving, proposing
from cohorts.actions import given as actions
from cohorts.actions import identity
from cohorts.forms.identity import TakeBackForm
from cohorts.pages import given as pages
from governance import audit
from governance.need_to_know import SEALED, Why
from governance.opened import Opened
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken
from governance.views.common import attempt, posted


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def given_rows(request: ServiceRequest) -> HttpResponse:
    """Decisions that gave rows without an NHS number to somebody, and those taken back."""
    page = Paginator(pages.listed(request.membership), pages.A_PAGE).get_page(request.GET.get("page"))
    pages.look(request.membership, "given_rows_listed", page)
    return render(request, "cohorts/same/given_rows.html", {"page": page})


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def given(request: ServiceRequest, pk: int) -> HttpResponse:
    """One such decision: what came of it, what would go, and taking it back."""
    of_rows = request.service.same_decisions.exclude(handle="").select_related("person", "by", "service")
    decision = get_object_or_404(of_rows, pk=pk)
    if request.service.seals.hiding_from(request.user).filter(person=decision.person).exists():
        raise PermissionDenied(SEALED)
    request.opened = Opened(decision.person, Why.SCREENING, more={"decision": decision.pk})
    form = TakeBackForm(posted(request))
    if form.is_valid() and attempt(
        form, actions.take_back, decision=decision, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "Taken back. The rows wait again, and these two are never proposed again.")
        return redirect("cohorts:given_rows")
    stands = giving.decisions(request.service).filter(pk=pk).exists()
    context = {
        "decision": decision,
        "stands": stands,
        "obstacle": giving.obstacle(decision) if stands else "",
        "goes": giving.consequences(decision) if stands else None,
        "events": pages.events(giving.rows_of(decision)) if stands else [],
        "form": form,
    }
    return render(request, "cohorts/same/given.html", context)


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def unknown_rows(request: ServiceRequest) -> HttpResponse:
    """Whom waiting rows describe that are like nobody here."""
    without = proposing.questions(request.service, request.user).without
    page = Paginator(without, pages.A_PAGE).get_page(request.GET.get("page"))
    pages.look(request.membership, "unknown_rows_listed", page)
    return render(request, "cohorts/same/unknown_rows.html", {"page": page})


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def new_person(request: ServiceRequest) -> HttpResponse:
    """Make a person of rows that are of nobody we know. The rows are named in the address by a hash."""
    handle = request.GET.get("rows", "")
    rows = proposing.rows_of(request.service, request.user, handle) if handle else None
    if rows is None:
        messages.info(request, "There is nothing left to decide here.")
        return redirect("cohorts:unknown_rows")
    problem = ""
    if request.method == "POST":
        try:
            person = identity.rows_are_of_nobody_here(service=request.service, handle=handle, by=request.user)
        except RuleBroken as broken:
            problem = str(broken)
        else:
            number = f"{rows.number} row{' counts' if rows.number == 1 else 's count'}"
            messages.success(
                request, f"{person.full_name} is a person of this service now. {number} for them."
            )
            return redirect("cohorts:unknown_rows")
    audit.look("unknown_rows_opened", service=request.service, by=request.user, changes={"rows": rows.number})
    like = proposing.like_rows(request.service, handle)
    context = {**pages.unknown(request.service, rows), "like": like, "problem": problem}
    return render(request, "cohorts/same/new_person.html", context)
