"""Age band, sex, deprivation quintile and site, as far as the tables hold them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

AGE_FROM = (18, 35, 50, 65, 80)
# A level with fewer people or events than this in the pool has no rate of its own worth fitting.
LEVEL_PEOPLE = 20
LEVEL_EVENTS = 8
UNKNOWN = "unknown"


def levels(people: pd.DataFrame) -> pd.DataFrame:
    """Each covariate as words, unknown being a level of its own. Absent columns are unknown throughout."""
    blank = pd.Series(index=people.index, dtype=object)
    age = pd.to_numeric(people.get("age", blank), errors="coerce")
    decile = pd.to_numeric(people.get("imd_decile", blank), errors="coerce")
    band = pd.Series(np.searchsorted(AGE_FROM, age.to_numpy(float), side="right"), index=people.index)
    return pd.DataFrame(
        {
            "age band": band.astype(str).where(age.notna(), UNKNOWN),
            "sex": _words(people.get("sex", blank)),
            "IMD quintile": np.ceil(decile / 2).astype(str).where(decile.notna(), UNKNOWN),
            "site": _words(people.get("site", blank)),
        }
    )


def dummies(
    found: pd.DataFrame, pool: npt.NDArray[np.bool_], events: Floats
) -> tuple[Floats, tuple[str, ...]]:
    """A column of 0 and 1 for each level that the pool can tell apart, and their names.

    The most common level of each covariate is what the others are measured against; levels of fewer than 20
    people or 8 events in the pool join it.
    """
    columns, names = [], []
    for name, words in found.items():
        inside = words.to_numpy()[pool]
        for level in _levels_apart(inside, events[pool]):
            columns.append((words.to_numpy() == level).astype(float))
            names.append(f"{name} {level}")
    empty = np.empty((len(found), 0))
    return (np.column_stack(columns) if columns else empty), tuple(names)


def _levels_apart(words: npt.NDArray[np.object_], events: Floats) -> list[str]:
    sizes = pd.Series(words).value_counts()
    ordered = sorted(sizes.index, key=lambda level: (-sizes[level], level))
    return [
        level
        for level in ordered[1:]
        if sizes[level] >= LEVEL_PEOPLE and events[words == level].sum() >= LEVEL_EVENTS
    ]


def _words(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), UNKNOWN).astype(str)
