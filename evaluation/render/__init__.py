"""One frozen report drawn as a page, a PDF, a workbook and a tidy CSV file.

Nothing in this folder asks the database: what is not in the snapshot cannot be in a rendering.
"""

from __future__ import annotations

from evaluation.models import Report

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


DRAFT = "Draft: not released yet. Do not pass it on."


def file_name(report: Report, ending: str) -> str:
    """What a rendering is called when it is saved."""
    draft = "-draft" if report.is_draft else ""
    return f"hiu-report-{report.service.slug}-{report.quarter}{draft}.{ending}"


def draft_mark(report: Report) -> str:
    """What stands on every page and sheet of a report that nobody has released; empty once somebody has."""
    return DRAFT if report.is_draft else ""


def _released(report: Report) -> str:
    if report.is_draft:
        return DRAFT
    when = f"{report.release.released_at:%Y-%m-%d %H:%M} UTC"
    return when if report.release.released_by_id else f"{when}, before releases were kept"


def facts(report: Report) -> list[tuple[str, str]]:
    """What a reader needs to tell this copy from any other, in every rendering alike."""
    snapshot, made = report.snapshot, report.snapshot["provenance"]
    extracts = ", ".join(str(each) for each in made["extracts"]) or "none"
    return [
        ("Service", snapshot["service"]),
        ("Run by", snapshot["host"]),
        ("Quarter", f"{snapshot['quarter']}: {snapshot['period']['label']}"),
        ("The same quarter in the NHS year", snapshot["period"]["nhs_label"]),
        ("Counted up to", made["data_cut"]),
        ("Activity known up to", made.get("data_to") or "not supplied"),
        ("Extracts the rates come from", extracts),
        ("Rule of the newest list", made.get("rule") or "none"),
        ("Figures withheld", str(snapshot["suppressed_cells"])),
        ("Seed of random draws", str(made["seed"])),
        ("Fingerprint of the plan", made["plan_hash"] or "none"),
        ("Frozen at", f"{report.frozen_at:%Y-%m-%d %H:%M} UTC"),
        ("Released at", _released(report)),
        ("Fingerprint of the figures (SHA-256)", report.sha256),
    ]
