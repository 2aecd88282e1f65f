from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cohorts import undoing
from cohorts.actions import undo as actions
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.LOAD_EXTRACTS)
@require_http_methods(["GET", "POST"])
def undo(request: ServiceRequest, pk: int) -> HttpResponse:
    """What an undo would take away and bring back, or what depends on the extract; then the undo itself."""
    extract = get_object_or_404(request.service.extracts.select_related("service", "source"), pk=pk)
    if request.method == "POST":
        try:
            actions.ask(extract=extract, by=request.user)
        except RuleBroken as problem:
            messages.error(request, str(problem))
        return redirect("cohorts:extract", extract.pk)
    obstacles = undoing.obstacles(extract)
    context = {
        "extract": extract,
        "obstacles": obstacles,
        "would": None if obstacles else undoing.consequences(extract),
    }
    return render(request, "cohorts/undo.html", context)
