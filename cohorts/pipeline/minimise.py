"""Third step: what the agreement does not name is never taken out of the file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cohorts.pipeline.fields import COUNTS, PARTS, WITHOUT_A_PLACE, F, Shape, label
from cohorts.pipeline.map import MappedColumn
from cohorts.pipeline.problems import Unreadable, harmless


@dataclass(frozen=True)
class Plan:
    """Which columns are read, and which are left lying."""

    kept: tuple[MappedColumn, ...]
    dropped: tuple[str, ...]

    @property
    def indexes(self) -> list[int]:
        """Numbers of the kept columns in the file."""
        return [column.index for column in self.kept]

    @property
    def fields(self) -> set[str]:
        return {column.field for column in self.kept}

    def header_of(self, field: str) -> str:
        """The file's own name of a kept field, or the field's name in words."""
        return next((column.header for column in self.kept if column.field == field), label(field))


def plan(
    header: Sequence[str],
    mapped: Sequence[MappedColumn],
    *,
    allowed: Collection[str],
    identifier: str,
    shape: str,
) -> Plan:
    """Keep the mapped columns that the agreement names and for which there is a place.

    Raises:
        Unreadable: when nothing would be left to say who a row is about, or when it happened.
    """
    homeless = WITHOUT_A_PLACE[Shape(shape)]
    kept = tuple(c for c in mapped if c.field not in homeless and _is_allowed(c.field, allowed))
    indexes = {column.index for column in kept}
    dropped = tuple(name for index, name in enumerate(header) if index not in indexes)
    result = Plan(kept, dropped)
    _check_identifier(header, mapped, result, identifier)
    _check_content(header, mapped, result, shape)
    return result


def _is_allowed(field: str, allowed: Collection[str]) -> bool:
    """Whether the agreement names the field itself, or every part of a column that holds several."""
    parts = PARTS.get(F(field), ())
    return field in allowed or (bool(parts) and all(part in allowed for part in parts))


def _check_identifier(
    header: Sequence[str], mapped: Sequence[MappedColumn], result: Plan, identifier: str
) -> None:
    if identifier in result.fields:
        return
    words = _in_words(identifier)
    if any(column.field == identifier for column in mapped):
        raise Unreadable(
            f"The agreement does not name the {words}, so no row of this file may be kept. "
            "Ask the IG lead to add it to the agreement."
        )
    raise Unreadable(
        f"This file has no column for the {words}, so nobody in it can be told apart. {_what_we_saw(header)}"
    )


def _check_content(header: Sequence[str], mapped: Sequence[MappedColumn], result: Plan, shape: str) -> None:
    wanted = [F.ARRIVED_ON, F.ARRIVED_AT] if shape == Shape.ATTENDANCES else list(COUNTS)
    if result.fields.intersection(wanted):
        return
    words = "arrival date" if shape == Shape.ATTENDANCES else "number of attendances"
    if any(column.field in wanted for column in mapped):
        raise Unreadable(
            f"The agreement does not name the {words}, so this file tells us nothing we may keep. "
            "Ask the IG lead to add it to the agreement."
        )
    raise Unreadable(f"This file has no column for the {words}. {_what_we_saw(header)}")


def _in_words(identifier: str) -> str:
    return "NHS number" if identifier == F.NHS_NUMBER else "pseudonym"


def _what_we_saw(header: Sequence[str]) -> str:
    if len(header) == 1:
        return (
            f"We saw one column only: {_names(header)}. Columns must be parted by commas, semicolons, tabs or "
            "bars: ask the sender for the file as CSV or XLSX."
        )
    return (
        f"We saw: {_names(header)}. Ask the sender for the column, or say on the source's mapping page which "
        "column it is."
    )


def _names(header: Sequence[str]) -> str:
    shown = [harmless(name) for name in header[:12]]
    more = len(header) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
