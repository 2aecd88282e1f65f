from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.actions import referral_link as actions
from cohorts.forms.referral_step import LinkForm
from cohorts.pages import referral as pages
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken
from governance.views.common import posted


@requires(Permission.MANAGE_REFERRAL_LINKS)
@require_http_methods(["GET", "POST"])
def referral_links(request: ServiceRequest) -> HttpResponse:
    """The addresses by which organisations refer, and the form that makes one."""
    form = LinkForm(posted(request), service=request.service)
    if form.is_valid():
        try:
            link, token = actions.make(service=request.service, by=request.user, **form.cleaned_data)
        except RuleBroken as problem:
            form.add_error("expires_on", str(problem))
        else:
            url = request.build_absolute_uri(reverse("cohorts:refer", args=[token]))
            messages.success(request, f"Give this address to {link}. It is shown only now: {url}")
            return redirect("cohorts:referral_links")
    context = {"form": form, "links": pages.links(request.service, timezone.localdate())}
    return render(request, "cohorts/referral_links.html", context)


@requires(Permission.MANAGE_REFERRAL_LINKS)
@require_POST
def end_referral_link(request: ServiceRequest, pk: int) -> HttpResponse:
    """Let an address work no longer."""
    link = get_object_or_404(request.service.referral_links.select_related("organisation"), pk=pk)
    actions.end(link=link, by=request.user)
    messages.success(request, f"The link of {link} works no longer.")
    return redirect("cohorts:referral_links")
