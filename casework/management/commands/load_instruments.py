import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.actions import instrument
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = "Store the instruments that come with the product, such as the Chaos Score; safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> str:
        """Load every file of casework/instruments/."""
        try:
            loaded = [instrument.load(name=name) for name in instrument.names()]
        except RuleBroken as problem:
            raise CommandError(str(problem), returncode=1) from problem
        if options["json"]:
            rows = [{"slug": row.slug, "version": row.version, "new": new} for row, new in loaded]
            return json.dumps({"instruments": rows})
        return "\n".join(f"{row}: {'stored' if new else 'was here already'}" for row, new in loaded)
