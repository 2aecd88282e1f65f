import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import environ
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hiu.keeping import developer_copy
from hiu.keeping.place import KeepingError, Place


class Command(BaseCommand):
    help = (
        "Makes a copy of the database for developers in which nobody is named. "
        "Example: manage.py scrubbed_copy --out var/copy.dump"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--out", type=Path, help="a new file, for pg_restore")
        where.add_argument(
            "--into", metavar="URL", help="the owner's address of an empty database, postgres://..."
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        into = Place.of(dict(environ.Env.db_url_config(options["into"]))) if options["into"] else None
        try:
            made = developer_copy.make(out=options["out"], into=into)
        except KeepingError as problem:
            raise CommandError(str(problem)) from problem
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made)))
            return
        self.stdout.write(
            f"Made {made.out}, without files. Replaced {made.fields} fields of {made.tables} tables; "
            f"emptied {', '.join(made.emptied) or 'none'}."
        )
        self.stdout.write("Nobody is named in it, but it is about real people: keep it on our own machines.")
