import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import scope
from hiu.demo import load as demo


class Command(BaseCommand):
    help = "Loads two invented services. Example: manage.py load_demo --people 400 --years 2 --seed 7"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=400, help="people in both services together")
        parser.add_argument("--years", type=int, default=2, help="years of attendances")
        parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same people")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["people"] < 40 or options["years"] < 1:
            raise CommandError("A demo needs at least 40 people and 1 year.", returncode=2)
        started = time.monotonic()
        try:
            with scope.every_service():
                loaded = demo.load(people=options["people"], years=options["years"], seed=options["seed"])
        except demo.AlreadyLoaded as problem:
            raise CommandError(str(problem)) from problem
        result = {**vars(loaded), "seconds": round(time.monotonic() - started, 1)}
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        self.stdout.write(
            f"Loaded {loaded.people} invented people, {loaded.activities:,} attendances, "
            f"{loaded.cases} cases and {loaded.contacts:,} contacts in {result['seconds']} seconds."
        )
