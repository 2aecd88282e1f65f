from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cohorts.pages import dropped as pages
from governance import audit
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission

A_PAGE = 20


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def dropped(request: ServiceRequest) -> HttpResponse:
    """What every load left out and why; never a person."""
    chosen = request.GET.get("agreement")
    page = Paginator(pages.loads(request.service, chosen), A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [pages.row(extract) for extract in page], "chosen": chosen}
    return render(request, "cohorts/dropped.html", context)


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def dropped_csv(request: ServiceRequest) -> HttpResponse:
    """The same as a file; who took it is on record."""
    found = list(pages.loads(request.service, request.GET.get("agreement")))
    audit.look("dropped_list_taken", service=request.service, by=request.user, changes={"loads": len(found)})
    headers = {"Content-Disposition": 'attachment; filename="what-was-dropped.csv"'}
    return HttpResponse(pages.as_csv(found), content_type="text/csv; charset=utf-8", headers=headers)
