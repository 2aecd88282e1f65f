from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.actions import referral as actions
from cohorts.forms.referral import TakenForm
from cohorts.forms.referral_step import AttemptForm, DeclineForm, PauseForm
from cohorts.models import Referral
from cohorts.pages import referral as pages
from governance.need_to_know import SEALED, Why
from governance.opened import Opened
from governance.permissions import ServiceRequest, requires, role_allows
from governance.roles import Permission
from governance.rules import RuleBroken
from governance.views.common import attempt, posted

A_PAGE = 25


@requires(Permission.TAKE_REFERRALS)
@require_safe
def referrals(request: ServiceRequest) -> HttpResponse:
    """Referrals with their clocks: those that wait, the longest first, or all of them."""
    everything = request.GET.get("show") == "all"
    found = pages.listed(request.membership, everything=everything)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = pages.rows(page, timezone.now())
    pages.look(request.membership, everything=everything, number=page.number, found=page.paginator.count)
    context = {"page": page, "rows": rows, "everything": everything}
    return render(request, "cohorts/referrals.html", context)


@requires(Permission.TAKE_REFERRALS)
@require_http_methods(["GET", "POST"])
def referral_new(request: ServiceRequest) -> HttpResponse:
    """Write down a referral that came by phone; who is known already is said before anything is stored."""
    form = TakenForm(posted(request), service=request.service)
    known = None
    if form.is_valid():
        known = pages.known(request.service, request.user, form.said)
        # What was said of one person is no answer about another, should the name be changed meanwhile.
        if known and known.sentences and request.POST.get("store") != str(known.person.pk):
            request.opened = Opened(known.person, Why.REFERRAL)
        else:
            told = {"service": request.service, "by": request.user, **form.said}
            made = attempt(form, actions.receive, **told)
            if made:
                messages.success(request, "The referral is kept. The clock until the first contact runs.")
                return redirect(made)
            form.renew_key()
            known = None
    return render(request, "cohorts/referral_new.html", {"form": form, "known": known})


def of_referral(view: Callable[[ServiceRequest, Referral], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the referral of its address, or send members on to the list where it is not theirs to see."""

    @wraps(view)
    def found(request: ServiceRequest, pk: int) -> HttpResponse:
        chosen = referral_or_404(request, pk)
        if chosen is not None:
            return view(request, chosen)
        messages.info(
            request, "That referral was taken by somebody outside your team. Ask your lead about it."
        )
        return redirect("cohorts:referrals")

    return found


@requires(Permission.TAKE_REFERRALS)
@require_safe
@of_referral
def referral(request: ServiceRequest, chosen: Referral) -> HttpResponse:
    """One referral: who, why, did they agree, and how long they have waited."""
    return _page(request, chosen)


@requires(Permission.SCREEN_CANDIDATES)
@require_POST
@of_referral
def decide_referral(request: ServiceRequest, chosen: Referral) -> HttpResponse:
    """Accept, which opens a case; or decline, with a reason for us and a sentence for the referrer."""
    if "accept" in request.POST:
        return _do(request, chosen, "A case is open and waits for a worker.", actions.accept)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, chosen, decline_form=form)
    words = "It is not taken on. The reason is kept, and the referrer can read what you chose."
    return _do(request, chosen, words, actions.decline, **form.cleaned_data)


@requires(Permission.TAKE_REFERRALS)
@require_POST
@of_referral
def step_referral(request: ServiceRequest, chosen: Referral) -> HttpResponse:
    """Note the first contact, pause the clock, or let it go on."""
    if "resume" in request.POST:
        return _do(request, chosen, "The clock goes on.", actions.resume)
    if "pause" in request.POST:
        pause = PauseForm(request.POST, prefix="pause")
        if not pause.is_valid():
            return _page(request, chosen, pause_form=pause)
        return _do(request, chosen, "The clock is paused.", actions.pause, **pause.cleaned_data)
    tried = AttemptForm(request.POST, prefix="attempt")
    if not tried.is_valid():
        return _page(request, chosen, attempt_form=tried)
    return _do(request, chosen, "The first contact is noted.", actions.attempt, **tried.cleaned_data)


def referral_or_404(request: ServiceRequest, pk: int) -> Referral | None:
    """A referral, opened: the page that shows it is noted. None for one that the member may not see.

    The only way for a view to a referral.

    Raises:
        Http404: there is none of this number in the service.
        PermissionDenied: the person's record is sealed.
    """
    chosen: Any = get_object_or_404(pages.shown_to(request.membership), pk=pk)
    if not chosen.is_in_reach:
        return None
    if chosen.is_hidden and not chosen.gave_reason:
        raise PermissionDenied(SEALED)
    decides = role_allows(request.membership.role, Permission.SCREEN_CANDIDATES)
    why = Why.BREAK_GLASS if chosen.is_hidden else Why.SCREENING if decides else Why.REFERRAL
    request.opened = Opened(chosen.person, why, more={"referral": chosen.pk})
    return chosen


def _do(request: ServiceRequest, chosen: Referral, words: str, action: Any, **told: Any) -> HttpResponse:
    try:
        action(referral=chosen, by=request.user, **told)
        messages.success(request, words)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect(chosen)


def _page(request: ServiceRequest, chosen: Referral, **forms: Any) -> HttpResponse:
    decides = role_allows(request.membership.role, Permission.SCREEN_CANDIDATES)
    context = {
        "referral": chosen,
        "decline_form": DeclineForm(),
        "pause_form": PauseForm(prefix="pause"),
        "attempt_form": AttemptForm(prefix="attempt", initial={"at": timezone.now()}),
        **pages.of_referral(chosen, timezone.now(), decides=decides),
        **forms,
    }
    # The one that was sent, so that the summary of what is wrong stands above the page.
    context["form"] = next(iter(forms.values()), context["decline_form"])
    return render(request, "cohorts/referral.html", context)
