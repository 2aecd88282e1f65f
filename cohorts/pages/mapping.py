"""The column mapping page: which column of the file is which field, why, and what is dropped at the door."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cohorts.models import Source
from cohorts.pipeline import derive, propose
from cohorts.pipeline.fields import FIELDS, PARTS, WITHOUT_A_PLACE, F, Kind, Shape, fields_of, label
from cohorts.pipeline.open_workbook import normal
from cohorts.pipeline.profile import Profile
from cohorts.pipeline.propose import Known, Proposal
from cohorts.pipeline.sample import SHOWN, Sample

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
    values: list[str]  # of the first rows, where a file was shown
    why: str  # why this field is proposed; empty where somebody chose it
    doubt: str


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

    @property
    def agreement_drops(self) -> list[str]:
        """Columns that mean something but that the agreement does not name."""
        return [row.column for row in self.rows if row.dropped == NOT_NAMED]

    @property
    def kept_fields(self) -> set[str]:
        """The fields that are read and stored."""
        return {row.field for row in self.rows if not row.dropped}


@dataclass(frozen=True)
class Shown:
    """What a file that was shown adds to the page."""

    values: Mapping[str, list[str]] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    rows_shown: int = 0
    # How its dates are to be read: what was decided, or why somebody must choose.
    order: str = ""
    order_finding: str = ""
    day_numbers: Mapping[str, str] = field(default_factory=dict)
    code_set: str = ""


NOT_NAMED = "the agreement does not name it"


def stored_header(source: Source) -> list[str]:
    """The columns of the stored mapping in the order of their fields: JSON keeps none of its own."""
    order = {name: place for place, name in enumerate(FIELDS)}
    return sorted(source.columns, key=lambda column: (order[F(source.columns[column])], column))


def is_allowed(field: str, allowed: Collection[str]) -> bool:
    """Whether the agreement names the field, or each part of a column that holds several."""
    parts = PARTS.get(F(field), ())
    return field in allowed or (bool(parts) and all(part in allowed for part in parts))


def table(
    source: Source,
    header: Sequence[str],
    chosen: Mapping[str, str],
    *,
    everything: bool,
    shown: Shown | None = None,
) -> ColumnTable:
    """A row for each column of `header`; `chosen` is {column: field}."""
    shown = shown or Shown()
    rows = [_row(source, column, chosen.get(column, ""), shown) for column in header]
    if everything or len(rows) <= MOST_CHOICES:
        return ColumnTable(rows, [])
    meaning = [row for row in rows if row.field]
    return ColumnTable(meaning, [row.column for row in rows if not row.field])


def known_columns(source: Source, header: Sequence[str]) -> dict[str, str]:
    """{column: field} for a heading row, by names alone."""
    blank: list[list[str]] = [[] for _ in header]
    return {column: one.field for column, one in propose.propose(header, blank, _known(source)).items()}


def of_sample(source: Source, sample: Sample) -> Shown:
    """What a file shows of itself, and what is proposed for its columns."""
    columns = sample.columns
    proposals = propose.propose(sample.header, columns, _known(source))
    dates = {column for column, one in proposals.items() if FIELDS[F(one.field)].kind in _DATES}
    return Shown(
        values=sample.shown,
        proposals=proposals,
        rows_shown=len(sample.rows[:SHOWN]),
        order=sample.evidence.sentence,
        order_finding=sample.evidence.finding,
        day_numbers={column: value for column, value in sample.day_numbers.items() if column in dates},
        code_set=propose.code_set_of(sample.header, columns),
    )


def underivable(source: Source, fields: Collection[str]) -> list[str]:
    """What cannot be worked out from files with these fields, in sentences."""
    return derive.cannot(fields, shape=source.shape, measure=source.measure)


def kept_fields(source: Source) -> set[str]:
    """The mapped fields of a source that its agreement lets in."""
    allowed = source.agreement.allowed_fields
    return {name for name in source.columns.values() if not _why_dropped(source, name, allowed)}


def profile_of(source: Source) -> Profile:
    """The source's mapping as a profile that another installation can load."""
    columns: dict[str, list[str]] = {}
    for column in stored_header(source):
        columns.setdefault(source.columns[column], []).append(column)
    return Profile(
        name=source.slug,
        title=source.name,
        shape=source.shape,
        identifier=source.identifier,
        measure=source.measure,
        coverage=source.coverage,
        columns=columns,
        conventions=source.conventions,
    )


_DATES = (Kind.DATE, Kind.DATETIME)


def _known(source: Source) -> Known:
    return Known(source.shape, source.identifier, dict(source.columns), _seen_elsewhere(source))


def _seen_elsewhere(source: Source) -> dict[str, tuple[str, str]]:
    """The headings that other sources of this service have, and what they are there."""
    others = source.service.sources.filter(shape=source.shape).exclude(pk=source.pk).order_by("-pk")
    seen: dict[str, tuple[str, str]] = {}
    for name, columns in others.values_list("name", "columns"):
        for column, meant in columns.items():
            seen.setdefault(normal(column), (meant, name))
    return seen


def _row(source: Source, column: str, wanted: str, shown: Shown) -> Row:
    allowed = source.agreement.allowed_fields
    possible = {one.name.value for one in fields_of(source.shape)}
    chosen = wanted if wanted in possible else ""
    choices = [
        one.name.value
        for one in fields_of(source.shape)
        if is_allowed(one.name, allowed) or one.name.value == chosen
    ]
    options = [
        Option(
            name,
            label(name, source.measure) + ("" if is_allowed(name, allowed) else " (not in the agreement)"),
            name == chosen,
        )
        for name in choices
    ]
    proposal = shown.proposals.get(column)
    proposed = proposal if proposal and proposal.field == chosen else None
    return Row(
        column,
        options,
        chosen,
        _why_dropped(source, chosen, allowed),
        shown.values.get(column, []),
        proposed.why if proposed else "",
        proposed.doubt if proposed else "",
    )


def _why_dropped(source: Source, chosen: str, allowed: Collection[str]) -> str:
    if not chosen:
        return "not used"
    if not is_allowed(chosen, allowed):
        return NOT_NAMED
    return "there is no place for it yet" if chosen in WITHOUT_A_PLACE[Shape(source.shape)] else ""
