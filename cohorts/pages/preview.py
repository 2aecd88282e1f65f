"""What the page of an extract shows of a checked file."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.utils import timezone

from cohorts.models import Extract, ExtractStatus
from cohorts.models.activity import Measure
from cohorts.pages import mapping
from cohorts.pipeline.fields import FIELDS, F
from cohorts.pipeline.limit import DROP_WORDS
from cohorts.rules import MEASURE_NOUNS
from cohorts.ways_in.waiting import why_waits
from governance.models import Service
from governance.rules import Reader

EXAMPLES_SHOWN = 50

# What is wrong with rows, after their number: "12 without a date of arrival".
PROBLEM_WORDS = {
    "row_broken": "whose cells cannot be told apart",
    "identifier_missing": "that do not say who they are about",
    "nhs_number_cut": "with an NHS number that Excel has cut short",
    "nhs_number_length": "with an NHS number that does not have 10 digits",
    "nhs_number_not_digits": "with an NHS number that is not all digits",
    "nhs_number_dummy": "with a stand-in for an NHS number that was not known",
    "nhs_number_check_digit": "with an NHS number that fails its check digit",
    "nhs_number_scottish": "with a Scottish number that does not begin with a date of birth",
    "pseudonym_too_long": "with an identifier of more than 64 characters",
    "arrival_missing": "without an arrival date",
    "arrival_not_a_date": "with an arrival that is not a date",
    "arrival_before_1900": "with an arrival before 1900",
    "arrival_in_future": "with an arrival in the future",
    "arrival_time_24": "with an arrival at 24:00, which does not exist",
    "arrival_time_wrong": "with an arrival time that is not a time",
    "birth_not_a_date": "with a date of birth that is not a date",
    "birth_short_year": "with a date of birth whose year has two digits",
    "birth_before_1900": "with a date of birth before 1900",
    "birth_in_future": "with a date of birth in the future",
    "arrival_before_birth": "with an arrival before the date of birth",
    "age_wrong": "with an age that is not between 0 and 120",
    "count_wrong": "with a count that is not a number",
    "counts_missing": "without any count",
    "admission_method_missing": "that do not say how somebody was admitted",
    "admission_method_unknown": "with an admission method we do not know",
    "admission_not_emergency": "about admissions that were no emergency",
    "code_not_recognised": "with a code we do not know; it counts as not supplied",
    "number_not_read": "with a number we cannot use; it counts as not supplied",
    "nhs_number_for_tests": "with an NHS number from the range kept for tests: nobody real has it",
}


def of(extract: Extract) -> dict[str, Any]:
    """Figures, reasons and remarks, in words, and what has come in the way of storing since it was checked."""
    return {
        "stopped": extract.source.agreement.problem_on(timezone.localdate(), Reader.SENDER),
        "waits": why_waits(extract) if extract.status == ExtractStatus.PREVIEWED else "",
        "stats": _stats(extract),
        "reasons": in_words(extract.reject_reasons),
        "unmatched": extract.unmatched_rows.aggregate(kept=Count("pk"), matched=Count("person")),
        "left_out": [(f"rows {DROP_WORDS[code]}", n) for code, n in extract.drop_reasons.items()],
        "notes": in_words(extract.notes),
        "examples": extract.reject_examples[:EXAMPLES_SHOWN],
        "cannot": mapping.underivable(extract.source, mapping.kept_fields(extract.source)),
        "changed": _changed(extract),
        "noun": MEASURE_NOUNS[Measure(extract.source.measure)][1],
    }


def about_agreements(service: Service, today: datetime.date) -> list[str]:
    """What stops a load, or wants seeing to, in the agreements that files are sent under."""
    said = []
    for agreement in service.agreements.filter(sources__isnull=False).distinct():
        problem = agreement.problem_on(today, Reader.SENDER)
        said += [problem] if problem else agreement.warnings_on(today)
    return said


def _changed(extract: Extract) -> dict[str, Any]:
    """What differs from before, as a table: a field that was or is blank is "Not supplied"."""
    rows = [
        [str(each["row"]), _field(each["column"]), _value(each["before"]), _value(each["after"])]
        for each in extract.changed_examples
    ]
    head = [{"label": label} for label in ("Row", "What", "As sent before", "In this file")]
    return {"head": head, "rows": rows, "more": len(rows) >= EXAMPLES_SHOWN}


def _value(said: str | None) -> str | None:
    return {"true": "Yes", "false": "No", "": None}.get(said or "", said)


def _field(column: str) -> str:
    """The label of a stored column; the day and the time have other names in a file."""
    named = {"started_on": F.ARRIVED_ON, "started_at_time": F.ARRIVED_TIME}.get(column, column)
    return FIELDS[F(named)].label if named in set(F) else column.replace("_", " ")


def in_words(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first; a code nobody has put into words yet is shown as it is.

    A note that is about one column has its name after the code, as in "code_not_recognised: Arrival mode".
    """
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [(f"{'row' if number == 1 else 'rows'} {_words(code)}", number) for code, number in ordered]


def _words(code: str) -> str:
    name, _, column = code.partition(": ")
    words = PROBLEM_WORDS.get(name, name.replace("_", " "))
    if not column:
        return words
    what, semicolon, result = words.partition(";")
    return f"{what} in “{column}”{semicolon}{result}"


def _stats(extract: Extract) -> list[dict[str, Any]]:
    stored = extract.status == ExtractStatus.COMMITTED
    figures = [
        (extract.rows_new, "New rows", "were added" if stored else "will be added"),
        (
            extract.rows_changed,
            "Changed rows",
            "were corrected" if stored else "differ from those sent before",
        ),
        (extract.rows_duplicate, "Exact duplicates", "were left alone" if stored else "are left alone"),
        (extract.rows_rejected, "Rejected rows", "could not be used" if stored else "cannot be used"),
    ]
    return [{"value": f"{value:,}", "label": label, "note": note} for value, label, note in figures]
