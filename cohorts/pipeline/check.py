"""Fourth step: every row is either kept, in fixed columns, or turned away with a sentence."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cohorts.pipeline import codes, moments, nhs_numbers
from cohorts.pipeline.cells import MISSING, Column, Parsed, once_each, series
from cohorts.pipeline.columns import Reader
from cohorts.pipeline.delimited import Block
from cohorts.pipeline.fields import ACTIVITY_FIELDS, COUNTS, PERSON_FIELDS, F, Shape
from cohorts.pipeline.map import rename
from cohorts.pipeline.minimise import Plan
from cohorts.pipeline.problems import FIRST_NOTE, P, code, sentence
from cohorts.pipeline.profile import Layout

# The columns of the checked file. `key` is the sender's own name of the event; with the source it is
# what makes the same row, sent again, the same event.
OUTPUT: dict[str, tuple[str, ...]] = {
    Shape.ATTENDANCES: (
        "row",
        "identifier",
        "key",
        "started_on",
        "started_at_time",
        F.LOCAL_NUMBER,
        *ACTIVITY_FIELDS,
        *PERSON_FIELDS,
    ),
    Shape.PEOPLE: ("row", "identifier", F.LOCAL_NUMBER, *COUNTS, F.COST_TOTAL, *PERSON_FIELDS),
}

# What can be wrong with an NHS number; a row with nothing worse may still be matched to a person.
_UNMATCHED = range(P.NHS_NUMBER_MISSING, P.NHS_NUMBER_SCOTTISH + 1)

_FIRST_DAY = moments.day_number(datetime.date(1900, 1, 1))


@dataclass(frozen=True)
class Reject:
    """A row turned away: its number, the code it is counted under, all it is told, and its cells."""

    row: int
    code: str
    reason: str
    cells: tuple[str, ...]


@dataclass
class Checked:
    """What came of one block."""

    frame: pl.DataFrame
    rejects: list[Reject]
    # Of the rejected rows those that only lack a usable NHS number, as they would have been kept.
    unmatched: pl.DataFrame
    notes: Counter[str] = field(default_factory=Counter)
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None


class Checker:
    """Checks blocks of one file."""

    def __init__(
        self, plan: Plan, layout: Layout, *, today: datetime.date, is_spreadsheet: bool = False
    ) -> None:
        self._plan = plan
        self._layout = layout
        self._today = moments.day_number(today)
        self._codes = codes.of_file(layout.conventions, layout.meanings)
        self._reader = Reader(self._codes.conventions, is_spreadsheet=is_spreadsheet)

    def check(self, block: Block) -> Checked:
        """Keep the rows that can be used and say what is wrong with each of the others."""
        cells = rename(block.frame, self._plan.kept)
        columns = {name: self._reader.read(name, cells[name]) for name in cells.columns}
        self._split(cells, columns)
        self._compare(columns, len(cells))
        self._read_dated_codes(cells, columns)
        worst = _worst([column.problem for column in columns.values()], len(cells))
        good = worst == 0
        rejects = self._rejects(block, cells, columns, np.flatnonzero(~good))
        rejects += [self._broken(row.row, row.problem) for row in block.broken]
        frame = self._output(block, cells, columns)
        unmatched = self._unmatched(frame, columns, worst)
        frame = frame if good.all() else frame.filter(good)
        return Checked(frame, rejects, unmatched, self._notes(columns, good), *_period(columns, good))

    def _unmatched(self, frame: pl.DataFrame, columns: dict[str, Column], worst: np.ndarray) -> pl.DataFrame:
        if self._layout.identifier != F.NHS_NUMBER or not worst.any():
            return frame.clear()
        number = columns[F.NHS_NUMBER].problem
        others = _worst([c.problem for name, c in columns.items() if name != F.NHS_NUMBER], len(worst))
        only = np.isin(number, _UNMATCHED) & (others == 0)
        codes_of = series(code(problem) for problem in number[only])
        return frame.filter(only).with_columns(codes_of.alias("problem"))

    def _split(self, cells: pl.DataFrame, columns: dict[str, Column]) -> None:
        """Take apart the columns that hold two fields."""
        if F.ARRIVED_AT in columns:
            columns[F.ARRIVED_ON] = columns.pop(F.ARRIVED_AT)
            columns[F.ARRIVED_TIME] = self._reader.read_time_of(F.ARRIVED_AT, cells[F.ARRIVED_AT])
        if F.FULL_NAME in columns:
            full = columns.pop(F.FULL_NAME).text
            columns.setdefault(F.FIRST_NAME, once_each(full, _first_names))
            columns.setdefault(F.LAST_NAME, once_each(full, _last_names))

    def _read_dated_codes(self, cells: pl.DataFrame, columns: dict[str, Column]) -> None:
        """Read once more the few codes whose meaning depends on the day of the event."""
        for name in self._codes.dated.keys() & columns.keys():
            where, column = self._dated(name, cells[name]), columns[name]
            days = _as_days(columns[F.ARRIVED_ON].number[where])
            found = [
                self._codes.meaning(name, raw, day)
                for raw, day in zip(cells[name].gather(where), days, strict=True)
            ]
            text = column.text.clone().scatter(where, series(one.means if one else "" for one in found))
            problem = column.problem.copy()
            problem[where] = [P.NONE if one else P.NOTE_CODE for one in found]
            columns[name] = Column(text, problem, column.number)

    def _dated(self, name: str, values: pl.Series) -> np.ndarray:
        """Where there is a code whose meaning depends on the day."""
        dated = self._codes.dated.get(name, {})
        known = [raw for raw in values.unique().to_list() if codes.normal_code(raw) in dated]
        return np.flatnonzero(values.is_in(known))

    def _compare(self, columns: dict[str, Column], rows: int) -> None:
        """Note what only shows when columns are seen together, or beside the calendar."""
        birth = columns.get(F.BIRTH_DATE)
        if birth is not None:
            columns[F.BIRTH_DATE] = self._within_calendar(birth, P.BIRTH_BEFORE_1900, P.BIRTH_FUTURE)
        if F.ARRIVED_ON in columns:
            arrived = columns[F.ARRIVED_ON]
            arrived = arrived.with_problem((arrived.number == MISSING), P.ARRIVAL_MISSING)
            arrived = self._within_calendar(arrived, P.ARRIVAL_BEFORE_1900, P.ARRIVAL_FUTURE)
            if birth is not None:
                unborn = (arrived.number != MISSING) & (birth.number > arrived.number)
                arrived = arrived.with_problem(unborn, P.ARRIVAL_BEFORE_BIRTH)
            columns[F.ARRIVED_ON] = arrived
        if self._layout.shape == Shape.PEOPLE:
            _require_a_count(columns, rows)

    def _within_calendar(self, column: Column, too_early: P, too_late: P) -> Column:
        early = (column.number != MISSING) & (column.number < _FIRST_DAY)
        return column.with_problem(early, too_early).with_problem(column.number > self._today, too_late)

    def _rejects(
        self, block: Block, cells: pl.DataFrame, columns: dict[str, Column], where: np.ndarray
    ) -> list[Reject]:
        if not len(where):
            return []
        found: list[list[tuple[int, str]]] = [[] for _ in where]
        for name, column in columns.items():
            problems = column.problem[where]
            for index in np.flatnonzero((problems > 0) & (problems < FIRST_NOTE)):
                found[index].append((int(problems[index]), name))
        raw = cells[where].rows()
        return [
            self._reject(int(block.rows[position]), sorted(found[index]), raw[index])
            for index, position in enumerate(where)
        ]

    def _reject(self, row: int, problems: list[tuple[int, str]], cells: tuple[str, ...]) -> Reject:
        by_field = {column.field: cell for column, cell in zip(self._plan.kept, cells, strict=True)}
        reasons = []
        for problem, name in problems:
            source = _source_of(name, by_field)
            reasons.append(
                sentence(row, problem, value=by_field.get(source, ""), column=self._plan.header_of(source))
            )
        return Reject(row, code(problems[0][0]), " ".join(reasons), cells)

    def _broken(self, row: int, problem: str) -> Reject:
        reason = sentence(row, P.BROKEN, value=problem, column="")
        return Reject(row, code(P.BROKEN), reason, ("",) * len(self._plan.kept))

    def _notes(self, columns: dict[str, Column], good: np.ndarray) -> Counter[str]:
        notes: Counter[str] = Counter()
        for name, column in columns.items():
            for problem in np.unique(column.problem[good & (column.problem >= FIRST_NOTE)]):
                notes[f"{code(problem)}: {self._plan.header_of(name)}"] += int(
                    (column.problem == problem).sum()
                )
        if F.NHS_NUMBER in columns:
            tests = int(nhs_numbers.in_test_range(columns[F.NHS_NUMBER].number[good]).sum())
            notes.update({code(P.NOTE_TEST_NUMBER): tests} if tests else {})
        return notes

    def _output(self, block: Block, cells: pl.DataFrame, columns: dict[str, Column]) -> pl.DataFrame:
        text = {str(name): column.text for name, column in columns.items()}
        text["row"] = pl.Series(block.rows)
        text["identifier"] = text.pop(self._layout.identifier)
        if self._layout.shape == Shape.ATTENDANCES:
            text["started_on"] = text.pop(F.ARRIVED_ON)
            if F.ARRIVED_TIME in text:
                text["started_at_time"] = text.pop(F.ARRIVED_TIME)
            if F.ADMITTED not in text and F.DISPOSAL in text and self._codes.tells_admissions:
                text[F.ADMITTED] = self._admitted(cells[F.DISPOSAL], columns[F.ARRIVED_ON].number)
            text["key"] = _keys(text)
        return pl.DataFrame({str(name): text[name] for name in OUTPUT[self._layout.shape] if name in text})

    def _admitted(self, disposals: pl.Series, days: np.ndarray) -> pl.Series:
        """Whether a disposal means an admission; not supplied where nobody can say."""

        def undated(distinct: np.ndarray) -> Parsed:
            return Parsed.of(self._codes.admitted(value, None) for value in distinct)

        where = self._dated(F.DISPOSAL, disposals)
        dated = map(self._codes.admitted, disposals.gather(where), _as_days(days[where]))
        return once_each(disposals, undated).text.clone().scatter(where, series(dated))


def _worst(problems: Sequence[np.ndarray], rows: int) -> np.ndarray:
    """The gravest problem of each row; 0 where there is none that turns it away."""
    worst = np.full(rows, 255, np.uint8)
    for column in problems:
        real = (column > 0) & (column < FIRST_NOTE)
        worst = np.where(real & (column < worst), column, worst)
    return np.where(worst == 255, 0, worst)


def _require_a_count(columns: dict[str, Column], rows: int) -> None:
    counts = [name for name in COUNTS if name in columns]
    empty = np.ones(rows, bool)
    for name in counts:
        empty &= (columns[name].number == MISSING) & (columns[name].problem == 0)
    columns[counts[0]] = columns[counts[0]].with_problem(empty, P.COUNTS_MISSING)


def _first_names(full: np.ndarray) -> Parsed:
    """Of "SMITH, John" and "John Smith"; one word alone is a last name."""
    return Parsed.of(_name_parts(name)[0] for name in full)


def _last_names(full: np.ndarray) -> Parsed:
    return Parsed.of(_name_parts(name)[1] for name in full)


def _name_parts(name: str) -> tuple[str, str]:
    if "," in name:
        family, _, given = name.partition(",")
    else:
        given, _, family = name.rpartition(" ")
    return given.strip()[:100], family.strip()[:100]


def _keys(text: dict[str, pl.Series]) -> pl.Series:
    """The sender's attendance number, or else who, when and where.

    Where no time was sent, one day can hold two visits; then what happened tells them apart.
    """
    numbers = text.pop(F.ATTENDANCE_ID, None)
    if numbers is not None and (numbers != "").all():
        return numbers

    def joined(*names: str) -> pl.Expr:
        return pl.concat_str([pl.col(name) if name in text else pl.lit("") for name in names], separator="|")

    who = joined("identifier", "started_on", "started_at_time", F.SITE)
    what = joined(F.ARRIVAL_MODE, F.COMPLAINT, F.DISPOSAL)
    has_time = pl.col("started_at_time") != "" if "started_at_time" in text else pl.lit(False)
    composed = pl.when(has_time).then("|" + who).otherwise("|" + who + "|" + what)
    if numbers is None:
        return pl.DataFrame(text).select(key=composed)["key"]
    stated = pl.lit(numbers)
    return pl.DataFrame(text).select(key=pl.when(stated != "").then(stated).otherwise(composed))["key"]


def _source_of(name: str, by_field: dict[str, str]) -> str:
    """The column a field was read from: itself, or the one that holds it and another."""
    if name in by_field:
        return name
    return F.ARRIVED_AT if name in (F.ARRIVED_ON, F.ARRIVED_TIME) else F.FULL_NAME


def _as_days(numbers: np.ndarray) -> list[datetime.date | None]:
    """Days since 1970-01-01 as dates; None where nothing was supplied."""
    epoch = datetime.date(1970, 1, 1).toordinal()
    known = {
        number: None if number == MISSING else datetime.date.fromordinal(epoch + number)
        for number in set(numbers.tolist())
    }
    return [known[number] for number in numbers.tolist()]


def _period(
    columns: dict[str, Column], good: np.ndarray
) -> tuple[datetime.date | None, datetime.date | None]:
    if F.ARRIVED_ON not in columns or not good.any():
        return None, None
    days = columns[F.ARRIVED_ON].number[good]
    epoch = datetime.date(1970, 1, 1)
    return epoch + datetime.timedelta(int(days.min())), epoch + datetime.timedelta(int(days.max()))
