import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance import scope, verification


class Command(BaseCommand):
    help = "Checks the audit chain end to end, and the rows it speaks of. Exit 0 when whole, 1 when broken. Example: manage.py verify_audit"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.every_service():
            found = verification.verify()
        if options["json"]:
            result = {"events": found.events, "ok": found.ok, "first_broken": found.first_broken}
            self.stdout.write(json.dumps({**result, "problems": found.problems}))
        elif found.ok:
            self.stdout.write(
                f"{found.events} events checked, and every row they speak of: nothing was touched."
            )
        else:
            self.stdout.write("\n".join(f"Broken: {problem}." for problem in found.problems))
        if not found.ok:
            sys.exit(1)
