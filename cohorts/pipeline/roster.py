"""The people of a first load: each has a number from the start and the newest details at the end.

What is said of everybody would not fit into memory; a fingerprint of it does, and tells whether a newer row
says something else.
"""

import numpy as np
import polars as pl

from cohorts.pipeline.cells import places_in
from cohorts.pipeline.fields import PERSON_FIELDS, F

# As the table of people has them: date of birth, or else the age and the day it was true; then texts.
TEXTS = tuple(str(name) for name in PERSON_FIELDS if name not in (F.BIRTH_DATE, F.AGE))
DETAILS = ("birth_date", "stated_age", "stated_age_on", *TEXTS)
_AT_FIRST = 4096


class Roster:
    """Who was met so far. A person's number is their place in the order of meeting."""

    def __init__(self) -> None:
        self._known: list[pl.DataFrame] = []
        self._size = 0
        self._newest = np.empty(_AT_FIRST, np.int64)
        self._fingerprint = np.empty(_AT_FIRST, np.uint64)
        self._changes: list[pl.DataFrame] = []

    def __len__(self) -> int:
        return self._size

    def meet(self, frame: pl.DataFrame) -> tuple[np.ndarray, pl.DataFrame]:
        """The number of each row's person; number, identifier and details of those met for the first time."""
        said = _newest_of_each(frame)
        numbers = self._numbers_of(said["identifier"])
        is_new = numbers < 0
        first = len(self)
        numbers[is_new] = np.arange(first, first + int(is_new.sum()))
        said = said.with_columns(number=numbers)
        new = said.filter(is_new)
        self._known.append(new.select("identifier", "number"))
        self._size += len(new)
        self._make_room()
        self._newest[first : len(self)] = new["news"]
        self._fingerprint[first : len(self)] = new["fingerprint"]
        self._note_changes(said.filter(~is_new))
        return numbers[places_in(said["identifier"], frame["identifier"])], new

    def changes(self) -> pl.DataFrame:
        """Number and newest details of the people whose details became others after they were first met."""
        if not self._changes:
            return pl.DataFrame(schema={"number": pl.Int64, **dict.fromkeys(DETAILS, pl.String)})
        return pl.concat(self._changes).sort("news").unique("number", keep="last", maintain_order=True)

    def _numbers_of(self, identifiers: pl.Series) -> np.ndarray:
        """Their numbers, and -1 for those not met before."""
        numbers = np.full(len(identifiers), -1, np.int64)
        asked = pl.DataFrame({"identifier": identifiers}).with_row_index("place")
        for known in self._known:
            # The smaller table on the right: it is the one that is made ready for being looked up in.
            met = known.join(asked, on="identifier", how="inner")
            numbers[met["place"].to_numpy()] = met["number"].to_numpy()
        return numbers

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
    """One row for each person: identifier, details, and numbers that grow with the day and, within it, the row."""
    # Days before 1970 are below 0, and so are their numbers; they grow all the same.
    day = pl.col("started_on").str.to_date("%Y-%m-%d").to_physical().cast(pl.Int64)
    dated = frame.with_columns(news=day * 2**32 + pl.col("row"))
    newest = dated.sort("news").unique("identifier", keep="last", maintain_order=True)
    texts = {name: _text(frame, name) for name in TEXTS}
    said = newest.with_columns(birth_date=_text(frame, "birth_date"), age=_text(frame, "age"), **texts)
    said = said.with_columns(stated_age=pl.when(pl.col("birth_date") == "").then("age").otherwise(pl.lit("")))
    said = said.with_columns(
        stated_age_on=pl.when(pl.col("stated_age") == "").then(pl.lit("")).otherwise("started_on")
    )
    said = said.with_columns(fingerprint=pl.struct(DETAILS).hash())
    return said.select("identifier", "news", "fingerprint", *DETAILS)


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit("")
