"""The people of a first load: each has a number from the start and the newest details at the end.

What is said of everybody would not fit into memory; a fingerprint of it does, and tells whether a newer row
says something else.
"""

import numpy as np
import polars as pl

from cohorts.pipeline.fields import PERSON_FIELDS, F

# As the table of people has them: date of birth, or else the age and the day it was true; then texts.
TEXTS = tuple(str(name) for name in PERSON_FIELDS if name not in (F.BIRTH_DATE, F.AGE))
DETAILS = ("birth_date", "stated_age", "stated_age_on", *TEXTS)
_AT_FIRST = 4096


class Roster:
    """Who was met so far. A person's number is their place in the order of meeting."""

    def __init__(self) -> None:
        # polars numbers the texts of a category in the order in which it meets them, block after block, for
        # as long as a column of it exists.
        self._category = pl.Categorical(pl.Categories.random())
        self._alive = pl.Series([], dtype=self._category)
        self._size = 0
        self._newest = np.empty(_AT_FIRST, np.int64)
        self._fingerprint = np.empty(_AT_FIRST, np.uint64)
        self._changes: list[pl.DataFrame] = []

    def __len__(self) -> int:
        return self._size

    def meet(self, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        """The number of each row's person; number, identifier and details of those met for the first time."""
        numbers = frame["identifier"].cast(self._category).to_physical().cast(pl.Int64).alias("number")
        said = _newest_of_each(frame.with_columns(numbers))
        first = len(self)
        new = said.filter(pl.col("number") >= first)
        self._size += len(new)
        self._make_room()
        places = new["number"].to_numpy()
        self._newest[places], self._fingerprint[places] = new["news"], new["fingerprint"]
        self._note_changes(said.filter(pl.col("number") < first))
        return numbers, new

    def changes(self) -> pl.DataFrame:
        """Number and newest details of the people whose details became others after they were first met."""
        if not self._changes:
            return pl.DataFrame(schema={"number": pl.Int64, **dict.fromkeys(DETAILS, pl.String)})
        return pl.concat(self._changes).sort("news").unique("number", keep="last", maintain_order=True)

    def _note_changes(self, again: pl.DataFrame) -> None:
        """Believe the rows that are newer than what was believed of their people before."""
        numbers, news = again["number"].to_numpy(), again["news"].to_numpy()
        newer = news > self._newest[numbers]
        differs = newer & (again["fingerprint"].to_numpy() != self._fingerprint[numbers])
        self._newest[numbers[newer]] = news[newer]
        self._fingerprint[numbers[newer]] = again["fingerprint"].to_numpy()[newer]
        if differs.any():
            self._changes.append(again.filter(differs).select("number", "news", *DETAILS))

    def _make_room(self) -> None:
        if len(self) > len(self._newest):
            size = max(len(self), 2 * len(self._newest))
            self._newest = np.resize(self._newest, size)
            self._fingerprint = np.resize(self._fingerprint, size)


def _newest_of_each(frame: pl.DataFrame) -> pl.DataFrame:
    """One row for each person: number, identifier, details, and news that grows with the day and, within it, the row."""
    # Days before 1970 are below 0, and so is their news; it grows all the same.
    day = pl.col("started_on").str.to_date("%Y-%m-%d").to_physical().cast(pl.Int64)
    dated = frame.select("number", news=day * 2**32 + pl.col("row")).with_row_index("place")
    newest = dated.sort("news").unique("number", keep="last", maintain_order=True)
    texts = {name: _text(frame, name) for name in TEXTS}
    said = frame[newest["place"]].with_columns(
        newest["news"], birth_date=_text(frame, "birth_date"), age=_text(frame, "age"), **texts
    )
    said = said.with_columns(stated_age=pl.when(pl.col("birth_date") == "").then("age").otherwise(pl.lit("")))
    said = said.with_columns(
        stated_age_on=pl.when(pl.col("stated_age") == "").then(pl.lit("")).otherwise("started_on")
    )
    said = said.with_columns(fingerprint=pl.struct(DETAILS).hash())
    return said.select("number", "identifier", "news", "fingerprint", *DETAILS)


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit("")
