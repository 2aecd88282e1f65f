"""What can be wrong with a file or with a row, and the sentence for each."""

import re
from dataclasses import dataclass
from enum import IntEnum


class Unreadable(Exception):
    """The file cannot be used. The message says what is wrong, where, and what to do."""

    @property
    def sentence(self) -> str:
        return str(self)


class P(IntEnum):
    """Problems of a row, the gravest first: a row is counted under the first it has."""

    NONE = 0
    BROKEN = 1
    NHS_NUMBER_MISSING = 2
    PSEUDONYM_MISSING = 3
    NHS_NUMBER_CUT = 4
    NHS_NUMBER_NINE = 5
    NHS_NUMBER_LENGTH = 6
    NHS_NUMBER_LETTERS = 7
    NHS_NUMBER_DUMMY = 8
    NHS_NUMBER_CHECK_DIGIT = 9
    NHS_NUMBER_SCOTTISH = 10
    PSEUDONYM_LONG = 11
    ARRIVAL_MISSING = 12
    ARRIVAL_NOT_A_DATE = 13
    ARRIVAL_MONTH_FIRST = 14
    ARRIVAL_BEFORE_1900 = 15
    ARRIVAL_FUTURE = 16
    TIME_24 = 17
    TIME_WRONG = 18
    BIRTH_NOT_A_DATE = 19
    BIRTH_SHORT_YEAR = 20
    BIRTH_BEFORE_1900 = 21
    BIRTH_FUTURE = 22
    ARRIVAL_BEFORE_BIRTH = 23
    AGE_WRONG = 24
    COUNT_WRONG = 25
    COUNTS_MISSING = 26
    ARRIVAL_DAY_FIRST = 27
    ARRIVAL_DAY_NUMBER = 28
    ADMISSION_METHOD_MISSING = 29
    ADMISSION_METHOD_UNKNOWN = 30
    ADMISSION_PLANNED = 31
    # From here on the row is kept with the cell left empty, and the cells are counted.
    NOTE_CODE = 100
    NOTE_NUMBER = 101
    NOTE_TEST_NUMBER = 102


FIRST_NOTE = P.NOTE_CODE
_LONG_NUMBER = re.compile(r"\d{9}|\d{3}[ \-]\d{3}[ \-]\d{3}")
_A_DATE = re.compile(r"\d[/.\-]\d{1,2}[/.\-]\d")


@dataclass(frozen=True)
class Wording:
    """The code that is counted, and the sentence; {value} is the cell and {column} the file's heading."""

    code: str
    sentence: str


