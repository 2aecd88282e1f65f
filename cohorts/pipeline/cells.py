"""Cells of one column at once: each distinct text is read once, however often it stands there."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

MISSING = np.iinfo(np.int64).min  # in `number`: nothing supplied


@dataclass(frozen=True)
class Parsed:
    """A column after reading: text to store, problem numbers (0 is none), and numbers to compare."""

    text: np.ndarray
    problem: np.ndarray
    number: np.ndarray

    @classmethod
    def nothing(cls, length: int) -> "Parsed":
        """A column in which every cell is empty."""
        return cls(
            np.full(length, "", dtype=object), np.zeros(length, np.uint8), np.full(length, MISSING, np.int64)
        )

    def take(self, codes: np.ndarray) -> "Parsed":
        return Parsed(self.text[codes], self.problem[codes], self.number[codes])

    def with_problem(self, where: np.ndarray, problem: int) -> "Parsed":
        """The same with a problem noted where there was none."""
        return replace(self, problem=np.where(where & (self.problem == 0), np.uint8(problem), self.problem))


def once_each(values: np.ndarray, parse: Callable[[np.ndarray], Parsed]) -> Parsed:
    """`parse` called with the distinct values only, its answers spread over all rows."""
    codes, distinct = pd.factorize(values)
    return parse(distinct).take(codes)


def objects(values: Iterable[str]) -> np.ndarray:
    """An array of text; numpy alone would make fixed-width copies of it."""
    items = list(values)
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def lengths(values: Sequence[str] | np.ndarray) -> np.ndarray:
    return np.fromiter(map(len, values), np.int64, len(values))


def as_characters(values: np.ndarray, width: int) -> np.ndarray:
    """Texts of one width as a matrix of ASCII codes, a row each; what is not ASCII becomes "?"."""
    joined = "".join(values).encode("ascii", "replace")
    return np.frombuffer(joined, np.uint8).reshape(-1, width)


def tidy(values: np.ndarray) -> np.ndarray:
    """Each text on one line without control characters, doubled spaces and spaces around it."""
    if _is_tidy("\n".join(values), len(values)):
        return values
    return objects(map(_tidy_one, values))


def emptied(values: np.ndarray, nothing: Set[str]) -> np.ndarray:
    """The texts, with "" for those of `nothing`, whatever their case."""
    folded = "\n".join(values).casefold().split("\n")
    if not len(values) or nothing.isdisjoint(folded):
        return values
    return objects("" if fold in nothing else value for fold, value in zip(folded, values, strict=True))


def _is_tidy(lines: str, count: int) -> bool:
    """Whether all of many lines are tidy: one look at all of them costs less than one look at each."""
    return (
        lines.replace("\n", "").isprintable()
        and lines.count("\n") == max(0, count - 1)
        and not any(mark in lines for mark in ("  ", " \n", "\n "))
        and lines == lines.strip(" ")
    )


def _tidy_one(text: str) -> str:
    return " ".join("".join(" " if letter < " " or letter == "\x7f" else letter for letter in text).split())
