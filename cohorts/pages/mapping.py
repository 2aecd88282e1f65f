"""The column mapping page: which column of the file is which field, and what is dropped at the door."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cohorts.models import Source
from cohorts.pipeline import map as mapping
from cohorts.pipeline import synonyms
from cohorts.pipeline.fields import FIELDS, PARTS, F, fields_of
from cohorts.pipeline.open_workbook import normal

# More than this, and only the columns that mean something to us get a choice of their own.
MOST_CHOICES = 60


@dataclass(frozen=True)
class Option:
    """A field a column can stand for."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """One column of the file with its choices, and what becomes of it."""

    column: str
    options: list[Option]
    field: str
    dropped: str  # why, in a few words; empty where the column is kept


@dataclass(frozen=True)
class ColumnTable:
    """The table of the page, and the columns left out of it for length."""

    rows: list[Row]
    others: list[str]

    @property
    def kept(self) -> int:
        """How many columns are read and stored."""
        return sum(not row.dropped for row in self.rows)

    @property
    def total(self) -> int:
        """How many columns the file has."""
        return len(self.rows) + len(self.others)


def stored_header(source: Source) -> list[str]:
    """The columns of the stored mapping in the order of their fields: JSON keeps none of its own."""
    order = {name: place for place, name in enumerate(FIELDS)}
    return sorted(source.columns, key=lambda column: (order[F(source.columns[column])], column))


def is_allowed(field: str, allowed: Collection[str]) -> bool:
    """Whether the agreement names the field, or each part of a column that holds several."""
    parts = PARTS.get(F(field), ())
    return field in allowed or (bool(parts) and all(part in allowed for part in parts))


def table(
    source: Source, header: Sequence[str], chosen: Mapping[str, str], *, everything: bool
) -> ColumnTable:
    """A row for each column of `header`; `chosen` is {column: field}."""
    allowed = source.agreement.allowed_fields
    rows = [_row(source, column, chosen.get(column, ""), allowed) for column in header]
    if everything or len(rows) <= MOST_CHOICES:
        return ColumnTable(rows, [])
    shown = [row for row in rows if row.field]
    return ColumnTable(shown, [row.column for row in rows if not row.field])


def known_columns(source: Source, header: Sequence[str]) -> dict[str, str]:
    """{column: field} for a heading row: as the source has it, else by the names columns usually have."""
    mine = {found.header: found.field for found in mapping.match(header, source.columns)}
    taken = {normal(column) for column in mine}
    usual = synonyms.suggest([column for column in header if normal(column) not in taken], source.shape)
    return mine | {column: field for column, field in usual.items() if field not in mine.values()}


def _row(source: Source, column: str, wanted: str, allowed: Collection[str]) -> Row:
    possible = {one.name.value for one in fields_of(source.shape)}
    field = wanted if wanted in possible else ""
    choices = [
        one.name.value
        for one in fields_of(source.shape)
        if is_allowed(one.name, allowed) or one.name.value == field
    ]
    options = [
        Option(
            name,
            FIELDS[F(name)].label + ("" if is_allowed(name, allowed) else " (not in the agreement)"),
            name == field,
        )
        for name in choices
    ]
    return Row(column, options, field, _why_dropped(field, allowed))


def _why_dropped(field: str, allowed: Collection[str]) -> str:
    if not field:
        return "not used"
    return "" if is_allowed(field, allowed) else "the agreement does not name it"
