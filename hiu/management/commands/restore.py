import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import environ
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hiu.keeping import restore
from hiu.keeping.place import KeepingError, Place


class Command(BaseCommand):
    help = (
        "Proves a backup by restoring it into a scratch database, or restores it into an empty one. "
        "Example: manage.py restore var/backups/2026-11-26 --drill"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what backup --out wrote")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--drill", action="store_true", help="restore beside the database, compare, drop it again"
        )
        what.add_argument(
            "--into", metavar="URL", help="the owner's address of an empty database, postgres://..."
        )
        parser.add_argument("--media", type=Path, help="with --into: an empty folder for the files")
        parser.add_argument("--keys", type=Path, help="with --into: a new file for the opened keys")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            done = self._drill(folder) if options["drill"] else self._restore(folder, options)
        except restore.Different as problem:
            if options["json"]:
                self.stdout.write(json.dumps({"ok": False, "first_difference": str(problem)}))
            raise CommandError(str(problem)) from problem
        except KeepingError as problem:
            raise CommandError(str(problem)) from problem
        sentence, found = done
        self.stdout.write(
            json.dumps({"ok": True, "first_difference": None, **found}) if options["json"] else sentence
        )

    def _drill(self, folder: Path) -> tuple[str, dict[str, Any]]:
        proof = restore.drill(folder)
        return (
            f"Proven in {proof.seconds} seconds: {proof.rows:,} rows of {proof.tables} tables, "
            f"{proof.media_files} files and {proof.audit_events:,} audit events came back as they were.",
            asdict(proof),
        )

    def _restore(self, folder: Path, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        place = Place.of(dict(environ.Env.db_url_config(options["into"])))
        opened = restore.into(place, folder, media=options["media"], keys=options["keys"])
        rows = sum(count for count, _ in opened.manifest["rows"].values())
        return (
            f"Restored {rows:,} rows into {place.name}, as they were at {opened.manifest['made_at']}. "
            "Now run manage.py prepare_database, then verify_audit.",
            {"database": place.name, "rows": rows, "made_at": opened.manifest["made_at"]},
        )
