"""What the views of casework share."""

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from casework import permissions
from casework.models import Case
from casework.models.case import CaseQuerySet
from casework.outbox import codes
from casework.pages import banner
from casework.wording import whole_number
from governance.asked_once import asked_once
from governance.models import Service, User
from governance.need_to_know import SEND_WITHIN, Why
from governance.opened import Opened
from governance.permissions import ServiceRequest
from governance.rules import RuleBroken
from governance.views.common import attempt, posted

__all__ = ["attempt", "case_of_code", "case_or_404", "case_page", "posted", "seen_by"]


# What a page reads of a case, on a day: a function of a module, so that its question is put together only once.
Cases = Callable[[Service, datetime.date], CaseQuerySet]


def case_or_404(request: ServiceRequest, pk: int, cases: Cases | None = None) -> Case:
    """A case, opened: the page that shows it is noted. The only way for a view to a case.

    Raises:
        Http404: there is none of this number in the service.
        AskReason, PermissionDenied: see casework.permissions.check_can_open.
    """
    # A form that was opened in time may be sent a little later.
    moment = timezone.now() - (SEND_WITHIN if request.method == "POST" else datetime.timedelta(0))
    case = unopened_case_or_404(request, pk, moment, cases)
    why = permissions.check_can_open(request.membership, case)
    more = {"reason": case.access.reason} if why == Why.BREAK_GLASS else {}
    request.opened = Opened(case.person, why, case=case.pk, more=more)
    return case


def unopened_case_or_404(
    request: ServiceRequest, pk: int, at: datetime.datetime, cases: Cases | None = None
) -> Case:
    """A case with what decides who opens it at that moment, for the page that asks for a reason."""
    found = _case(cases, request.service, request.user, pk, at, timezone.localdate())
    if not found:
        raise Http404(f"This service has no case {pk}.")
    return found[0]


@asked_once
def _case(
    cases: Cases | None, service: Service, user: User, pk: int, at: datetime.datetime, today: datetime.date
) -> CaseQuerySet:
    found = cases(service, today) if cases else service.cases.all()
    return banner.annotated(found, service).with_access(user, at).filter(pk=pk)


def case_of_code(request: ServiceRequest, code: str) -> Case:
    """The case a code names, to write into and not to look at.

    Raises:
        RuleBroken: it is no code, there is no such case in the service, or this member may not open it.
    """
    number = codes.number_of(code)
    if number is None:
        raise RuleBroken(codes.TYPED_WRONG.format(code=code))
    try:
        case = unopened_case_or_404(request, number, timezone.now())
    except Http404:
        raise RuleBroken(f"This service has no case with the code {codes.code_of(number)}.") from None
    if not permissions.can_open(request.membership, case):
        raise RuleBroken(
            f"The case {codes.code_of(number)} is not one of yours any more. Ask your lead to give it to you, or "
            "open it and say why; then save this."
        )
    return case


def seen_by(request: ServiceRequest, newest: Model | None) -> int | None:
    """The id of the row that the form started from: as it was sent, or the newest where the form is shown first."""
    if request.method == "POST":
        return whole_number(request.POST.get("seen", ""), digits=18) or None
    return newest.pk if newest else None


def case_page(
    request: ServiceRequest, template: str, case: Case, form: forms.BaseForm | None = None, **more: Any
) -> HttpResponse:
    """A page about one case, most often with a form, under the banner of the person (made here unless it is given)."""
    above = more.pop("banner", None) or banner.of(case, today=timezone.localdate())
    context = {"case": case, "banner": above, "form": form, **more}
    return render(request, f"casework/{template}", context)
