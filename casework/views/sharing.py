from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from casework import share_sheet
from casework.actions import disclosure as disclosures_actions
from casework.forms.share import OtherwiseForm, ShareForm
from casework.models import Basis, Case
from casework.pages import disclosures as log
from casework.pages import notice, receipt, sharing
from casework.views.common import attempt, case_or_404, case_page, posted
from casework.views.consent import consent_or_404
from governance import standing
from governance.actions import consent as consents
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.SHARE_INFORMATION)
@require_safe
def sharing_page(request: ServiceRequest, pk: int) -> HttpResponse:
    """What may be shared of a client and with whom, and what was."""
    today = timezone.localdate()
    case = case_or_404(request, pk, notice.cases)
    found = sharing.build(case, today=today)
    return render(request, "casework/sharing.html", {"sharing": found, "case": case})


@requires(Permission.SHARE_INFORMATION)
@require_http_methods(["GET", "POST"])
def share(request: ServiceRequest, pk: int) -> HttpResponse:
    """Share what a yes covers: choose, look at what the partner sees, confirm."""
    asked, case = consent_or_404(request, pk)
    newest = consents.latest(case.person).get(asked.matter)
    why_not = f"{asked.subject}. {why}" if (why := standing.why_not(newest, on=timezone.localdate())) else ""
    if asked.partner is None or (why_not and request.method != "POST"):
        messages.error(request, why_not or "Nothing is shared under this decision.")
        return redirect("casework:sharing", pk=case.pk)
    yes = asked if why_not or newest is None else newest
    form = ShareForm(posted(request), items=yes.items)
    if why_not and form.is_valid():
        form.add_error(None, why_not)  # what was typed stays on the page
    told = {"partner": yes.partner, "purpose": yes.purpose, "basis": Basis.CONSENT}
    return _share(request, case, form, told, {"yes": yes, "partner": yes.partner})


@requires(Permission.SHARE_INFORMATION)
@require_http_methods(["GET", "POST"])
def share_otherwise(request: ServiceRequest, pk: int) -> HttpResponse:
    """Share without a yes, on a basis that is named, explained and authorised."""
    case = case_or_404(request, pk)
    form = OtherwiseForm(posted(request), service=request.service)
    chosen = form.cleaned_data.get("partner") if form.is_valid() else None
    return _share(request, case, form, {}, {"yes": None, "partner": chosen})


def _share(
    request: ServiceRequest,
    case: Case,
    form: ShareForm,
    told: Mapping[str, Any],
    context: Mapping[str, Any],
) -> HttpResponse:
    """Preview what was chosen; on confirmation share it, if it still is what was previewed."""
    sheet = None
    if form.is_valid():
        if "confirm" in request.POST:
            row = attempt(form, disclosures_actions.make, case=case, by=request.user, **told, **form.told)
            if row:
                return redirect(row)
        sheet = share_sheet.build(case, at=timezone.now(), **form.content)
        form.remember(sheet.hash(form.cleaned_data["key"]))
    return case_page(request, "share.html", case, form, sheet=sheet, **context)


@requires(Permission.SHARE_INFORMATION)
@require_safe
def disclosure(request: ServiceRequest, pk: int) -> HttpResponse:
    """The receipt of one act of sharing."""
    row = get_object_or_404(receipt.rows(request.service), pk=pk)
    case_or_404(request, row.case_id)
    found = receipt.build(row)
    return render(request, "casework/disclosure.html", {"receipt": found, "row": found.row})


@requires(Permission.VIEW_DISCLOSURES)
@require_safe
def disclosures(request: ServiceRequest) -> HttpResponse:
    """What was shared in the service, by case number, and who is still to be told of a no.

    With ?show=requests: what senders were told, to ask them for their data.
    """
    number = request.GET.get("page")
    if request.GET.get("show") == "requests":
        return render(
            request, "casework/data_requests.html", {"page": log.asked(request.service, page=number)}
        )
    return render(request, "casework/disclosures.html", {"log": log.build(request.service, page=number)})