# Values of arrivals, ages and counts are repeated to the sender; NHS numbers and dates of birth never are.
WORDINGS: dict[P, Wording] = {
    P.BROKEN: Wording("row_broken", "the cells cannot be told apart: {value}."),
    P.NHS_NUMBER_MISSING: Wording("identifier_missing", "there is no NHS number."),
    P.PSEUDONYM_MISSING: Wording(
        "identifier_missing", "there is no {column}, so nobody knows who this is about."
    ),
    P.NHS_NUMBER_CUT: Wording(
        "nhs_number_cut",
        "Excel has cut this NHS number short ({value}). Format the column as text and export it again.",
    ),
    P.NHS_NUMBER_NINE: Wording(
        "nhs_number_length",
        "this NHS number has 9 digits, not 10. A spreadsheet may have dropped a zero in front.",
    ),
    P.NHS_NUMBER_LENGTH: Wording("nhs_number_length", "this NHS number does not have 10 digits."),
    P.NHS_NUMBER_LETTERS: Wording(
        "nhs_number_not_digits", "this NHS number holds something other than digits."
    ),
    P.NHS_NUMBER_DUMMY: Wording(
        "nhs_number_dummy", "this NHS number is a stand-in for one that was not known."
    ),
    P.NHS_NUMBER_CHECK_DIGIT: Wording("nhs_number_check_digit", "this NHS number fails its check digit."),
    P.NHS_NUMBER_SCOTTISH: Wording(
        "nhs_number_scottish", "this number is Scottish but does not begin with a date of birth."
    ),
    P.PSEUDONYM_LONG: Wording("pseudonym_too_long", "{column} is longer than 64 characters."),
    P.ARRIVAL_MISSING: Wording("arrival_missing", "there is no arrival date."),
    P.ARRIVAL_NOT_A_DATE: Wording("arrival_not_a_date", "arrival {value} is not a date."),
    P.ARRIVAL_MONTH_FIRST: Wording(
        "arrival_not_a_date",
        "arrival {value} is not a date with the day first. If the sender writes the month first, say so on the "
        "source's mapping page.",
    ),
    P.ARRIVAL_BEFORE_1900: Wording("arrival_before_1900", "arrival {value} is before 1900."),
    P.ARRIVAL_FUTURE: Wording("arrival_in_future", "arrival {value} is in the future."),
    P.TIME_24: Wording(
        "arrival_time_24", "arrival time {value} does not exist. Midnight is 00:00 of the day that begins."
    ),
    P.TIME_WRONG: Wording("arrival_time_wrong", "arrival time {value} is not a time."),
    P.BIRTH_NOT_A_DATE: Wording("birth_not_a_date", "the date of birth is not a date."),
    P.BIRTH_SHORT_YEAR: Wording(
        "birth_short_year", "the date of birth has a year of two digits. Four are needed."
    ),
    P.BIRTH_BEFORE_1900: Wording("birth_before_1900", "the date of birth is before 1900."),
    P.BIRTH_FUTURE: Wording("birth_in_future", "the date of birth is in the future."),
    P.ARRIVAL_BEFORE_BIRTH: Wording("arrival_before_birth", "arrival {value} is before the date of birth."),
    P.AGE_WRONG: Wording("age_wrong", "age {value} is not between 0 and 120."),
    P.COUNT_WRONG: Wording("count_wrong", "{column} is {value}, which is not a number of attendances."),
    P.COUNTS_MISSING: Wording("counts_missing", "there is no number of attendances."),
    P.ARRIVAL_DAY_FIRST: Wording(
        "arrival_not_a_date",
        "arrival {value} is not a date with the month first, as dates of this file are read. If the sender "
        "writes the day first, say so on the source's mapping page.",
    ),
    P.ARRIVAL_DAY_NUMBER: Wording(
        "arrival_not_a_date",
        "arrival {value} is not a date. If it is a number of days, as spreadsheets count them, say so on the "
        "source's mapping page.",
    ),
    P.ADMISSION_METHOD_MISSING: Wording(
        "admission_method_missing",
        "“{column}” does not say how somebody was admitted, so nobody knows whether it was an emergency.",
    ),
    P.ADMISSION_METHOD_UNKNOWN: Wording(
        "admission_method_unknown", "{column} {value} is not an admission method we know."
    ),
    P.ADMISSION_PLANNED: Wording(
        "admission_not_emergency", "{column} {value} is not an emergency admission, so it is not counted."
    ),
    P.NOTE_CODE: Wording("code_not_recognised", "{column} {value} is not a code we know."),
    P.NOTE_NUMBER: Wording("number_not_read", "{column} {value} is not a number that can be used."),
    P.NOTE_TEST_NUMBER: Wording("nhs_number_for_tests", "this NHS number is from the range kept for tests."),
}


def code(problem: int) -> str:
    """The word a problem is counted under."""
    return WORDINGS[P(problem)].code


def harmless(text: str) -> str:
    """A cell as it may be repeated: one line, at most 40 characters, and no number that could be somebody's.

    Where cells slipped into the wrong column, a date may turn out to be an NHS number.
    """
    shown = " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())
    if _LONG_NUMBER.search(shown):
        return "a long number"
    return shown[:40]


def broken_csv(row: int, error: Exception) -> str:
    """What is wrong where the csv module gives up."""
    if "field larger" in str(error):
        return (
            f"Row {row}: a cell holds more than 131,072 characters. Open the file in a text editor, look for a "
            "quote mark too many in that row, and send the file again."
        )
    return (
        f"Row {row}: the quote mark is not closed. Open the file in a text editor, close or remove the quote "
        "mark in that row, and send the file again."
    )


def wrong_width(cells: int, width: int) -> str:
    """Why the cells of a row cannot be told apart."""
    return f"it has {cells} {'cell' if cells == 1 else 'cells'} and the heading row has {width}"


def sentence(row: int, problem: int, *, value: str, column: str) -> str:
    """For example: Row 8: arrival 31/02/2026 is not a date."""
    shown = value if problem == P.BROKEN else harmless(value)
    if problem == P.AGE_WRONG and _A_DATE.search(shown):
        shown = "a date"
    return f"Row {row}: " + WORDINGS[P(problem)].sentence.format(value=shown, column=column)
