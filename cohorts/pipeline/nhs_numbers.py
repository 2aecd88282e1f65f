"""NHS numbers of a column at once.

Ten digits; the weights 10 to 2 over the first nine, and 11 less the remainder of their sum by 11 is
the tenth, with 11 standing for 0 and 10 for a number that cannot exist (NHS Data Model and Dictionary).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import nhs_number
import numpy as np
import polars as pl

from cohorts.pipeline.cells import MISSING, Column, Parsed, as_characters, lengths, objects, read_apart
from cohorts.pipeline.problems import P

Cells = TypeVar("Cells", Parsed, Column)

_WEIGHTS = np.arange(10, 1, -1, dtype=np.int64)
_POWERS = 10 ** np.arange(9, -1, -1, dtype=np.int64)
_SEPARATORS = str.maketrans("", "", " -\t\r\n\xa0\u2009\u202f\u200b\u2010\u2011\u2012\u2013\u2212'")
_FLOAT = re.compile(r"(\d{8,})\.0+")
_EXPONENT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_SCOTTISH = (10_100_000, 3_112_999_999)
_TEST_RANGE = (999_000_0000, 999_999_9999)  # never issued to anybody


def parse(values: np.ndarray) -> Parsed:
    """Ten digits as text where the number can exist, a problem where it cannot; spaces and dashes are allowed."""
    cleaned = values if _are_ten_digits(values) else objects(map(_clean, values))
    result = Parsed(cleaned, _shape_problems(cleaned), np.full(len(cleaned), MISSING, np.int64))
    ten = np.flatnonzero(result.problem == 0)
    if len(ten):
        digits = as_characters(cleaned[ten], 10).astype(np.int64) - ord("0")
        result.problem[ten] = _digit_problems(digits)
        result.number[ten] = digits @ _POWERS
    return _without_impossible_scots(result)


def read(values: pl.Series, rest: Callable[[pl.Series], Column]) -> Column:
    """A column of NHS numbers, of which those of ten digits are looked at as numbers and `rest` reads the others."""
    easy = values.str.contains("^[0-9]{10}$")
    result = read_apart(values, easy, lambda digits: digits.cast(pl.Int64).to_numpy(), rest)
    digits = result.number[:, None] // _POWERS % 10
    problem = np.where(easy.to_numpy(), _digit_problems(digits), result.problem)
    return _without_impossible_scots(replace(result, problem=problem))


def in_test_range(numbers: np.ndarray) -> np.ndarray:
    """Which numbers come from the range that is never issued and so may stand in test files."""
    return (numbers >= _TEST_RANGE[0]) & (numbers <= _TEST_RANGE[1])


def _are_ten_digits(values: np.ndarray) -> bool:
    joined = "".join(values)
    return bool((lengths(values) == 10).all()) and joined.isascii() and joined.isdigit()


def _clean(value: str) -> str:
    value = value.translate(_SEPARATORS)
    if match := _FLOAT.fullmatch(value):
        return match[1]
    return value


def _shape_problems(cleaned: np.ndarray) -> np.ndarray:
    problems = np.zeros(len(cleaned), np.uint8)
    if _are_ten_digits(cleaned):
        return problems
    ten = (lengths(cleaned) == 10) & np.fromiter(
        (v.isascii() and v.isdigit() for v in cleaned), bool, len(cleaned)
    )
    for index in np.flatnonzero(~ten):
        problems[index] = _shape_problem(cleaned[index])
    return problems


def _shape_problem(value: str) -> P:
    if not value:
        return P.NHS_NUMBER_MISSING
    if _EXPONENT.fullmatch(value):
        return P.NHS_NUMBER_CUT
    if not (value.isascii() and value.isdigit()):
        return P.NHS_NUMBER_LETTERS
    return P.NHS_NUMBER_NINE if len(value) == 9 else P.NHS_NUMBER_LENGTH


def _without_impossible_scots(result: Cells) -> Cells:
    """Scottish numbers begin with a date of birth; few are in any file, so each is asked for by itself."""
    scottish = (result.problem == 0) & (result.number >= _SCOTTISH[0]) & (result.number <= _SCOTTISH[1])
    wrong = scottish.copy()
    for index in np.flatnonzero(scottish):
        wrong[index] = not nhs_number.is_valid(result.text[int(index)])
    return result.with_problem(wrong, P.NHS_NUMBER_SCOTTISH)


def _digit_problems(digits: np.ndarray) -> np.ndarray:
    remainder = 11 - (digits[:, :9] @ _WEIGHTS) % 11
    expected = np.where(remainder == 11, 0, remainder)  # 10 never equals a digit
    wrong = expected != digits[:, 9]
    # Every number of ten equal digits passes the check, and systems use them for "not known".
    dummy = (digits == digits[:, :1]).all(axis=1)
    return np.where(dummy, P.NHS_NUMBER_DUMMY, np.where(wrong, P.NHS_NUMBER_CHECK_DIGIT, 0)).astype(np.uint8)
