"""The file of a data request: who asks, for what, about whom, locked with a password."""

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile


@dataclass(frozen=True)
class Wanted:
    """What a request says, in the words of the file."""

    service: str
    sender: str
    agreement: str
    measures: Sequence[str]
    period_from: datetime.date
    period_to: datetime.date
    made_on: datetime.date
    identifier: str
    identifiers: Sequence[str]


def build(wanted: Wanted, *, password: str) -> tuple[bytes, bytes]:
    """The workbook as it is, and locked. Only the locked one may leave; the other is for its hash."""
    plain = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(plain, options) as book:
        book.set_properties({"title": "Data request", "created": datetime.datetime.combine(wanted.made_on, datetime.time())})  # fmt: skip
        about, people = book.add_worksheet("Request"), book.add_worksheet("People")
        for row, (label, value) in enumerate(_about(wanted)):
            about.write_string(row, 0, label)
            about.write_string(row, 1, value)
        about.set_column(0, 0, 28)
        about.set_column(1, 1, 90)
        for row, value in enumerate([wanted.identifier, *wanted.identifiers]):
            people.write_string(row, 0, value)
        people.set_column(0, 0, 20)
    locked = io.BytesIO()
    plain.seek(0)
    OOXMLFile(plain).encrypt(password, locked)
    return plain.getvalue(), locked.getvalue()


def _about(wanted: Wanted) -> list[tuple[str, str]]:
    return [
        ("Asked by", wanted.service),
        ("Asked of", wanted.sender),
        ("Under the agreement", wanted.agreement),
        ("Made on", f"{wanted.made_on:%-d %B %Y}"),
        ("About", f"the {len(wanted.identifiers):,} people on the sheet People, and nobody else"),
        ("Please send", ", ".join(wanted.measures)),
        ("From", f"{wanted.period_from:%-d %B %Y}"),
        ("To, that day included", f"{wanted.period_to:%-d %B %Y}"),
        (
            "People without any",
            "Somebody of this list who is in no row of your answer is taken to have had none in this period. "
            "If you cannot tell for somebody, say so.",
        ),
    ]
