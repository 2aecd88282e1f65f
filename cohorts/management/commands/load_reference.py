import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cohorts.actions import reference
from cohorts.areas import published
from cohorts.areas.editions import EDITIONS, OPEN_LICENCE, Kind
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Load a published file: IMD 2019, IMD 2025, or postcodes with their LSOA (CSV, packed by gzip or not). It takes "
        "the place of the one before. Example: manage.py load_reference File_7_IMD_2025.csv"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="what it is, its headings say")
        parser.add_argument("--kind", choices=[*Kind], help="refuse the file if it is anything else")
        parser.add_argument(
            "--source", help="what readers are told it is from; needed for a file of postcodes"
        )
        parser.add_argument("--licence", default=OPEN_LICENCE, help=f"default: {OPEN_LICENCE}")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            file = published.opened(Path(options["file"]), Kind(options["kind"]) if options["kind"] else None)
            source = options["source"] or _usual_source(file.kind)
            taken = reference.load(published=file, source=source, licence=options["licence"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        row = taken.file
        if options["json"]:
            told = {
                name: getattr(row, name) for name in ("kind", "year", "rows", "source", "licence", "sha256")
            }
            years = [int(year) for year in row.areas_of.split()]
            self.stdout.write(
                json.dumps(told | {"areas_of": years, "changed": taken.changed, "remarks": taken.remarks})
            )
            return
        done = "Loaded" if taken.changed else "Nothing was changed: this file is loaded already,"
        self.stdout.write(
            f"{done} {row.get_kind_display()}: {row.rows:,} rows from {row.source} ({row.licence})."
        )
        for remark in taken.remarks:
            self.stdout.write(f"  {remark}")


def _usual_source(kind: Kind) -> str:
    for edition in EDITIONS:
        if edition.kind == kind:
            return edition.source
    raise RuleBroken(
        "Say with --source where the postcodes are from, with the date: readers of an area profile are told."
    )
