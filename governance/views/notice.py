from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance.actions import notice as notices_actions
from governance.forms.notice import NoticeForm
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.MANAGE_NOTICES)
@require_http_methods(["GET", "POST"])
def notices(request: ServiceRequest) -> HttpResponse:
    """Every version of the privacy notice, and the form that publishes the next."""
    form = NoticeForm(request.POST or None)
    if form.is_valid():
        added = notices_actions.publish(service=request.service, by=request.user, **form.cleaned_data)
        messages.success(request, f"Version {added.version} is published.")
        return redirect("governance:notices")
    versions = request.service.privacy_notices.select_related("published_by")
    return render(request, "governance/notices.html", {"form": form, "versions": versions})
