from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.actions import break_glass
from governance.forms.break_glass import ReviewForm
from governance.need_to_know import Why
from governance.opened import Opened
from governance.pages import opening as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken

A_PAGE = 25


@requires(Permission.REVIEW_OPENINGS)
@require_safe
def openings(request: ServiceRequest) -> HttpResponse:
    """Records opened outside the caseload of whoever opened them, still to be reviewed."""
    page = Paginator(pages.waiting(request.membership), A_PAGE).get_page(request.GET.get("page"))
    rows = [pages.row(request.membership, opening) for opening in page]
    context = {"page": page, "rows": rows, "with_the_lead": pages.with_the_lead(request.membership)}
    return render(request, "governance/openings.html", context)


@requires(Permission.REVIEW_OPENINGS)
@require_http_methods(["GET", "POST"])
def review_opening(request: ServiceRequest, pk: int) -> HttpResponse:
    """What somebody said when they opened a record, and the reviewer's answer."""
    opening = get_object_or_404(pages.of_service(request.membership), pk=pk)
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        try:
            break_glass.review(opening=opening, by=request.user, **form.cleaned_data)
            messages.success(request, "Your review is kept.")
            return redirect("governance:openings")
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    request.opened = Opened(opening.person, Why.REVIEW, more={"opening": opening.pk})
    context = {"row": pages.row(request.membership, opening), "opening": opening, "form": form}
    return render(request, "governance/review_opening.html", context)
