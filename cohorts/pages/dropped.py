"""Load by load: what the agreement kept out, and what could not be used. Counts and names of columns only."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cohorts.models import Extract, ExtractStatus
from cohorts.pages.preview import PROBLEM_WORDS
from cohorts.pipeline.files import inert
from cohorts.pipeline.limit import DROP_WORDS
from governance.models import Service

CSV_HEAD = ("extract", "day", "source", "agreement", "version", "state", "kind", "what", "rows")
# A file nobody has checked yet has dropped nothing.
UNCHECKED = (ExtractStatus.RECEIVED, ExtractStatus.CHECKING)


def loads(service: Service, agreement: str | None = None) -> QuerySet[Extract]:
    """The extracts that were checked or refused, newest first; of one agreement where its number is given."""
    found = service.extracts.exclude(status__in=UNCHECKED).select_related(
        "source__agreement", "agreement_version"
    )
    if agreement and agreement.isdecimal() and len(agreement) < 10:
        found = found.filter(source__agreement=int(agreement))
    return found.defer("reject_examples", "original_name")


def row(extract: Extract) -> dict[str, Any]:
    """One load, in words."""
    return {
        "extract": extract,
        "version": extract.agreement_version.number if extract.agreement_version else None,
        "dropped": _in_words(extract.drop_reasons, DROP_WORDS),
        "rejected": _in_words(extract.reject_reasons, PROBLEM_WORDS),
    }


def as_csv(extracts: Iterable[Extract]) -> bytes:
    """A line for each reason of each load; UTF-8 with the mark that makes Excel read it as such."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEAD)
    for extract in extracts:
        version = extract.agreement_version.number if extract.agreement_version else ""
        about = [
            extract.pk,
            timezone.localdate(extract.received_at).isoformat(),
            inert(extract.source.name),
            inert(extract.source.agreement.title),
            version,
            extract.get_status_display(),
        ]
        writer.writerows([*about, *line] for line in _lines(extract))
    return text.getvalue().encode("utf-8-sig")


def _lines(extract: Extract) -> Iterator[tuple[str, str, int | str]]:
    yield "rows read", "", extract.rows_read
    yield "rows kept", "", extract.rows_kept
    if extract.problem:
        yield "refused", inert(extract.problem), ""
    for remark in extract.remarks:
        yield "remark", inert(remark), ""
    for name in extract.columns_dropped:
        yield "column dropped", inert(name), ""
    for words, number in _in_words(extract.drop_reasons, DROP_WORDS):
        yield "rows dropped", words, number
    for words, number in _in_words(extract.reject_reasons, PROBLEM_WORDS):
        yield "rows rejected", words, number


def _in_words(numbers: dict[str, int], words: dict[str, str]) -> list[tuple[str, int]]:
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [(words.get(code, code.replace("_", " ")), number) for code, number in ordered]
