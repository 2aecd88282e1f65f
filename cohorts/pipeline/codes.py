"""What codes mean, and when: national code lists that ship, and what a service has said of single codes.

A code list changes each April, so a meaning may have a first and a last day, and the day of the event decides.
Pure: what a service said comes in as rows.
"""

import datetime
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from cohorts.pipeline.fields import F
from cohorts.pipeline.profile import Conventions
from cohorts.pipeline.synonyms import CLOSED_CODES

_FOLDER = Path(__file__).with_name("code_sets")
CATEGORIES = ("first", "unplanned follow-up", "planned follow-up")
CODED = (F.ARRIVAL_MODE, F.ATTENDANCE_CATEGORY, F.ACUITY, F.DEPARTMENT_TYPE, F.DISPOSAL)


@dataclass(frozen=True)
class Meaning:
    """One code of one field: what its list says, what is stored for it, and from when to when."""

    field: str
    code: str
    says: str
    means: str
    admits: bool | None = None  # of a disposal: whether it is a bed in this hospital; None is not supplied
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None

    @property
    def is_dated(self) -> bool:
        return self.first_day is not None or self.last_day is not None

    def holds_on(self, day: datetime.date | None) -> bool:
        """Whether it is in force on that day; of an unknown day only what always holds is sure."""
        if day is None:
            return not self.is_dated
        return (self.first_day is None or self.first_day <= day) and (
            self.last_day is None or day <= self.last_day
        )


@dataclass(frozen=True)
class CodeSet:
    """A national code list."""

    name: str
    title: str
    meanings: tuple[Meaning, ...]

    def of_field(self, name: str) -> list[Meaning]:
        return [meaning for meaning in self.meanings if meaning.field == name]


@cache
def shipped() -> dict[str, CodeSet]:
    """The code lists that come with the product, by their short names."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> CodeSet:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    meanings = (
        Meaning(field=name, means=row.pop("means", row["says"]), **row)
        for name, rows in data.items()
        if name != "title"
        for row in rows
    )
    return CodeSet(path.stem, data["title"], tuple(meanings))


def in_force(said: Iterable[tuple[Meaning, bool]]) -> tuple[Meaning, ...]:
    """Of what was said, newest first, what still holds; True beside a meaning takes back all said of its code before."""
    gone: set[tuple[str, str]] = set()
    holding = []
    for meaning, is_withdrawn in said:
        code = (meaning.field, normal_code(meaning.code))
        if is_withdrawn:
            gone.add(code)
        elif code not in gone:
            holding.append(meaning)
    return tuple(holding)


def normal_code(text: str) -> str:
    """A code as it is looked up: spreadsheets add `.0`, people add spaces."""
    return text.strip().casefold().removesuffix(".0")


@dataclass(frozen=True)
class Codes:
    """How the codes of one file are read. `dated` holds only those whose meaning depends on the day."""

    conventions: Conventions  # with every undated code in its tables
    dated: dict[str, dict[str, list[Meaning]]] = field(default_factory=dict)
    admits: dict[str, str] = field(default_factory=dict)  # {disposal: "t", "f" or ""}
    admits_otherwise: str = "f"

    @property
    def tells_admissions(self) -> bool:
        """Whether a disposal says if the person was admitted."""
        return bool(self.admits) or any(
            meaning.admits is not None
            for spans in self.dated.get(F.DISPOSAL, {}).values()
            for meaning in spans
        )

    def meaning(self, name: str, text: str, day: datetime.date | None) -> Meaning | None:
        """What a code that depends on the day means on that one; None where it means nothing then."""
        spans = self.dated.get(name, {}).get(normal_code(text), [])
        return next((meaning for meaning in spans if meaning.holds_on(day)), None)

    def admitted(self, disposal: str, day: datetime.date | None) -> str:
        """ "t", "f", or "" where nobody can say."""
        code = normal_code(disposal)
        if code in self.dated.get(F.DISPOSAL, {}):
            found = self.meaning(F.DISPOSAL, disposal, day)
            return _flag(found.admits if found else None)
        return self.admits.get(code, self.admits_otherwise if code else "")


def of_file(conventions: Conventions, own: Iterable[Meaning] = ()) -> Codes:
    """Put together what the sender, the service and the national list say, in that order of precedence.

    Args:
        own: what the service said, newest first; it counts where the sender uses that code list.
    """
    chosen = shipped().get(conventions.code_set)
    if chosen is None:
        return Codes(conventions, admits=_named(conventions))
    spans = _spans([*own, *chosen.meanings])
    tables, dated = _tables(spans, conventions)
    admits = _named(conventions) or {
        code: _flag(meanings[0].admits)
        for code, meanings in spans.get(F.DISPOSAL, {}).items()
        if code not in dated.get(F.DISPOSAL, {})
    }
    otherwise = "f" if conventions.admitted_disposals else ""
    return Codes(replace(conventions, codes=tables), dated, admits, otherwise)


def _named(conventions: Conventions) -> dict[str, str]:
    """The disposals that the sender's own profile says are admissions."""
    return {normal_code(value): "t" for value in conventions.admitted_disposals}


def _spans(meanings: Sequence[Meaning]) -> dict[str, dict[str, list[Meaning]]]:
    """{field: {code: its meanings, the first that holds counts}}; what comes after one that always holds is left."""
    spans: dict[str, dict[str, list[Meaning]]] = {}
    for meaning in meanings:
        _add(spans.setdefault(meaning.field, {}).setdefault(normal_code(meaning.code), []), meaning)
    for table in spans.values():
        # A spreadsheet drops the zero in front.
        for code in [code for code in table if code.startswith("0")]:
            table.setdefault(code.lstrip("0") or "0", table[code])
    return spans


def _add(known: list[Meaning], meaning: Meaning) -> None:
    if not known or known[-1].is_dated:
        known.append(meaning)


def _tables(
    spans: dict[str, dict[str, list[Meaning]]], conventions: Conventions
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, list[Meaning]]]]:
    """The undated codes under the sender's own, and the dated ones apart."""
    tables = {name: dict(table) for name, table in conventions.codes.items()}
    dated: dict[str, dict[str, list[Meaning]]] = {}
    for name, table in spans.items():
        senders = {normal_code(code) for code in tables.get(name, {})}
        for code, meanings in table.items():
            if code in senders:
                continue
            if meanings[0].is_dated:
                dated.setdefault(name, {})[code] = meanings
            else:
                tables.setdefault(name, {})[code] = meanings[0].means
    return tables, dated


def _flag(admits: bool | None) -> str:
    return "" if admits is None else "t" if admits else "f"


def possible(name: str) -> tuple[str, ...]:
    """What a code of the field can be counted as; empty where any words will do."""
    if name == F.ATTENDANCE_CATEGORY:
        return (*CATEGORIES, "")
    return (*(word for word in CLOSED_CODES.get(F(name), ()) if word), "") if name in CLOSED_CODES else ()
