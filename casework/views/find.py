from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from casework.pages import find as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.VIEW_CASES)
@require_http_methods(["GET", "POST"])
def find(request: ServiceRequest) -> HttpResponse:
    """Find a person by name, however it is spelt, by NHS number or by telephone number.

    What is typed is posted, so that it stands in no address, history or server log.
    """
    page = pages.build(request.membership, request.POST.get("q", "")[:200])
    if page.typed.strip():
        pages.look(request.membership, page)
    return render(request, "casework/find.html", {"page": page})
