"""Every figure of the report, declared: what it means in plain words, where it comes from, when it is hidden.

The methods page and the notes under the tables are drawn from here, so that what is said about a figure has one
home.
"""

from __future__ import annotations

from dataclasses import dataclass

from casework.experience import QUESTION, SOURCE
from evaluation.disclosure import DEFAULT_BASE, DEFAULT_THRESHOLD
from evaluation.impact.sample import COUNTS_FROM, ESTIMATE_FROM, FULL_FROM

COUNT_RULE = f"Nobody is shown as 0, 1 to {DEFAULT_THRESHOLD} as *, anything larger rounded to the nearest {DEFAULT_BASE}."
MEDIAN_RULE = f"Shown only when it describes {DEFAULT_THRESHOLD + 1} people or more."
ESTIMATE_RULE = (
    f"Fewer than {COUNTS_FROM} people: nothing. {COUNTS_FROM} to {ESTIMATE_FROM - 1}: rounded counts only. "
    f"{ESTIMATE_FROM} to {FULL_FROM - 1}: an estimate marked as wide. {FULL_FROM} or more: the estimate."
)
WINDOWS = "3, 6, 9 and 12 months (91, 182, 273 and 365 days) before and after the index date"


@dataclass(frozen=True)
class Declared:
    """One measure, as a reader should understand it."""

    key: str
    name: str
    one: str
    definition: str
    unit: str
    source: str
    window: str
    small_numbers: str


def _activity(key: str, name: str, one: str, definition: str) -> Declared:
    return Declared(
        key,
        name,
        one,
        definition,
        unit=f"{name} for each person-year",
        source="Extracts that cover everyone who attended, one row for each event.",
        window=WINDOWS,
        small_numbers=f"{COUNT_RULE} {ESTIMATE_RULE}",
    )


ACTIVITY: tuple[Declared, ...] = (
    _activity(
        "ae",
        "A&E attendances",
        "A&E attendance",
        "Each time a person registers at an emergency department, counted on the day it started.",
    ),
    _activity(
        "nel",
        "Emergency admissions",
        "emergency admission",
        "Each unplanned stay in hospital (non-elective admission), counted on the day it started.",
    ),
    _activity(
        "conveyance",
        "Ambulance conveyances",
        "ambulance conveyance",
        "Each time an ambulance takes a person to hospital.",
    ),
    _activity("call_999", "999 calls", "999 call", "Each emergency call about a person."),
    _activity(
        "outpatient",
        "Outpatient appointments",
        "outpatient appointment",
        "Each hospital appointment that a person attended.",
    ),
)

CASEWORK: tuple[Declared, ...] = (
    Declared(
        "flow",
        "From list to support",
        "person",
        "Listed: on any list of the service, or referred to it, up to the last day of the quarter. Offered support: "
        "somebody tried to get in touch. Accepted: took up the offer, even if they stopped later. Declined: said "
        "no before starting. Not reached: nobody could speak to them. Each person counts once, by their first case.",
        unit="people",
        source="Lists, screening decisions and the history of each case.",
        window="From the start of the service to the last day of the quarter",
        small_numbers=COUNT_RULE,
    ),
    Declared(
        "new_cases",
        "New cases",
        "case",
        "Cases opened in the quarter, by whether the person came from a list or was referred.",
        unit="cases",
        source="Case records.",
        window="The quarter",
        small_numbers=COUNT_RULE,
    ),
    Declared(
        "contacts",
        "Contacts",
        "contact",
        "Everything a link worker did with or for a client in the quarter, or tried to: calls, visits, letters, "
        "going along to an appointment.",
        unit="contacts",
        source="The contact log.",
        window="The quarter",
        small_numbers=COUNT_RULE,
    ),
    Declared(
        "days_to_first_contact",
        "Days to first contact",
        "day",
        "For cases opened in the quarter: days from opening to the first logged attempt to get in touch. "
        "Cases without one by the last day of the quarter are left out and counted apart.",
        unit="days (median)",
        source="Case records and the contact log.",
        window="The quarter",
        small_numbers=MEDIAN_RULE,
    ),
    Declared(
        "stages",
        "Stages",
        "case",
        "Where every case of the service stood on the last day of the quarter. Somebody who took up the offer and "
        "could not be reached later stands under not reached here, and stays under accepted in the flow.",
        unit="cases",
        source="The history of each case.",
        window="On the last day of the quarter",
        small_numbers=COUNT_RULE,
    ),
    Declared(
        "experience",
        "What people say of the service",
        "answer",
        f"Answers of the quarter to “{QUESTION}” from very good to very poor, or don't know ({SOURCE}), of people "
        "supported, carers, staff of partners and others. Of each person whose answer has their name the newest counts. "
        "People supported without an answer are counted as such.",
        unit="answers",
        source="What link workers, leads and managers wrote down.",
        window="The quarter",
        small_numbers=COUNT_RULE,
    ),
)

BY_KEY = {each.key: each for each in (*ACTIVITY, *CASEWORK)}
