import datetime
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluation.actions import unit_cost
from evaluation.money import schedules
from governance import scope
from governance.models import Service
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Gives a service the unit costs of a schedule: one that comes with the product, or a TOML file of another "
        "year. A cost more than a third away from the one before it is questioned, and stored with --sure. Run again, "
        "it adds nothing. Exit 0 done, 1 refused, 2 wrong arguments. "
        "Example: manage.py load_unit_costs ncc_2023_24 --service fenland"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("schedule", metavar="NAME_OR_TOML", help="a shipped name, or the path of a file")
        parser.add_argument("--service", required=True, help="the short name of the service")
        parser.add_argument("--valid-from", help="such as 2026-04-01; default: the day in the schedule")
        parser.add_argument("--sure", action="store_true", help="the values that were questioned are right")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> str:
        """Read the schedule and store what is new."""
        name, start = options["schedule"], _day(options["valid_from"])
        try:
            schedule = schedules.read(Path(name)) if name.endswith(".toml") else schedules.shipped(name)
            service = Service.objects.called(options["service"])
            with scope.of(service):
                added = unit_cost.take_over(
                    service=service,
                    schedule=schedule,
                    valid_from=start,
                    sure=options["sure"],
                    by=None,
                )
        except RuleBroken as problem:
            raise CommandError(str(problem), returncode=1) from problem
        outcome = {
            "schedule": schedule.name,
            "added": {cost.measure: f"{cost.amount}" for cost in added},
            "valid_from": (start or schedule.valid_from).isoformat(),
        }
        if options["json"]:
            return json.dumps(outcome)
        told = [f"{cost}" for cost in added] or ["The service had all of these costs already."]
        return "\n".join(told)


def _day(text: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"'{text}' is not a date such as 2026-04-01.", returncode=2) from None
