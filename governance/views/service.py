from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance.middleware import SESSION_KEY
from governance.models import Membership


@require_http_methods(["GET", "POST"])
def choose_service(request: HttpRequest) -> HttpResponse:
    """For members of several services: which one this session is about."""
    memberships: list[Membership] = request.memberships  # type: ignore[attr-defined]
    if request.method == "POST":
        chosen = next((m for m in memberships if str(m.service_id) == request.POST.get("service")), None)
        if chosen is None:
            raise Http404
        request.session[SESSION_KEY] = chosen.service_id
        return redirect("home")
    return render(request, "governance/choose_service.html", {"choices": memberships})


choose_service.without_service = True  # type: ignore[attr-defined]
