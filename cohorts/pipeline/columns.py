"""One reader for each kind of field: text in, tidy text and problems out. Each sees distinct texts only."""

import re
from collections.abc import Callable, Set
from decimal import Decimal, InvalidOperation

import numpy as np
import polars as pl

from cohorts.pipeline import admissions, clock, moments, nhs_numbers
from cohorts.pipeline.cells import (
    MISSING,
    Column,
    Parsed,
    emptied,
    is_plain,
    lengths,
    objects,
    once_each,
    tidy,
)
from cohorts.pipeline.fields import FIELDS, F, Kind
from cohorts.pipeline.problems import P
from cohorts.pipeline.profile import Conventions
from cohorts.pipeline.synonyms import CLOSED_CODES, NOTHING

OLDEST_AGE = 120

_WHOLE = re.compile(r"[-+]?\d{1,9}(\.0+)?")
_TRUE = frozenset({"y", "yes", "true", "t", "1", "admitted"})
_FALSE = frozenset({"n", "no", "false", "f", "0", "not admitted"})
_AS_THEY_ARE = frozenset({Kind.TEXT, Kind.IDENTIFIER})
_NAMES = frozenset({F.FIRST_NAME, F.LAST_NAME, F.FULL_NAME})
_ISO = moments.ISO_DATES[0]
_DATES = [*moments.ISO_DATES, *moments.UK_DATES]
_MONTH_FIRST = ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%y"]


