"""What the values of a column look like, whatever its heading says."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cohorts.pipeline import codes, nhs_numbers
from cohorts.pipeline.cells import objects
from cohorts.pipeline.fields import F
from cohorts.pipeline.synonyms import NOTHING, SEX

# The share of the values seen that must have a shape for the column to have it.
MOST = 0.8
DATE, DATE_TIME, TIME, DAY_NUMBER = "date", "date and time", "time", "day number"

_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.\-](?:\d{1,2}|[A-Za-z]{3,9})[/.\-](?:\d{4}|\d{2})|\d{1,2} [A-Za-z]{3,9} \d{4})"
_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AaPp][Mm])?"
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?$")
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (DATE_TIME, re.compile(rf"{_DATE}[T ]{_TIME}")),
    (DATE, re.compile(_DATE)),
    (TIME, re.compile(_TIME)),
    (DAY_NUMBER, re.compile(r"[2-6]\d{4}(?:\.\d+)?")),
)
_POSTCODE = re.compile(r"[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2}")
_PRACTICE = re.compile(r"[A-HJ-NP-Ya-hj-np-y]\d{5}")
_PHONE = re.compile(r"(?:\+44|0)\d{9,10}")


@dataclass(frozen=True)
class Look:
    """What a column looks like: its fields in order of likelihood, and how many of its values agree."""

    shape: str  # DATE, DATE_TIME, TIME, DAY_NUMBER, or nothing
    field: str  # the one field that values like these can only be, if any
    agreeing: int
    seen: int

    @property
    def words(self) -> str:
        """For example: 9 of 10 values."""
        return f"{self.agreeing} of {self.seen} {'value' if self.seen == 1 else 'values'}"


def look(values: Sequence[str]) -> Look:
    """What the values of one column have in common; blanks and words for "not known" do not count."""
    filled = [value.strip() for value in values if value.strip().casefold() not in NOTHING]
    for name, is_like in _FIELDS:
        agreeing = is_like(filled) if filled else 0
        if agreeing and agreeing >= MOST * len(filled):
            return Look("", name, agreeing, len(filled))
    for shape, pattern in _SHAPES:
        agreeing = sum(pattern.fullmatch(value) is not None for value in filled)
        if agreeing and agreeing >= MOST * len(filled):
            if shape == DATE_TIME and all(_MIDNIGHT.search(value) for value in filled):
                shape = DATE  # a workbook's way to write a day
            return Look(shape, "", agreeing, len(filled))
    return Look("", "", 0, len(filled))


def years(values: Sequence[str]) -> list[int]:
    """The years that stand in dates, to tell dates of birth from dates of this year."""
    return [int(found[0]) for value in values if (found := re.search(r"(?:19|20|21)\d\d", value))]


def _nhs_numbers(values: Sequence[str]) -> int:
    return int((nhs_numbers.parse(objects(values)).problem == 0).sum())


def _matching(pattern: re.Pattern[str], without: str = "") -> Callable[[Sequence[str]], int]:
    drop = str.maketrans("", "", without)
    return lambda values: sum(pattern.fullmatch(value.translate(drop)) is not None for value in values)


def _sexes(values: Sequence[str]) -> int:
    """Words and letters only: 1 and 2 may be anything."""
    words = [value.casefold() in SEX for value in values]
    return sum(words) if len({value.casefold() for value in values}) <= len(SEX) else 0


def _codes_of(name: str) -> Callable[[Sequence[str]], int]:
    """Long codes of the national list; short ones look like any number."""
    known = {
        meaning.code
        for one in codes.shipped().values()
        for meaning in one.of_field(name)
        if len(meaning.code) > 5
    }
    return lambda values: sum(codes.normal_code(value) in known for value in values)


_FIELDS: tuple[tuple[str, Callable[[Sequence[str]], int]], ...] = (
    (F.NHS_NUMBER, _nhs_numbers),
    (F.POSTCODE, _matching(_POSTCODE)),
    (F.GP_PRACTICE, _matching(_PRACTICE)),
    (F.PHONE, _matching(_PHONE, " ()-")),
    (F.SEX, _sexes),
    (F.ARRIVAL_MODE, _codes_of(F.ARRIVAL_MODE)),
    (F.ACUITY, _codes_of(F.ACUITY)),
    (F.DISPOSAL, _codes_of(F.DISPOSAL)),
)
