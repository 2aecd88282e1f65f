"""Where the files of an extract are, what the pipeline needs to know of it, and sentences about it."""

import datetime
import hashlib
import shutil
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import connection
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from cohorts.models import Coverage, Extract, ExtractStatus, IdentifierKind, Source
from cohorts.pipeline import archive, numbers, workbook
from cohorts.pipeline import limit as limits
from cohorts.pipeline.fields import COUNTS
from cohorts.pipeline.files import open_checked
from cohorts.pipeline.limit import CountColumns, Limit
from cohorts.pipeline.match import Feed
from cohorts.pipeline.profile import Conventions, Layout
from cohorts.pipeline.recognise import FileKind, recognise
from cohorts.pipeline.run import Summary
from cohorts.pipeline.stage import Stage
from governance.models import Agreement, Operator
from governance.rules import RuleBroken, sooner_than_agreed

CHECKED, REJECTS, UNMATCHED = ".checked", ".rejects.csv", ".unmatched"
BROKE_OFF = (
    "The work on this file was interrupted again and again, so we stopped. Nothing was stored. "
    "Upload it once more, and if that fails too, tell whoever looks after this system."
)

LISTED_FROM_NOW = (
    "The agreement leaves people out. Once this is stored, the source counts as one that tells nothing about "
    "people who are not in it, so no report takes them to have stayed away."
)


def keep(extract: Extract, upload: File, password: str | None) -> None:
    """Write an upload to its random name, unlocked, and note its size and hash; deletes it if it is no use.

    Hash and size are those of what was in it: the same list locked a second time has other bytes.

    Raises:
        Unreadable: when it is no CSV text, no workbook and no zip of one, or the password does not open it.
    """
    extract.file.save(extract.original_name, upload, save=False)
    path = Path(extract.file.path)
    try:
        name = archive.unpack(path, password) if archive.is_archive(path) else extract.original_name
        if recognise(path, name) is FileKind.OLE:
            with workbook.unlocked(path, password) as plain:
                shutil.copyfile(plain, path)
        with path.open("rb") as file:
            extract.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        extract.size = path.stat().st_size
    except BaseException:
        delete_files(extract)
        raise


def name_of(extract: Extract, kind: str) -> str:
    """The name, under MEDIA_ROOT, of a file that stands beside the upload."""
    return f"{extract.file.name}{kind}"


def path_of(extract: Extract, kind: str) -> Path:
    """Where a file beside the upload will be written; what an interrupted run left there is removed."""
    path = Path(f"{extract.file.path}{kind}")
    path.unlink(missing_ok=True)
    return path


def delete_files(extract: Extract, *, but_rejects: bool = False) -> None:
    """Remove the upload and what was made from it; the row remembers what they were."""
    if not extract.file:
        return
    for kind in ("", CHECKED, UNMATCHED) if but_rejects else ("", CHECKED, UNMATCHED, REJECTS):
        Path(f"{extract.file.path}{kind}").unlink(missing_ok=True)


def delete_checked(extract: Extract) -> None:
    """Remove the rows that are stored now; the upload stays for as long as retention says."""
    for kind in (CHECKED, UNMATCHED):
        Path(f"{extract.file.path}{kind}").unlink(missing_ok=True)


def unmatched_path(extract: Extract) -> Path:
    """The rejected rows that only lack a usable NHS number; made only where there are any."""
    return Path(f"{extract.file.path}{UNMATCHED}")


def checked_path(extract: Extract) -> Path:
    """The rows that passed."""
    return Path(f"{extract.file.path}{CHECKED}")


def layout_of(source: Source) -> Layout:
    """The source's mapping as the pipeline reads it."""
    conventions = source.conventions
    said = source.service.code_meanings.in_force(conventions.code_set) if conventions.code_set else ()
    return Layout(source.shape, source.identifier, dict(source.columns), conventions, said)


def stage_of(extract: Extract) -> Stage:
    return Stage(extract.pk, extract.source_id, extract.source.shape)


def feed_of(extract: Extract) -> Feed:
    """Where the rows of the extract belong."""
    source = extract.source
    issuer = source.organisation_id if source.identifier == IdentifierKind.PSEUDONYM else None
    as_at = extract.as_at or timezone.localtime(extract.received_at).date()
    return Feed(extract.service_id, source.pk, extract.pk, issuer, source.measure, as_at)


def limit_of(agreement: Agreement) -> Limit:
    """Whom the agreement reaches, as the pipeline reads it."""
    return Limit(
        above=agreement.threshold_operator == Operator.MORE_THAN,
        threshold=agreement.threshold,
        months=agreement.threshold_months,
        recent_months=agreement.recent_months,
        top_n=agreement.top_n,
    )


def checked_counts(extract: Extract) -> CountColumns:
    """Which counts of a checked list of people the agreement's limits are held against."""
    columns, file = open_checked(checked_path(extract))
    file.close()
    source = extract.source
    conventions = Conventions.from_json(source.formats)
    return limits.count_columns(limit_of(source.agreement), columns, conventions, source.measure)


