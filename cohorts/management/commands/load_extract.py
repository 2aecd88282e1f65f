import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from cohorts import intake
from cohorts.actions import extract as actions
from cohorts.models import Extract, ExtractStatus, Source
from cohorts.pipeline.limit import DROP_WORDS
from cohorts.pipeline.problems import Unreadable
from governance import scope
from governance.arguments import checked
from governance.rules import RuleBroken

_NAMED = 20


class Command(BaseCommand):
    help = (
        "Load one extract of a source: check it and store what can be used. "
        "Example: manage.py load_extract attendances.csv --source attendances --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="a CSV file, an Excel workbook (.xlsx), or a zip file with one of them"
        )
        parser.add_argument("--source", required=True, help="the source's short name")
        parser.add_argument("--service", help="the service's short name, where two have such a source")
        parser.add_argument(
            "--as-at",
            type=checked(intake.day),
            help="the day that counts of people are true for, such as 2026-06-30",
        )
        parser.add_argument("--dry-run", action="store_true", help="check it, store nothing")
        parser.add_argument(
            "--password-env", metavar="NAME", help="the environment variable that holds the file's password"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = _source(options["source"], options["service"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        with scope.of(source.service):
            self._answer(source, options)

    def _answer(self, source: Source, options: dict[str, Any]) -> None:
        start = time.perf_counter()
        try:
            extract = _load(source, options)
        except actions.AlreadyLoaded as before:
            extract = _as_untouched(before.extract)
            self.stderr.write(str(before))
        except (RuleBroken, Unreadable) as problem:
            raise CommandError(str(problem)) from None
        if extract.status == ExtractStatus.REFUSED:
            raise CommandError(extract.problem)
        for remark in extract.remarks:
            self.stderr.write(remark)
        result = intake.as_result(extract)
        result["rejects_file"] = _path(extract, extract.rejects_file)
        result["seconds"] = round(time.perf_counter() - start, 3)
        self.stdout.write(json.dumps(result) if options["json"] else _in_words(extract, result))


def _load(source: Source, options: dict[str, Any]) -> Extract:
    path = Path(options["file"])
    given: dict[str, Any] = {
        "service": source.service,
        "source": source,
        "by": None,
        "as_at": intake.day(options["as_at"]) if options["as_at"] else None,
        "password": _password(options["password_env"]),
    }
    try:
        with path.open("rb") as file:
            upload = File(file, name=path.name)
            return _try(upload, given) if options["dry_run"] else actions.load(upload=upload, **given)
    except OSError as problem:
        raise RuleBroken(f"{path} cannot be read: {problem.strerror}. Check the path.") from None


def _try(upload: File, given: dict[str, Any]) -> Extract:
    """The preview of a file, thrown away again; only the file of rejected rows is kept."""
    extract = actions.receive(upload=upload, ring=False, **given)
    actions.check(extract=extract)
    extract.refresh_from_db()
    if extract.status == ExtractStatus.PREVIEWED:
        actions.withdraw(extract=extract, by=None, keep_rejects=True)
        extract.refresh_from_db()
    return extract


def _as_untouched(extract: Extract) -> Extract:
    """The extract loaded before, with the counts of this time: nothing was done."""
    for name in ("rows_kept", "rows_new", "rows_changed", "people_new", "rows_rejected", "rows_dropped"):
        setattr(extract, name, 0)
    extract.rows_duplicate = extract.rows_read
    extract.reject_reasons, extract.drop_reasons, extract.remarks = {}, {}, []
    return extract


def _source(slug: str, service: str | None) -> Source:
    """The source of that short name, in whichever service it is. Raises RuleBroken unless there is just one."""
    with scope.every_service():
        return _only_source(slug, service)


def _only_source(slug: str, service: str | None) -> Source:
    found = Source.objects.select_related("service", "agreement").filter(slug=slug)
    if service:
        found = found.filter(service__slug=service)
    if len(found) > 1:
        services = ", ".join(source.service.slug for source in found)
        raise RuleBroken(f'Several services have a source "{slug}". Add --service and one of: {services}.')
    if not found:
        known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True).distinct())
        raise RuleBroken(
            f'There is no source "{slug}". Sources here: {known or "none yet; add_source makes one"}.'
        )
    return found[0]


def _password(name: str | None) -> str | None:
    if name is None:
        return None
    if name not in os.environ:
        raise RuleBroken(f"The environment has no variable {name}. Set it to the password of the file.")
    return os.environ[name]


def _path(extract: Extract, name: str) -> str | None:
    return str(extract.file.storage.path(name)) if name else None


def _in_words(extract: Extract, result: dict[str, Any]) -> str:
    kept = "would be kept" if extract.status == ExtractStatus.WITHDRAWN else "kept"
    lines = [
        f"Extract {extract.pk}: {extract.get_status_display().lower()}.",
        f"{result['rows_read']:,} rows read, {result['rows_kept']:,} {kept} ({result['rows_new']:,} new, "
        f"{result['rows_changed']:,} changed), {result['rows_duplicate']:,} sent before, "
        f"{result['rows_rejected']:,} rejected.",
        *(
            [
                f"{extract.rows_unmatched:,} of those without a usable NHS number wait until it is known whose they are."
            ]
            if extract.rows_unmatched
            else []
        ),
        f"{result['people_new']:,} people new, {result['people_matched']:,} known.",
        *(f"  {count:,} rows: {code}" for code, count in sorted(result["reject_reasons"].items())),
        *(f"  {count:,} rows left out {DROP_WORDS[code]}" for code, count in result["drop_reasons"].items()),
    ]
    if result["columns_dropped"]:
        names = result["columns_dropped"]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"Columns left out: {', '.join(names[:_NAMED])}{more}.")
    if result["rejects_file"]:
        lines.append(f"Rejected rows: {result['rejects_file']}")
    return "\n".join(lines)
