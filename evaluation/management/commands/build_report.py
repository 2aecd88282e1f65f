import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from evaluation import quarters
from evaluation.actions import report as report_actions
from evaluation.models import Report
from evaluation.render import csv, file_name, html, pdf, xlsx
from governance import scope
from governance.arguments import checked
from governance.models import Service, User
from governance.permissions import role_allows
from governance.roles import Permission
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Writes the commissioner's pack of a quarter: html, pdf, xlsx, csv and manifest.json. The figures are frozen "
        "the first time and drawn again from the same frozen copy after that. Exit 0 done, 1 refused, 2 wrong "
        "arguments. Example: "
        "manage.py build_report --service fenland --quarter 2026-Q3 --out pack --by lead@example.nhs.uk"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--service", required=True, help="the short name of the service")
        parser.add_argument(
            "--quarter",
            required=True,
            type=checked(quarters.parse),
            help="a calendar quarter, such as 2026-Q3",
        )
        parser.add_argument("--out", required=True, help="the folder to write to; made where it is missing")
        parser.add_argument(
            "--by",
            default="",
            help="the e-mail of the member who builds it; somebody else releases it. Left out: drafted by nobody, "
            "as by the scheduler, and released by whoever reads it first",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            quarter = quarters.parse(options["quarter"])
            service = Service.objects.called(options["service"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        with scope.of(service):
            self._answer(service, quarter, options)

    def _answer(self, service: Service, quarter: quarters.Quarter, options: dict[str, Any]) -> None:
        try:
            by = _member(service, options["by"]) if options["by"] else None
            report = _report(service, quarter, by)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        try:
            files = _write(report, Path(options["out"]), by)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(
                f"Cannot write to {options['out']}: {problem.strerror}. Choose another folder."
            ) from None
        outcome = {
            "files": files,
            "suppressed_cells": report.snapshot["suppressed_cells"],
            "frozen_at": report.frozen_at.isoformat(),
            "draft": report.is_draft,
        }
        if pdf.why_not():
            self.stderr.write(pdf.why_not())
        if options["json"]:
            self.stdout.write(json.dumps({**outcome, "pdf_problem": pdf.why_not()}))
        else:
            self.stdout.write(
                f"{report.quarter} of {report.service}, frozen on {report.frozen_at:%-d %B %Y}"
                f"{', a draft until somebody releases it' if report.is_draft else ''}:"
            )
            self.stdout.write("\n".join(f"  {each['path']}" for each in files))


def _member(service: Service, email: str) -> User:
    """Who builds it: a member today whose role builds reports. Raises RuleBroken with a sentence."""
    members = service.memberships.in_force(timezone.localdate()).select_related("user")
    membership = members.filter(user__email__iexact=email).first()
    if membership is None:
        raise RuleBroken(f"Nobody with the e-mail {email} may sign in to {service}.")
    if not role_allows(membership.role, Permission.BUILD_REPORTS):
        raise RuleBroken(f"The role of {email} does not include building reports.")
    return membership.user


def _report(service: Service, quarter: quarters.Quarter, by: User | None) -> Report:
    """The frozen report of the quarter, made now if there is none. Raises RuleBroken with a sentence."""
    rows = service.reports.standing().filter(quarter=str(quarter))
    found = rows.select_related("service", "release").first()
    return found or report_actions.freeze(service=service, quarter=quarter, by=by)


def _write(report: Report, folder: Path, by: User | None) -> list[dict[str, str]]:
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {"html": html.document(report).encode(), "xlsx": xlsx.draw(report), "csv": csv.draw(report)}
    if not pdf.why_not():
        drawings["pdf"] = pdf.draw(report)
    files = []
    for ending, content in sorted(drawings.items()):
        path = folder / file_name(report, ending)
        report_actions.record_download(report=report, kind=ending, by=by)
        path.write_bytes(content)
        files.append({"path": str(path), "sha256": hashlib.sha256(content).hexdigest()})
    manifest = folder / "manifest.json"
    manifest.write_text(
        json.dumps(_manifest(report, files), indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    return [*files, {"path": str(manifest), "sha256": digest}]


def _manifest(report: Report, files: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "service": report.service.slug,
        "quarter": report.quarter,
        "frozen_at": report.frozen_at.isoformat(),
        "draft": report.is_draft,
        "snapshot_sha256": report.sha256,
        "provenance": report.snapshot["provenance"],
        # Neither fingerprints of rows nor of files: those are for who holds the data.
        "went_in": {name: report.manifest.get(name) for name in ("as_at", "software", "settings")},
        "suppressed_cells": report.snapshot["suppressed_cells"],
        "files": {Path(each["path"]).name: each["sha256"] for each in files},
        "pdf": pdf.why_not() or "made",
    }
