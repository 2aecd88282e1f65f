import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cohorts import rules
from cohorts.actions import cohort_list as lists
from cohorts.lists import gaps, sentences
from cohorts.lists.tiers import Tier, tier_of
from cohorts.models import Candidate, CohortList, CohortRule
from governance import scope
from governance.arguments import checked, day
from governance.models import Service
from governance.rules import RuleBroken

_NAMED = 20


class Command(BaseCommand):
    help = (
        "Build the list of a cohort rule as at a day. "
        "Example: manage.py identify_cohort --service fenland --rule top-250 --as-at 2026-06-30 --json"
    )

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        """Django's own --version gives way to ours, the version of the rule."""
        return super().create_parser(*args, conflict_handler="resolve", **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--service", required=True, help="the service's short name")
        parser.add_argument("--rule", required=True, help="the rule's short name")
        parser.add_argument("--version", type=int, dest="rule_version", help="default: the newest")
        parser.add_argument(
            "--as-at",
            required=True,
            type=checked(day),
            help="the last day of the window, such as 2026-06-30",
        )
        parser.add_argument(
            "--identifiable",
            action="store_true",
            help="print names and NHS numbers instead of ids; an audit event says so",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.perf_counter()
        try:
            service = Service.objects.called(options["service"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        with scope.of(service):
            self._answer(service, options, start)

    def _answer(self, service: Service, options: dict[str, Any], start: float) -> None:
        try:
            cohort_list = self._build(service, options)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        candidates = list(cohort_list.candidates.select_related("person").order_by("rank"))
        tiers = cohort_list.rule.tiers
        shown = [_shown(candidate, options["identifiable"], tiers) for candidate in candidates]
        result = {
            "rule": cohort_list.rule.slug,
            "rule_version": cohort_list.rule.version,
            "as_at": cohort_list.as_at.isoformat(),
            "considered": cohort_list.considered,
            "selected": shown,
            "excluded": cohort_list.excluded,
            "not_supplied": gaps.sentences(cohort_list.rule, cohort_list.not_supplied),
            "seconds": round(time.perf_counter() - start, 3),
            "list": cohort_list.pk,
        }
        self.stdout.write(json.dumps(result) if options["json"] else _in_words(cohort_list, result))

    @transaction.atomic
    def _build(self, service: Service, options: dict[str, Any]) -> CohortList:
        rule = _rule(service, options["rule"], options["rule_version"])
        cohort_list = lists.build(service=service, rule=rule, as_at=day(options["as_at"]), by=None)
        if options["identifiable"]:
            lists.show_identities(cohort_list=cohort_list, by=None)
        return cohort_list


def _rule(service: Service, slug: str, version: int | None) -> CohortRule:
    versions = service.cohort_rules.filter(slug=slug).order_by("-version")
    newest = versions.first()
    if newest is None:
        slugs = service.cohort_rules.order_by("slug").values_list("slug", flat=True).distinct()
        raise RuleBroken(
            f'{service} has no rule called "{slug}". Its rules: {", ".join(slugs) or "none yet"}. '
            "manage.py add_rule makes one."
        )
    found = newest if version is None else versions.filter(version=version).first()
    if found is None:
        raise RuleBroken(f'The rule "{slug}" has no version {version}. Its newest is {newest.version}.')
    return found


def _shown(candidate: Candidate, identifiable: bool, tiers: list[Tier]) -> dict[str, Any]:
    """One person of the list. Without identities a person is the id of their record, as in our addresses."""
    person = candidate.person
    shown: dict[str, Any] = {"person": str(person.pk)}
    if identifiable:
        shown = {"person": person.nhs_number or person.pseudonym or str(person.pk), "name": person.full_name}
    counts = {
        "count": candidate.count,
        "recent": candidate.recent_count,
        "admissions": candidate.admissions,
        "last_on": candidate.last_on and candidate.last_on.isoformat(),
        "age": candidate.age,
    }
    return {
        **shown,
        "rank": candidate.rank,
        "tier": tier_of(tiers, candidate.count) or None,
        "counts": counts,
    }


def _in_words(cohort_list: CohortList, result: dict[str, Any]) -> str:
    measure = cohort_list.rule.measure
    lines = [
        f"{sentences.sentence(cohort_list.rule, cohort_list.as_at)}.",
        f"{cohort_list.considered:,} people considered, {cohort_list.selected:,} selected.",
        *(f"  {number:,} {rules.LEFT_OUT_WORDS[why]}" for why, number in cohort_list.excluded.items()),
        *result["not_supplied"],
    ]
    for row in result["selected"][:_NAMED]:
        name = f"{row['name']} ({row['person']})" if "name" in row else f"Person {row['person']}"
        lines.append(f"{row['rank']:>5}. {name}: {rules.counted(row['counts']['count'], measure)}")
    if cohort_list.selected > _NAMED:
        lines.append(f"  … and {cohort_list.selected - _NAMED:,} more.")
    lines.append(
        f"Stored as list {cohort_list.pk} in {result['seconds']} seconds. Screen it on the page Lists."
    )
    return "\n".join(lines)
