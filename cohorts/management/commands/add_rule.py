import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from cohorts import rules
from cohorts.actions import rule as rule_actions
from cohorts.lists import sentences, tiers
from cohorts.models import ArrivalMode, CohortRule, Exclusion, Measure
from cohorts.models.rule import Repeats, WindowKind
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
        parser.add_argument("--window-weeks", type=int, help="in place of months")
        parser.add_argument("--window-days", type=int, help="in place of months")
        parser.add_argument("--window-kind", choices=WindowKind.values, default=WindowKind.ROLLING)
        parser.add_argument(
            "--day-not-counted", action="store_true", help="the day before the list is the last"
        )
        parser.add_argument(
            "--or", dest="shorter", help='"5/1": or so many (by the same operator) in 1 month'
        )
        parser.add_argument("--recent", help='">=1/3" is at least 1 in the last 3 months')
        parser.add_argument("--min-age", default=str(rules.ADULT_AGE), help='youngest age, or "none"')
        parser.add_argument("--max-age", type=int)
        parser.add_argument("--top", type=int, help="keep only the first so many")
        parser.add_argument("--keep-ties", action="store_true", help="with --top: all who tie with the last")
        parser.add_argument("--admissions", help='">1" is more than 1 emergency admission in the window')
        parser.add_argument("--min-admissions", type=int, help="the same as --admissions with at least")
        parser.add_argument("--category", action="append", choices=[*rules.CATEGORY_WORDS], default=[])
        parser.add_argument("--arrival", action="append", choices=ArrivalMode.values, default=[])
        parser.add_argument("--department", action="append", choices=[*rules.DEPARTMENT_WORDS], default=[])
        parser.add_argument("--site", action="append", default=[])
        parser.add_argument("--repeats", choices=Repeats.values, default=Repeats.ALL)
        parser.add_argument(
            "--postcode", action="append", default=[], help="beginning of a postcode: PE, PE13"
        )
        parser.add_argument("--gp-practice", action="append", default=[])
        parser.add_argument("--tier", action="append", default=[], help='"Lower: 6 to 15" or "16 or more"')
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
    weeks = options["window_weeks"]
    return rule_actions.save(
        service=service,
        slug=options["rule"],
        title=options["title"] or options["rule"].replace("-", " ").capitalize(),
        measure=options["measure"],
        operator=operator,
        count=count,
        window_months=options["window_months"],
        window_days=weeks * 7 if weeks else options["window_days"],
        window_kind=options["window_kind"],
        includes_day=not options["day_not_counted"],
        min_age=_age(options["min_age"]),
        max_age=options["max_age"],
        attendance_categories=options["category"],
        arrival_modes=options["arrival"],
        department_types=options["department"],
        sites=options["site"],
        repeats=options["repeats"],
        postcode_areas=options["postcode"],
        gp_practices=options["gp_practice"],
        top_n=options["top"],
        keep_ties=options["keep_ties"],
        exclusions=options["exclude"],
        tiers=tiers.parse("\n".join(options["tier"])),
        by=None,
        **_clauses(options),
    )


def _clauses(options: dict[str, Any]) -> dict[str, Any]:
    """What is said as one word of several fields."""
    found: dict[str, Any] = {"min_admissions": options["min_admissions"]}
    if options["admissions"]:
        found["admissions_operator"], found["min_admissions"] = rules.parse_count(options["admissions"])
    if options["recent"]:
        found["recent_count"], found["recent_months"] = rules.parse_recent(options["recent"])
    if options["shorter"]:
        # As in the rule itself: the operator is that of the count.
        found["or_count"], found["or_months"] = rules.parse_recent(f">={options['shorter']}")
    return found


def _age(text: str) -> int | None:
    if text == "none":
        return None
    if not (text.isascii() and text.isdigit()):
        raise RuleBroken(f'"{text}" is not an age. Write a number, or "none" for people of any age.')
    return int(text)
