import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import printing
from governance.safety import document, log


class Command(BaseCommand):
    help = (
        "Writes the clinical safety case from the hazard log: html, json and pdf. Refuses while a hazard has no "
        "control, names a test that does not exist, or is left with a risk that nobody accepted. "
        "Example: manage.py safety_case --out safety"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, help="the folder to write to; made where it is missing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        shipped = _checked()
        try:
            files = _write(shipped, Path(options["out"]))
        except OSError as problem:
            raise CommandError(
                f"Cannot write to {options['out']}: {problem.strerror}. Choose another folder."
            ) from None
        if printing.why_not():
            self.stderr.write(printing.why_not())
        if options["json"]:
            found = {
                "version": shipped.version,
                "date": shipped.date,
                "hazards": len(shipped.hazards),
                "highest_rating": shipped.highest,
                "files": files,
                "pdf_problem": printing.why_not(),
            }
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"{shipped.title}, version {shipped.version} of {shipped.date}:")
        self.stdout.write("\n".join(f"  {each['path']}" for each in files))


def _checked() -> log.Log:
    """The log, once nothing is wrong with it. Where the tests are not installed, their names are believed."""
    try:
        found = log.read()
    except log.BadLog as problem:
        raise CommandError(str(problem)) from None
    wrong = log.problems(found) + (log.missing_evidence(found) if log.has_tests() else [])
    if wrong:
        raise CommandError("The hazard log is not in order. Nothing was written.\n" + "\n".join(wrong))
    return found


def _write(shipped: log.Log, folder: Path) -> list[dict[str, str]]:
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for ending, draw in document.DRAW.items():
        if ending == "pdf" and printing.why_not():
            continue
        content = draw(shipped)
        path = folder / document.file_name(shipped, ending)
        path.write_bytes(content)
        files.append({"path": str(path), "sha256": hashlib.sha256(content).hexdigest()})
    return files
