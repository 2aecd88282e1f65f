from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.actions import rule as actions
from cohorts.forms.rule import RuleForm, initial_of
from cohorts.lists import definitions, under_18
from cohorts.models import Exclusion
from cohorts.pages.rule import preview
from cohorts.rules import TERM_NAMES, Terms
from governance.permissions import ServiceRequest, requires
from governance.roles import Permission


@requires(Permission.MANAGE_RULES)
@require_safe
def rules(request: ServiceRequest) -> HttpResponse:
    """The newest version of each rule, as a sentence."""
    found = request.service.cohort_rules.newest().annotate(lists_made=Count("lists"))
    return render(request, "cohorts/rules.html", {"rules": found})


@requires(Permission.MANAGE_RULES)
@require_http_methods(["GET", "POST"])
def rule_new(request: ServiceRequest) -> HttpResponse:
    """A new rule, from nothing or from a public definition."""
    start = definitions.every().get(request.GET.get("from", ""))
    form = RuleForm(request.POST or None, initial=_initial(start))
    context = {"form": form, "definitions": definitions.every().values(), "start": start}
    if not form.is_valid():
        return render(request, "cohorts/rule.html", context)
    if "preview" in request.POST:
        return render(request, "cohorts/rule.html", context | {"preview": _preview(request, form)})
    saved = actions.save(service=request.service, by=request.user, **form.cleaned_data)
    messages.success(request, f"The rule is saved: {saved.sentence}.")
    return redirect("cohorts:rule", saved.pk)


@requires(Permission.MANAGE_RULES)
@require_http_methods(["GET", "POST"])
def rule(request: ServiceRequest, pk: int) -> HttpResponse:
    """One version of a rule; saving the form adds the next version."""
    chosen = get_object_or_404(request.service.cohort_rules, pk=pk)
    same = request.service.cohort_rules.filter(slug=chosen.slug)
    versions = list(same.annotate(lists_made=Count("lists")).order_by("-version"))
    form = RuleForm(request.POST or None, initial=initial_of(chosen))
    lacks = under_18.lacks(request.service, chosen, timezone.localdate())
    context = {"form": form, "rule": chosen, "versions": versions, "newest": versions[0], "lacks": lacks}
    if not form.is_valid():
        return render(request, "cohorts/rule.html", context)
    if "preview" in request.POST:
        return render(request, "cohorts/rule.html", context | {"preview": _preview(request, form)})
    saved = actions.save(service=request.service, slug=chosen.slug, by=request.user, **form.cleaned_data)
    messages.success(request, f"Version {saved.version} is saved: {saved.sentence}.")
    return redirect("cohorts:rule", saved.pk)


def _initial(start: definitions.Definition | None) -> dict[str, Any]:
    if start is None:
        return {"count": 5, "exclusions": [Exclusion.ALREADY_CLIENT, Exclusion.DIED, Exclusion.MOVED]}
    shown = initial_of(start.terms)
    return shown | {"title": start.title, "exclusions": [Exclusion.ALREADY_CLIENT, Exclusion.DIED]}


def _preview(request: ServiceRequest, form: RuleForm) -> dict[str, Any]:
    terms = Terms(**{name: form.cleaned_data[name] for name in TERM_NAMES})
    return preview(request.service, terms, timezone.localdate())
