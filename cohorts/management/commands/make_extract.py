import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cohorts.synthetic import make_extract


class Command(BaseCommand):
    help = (
        "Write an invented extract: no row is about anybody. "
        "Example: manage.py make_extract attendances.csv --rows 10000 --seed 1 --messy"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="where to write it; .xlsx makes a workbook, anything else CSV")
        parser.add_argument("--rows", type=int, required=True, help="how many rows")
        parser.add_argument("--seed", type=int, required=True, help="the same seed gives the same file")
        parser.add_argument("--messy", action="store_true", help="spoil 8%% of the rows in counted ways")
        parser.add_argument(
            "--shape",
            choices=["attendances", "people"],
            default="attendances",
            help="what one row stands for",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        path, rows = Path(options["path"]), options["rows"]
        if rows < 1:
            raise CommandError("--rows must be at least 1.", returncode=2)
        try:
            made = make_extract(
                rows=rows, seed=options["seed"], messy=options["messy"], shape=options["shape"]
            )
            made.write(path)
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{path} cannot be written: {problem.strerror}.") from None
        result = {"rows": made.rows, "people": made.people, "defects": made.defects, "path": str(path)}
        self.stdout.write(json.dumps(result) if options["json"] else _in_words(result))


def _in_words(result: dict[str, Any]) -> str:
    lines = [f"{result['path']}: {result['rows']:,} rows about {result['people']:,} invented people."]
    lines += [f"  {count:,} rows spoilt: {kind}" for kind, count in result["defects"].items()]
    return "\n".join(lines)
