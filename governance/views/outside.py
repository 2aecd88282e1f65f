from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance import audit
from governance.pages import outside
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

A_PAGE = 50


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def opened_outside(request: ServiceRequest) -> HttpResponse:
    """Who opened records outside their own caseload; `?who=` shows each page that one of them opened."""
    days = outside.days(request.GET.get("days"))
    who = request.GET.get("who", "")
    actor = int(who) if who.isascii() and who.isdigit() and len(who) <= 18 else 0
    found = outside.events(request.service, within=days, actor=actor)
    rows: Any = found if actor else outside.by_member(found)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "days": days, "choices": outside.DAYS, "actor": actor}
    if actor:
        context["pages"] = outside.page_rows(list(page))
    else:
        context["members"] = outside.members(request.service, list(page))
    changes = {"page": "governance:opened_outside", "days": days, "actor": actor or None}
    audit.look("access_report_opened", service=request.service, by=request.user, changes=changes)
    return render(request, "governance/opened_outside.html", context)
