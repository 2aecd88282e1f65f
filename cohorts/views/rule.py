from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.actions import rule as actions
from cohorts.forms.rule import RuleForm
from cohorts.models import Exclusion
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
    """A new rule."""
    form = RuleForm(request.POST or None, initial={"count": 5, "exclusions": Exclusion.values})
    if form.is_valid():
        saved = actions.save(service=request.service, by=request.user, **form.cleaned_data)
        messages.success(request, f"The rule is saved: {saved.sentence}.")
        return redirect("cohorts:rule", saved.pk)
    return render(request, "cohorts/rule.html", {"form": form})


@requires(Permission.MANAGE_RULES)
@require_http_methods(["GET", "POST"])
def rule(request: ServiceRequest, pk: int) -> HttpResponse:
    """One version of a rule; saving the form adds the next version."""
    chosen = get_object_or_404(request.service.cohort_rules, pk=pk)
    same = request.service.cohort_rules.filter(slug=chosen.slug)
    versions = list(same.annotate(lists_made=Count("lists")).order_by("-version"))
    form = RuleForm(request.POST or None, initial={f: getattr(chosen, f) for f in RuleForm.Meta.fields})
    if form.is_valid():
        saved = actions.save(service=request.service, slug=chosen.slug, by=request.user, **form.cleaned_data)
        messages.success(request, f"Version {saved.version} is saved: {saved.sentence}.")
        return redirect("cohorts:rule", saved.pk)
    context = {"form": form, "rule": chosen, "versions": versions, "newest": versions[0]}
    return render(request, "cohorts/rule.html", context)
