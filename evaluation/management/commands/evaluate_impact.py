import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from evaluation.estimates import estimates
from evaluation.impact import words
from evaluation.impact.natural_fall import FALL_PERCENT
from evaluation.impact.tables import MEASURES
from evaluation.impact.windows import DAYS_OF_MONTHS
from evaluation.known.moment import known_at
from governance import scope
from governance.arguments import checked, day
from governance.models import Service
from governance.rules import RuleBroken

# Which estimates stand behind a word of the command line.
COMPARATORS = {
    "none": ("change",),
    "declined": ("accepted_vs_declined",),
    "waiting": ("observed_expected", "offer_itt", "offer_cace"),
    "matched": ("matched",),
}


class Command(BaseCommand):
    help = (
        "Prints what happened to the people of a service, against each comparison, from what is stored today. Small numbers "
        "are withheld. Stores nothing. Example: manage.py evaluate_impact --service fenland --window-months 12"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--service", required=True, help="the short name of the service")
        parser.add_argument("--window-months", type=int, required=True, choices=DAYS_OF_MONTHS)
        parser.add_argument(
            "--from",
            dest="first",
            type=checked(day),
            help="only people first offered support on or after this day, such as 2026-01-31",
        )
        parser.add_argument(
            "--to",
            dest="last",
            type=checked(day),
            help="only people first offered support on or before this day",
        )
        parser.add_argument(
            "--comparator", choices=COMPARATORS, help="print this comparison only; without it, all of them"
        )
        parser.add_argument("--measure", default="ae", choices=MEASURES)
        parser.add_argument(
            "--list", default="r12", choices=FALL_PERCENT["dyn"], help="the simulated list most like yours"
        )
        parser.add_argument("--seed", type=int, default=0, help="start of the random draws")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = (day(options[name]) if options[name] else None for name in ("first", "last"))
        if first and last and last < first:
            raise CommandError(f"--from {first} is later than --to {last}. Give the earlier day first.")
        try:
            service = Service.objects.called(options["service"])
            with scope.of(service):
                found = estimates(
                    service,
                    measure=options["measure"],
                    window_days=DAYS_OF_MONTHS[options["window_months"]],
                    first=first,
                    last=last,
                    as_at=timezone.localdate(),
                    known=known_at(timezone.now()),
                    seed=options["seed"],
                )
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        asked = COMPARATORS.get(options["comparator"], ())
        if options["json"]:
            kept = {key: each for key, each in found["estimates"].items() if key in asked or not asked}
            self.stdout.write(json.dumps({**found, "estimates": kept}))
        else:
            self.stdout.write("\n".join(words.lines(found, kind=options["list"], estimates=asked)))
