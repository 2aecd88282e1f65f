import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from cohorts import rules, sentences
from cohorts.actions import rule as rule_actions
from cohorts.models import CohortRule, Exclusion, Measure
from governance import scope
from governance.models import Service
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Add a cohort rule, or the next version of one. "
        'Example: manage.py add_rule --service fenland --rule top-250 --title "Top 250" '
        '--count ">5" --window-months 12 --recent ">=1/3" --top 250 --exclude already_client'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--service", required=True, help="the service's short name")
        parser.add_argument(
            "--rule", required=True, help="the rule's short name; used again, it adds a version"
        )
        parser.add_argument("--title", help="default: the short name in words")
        parser.add_argument("--measure", choices=Measure.values, default=Measure.AE)
        parser.add_argument("--count", required=True, help='">=3" is at least 3, ">5" is more than 5')
        parser.add_argument("--window-months", type=int, default=12)
        parser.add_argument("--recent", help='">=1/3" is at least 1 in the last 3 months')
        parser.add_argument("--min-age", default=str(rules.ADULT_AGE), help='youngest age, or "none"')
        parser.add_argument("--max-age", type=int)
        parser.add_argument("--top", type=int, help="keep only the first so many")
        parser.add_argument("--min-admissions", type=int)
        parser.add_argument("--exclude", action="append", choices=Exclusion.values, default=[])
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            service = Service.objects.called(options["service"])
            with scope.of(service):
                rule = _save(service, options)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        sentence = sentences.sentence(rule)
        result = {"rule": rule.slug, "rule_version": rule.version, "sentence": sentence}
        words = f"Saved {rule.slug}, version {rule.version}: {sentence}."
        self.stdout.write(json.dumps(result) if options["json"] else words)


def _save(service: Service, options: dict[str, Any]) -> CohortRule:
    validate_slug(options["rule"])
    operator, count = rules.parse_count(options["count"])
    recent_count, recent_months = rules.parse_recent(options["recent"]) if options["recent"] else (None, None)
    return rule_actions.save(
        service=service,
        slug=options["rule"],
        title=options["title"] or options["rule"].replace("-", " ").capitalize(),
        measure=options["measure"],
        operator=operator,
        count=count,
        window_months=options["window_months"],
        recent_count=recent_count,
        recent_months=recent_months,
        min_age=_age(options["min_age"]),
        max_age=options["max_age"],
        top_n=options["top"],
        min_admissions=options["min_admissions"],
        exclusions=options["exclude"],
        by=None,
    )


def _age(text: str) -> int | None:
    if text == "none":
        return None
    if not (text.isascii() and text.isdigit()):
        raise RuleBroken(f'"{text}" is not an age. Write a number, or "none" for people of any age.')
    return int(text)
