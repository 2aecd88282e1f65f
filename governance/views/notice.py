from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from governance.actions import notice as notices_actions
from governance.forms.notice import NoticeForm
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.views.common import posted


@requires(Permission.MANAGE_NOTICES)
@require_http_methods(["GET", "POST"])
def notices(request: ServiceRequest) -> HttpResponse:
    """Every version of the privacy notice, and the form of the next: first shown as people will read it."""
    form = NoticeForm(posted(request))
    if form.is_valid() and "publish" in request.POST:
        added = notices_actions.publish(service=request.service, by=request.user, **form.cleaned_data)
        messages.success(request, f"Version {added.version} is published.")
        return redirect("governance:notices")
    if form.is_valid() and "change" not in request.POST:
        return render(request, "governance/notice_preview.html", {"form": form, "notice": form.cleaned_data})
    versions = request.service.privacy_notices.select_related("published_by")
    return render(request, "governance/notices.html", {"form": form, "versions": versions})
