"""What the page of an extract shows of a checked file."""

from typing import Any

from cohorts.models import Extract
from cohorts.models.activity import Measure
from cohorts.rules import MEASURE_NOUNS

EXAMPLES_SHOWN = 50


def of(extract: Extract) -> dict[str, Any]:
    """Figures, reasons and dropped columns, in words."""
    return {
        "stats": _stats(extract),
        "reasons": sorted(extract.reject_reasons.items(), key=lambda item: (-item[1], item[0])),
        "examples": extract.reject_examples[:EXAMPLES_SHOWN],
        "noun": MEASURE_NOUNS[Measure(extract.source.measure)][1],
    }


def _stats(extract: Extract) -> list[dict[str, Any]]:
    figures = [
        (extract.rows_new, "New rows", "will be added"),
        (extract.rows_changed, "Changed rows", "were sent before and differ now"),
        (extract.rows_duplicate, "Exact duplicates", "are left alone"),
        (extract.rows_rejected, "Rejected rows", "cannot be used"),
        (extract.people_new, "New people", ""),
        (extract.people_matched, "People already known", ""),
    ]
    return [{"value": f"{value:,}", "label": label, "note": note} for value, label, note in figures]