def remarks_on(extract: Extract, summary: Summary) -> list[str]:
    """What the reader should know about a file as a whole, in sentences."""
    source = extract.source
    agreement = source.agreement
    remarks = agreement.warnings_on(timezone.localdate())
    remarks += numbers.remarks(summary, is_kept=not limit_of(agreement).applies)
    remarks += [summary.date_order] if summary.date_order else []
    remarks += limits.remarks(
        limit_of(agreement),
        source.shape,
        summary.count_columns,
        first_day=summary.first_day,
        last_day=summary.last_day,
    )
    if limit_of(agreement).applies and source.coverage == Coverage.EVERYONE:
        remarks.append(LISTED_FROM_NOW)
    return remarks


def too_soon(extract: Extract) -> list[str]:
    """That a file comes before its time, in a sentence. The answer to a data request comes when it was asked for."""
    agreement = extract.source.agreement
    this, last = reach_of(extract), _reach_before(extract)
    if extract.answers or not sooner_than_agreed(agreement.frequency, last=last, this=this):
        return []
    return [
        f"This file comes sooner than agreed ({agreement.get_frequency_display().lower()}): it reaches "
        f"{this:%-d %B %Y}, and the one before it reached {last:%-d %B %Y}. It can be stored; tell the IG "
        "lead if it happens again."
    ]


def _reach_before(extract: Extract) -> datetime.date | None:
    """The last day that the stored extracts of the same source reach."""
    stored = extract.source.extracts.filter(status=ExtractStatus.COMMITTED, answers=None).exclude(
        pk=extract.pk
    )
    return stored.aggregate(last=Max(Coalesce("as_at", "period_to")))["last"]


def reach_of(extract: Extract) -> datetime.date | None:
    """The last day the extract says anything about."""
    return extract.as_at or extract.period_to


def windows_of(extract: Extract) -> dict[str, int]:
    """Months that each count of the source covers."""
    conventions = Conventions.from_json(extract.source.formats)
    return {name: conventions.window(name) for name in COUNTS}


def counts_of(extract: Extract) -> dict[str, int]:
    """Numbers for the audit: no names."""
    names = ("read", "new", "changed", "duplicate", "rejected", "dropped")
    rows = {f"rows_{name}": getattr(extract, f"rows_{name}") for name in names}
    people = {name: getattr(extract, name) for name in ("people_new", "people_matched", "people_corrected")}
    return {**rows, **people}


def drop(stage: Stage) -> None:
    """Forget the staged rows; a session that died has forgotten them already."""
    if (
        connection.connection is not None
        and not connection.connection.closed
        and not connection.needs_rollback
    ):
        with connection.cursor() as cursor:
            stage.drop(cursor)


def safe_name(name: str) -> str:
    """What a sender called a file, fit to show: no folders, no control characters, 255 characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(letter for letter in base if letter.isprintable()).strip()
    return visible[-255:] or "unnamed"


def already_loaded(extract: Extract) -> str:
    """Why the same bytes are not loaded a second time."""
    by = f" by {extract.committed_by.name}" if extract.committed_by else ""
    when = f" on {_day(extract.committed_at)}" if extract.committed_at else ""
    return f"This file was already loaded{when}{by}. Nothing was changed."


def why_not_now(extract: Extract) -> str:
    """Why an extract cannot be stored or thrown away in the state it is in."""
    if extract.status == ExtractStatus.COMMITTED:
        by = f" by {extract.committed_by.name}" if extract.committed_by else ""
        when = f" on {_day(extract.committed_at)}" if extract.committed_at else ""
        return f"This extract was stored{when}{by}."
    words: dict[str, str] = {
        ExtractStatus.UNDONE: "This extract was undone. Upload the file again to load it.",
        ExtractStatus.REFUSED: "This extract was refused, so nothing of it can be stored.",
        ExtractStatus.WITHDRAWN: "This extract was thrown away. Upload the file again to load it.",
    }
    return words.get(extract.status, "This extract is being worked on. Wait until that is done.")


def day(text: str) -> datetime.date:
    """A day typed as 2026-06-30.

    Raises:
        RuleBroken: when it is none.
    """
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise RuleBroken(f'"{text}" is not a date. Write it as year, month, day: 2026-06-30.') from None


def _day(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%-d %B %Y}"


def as_result(extract: Extract) -> dict[str, Any]:
    """What the command line says of an extract."""
    names = ("rows_read", "rows_kept", "rows_duplicate", "rows_rejected", "rows_unmatched", "rows_dropped")
    return {
        "extract": extract.pk,
        "status": extract.status,
        **{name: getattr(extract, name) for name in names},
        "rows_new": extract.rows_new,
        "rows_changed": extract.rows_changed,
        "reject_reasons": extract.reject_reasons,
        "drop_reasons": extract.drop_reasons,
        "remarks": extract.remarks,
        "notes": extract.notes,
        "columns_dropped": extract.columns_dropped,
        "people_new": extract.people_new,
        "people_matched": extract.people_matched,
        "people_corrected": extract.people_corrected,
    }
