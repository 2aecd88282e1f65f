import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance import audit
from governance.actions import member
from governance.forms import MemberForm
from governance.middleware import SESSION_KEY
from governance.models import Membership
from governance.permissions import ServiceRequest, requires
from governance.roles import ROLES, Permission
from governance.rules import RuleBroken

EVENTS_A_PAGE = 50


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


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def overview(request: ServiceRequest) -> HttpResponse:
    """What an IG lead looks at first: agreements, what was done last, what each role may do."""
    today = timezone.localdate()
    agreements = list(request.service.agreements.select_related("sharer", "recipient"))
    context = {
        "agreements": [(agreement, agreement.problem_on(today)) for agreement in agreements],
        "events": audit.events_of(request.service)[:10],
        "roles": ROLES.values(),
    }
    return render(request, "governance/overview.html", context)


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def access_log(request: ServiceRequest) -> HttpResponse:
    """Everything that was done in the service, newest first."""
    page = Paginator(audit.events_of(request.service), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/access_log.html", {"page": page})


@requires(Permission.VIEW_GOVERNANCE)
@require_POST
def verify_log(request: ServiceRequest) -> HttpResponse:
    """Check the service's own chain now and say what was found."""
    found = audit.verify(request.service)
    if found.ok:
        messages.success(request, f"Checked {found.events:,} events: none was changed, added or removed.")
    else:
        messages.error(request, f"The log is broken: {found.first_broken}. Tell your supplier today.")
    return redirect("governance:access_log")


@requires(Permission.VIEW_GOVERNANCE)
@require_safe
def agreement(request: ServiceRequest, pk: int) -> HttpResponse:
    """One agreement in full."""
    agreement = get_object_or_404(request.service.agreements.select_related("sharer", "recipient"), pk=pk)
    context = {"agreement": agreement, "problem": agreement.problem_on(timezone.localdate())}
    return render(request, "governance/agreement.html", context)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
def members(request: ServiceRequest) -> HttpResponse:
    """Who has access, and the form that gives it."""
    form = MemberForm(request.POST or None)
    if form.is_valid():
        try:
            _added(request, form)
            return redirect("governance:members")
        except RuleBroken as problem:
            form.add_error(None, str(problem))
    context = {
        "form": form,
        "members": request.service.memberships.select_related("user"),
        "today": timezone.localdate(),
    }
    return render(request, "governance/members.html", context)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def end_membership(request: ServiceRequest, pk: int) -> HttpResponse:
    """Access ends now."""
    membership = get_object_or_404(request.service.memberships.select_related("user"), pk=pk)
    if membership.user_id == request.user.pk:
        messages.error(request, "You cannot end your own access. Ask another administrator.")
        return redirect("governance:members")
    member.end(membership=membership, on=timezone.localdate() - datetime.timedelta(days=1), by=request.user)
    messages.success(request, f"{membership.user.name} can no longer sign in to this service.")
    return redirect("governance:members")


def _added(request: ServiceRequest, form: MemberForm) -> None:
    membership, password = member.add(
        service=request.service, starts_on=timezone.localdate(), by=request.user, **form.cleaned_data
    )
    text = f"{membership.user.name} has access."
    if password:
        text += f" Give them this first password by phone; it is shown only now: {password}"
    messages.success(request, text)
