import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evaluation import quarters
from evaluation.frozen.rederive import Rederived, rederive
from governance import scope
from governance.arguments import checked
from governance.models import Service
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Works a frozen report out again, as things stood when it was frozen, and says whether the same comes out. Stores "
        "nothing. Exit 0 identical, 1 not, with each difference and what changed since. Example: "
        "manage.py rederive_report --service fenland --quarter 2026-Q3"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--service", required=True, help="the short name of the service")
        parser.add_argument(
            "--quarter",
            required=True,
            type=checked(quarters.parse),
            help="a calendar quarter, such as 2026-Q3",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        quarter = quarters.parse(options["quarter"])
        try:
            service = Service.objects.called(options["service"])
            with scope.of(service):
                report = (
                    service.reports.standing().filter(quarter=str(quarter)).select_related("service").first()
                )
                if report is None:
                    raise CommandError(f"{service} has no report for {quarter}. Build it first.")
                found = rederive(report)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps(_told(found)))
        else:
            self.stdout.write("\n".join(_lines(found)))
        if not found.identical:
            sys.exit(1)


def _told(found: Rederived) -> dict[str, Any]:
    differences = [{"where": list(d.where), "then": d.then, "now": d.now} for d in found.differences]
    return {"identical": found.identical, "differences": differences, "reasons": found.reasons}


def _lines(found: Rederived) -> list[str]:
    if found.identical:
        return ["Identical: every figure and every word came out again.", *found.reasons]
    return [
        f"Not identical: {len(found.differences)} figures or sentences differ.",
        *(f"  {each}" for each in found.differences),
        "What changed since:",
        *(f"  {each}" for each in found.reasons or ["Nothing that was kept in the manifest."]),
    ]
