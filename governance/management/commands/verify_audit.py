import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance import audit


class Command(BaseCommand):
    help = (
        "Checks the audit chain end to end. Exit 0 when whole, 1 when broken. Example: manage.py verify_audit"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit.verify()
        if options["json"]:
            self.stdout.write(
                json.dumps({"events": found.events, "ok": found.ok, "first_broken": found.first_broken})
            )
        elif found.ok:
            self.stdout.write(f"{found.events} events checked; the chain is whole.")
        else:
            self.stdout.write(f"Broken: {found.first_broken}.")
        if not found.ok:
            sys.exit(1)
