"""Fourth step: every row is either kept, in fixed columns, or turned away with a sentence."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cohorts.pipeline import codes, moments, nhs_numbers
from cohorts.pipeline.cells import MISSING, Parsed, objects
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
        *ACTIVITY_FIELDS,
        *PERSON_FIELDS,
    ),
    Shape.PEOPLE: ("row", "identifier", *COUNTS, F.COST_TOTAL, *PERSON_FIELDS),
}

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

    frame: pd.DataFrame
    rejects: list[Reject]
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
        columns = {name: self._reader.read(name, cells[name].to_numpy()) for name in cells.columns}
        self._split(cells, columns)
        self._compare(columns, len(cells))
        self._read_dated_codes(cells, columns)
        worst = _worst([column.problem for column in columns.values()], len(cells))
        good = worst == 0
        rejects = self._rejects(block, cells, columns, np.flatnonzero(~good))
        rejects += [self._broken(row.row, row.problem) for row in block.broken]
        frame = self._output(block, cells, columns, good)
        return Checked(frame, rejects, self._notes(cells, columns, good), *_period(columns, good))

    def _split(self, cells: pd.DataFrame, columns: dict[str, Parsed]) -> None:
        """Take apart the columns that hold two fields."""
        if F.ARRIVED_AT in columns:
            columns[F.ARRIVED_ON] = columns.pop(F.ARRIVED_AT)
            columns[F.ARRIVED_TIME] = self._reader.read_time_of(F.ARRIVED_AT, cells[F.ARRIVED_AT].to_numpy())
        if F.FULL_NAME in columns:
            first, last = _names(columns.pop(F.FULL_NAME).text)
            columns.setdefault(F.FIRST_NAME, first)
            columns.setdefault(F.LAST_NAME, last)

    def _read_dated_codes(self, cells: pd.DataFrame, columns: dict[str, Parsed]) -> None:
        """Read once more the few codes whose meaning depends on the day of the event."""
        for name in self._codes.dated.keys() & columns.keys():
            texts, days = cells[name].tolist(), _as_days(columns[F.ARRIVED_ON].number)
            text, problem = columns[name].text.copy(), columns[name].problem.copy()
            for index, raw in enumerate(texts):
                if codes.normal_code(raw) in self._codes.dated[name]:
                    found = self._codes.meaning(name, raw, days[index])
                    text[index] = found.means if found else ""
                    problem[index] = P.NONE if found else P.NOTE_CODE
            columns[name] = Parsed(text, problem, columns[name].number)

    def _compare(self, columns: dict[str, Parsed], rows: int) -> None:
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

    def _within_calendar(self, column: Parsed, too_early: P, too_late: P) -> Parsed:
        early = (column.number != MISSING) & (column.number < _FIRST_DAY)
        return column.with_problem(early, too_early).with_problem(column.number > self._today, too_late)

    def _rejects(
        self, block: Block, cells: pd.DataFrame, columns: dict[str, Parsed], where: np.ndarray
    ) -> list[Reject]:
        if not len(where):
            return []
        found: list[list[tuple[int, str]]] = [[] for _ in where]
        for name, column in columns.items():
            problems = column.problem[where]
            for index in np.flatnonzero((problems > 0) & (problems < FIRST_NOTE)):
                found[index].append((int(problems[index]), name))
        raw = cells.iloc[where].to_numpy()
        return [
            self._reject(int(block.rows[position]), sorted(found[index]), raw[index])
            for index, position in enumerate(where)
        ]

    def _reject(self, row: int, problems: list[tuple[int, str]], cells: np.ndarray) -> Reject:
        by_field = {column.field: cell for column, cell in zip(self._plan.kept, cells, strict=True)}
        reasons = []
        for problem, name in problems:
            source = _source_of(name, by_field)
            reasons.append(
                sentence(row, problem, value=by_field.get(source, ""), column=self._plan.header_of(source))
            )
        return Reject(row, code(problems[0][0]), " ".join(reasons), tuple(cells))

    def _broken(self, row: int, problem: str) -> Reject:
        reason = sentence(row, P.BROKEN, value=problem, column="")
        return Reject(row, code(P.BROKEN), reason, ("",) * len(self._plan.kept))

    def _notes(self, cells: pd.DataFrame, columns: dict[str, Parsed], good: np.ndarray) -> Counter[str]:
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

    def _output(
        self, block: Block, cells: pd.DataFrame, columns: dict[str, Parsed], good: np.ndarray
    ) -> pd.DataFrame:
        text = {name: column.text[good] for name, column in columns.items()}
        text["row"] = objects(map(str, block.rows[good].tolist()))
        text["identifier"] = text.pop(self._layout.identifier)
        if self._layout.shape == Shape.ATTENDANCES:
            text["started_on"] = text.pop(F.ARRIVED_ON)
            if F.ARRIVED_TIME in text:
                text["started_at_time"] = text.pop(F.ARRIVED_TIME)
            if F.ADMITTED not in text and F.DISPOSAL in text and self._codes.tells_admissions:
                text[F.ADMITTED] = self._admitted(cells[F.DISPOSAL][good], columns[F.ARRIVED_ON].number[good])
            text["key"] = _keys(text)
        kept = {str(name): text[name] for name in OUTPUT[self._layout.shape] if name in text}
        return pd.DataFrame(kept, dtype=object, copy=False)

    def _admitted(self, disposals: pd.Series, days: np.ndarray) -> np.ndarray:
        """Whether a disposal means an admission; not supplied where nobody can say."""
        if F.DISPOSAL in self._codes.dated:
            return objects(map(self._codes.admitted, disposals, _as_days(days)))
        seen = {value: self._codes.admitted(value, None) for value in disposals.unique()}
        return objects(map(seen.__getitem__, disposals))


def _worst(problems: Sequence[np.ndarray], rows: int) -> np.ndarray:
    """The gravest problem of each row; 0 where there is none that turns it away."""
    worst = np.full(rows, 255, np.uint8)
    for column in problems:
        real = (column > 0) & (column < FIRST_NOTE)
        worst = np.where(real & (column < worst), column, worst)
    return np.where(worst == 255, 0, worst)


def _require_a_count(columns: dict[str, Parsed], rows: int) -> None:
    counts = [name for name in COUNTS if name in columns]
    empty = np.ones(rows, bool)
    for name in counts:
        empty &= (columns[name].number == MISSING) & (columns[name].problem == 0)
    columns[counts[0]] = columns[counts[0]].with_problem(empty, P.COUNTS_MISSING)


def _names(full: np.ndarray) -> tuple[Parsed, Parsed]:
    """First and last names of "SMITH, John" and "John Smith"; one word alone is a last name."""
    first, last = [], []
    for name in full:
        if "," in name:
            family, _, given = name.partition(",")
        else:
            given, _, family = name.rpartition(" ")
        first.append(given.strip()[:100])
        last.append(family.strip()[:100])
    nothing = Parsed.nothing(len(full))
    return (
        Parsed(objects(first), nothing.problem, nothing.number),
        Parsed(objects(last), nothing.problem, nothing.number),
    )


def _keys(text: dict[str, np.ndarray]) -> np.ndarray:
    """The sender's attendance number, or else who, when and where.

    Where no time was sent, one day can hold two visits; then what happened tells them apart.
    """
    blank = np.full(len(text["identifier"]), "", dtype=object)
    parts = [
        text["identifier"],
        text["started_on"],
        text.get("started_at_time", blank),
        text.get(F.SITE, blank),
    ]
    told_apart = [text.get(name, blank) for name in (F.ARRIVAL_MODE, F.COMPLAINT, F.DISPOSAL)]
    numbers = text.pop(F.ATTENDANCE_ID, blank)
    if len(numbers) and all(numbers):
        return numbers
    composed = map("|".join, zip(*parts, strict=True))
    more = map("|".join, zip(*told_apart, strict=True))
    return objects(
        number or (f"|{who}" if time else f"|{who}|{what}")
        for number, who, time, what in zip(numbers, composed, parts[2], more, strict=True)
    )


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
    columns: dict[str, Parsed], good: np.ndarray
) -> tuple[datetime.date | None, datetime.date | None]:
    if F.ARRIVED_ON not in columns or not good.any():
        return None, None
    days = columns[F.ARRIVED_ON].number[good]
    epoch = datetime.date(1970, 1, 1)
    return epoch + datetime.timedelta(int(days.min())), epoch + datetime.timedelta(int(days.max()))
