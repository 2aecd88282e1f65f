import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hiu.keeping import backup
from hiu.keeping.place import KeepingError


class Command(BaseCommand):
    help = (
        "Keeps the database, the files and the sealed keys in one folder. "
        "Example: manage.py backup --out var/backups/2026-11-26"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="a new folder")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        try:
            made = backup.make(out)
        except KeepingError as problem:
            raise CommandError(str(problem)) from problem
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made)))
            return
        self.stdout.write(
            f"Kept {made.rows:,} rows of {made.tables} tables, {made.media_files} files and "
            f"{len(made.keys)} keys in {made.out} ({made.bytes / 1e6:,.1f} MB)."
        )
        self.stdout.write(f"Prove it: manage.py restore {made.out} --drill")
