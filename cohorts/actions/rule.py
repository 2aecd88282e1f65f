"""Writing cohort rules: a change is a new version, and lists keep the version they used."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from cohorts import rules
from cohorts.lists.rule_problems import rule_problems
from cohorts.lists.sentences import sentence
from cohorts.models import CohortRule
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def save(*, service: Service, slug: str = "", title: str, by: User | None, **terms: Any) -> CohortRule:
    """Add the next version of the rule called `slug`, or a new rule named after its title.

    Raises:
        RuleBroken: with a sentence, when the terms make no sense together.
    """
    # Two people saving at once wait for each other here, so that each gets a version of their own.
    Service.objects.select_for_update(of=["self"], no_key=True).get(pk=service.pk)
    slug = slug or _free_slug(service, title)
    newest = service.cohort_rules.filter(slug=slug).aggregate(version=Max("version"))["version"] or 0
    rule = CohortRule(
        service=service, slug=slug, title=title, version=newest + 1, made_by=by, **rules.tidied(terms)
    )
    problems = rule_problems(rule)
    if problems:
        raise RuleBroken(". ".join(problems.values()) + ".")
    rule.full_clean()
    rule.save()
    audit.record(
        "cohort_rule_saved",
        service=service,
        by=by,
        on=rule,
        changes={"slug": slug, "version": rule.version, "rule": sentence(rule)},
    )
    return rule


def _free_slug(service: Service, title: str) -> str:
    stem = slugify(title)[:45].strip("-") or "rule"
    taken = set(service.cohort_rules.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
