from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import proposing
from cohorts.actions import identity as actions
from cohorts.forms.identity import AnswerForm, SeparateForm
from cohorts.models import SameAnswer
from cohorts.pages import identity as pages
from cohorts.proposing import Question
from governance import merging
from governance.actions.merge import obstacles
from governance.models import Person
from governance.need_to_know import SEALED, Why
from governance.opened import Opened, note
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.views.common import attempt, posted


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def same_people(request: ServiceRequest) -> HttpResponse:
    """Rows and records that may be of one person, likeliest first. Each look at them is on record."""
    asked = proposing.questions(request.service, request.user)
    page = Paginator(asked.questions, pages.A_PAGE).get_page(request.GET.get("page"))
    pages.look(request.membership, page)
    context = {"page": page, "rows": [pages.row(each) for each in page], "rows_without": asked.rows_without}
    return render(request, "cohorts/same/people.html", context)


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def same_person(request: ServiceRequest, pk: int) -> HttpResponse:
    """One question: both side by side, what speaks for and against, and what a merge would move."""
    question = _question(request, pk)
    if question is None:
        messages.info(request, "There is nothing left to decide here.")
        return redirect("cohorts:same_people")
    form = AnswerForm(posted(request))
    if form.is_valid():
        said = SameAnswer(form.cleaned_data["answer"])
        if (done := attempt(form, _answer, request=request, question=question, said=said)) is not None:
            return done
    return render(request, "cohorts/same/person.html", {"form": form, **_shown(request, question)})


@requires(Permission.SCREEN_CANDIDATES)
@require_safe
def merges(request: ServiceRequest) -> HttpResponse:
    """Records that were merged, and separated again."""
    page = Paginator(pages.merges(request.service), pages.A_PAGE).get_page(request.GET.get("page"))
    return render(request, "cohorts/same/merges.html", {"page": page})


@requires(Permission.SCREEN_CANDIDATES)
@require_http_methods(["GET", "POST"])
def merge(request: ServiceRequest, pk: int) -> HttpResponse:
    """What a merge moved, and separating the two again."""
    chosen = get_object_or_404(pages.merges(request.service), pk=pk)
    _check_open(request, chosen.person, chosen.merged)
    form = SeparateForm(posted(request))
    if form.is_valid() and attempt(
        form, actions.records_are_two, merge=chosen, by=request.user, **form.cleaned_data
    ):
        messages.success(request, "The two records are as they were. They will not be proposed again.")
        return redirect("cohorts:merges")
    request.opened = Opened(chosen.person, Why.SCREENING, more={"merge": chosen.pk})
    kinds, filled = pages.goes_back(chosen)
    context = {
        "merge": chosen,
        "kinds": kinds,
        "filled": filled,
        "obstacle": obstacles(chosen) if chosen.stands else "",
        "form": form,
    }
    return render(request, "cohorts/same/merge.html", context)


def _question(request: ServiceRequest, pk: int) -> Question | None:
    """The question of the address: a person, and rows or a record; none where it was answered meanwhile."""
    person = get_object_or_404(request.service.people, pk=pk)
    if handle := request.GET.get("rows", ""):
        rows = proposing.rows_of(request.service, request.user, handle)
        _check_open(request, person)
        return Question(person, proposing.between(person, rows.described), rows=rows) if rows else None
    record = request.GET.get("record", "")
    if not record.isdecimal():
        return None
    other = get_object_or_404(request.service.people, pk=int(record[:18]))
    if other.pk == person.pk:
        raise Http404
    _check_open(request, person, other)
    if person.merged_into_id or other.merged_into_id:
        return None
    person, other = merging.which_stays(person, other)
    return Question(person, proposing.between(person, proposing.of_person(other)), other=other)


def _check_open(request: ServiceRequest, *people: Person) -> None:
    if request.service.seals.hiding_from(request.user).filter(person__in=people).exists():
        raise PermissionDenied(SEALED)


def _shown(request: ServiceRequest, question: Question) -> dict[str, Any]:
    """What the page shows; that both records were looked at goes on record."""
    request.opened = Opened(question.person, Why.SCREENING)
    shown: dict[str, Any] = {
        "question": question,
        "lines": pages.side_by_side(question),
        "here": pages.attendances(request.service, question.person),
    }
    if question.rows:
        shown["obstacles"] = proposing.obstacles_of_rows(question.person, question.rows.handle)
    if question.other:
        note(request, Opened(question.other, Why.SCREENING))
        shown |= {
            "there": pages.attendances(request.service, question.other),
            "kinds": merging.preview(question.person, question.other),
            "fills": pages.fills(question.person, question.other),
            "obstacles": merging.obstacles(request.service, question.person, question.other),
        }
    return shown


def _answer(request: ServiceRequest, question: Question, said: SameAnswer) -> HttpResponse:
    """Do what was answered. Raises RuleBroken where it cannot be done."""
    told: dict[str, Any] = {
        "service": request.service,
        "person": question.person,
        "likeness": question.likeness,
        "by": request.user,
    }
    if said != SameAnswer.SAME:
        handle = question.rows.handle if question.rows else ""
        actions.answer(answer=said, other=question.other, handle=handle, **told)
        words = {
            SameAnswer.DIFFERENT: "Noted: these are different people. You will not be asked again.",
            SameAnswer.LATER: "Put off. It stands at the end of the list.",
        }
        messages.success(request, words[said])
    elif question.rows:
        rows = actions.rows_are_of(handle=question.rows.handle, **told)
        number = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
        messages.success(
            request,
            f"{number} now count for {question.person.full_name}. If that was wrong, take it back under "
            "“Rows given to people”.",
        )
    elif question.other:
        done = actions.records_are_one(other=question.other, **told)
        messages.success(request, "The two records are one. If that was wrong, separate them here.")
        return redirect("cohorts:merge", done.pk)
    return redirect("cohorts:same_people")
