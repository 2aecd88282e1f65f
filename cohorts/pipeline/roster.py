"""The people of a first load, kept in memory: each has a number from the start and the newest details at the end."""

from itertools import islice

import numpy as np
import pandas as pd

from cohorts.pipeline.cells import objects
from cohorts.pipeline.fields import PERSON_FIELDS

DETAILS = tuple(str(name) for name in PERSON_FIELDS)
_FIRST_DAY = np.datetime64("1900-01-01").astype(np.int64)
_AT_FIRST = 4096


class Roster:
    """Who was met so far. A person's number is their place in the order of meeting."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._newest = np.full(_AT_FIRST, -1, np.int64)
        self._changed = np.zeros(_AT_FIRST, bool)
        # By the names of the frame's columns, as far as it has them; a file has the same in every block.
        self._said: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def meet(self, frame: pd.DataFrame) -> tuple[np.ndarray, range]:
        """The number of each row's person, and the numbers of those met for the first time."""
        known = len(self)
        codes, distinct = pd.factorize(frame["identifier"].to_numpy())
        seen = self._numbers
        numbers = np.array([seen.setdefault(who, len(seen)) for who in distinct], dtype=np.int64)
        self._make_room(frame)
        self._said["identifier"][known : len(self)] = objects(islice(seen, known, None))
        news = _newness(frame)
        newest = np.empty(len(numbers), np.int64)
        order = np.argsort(news, kind="stable")
        newest[codes[order]] = order  # of several rows of a person the newest is written last
        self._take(frame, numbers, newest, news[newest], known)
        return numbers[codes], range(known, len(self))

    def details(self, numbers: np.ndarray | range) -> dict[str, np.ndarray]:
        """What the newest row so far says of these people: `identifier`, `started_on` and the details."""
        chosen = np.asarray(numbers, dtype=np.int64)
        blank = np.full(len(chosen), "", dtype=object)
        names = ("identifier", "started_on", *DETAILS)
        return {name: self._said[name][chosen] if name in self._said else blank for name in names}

    def changed(self) -> np.ndarray:
        """Numbers of the people whose details became others after they were first met."""
        return np.flatnonzero(self._changed)

    def _make_room(self, frame: pd.DataFrame) -> None:
        for name in ("identifier", "started_on", *DETAILS):
            if name in frame and name not in self._said:
                self._said[name] = np.full(len(self._newest), "", dtype=object)
        more = max(len(self), 2 * len(self._newest)) - len(self._newest)
        if len(self) > len(self._newest):
            self._newest = np.concatenate([self._newest, np.full(more, -1, np.int64)])
            self._changed = np.concatenate([self._changed, np.zeros(more, bool)])
            blank = np.full(more, "", dtype=object)
            self._said = {name: np.concatenate([column, blank]) for name, column in self._said.items()}

    def _take(
        self, frame: pd.DataFrame, people: np.ndarray, rows: np.ndarray, news: np.ndarray, known: int
    ) -> None:
        """Believe the rows that are newer than what was believed of their people before."""
        newer = news > self._newest[people]
        people, rows = people[newer], rows[newer]
        self._newest[people] = news[newer]
        again = people < known
        differs = np.zeros(int(again.sum()), bool)
        for name in (*DETAILS, "started_on"):
            if name in frame:
                said = frame[name].to_numpy()[rows]
                if name in DETAILS:
                    differs |= self._said[name][people[again]] != said[again]
                self._said[name][people] = said
        self._changed[people[again]] |= differs


def _newness(frame: pd.DataFrame) -> np.ndarray:
    """Numbers that grow with the day of a row and, within a day, with its place in the file."""
    codes, distinct = pd.factorize(frame["started_on"].to_numpy())
    days = np.array(distinct, dtype="datetime64[D]").astype(np.int64) - _FIRST_DAY
    return (days[codes] << 32) | frame["row"].to_numpy().astype(np.int64)
