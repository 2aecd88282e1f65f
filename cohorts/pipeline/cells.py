"""Cells of one column at once: each distinct text is read once, however often it stands there.

A column of a block is a polars series. Its distinct texts are read as a numpy array of Python's own text,
which every reader understands; their answers are spread over the rows by polars again.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

MISSING = np.iinfo(np.int64).min  # in `number`: nothing supplied


@dataclass(frozen=True)
class Parsed:
    """Distinct texts after reading: text to store, problem numbers (0 is none), and numbers to compare."""

    text: np.ndarray
    problem: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, text: Iterable[str]) -> "Parsed":
        """Texts without problems and without numbers."""
        items = text if isinstance(text, np.ndarray) else objects(text)
        return cls(items, np.zeros(len(items), np.uint8), np.full(len(items), MISSING, np.int64))

    def with_problem(self, where: np.ndarray, problem: int) -> "Parsed":
        """The same with a problem noted where there was none."""
        return replace(self, problem=np.where(where & (self.problem == 0), np.uint8(problem), self.problem))


@dataclass(frozen=True)
class Column:
    """A column of a block after reading, a row each: what `Parsed` says of its text."""

    text: pl.Series
    problem: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, text: pl.Series) -> "Column":
        """Texts without problems and without numbers."""
        return cls(text, np.zeros(len(text), np.uint8), np.full(len(text), MISSING, np.int64))

    def with_problem(self, where: np.ndarray, problem: int) -> "Column":
        """The same with a problem noted where there was none."""
        return replace(self, problem=np.where(where & (self.problem == 0), np.uint8(problem), self.problem))


def once_each(values: pl.Series, parse: Callable[[np.ndarray], Parsed]) -> Column:
    """`parse` called with the distinct values only, its answers spread over all rows."""
    distinct = values.unique()
    texts = distinct.to_numpy()
    parsed = parse(texts)
    if parsed.text is texts and not parsed.problem.any() and (parsed.number == MISSING).all():
        return Column.of(values)
    places = places_in(distinct, values)
    text = values if parsed.text is texts else series(parsed.text).gather(places)
    return Column(text, parsed.problem[places], parsed.number[places])


def read_apart(
    values: pl.Series,
    easy: pl.Series,
    number: Callable[[pl.Series], np.ndarray],
    rest: Callable[[pl.Series], Column],
) -> Column:
    """The texts that are `easy` stay as they are and only need their `number`; `rest` reads the others."""
    if easy.all():
        return Column(values, np.zeros(len(values), np.uint8), number(values))
    where, others = easy.to_numpy(), rest(values.filter(~easy))
    result = Column.of(values.clone().scatter((~easy).arg_true(), others.text))
    result.number[where] = number(values.filter(easy))
    result.number[~where], result.problem[~where] = others.number, others.problem
    return result


def is_plain(values: pl.Series, nothing: Set[str], longest: int) -> bool:
    """Whether all texts are tidy ASCII of no more than so many characters, and none stands for nothing.

    Looks at all rows in little more time than it takes to find the distinct texts among them.
    """
    return not (
        (values.str.len_bytes() > longest).any()
        or values.str.contains("[^ -~]|^ | $|  ").any()
        or values.str.to_lowercase().is_in(list(nothing)).any()
    )


def places_in(distinct: pl.Series, values: pl.Series) -> np.ndarray:
    """Where each value stands among the distinct ones."""
    if len(distinct) < 2:
        return np.zeros(len(values), np.uint32)
    known = pl.DataFrame({"value": distinct}).with_row_index("place")
    found = pl.DataFrame({"value": values}).join(known, on="value", how="left", maintain_order="left")
    return found["place"].to_numpy()


def series(values: Iterable[str]) -> pl.Series:
    """A column of text."""
    return pl.Series(list(values), dtype=pl.String)


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
