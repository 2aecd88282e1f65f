from django.http import HttpResponse
from django.views.decorators.http import require_POST

from governance import audit, opened
from governance.permissions import ServiceRequest


@require_POST
def printed(request: ServiceRequest) -> HttpResponse:
    """A page says that it is being printed (static/js/app.js); which page stands in what it was given."""
    told = opened.read_print_token(request, request.POST.get("printed", ""))
    if told is None:
        return HttpResponse(status=400)
    person = request.service.people.filter(pk=told["person"]).first() if "person" in told else None
    changes = {"page": told["page"], "role": request.membership.role}
    audit.look("page_printed", service=request.service, by=request.user, on=person, changes=changes)
    return HttpResponse(status=204)
