from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.actions import capacity, needs
from casework.forms.allocation import CapacityForm
from casework.forms.capacity import ProfileForm, ReductionForm
from casework.views.common import attempt, posted, seen_by
from casework.wording import whole_number
from governance.models import Membership
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission
from governance.rules import RuleBroken


def _member(request: ServiceRequest, pk: int) -> Membership:
    members = request.service.memberships.link_workers().select_related("user", "service")
    return get_object_or_404(members, pk=pk)


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def capacity_page(request: ServiceRequest, pk: int) -> HttpResponse:
    """What a worker can carry: hours, and what is taken off them for a while."""
    member = _member(request, pk)
    if "end" in request.POST:
        _end(request)
        return redirect("casework:capacity", pk=pk)
    newest = request.service.capacities.filter(worker=member.user).first()
    form = CapacityForm(posted(request), initial=model_to_dict(newest) if newest else None)
    seen = seen_by(request, newest)
    told = {"service": request.service, "worker": member.user, "seen": seen, "by": request.user}
    if form.is_valid() and attempt(form, capacity.set, **told, **form.cleaned_data):
        return redirect("casework:caseload")
    reductions = request.service.reductions.filter(worker=member.user).exclude(
        ends_on__lt=timezone.localdate()
    )
    context = {"form": form, "member": member, "worker": member.user, "reductions": reductions, "seen": seen}
    return render(request, "casework/capacity.html", context)


def _end(request: ServiceRequest) -> None:
    row = get_object_or_404(request.service.reductions, pk=whole_number(request.POST["end"], digits=18))
    try:
        capacity.end_reduction(reduction=row, by=request.user)
        messages.success(request, "These hours count for clients again.")
    except RuleBroken as problem:
        messages.error(request, str(problem))


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def reduce(request: ServiceRequest, pk: int) -> HttpResponse:
    """Take hours off for a while: leave, training, somebody new in post."""
    member = _member(request, pk)
    form = ReductionForm(posted(request), initial={"starts_on": timezone.localdate()})
    told = {"service": request.service, "worker": member.user, "by": request.user}
    if form.is_valid() and attempt(form, capacity.reduce, **told, **form.cleaned_data):
        messages.success(request, "The hours are taken off in those days.")
        return redirect("casework:capacity", pk=pk)
    return render(request, "casework/reduction.html", {"form": form, "member": member})


@requires(Permission.ALLOCATE_CASES)
@require_http_methods(["GET", "POST"])
def profile(request: ServiceRequest, pk: int) -> HttpResponse:
    """What a worker brings: languages, skills, areas."""
    member = _member(request, pk)
    newest = request.service.worker_profiles.filter(worker=member.user).first()
    form = ProfileForm(posted(request), initial=model_to_dict(newest) if newest else None)
    seen = seen_by(request, newest)
    told = {"service": request.service, "worker": member.user, "seen": seen, "by": request.user}
    if form.is_valid() and attempt(form, needs.set_profile, **told, **form.cleaned_data):
        messages.success(request, "Proposals count on it from now on.")
        return redirect("casework:capacity", pk=pk)
    return render(request, "casework/profile.html", {"form": form, "member": member, "seen": seen})