class Reader:
    """Reads the columns of one source."""

    def __init__(self, conventions: Conventions, *, is_spreadsheet: bool) -> None:
        self._conventions = conventions
        self._day_numbers = conventions.day_numbers or ("1900" if is_spreadsheet else "")

    def read(self, name: str, values: pl.Series) -> Column:
        """A column of the field `name`; of a date and time in one column, the date."""
        field = FIELDS[F(name)]
        if field.kind in _AS_THEY_ARE and is_plain(values, self._nothing(name), field.longest):
            return Column.of(values)
        parse = self._parsers[field.kind]

        def rest(values: pl.Series) -> Column:
            return once_each(values, lambda distinct: parse(self, F(name), self._known(name, distinct)))

        if self._conventions.unknown.get(name):  # a number or date of right form may stand for nothing
            return rest(values)
        if field.kind is Kind.NHS_NUMBER:
            return nhs_numbers.read(values, rest)
        if field.kind is Kind.DATE and (self._conventions.formats.get(name) or [_ISO])[0] == _ISO:
            return moments.read_dates(values, rest)
        return rest(values)

    def read_time_of(self, name: str, values: pl.Series) -> Column:
        """The time in a column that holds date and time."""
        return once_each(values, lambda distinct: self._time_part(F(name), self._known(name, distinct)))

    def _known(self, name: str, values: np.ndarray) -> np.ndarray:
        """The texts, tidied, with "" for those that mean that nothing is known."""
        return emptied(tidy(values), self._nothing(name))

    def _nothing(self, name: str) -> Set[str]:
        own = {text.casefold() for text in self._conventions.unknown.get(name, ())}
        if name == F.PSEUDONYM:
            own.add("")  # without one nobody knows who a row is about, which the parser says
        return own if name in _NAMES else own | NOTHING

    def _nhs_number(self, name: F, values: np.ndarray) -> Parsed:
        return nhs_numbers.parse(values)

    def _identifier(self, name: F, values: np.ndarray) -> Parsed:
        long = lengths(values) > FIELDS[name].longest
        if name == F.LOCAL_NUMBER:
            # It only helps to tell who somebody is: what cannot be one is not supplied, and the row is kept.
            return Parsed.of(np.where(long, "", values))
        result = Parsed.of(values).with_problem(long, P.PSEUDONYM_LONG)
        return result.with_problem(values == "", P.PSEUDONYM_MISSING) if name == F.PSEUDONYM else result

    def _text(self, name: F, values: np.ndarray) -> Parsed:
        longest = FIELDS[name].longest
        return Parsed.of(objects(value[:longest] for value in values))

    def _code(self, name: F, values: np.ndarray) -> Parsed:
        table = self._conventions.code_table(name)
        longest = FIELDS[name].longest
        found = objects(table.get(v.casefold().removesuffix(".0"), v)[:longest] if v else "" for v in values)
        if name not in CLOSED_CODES:
            return Parsed.of(found)
        choices = CLOSED_CODES[name]
        strange = np.fromiter((value not in choices and value != "" for value in found), bool, len(found))
        return Parsed.of(np.where(strange, choices[-1], found)).with_problem(strange, P.NOTE_CODE)

    def _moments(self, name: F, values: np.ndarray) -> moments.Moments:
        stated = self._conventions.formats.get(name)
        usual = _DATES if name == F.BIRTH_DATE else [*_DATES, *moments.SHORT_YEARS]
        formats = [*stated, *moments.ISO_DATES] if stated else usual
        return moments.parse(values, formats, serials=self._day_numbers)

    def _date(self, name: F, values: np.ndarray) -> Parsed:
        days = self._moments(name, values).days
        result = Parsed(moments.dates_as_text(days), np.zeros(len(days), np.uint8), days)
        bad = (days == MISSING) & (values != "")
        if not bad.any():
            return result
        if name == F.BIRTH_DATE:
            likely, hint = moments.parse(values, moments.SHORT_YEARS), P.BIRTH_SHORT_YEAR
            return result.with_problem(bad & likely.read, hint).with_problem(bad, P.BIRTH_NOT_A_DATE)
        if self._conventions.date_order == "month_first":
            likely, hint = moments.parse(values, moments.UK_DATES), P.ARRIVAL_DAY_FIRST
        else:
            likely, hint = moments.parse(values, _MONTH_FIRST), P.ARRIVAL_MONTH_FIRST
        result = result.with_problem(bad & likely.read, hint)
        numbers = moments.parse(values, (), serials="1900").read
        return result.with_problem(bad & numbers, P.ARRIVAL_DAY_NUMBER).with_problem(
            bad, P.ARRIVAL_NOT_A_DATE
        )

    def _time_part(self, name: F, values: np.ndarray) -> Parsed:
        return _times(self._moments(name, values).seconds, np.zeros(len(values), bool))

    def _time(self, name: F, values: np.ndarray) -> Parsed:
        formats = self._conventions.formats.get(name) or list(moments.TIMES)
        values = objects(clock.plain_times(values, fractions=bool(self._day_numbers)))
        if "%H%M" in formats:  # 905 has lost the zero in front of it
            values = objects(value.zfill(4) if value.isdigit() else value for value in values)
        seconds = moments.parse(values, [*formats, *moments.TIMES[:2], "%I:%M %p"]).seconds
        return _times(seconds, (seconds == MISSING) & (values != ""))

    def _int(self, name: F, values: np.ndarray) -> Parsed:
        table = self._conventions.code_table(name)
        numbers = [_whole(table.get(value.removesuffix(".0"), value)) for value in values]
        number = np.array([MISSING if value is None else value for value in numbers], dtype=np.int64)
        bad = ((number == MISSING) & (values != "")) | ((number != MISSING) & (number < 0))
        if name == F.AGE:
            bad |= number > OLDEST_AGE
        number = np.where(bad, MISSING, number)
        text = objects("" if value == MISSING else str(value) for value in number.tolist())
        problem = {F.AGE: P.AGE_WRONG, F.DURATION_MINUTES: P.NOTE_NUMBER}.get(name, P.COUNT_WRONG)
        return Parsed(text, np.zeros(len(text), np.uint8), number).with_problem(bad, problem)

    def _money(self, name: F, values: np.ndarray) -> Parsed:
        text = objects(_amount(value) for value in values)
        return Parsed.of(text).with_problem((text == "") & (values != ""), P.NOTE_NUMBER)

    def _bool(self, name: F, values: np.ndarray) -> Parsed:
        lowered = [value.casefold() for value in values]
        text = objects("t" if value in _TRUE else "f" if value in _FALSE else "" for value in lowered)
        return Parsed.of(text).with_problem((text == "") & (values != ""), P.NOTE_CODE)

    def _admission_method(self, name: F, values: np.ndarray) -> Parsed:
        table = self._conventions.code_table(name)
        codes = [table.get(v.casefold().removesuffix(".0"), v).casefold().removesuffix(".0") for v in values]
        result = Parsed.of(values)
        for problem, of in (
            (P.ADMISSION_METHOD_MISSING, admissions.NOT_KNOWN | {""}),
            (P.ADMISSION_PLANNED, admissions.PLANNED | admissions.OTHER),
        ):
            result = result.with_problem(np.array([code in of for code in codes], bool), problem)
        strange = np.array([code not in admissions.EMERGENCY for code in codes], bool)
        return result.with_problem(strange, P.ADMISSION_METHOD_UNKNOWN)

    _parsers: dict[Kind, Callable[["Reader", F, np.ndarray], Parsed]] = {
        Kind.NHS_NUMBER: _nhs_number,
        Kind.IDENTIFIER: _identifier,
        Kind.TEXT: _text,
        Kind.CODE: _code,
        Kind.DATE: _date,
        Kind.DATETIME: _date,
        Kind.TIME: _time,
        Kind.INT: _int,
        Kind.MONEY: _money,
        Kind.BOOL: _bool,
        Kind.ADMISSION_METHOD: _admission_method,
    }


def _times(seconds: np.ndarray, bad: np.ndarray) -> Parsed:
    midnight = seconds == 86400
    seconds = np.where(midnight, MISSING, seconds)
    result = Parsed(moments.times_as_text(seconds), np.zeros(len(seconds), np.uint8), seconds)
    return result.with_problem(midnight, P.TIME_24).with_problem(bad, P.TIME_WRONG)


def _whole(text: str) -> int | None:
    text = text.replace(",", "")
    return int(float(text)) if _WHOLE.fullmatch(text) else None


def _amount(text: str) -> str:
    """Pounds and pence, or nothing for what is no amount of at least 0 and below 100 million."""
    try:
        amount = Decimal(text.replace("£", "").replace(",", "").strip())
    except InvalidOperation:
        return ""
    return f"{amount:.2f}" if amount.is_finite() and 0 <= amount < 100_000_000 else ""
