from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casework.actions import preset as presets
from casework.forms.preset import PresetForm
from casework.pages import preset as pages
from casework.presets import plan, read
from casework.presets.plan import What
from casework.views.common import posted
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


@requires(Permission.MANAGE_PRESETS)
@require_safe
def preset_list(request: ServiceRequest) -> HttpResponse:
    """Which presets there are, and which version of each the service has."""
    return render(request, "casework/presets.html", {"rows": pages.rows(request.service)})


@requires(Permission.MANAGE_PRESETS)
@require_http_methods(["GET", "POST"])
def preset(request: ServiceRequest) -> HttpResponse:
    """What loading one would do, in words, and the button that does it. The name stands in the query."""
    name = request.GET.get("name", "")
    if not name:
        return redirect("casework:presets")
    if name not in read.names():
        raise Http404
    try:
        found = plan.make(request.service, read.load(name))
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return redirect("casework:presets")
    form = PresetForm(posted(request), has_own=bool(found.count(What.KEPT)))
    if form.is_valid():
        return _load(request, found, replace=form.cleaned_data.get("replace", False))
    return render(request, "casework/preset.html", {"plan": found, "preset": found.preset, "form": form})


def _load(request: ServiceRequest, found: plan.Plan, *, replace: bool) -> HttpResponse:
    try:
        loaded = presets.load(service=request.service, preset=found.preset, by=request.user, replace=replace)
        words = f"{found.preset.title}: {loaded.created} new, {loaded.changed} changed, {loaded.kept} left as you have them."
        messages.success(request, words)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("casework:presets")
