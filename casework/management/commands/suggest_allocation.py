import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework import proposing, team
from casework.allocation.people import Problem
from casework.allocation.propose import Proposal, propose
from casework.allocation.reasons import carried_after, reasons
from governance import scope
from governance.models import Service
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Propose who takes the cases that nobody carries. Nothing is stored. "
        "Example: manage.py suggest_allocation --service fenland --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--service", required=True, help="the service's short name")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            service = Service.objects.called(options["service"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        with scope.of(service):
            asked = proposing.ask(team.of(service), team.carried(service), proposing.queue(service))
        told = _told(asked.problem, propose(asked.problem))
        self.stdout.write(json.dumps(told) if options["json"] else _in_words(told))


def _told(problem: Problem, answer: Proposal) -> dict[str, Any]:
    """Ids and codes; reasons tell of needs, and so name nobody but workers."""
    after = carried_after(problem, answer.places)
    points = {w.case: w.points for w in problem.waiting}
    lines = [
        {
            "case": place.case,
            "worker": place.worker,
            "second": place.second,
            "points": points[place.case],
            "reasons": reasons(problem, place, after),
        }
        for place in answer.places
    ]
    return {
        "assignments": [line for line in lines if line["worker"] is not None],
        "loads": [
            {
                "worker": c.worker,
                "before": c.points,
                "after": round(after[c.worker], 2),
                "capacity": c.capacity,
            }
            for c in problem.team
        ],
        "unassigned": [
            {"case": line["case"], "reasons": line["reasons"]} for line in lines if line["worker"] is None
        ],
        "method": answer.method,
        "seconds": round(answer.seconds, 3),
    }


def _in_words(told: dict[str, Any]) -> str:
    lines = [
        f"Case {line['case']}: worker {line['worker']}. {' '.join(line['reasons'])}"
        for line in told["assignments"]
    ]
    lines += [f"Case {line['case']}: nobody. {' '.join(line['reasons'])}" for line in told["unassigned"]]
    return "\n".join(lines) or "No case waits for a worker."
