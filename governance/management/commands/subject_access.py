import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import scope
from governance.actions import rights
from governance.arguments import checked
from governance.copy import write
from governance.copy.gather import Copy, gather
from governance.models import Person, Service
from governance.rules import RuleBroken

NHS_NUMBER_DIGITS = 10


class Command(BaseCommand):
    help = (
        "Writes everything held on a person, for that person: a page, JSON, and a CSV for each kind of row. Texts "
        "nobody has looked through yet are withheld. Example: manage.py subject_access 17 --out copy"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "person",
            type=checked(_digits),
            help="the number of the person in our addresses, or an NHS number",
        )
        parser.add_argument("--out", required=True, help="the folder to write to; made where it is missing")
        parser.add_argument("--service", help="the short name of the service, if several know the person")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            service, pk = _find(options["person"], options["service"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        folder = Path(options["out"])
        with scope.of(service):
            copy = gather(service.people.get(pk=pk))
            files = _write(copy, folder)
            rights.record_copy(person=copy.person, kind="files", withheld=copy.withheld, by=None)
        withheld = f"{copy.withheld} texts withheld. {write.UNREVIEWED}" if copy.withheld else ""
        if options["json"]:
            self.stdout.write(json.dumps({"files": files, "texts_withheld": copy.withheld, "note": withheld}))
            return
        self.stdout.write(f"Everything held on person {pk} of {service}:")
        self.stdout.write("\n".join(f"  {each['path']}" for each in files))
        if withheld:
            self.stdout.write(withheld)


def _digits(typed: str) -> str:
    digits = typed.replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        raise RuleBroken("Give the number of a person or an NHS number.")
    return digits


def _find(typed: str, slug: str | None) -> tuple[Service, int]:
    """The one service and person meant. Each service is looked into in a scope of its own."""
    digits = _digits(typed)
    if slug is not None and not Service.objects.filter(slug=slug).exists():
        known = ", ".join(Service.objects.values_list("slug", flat=True)) or "none yet"
        raise RuleBroken(f'There is no service called "{slug}". Services here: {known}.')
    by_number = {"nhs_number": digits} if len(digits) == NHS_NUMBER_DIGITS else {"pk": int(digits)}
    found = []
    for service in Service.objects.filter(**({"slug": slug} if slug else {})):
        with scope.of(service):
            found += [
                (service, pk)
                for pk in Person.objects.filter(service=service, **by_number).values_list("pk", flat=True)
            ]
    if not found:
        raise RuleBroken("Nobody here has this number.")
    if len(found) > 1:
        slugs = ", ".join(service.slug for service, _ in found)
        raise RuleBroken(f"Several services know this person: {slugs}. Name one with --service.")
    return found[0]


def _write(copy: Copy, folder: Path) -> list[dict[str, str]]:
    """Readable by nobody but whoever ran the command."""
    contents = {"about-you.html": write.html(copy), "about-you.json": write.as_json(copy)}
    contents |= {f"tables/{name}": content for name, content in write.tables(copy).items()}
    files = []
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(content)
            files.append({"path": str(path), "sha256": hashlib.sha256(content).hexdigest()})
    except OSError as problem:
        raise CommandError(f"Cannot write to {folder}: {problem.strerror}. Choose another folder.") from None
    return files
