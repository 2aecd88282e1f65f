"""The two input tables: what they must hold, and a sentence for each way they can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

MEASURES = ("ae", "nel", "conveyance", "call_999", "outpatient")
# Events that support cannot change: rows beside the others, never studied by themselves.
NEGATIVE_CONTROL = "negative_control"
APPROACHED = ("accepted", "declined", "not_reached")
NOT_APPROACHED = "not_approached"
LAST_YEAR = "last_year"
GROUPS = (*APPROACHED, NOT_APPROACHED, LAST_YEAR)

PEOPLE_DATES = (
    "list_date",
    "approach_date",
    "index_date",
    "covered_from",
    "covered_to",
    "died_on",
    "moved_on",
    "withdrawn_on",
)
# Where they are known, who comes back after support can be told too.
SUPPORT_DATES = ("support_ended_on", "supported_again_on")
# Covariates carry no date and no count; a study without them is still a study.
COVARIATES = ("age", "sex", "imd_decile", "site")


class InputProblem(ValueError):
    """The tables cannot be used as they are; the message says what is wrong, where and what to do."""


def clean_people(people: pd.DataFrame) -> pd.DataFrame:
    """The people table with text identifiers and real dates.

    Raises InputProblem for a missing column, an unknown group, a date that is none, or a person listed
    twice (the list of one year earlier may name a person again).
    """
    _check_columns("people", people, ("person", "group", *PEOPLE_DATES))
    clean = _with_dates(
        "people", people, [*PEOPLE_DATES, *(each for each in SUPPORT_DATES if each in people)]
    )
    _check_words("people", "group", people["group"], GROUPS)
    again = clean.loc[
        pd.DataFrame({"person": clean["person"], "old": clean["group"] == LAST_YEAR}).duplicated()
    ]
    if len(again):
        raise InputProblem(
            f"people: {len(again)} people are listed more than once. "
            "Keep one row for each person in each year's list."
        )
    return clean.reset_index(drop=True)


def clean_activity(activity: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """The activity table with text identifiers and real dates, of the people listed only.

    Raises InputProblem for a missing column, an unknown measure, a row without a date, or identifiers that
    match nobody: counting those as no attendances would turn unknown into zero.
    """
    _check_columns("activity", activity, ("person", "measure", "on"))
    clean = _with_dates("activity", activity, ("on",))
    _check_words("activity", "measure", activity["measure"], (*MEASURES, NEGATIVE_CONTROL))
    undated = int(clean["on"].isna().sum())
    if undated:
        raise InputProblem(
            f"activity: {undated} rows have no date in column 'on'. Give the date or leave them out."
        )
    known = clean[clean["person"].isin(people["person"])]
    if len(clean) and len(people) and known.empty:
        raise InputProblem(
            "activity: no identifier in column 'person' is in the people table. "
            "Check that both tables write identifiers alike."
        )
    return known.reset_index(drop=True)


def check_measure(measure: str) -> None:
    """Raises InputProblem when the measure is not one of MEASURES."""
    if measure not in MEASURES:
        raise InputProblem(f"Measure '{measure}' is unknown. Choose one of {', '.join(MEASURES)}.")


def _check_columns(table: str, frame: pd.DataFrame, wanted: Iterable[str]) -> None:
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputProblem(
            f"{table}: column {', '.join(missing)} is missing. Add it, left empty where unknown."
        )


def _check_words(table: str, column: str, values: pd.Series, allowed: tuple[str, ...]) -> None:
    wrong = values[~values.isin(allowed)]
    if len(wrong):
        raise InputProblem(
            f"{table}: '{wrong.iloc[0]}' in column '{column}' is unknown ({len(wrong)} rows). "
            f"Use one of {', '.join(allowed)}."
        )


def _with_dates(table: str, frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    if frame["person"].isna().any():
        raise InputProblem(
            f"{table}: {int(frame['person'].isna().sum())} rows have no person. Leave them out."
        )
    dates = {column: _dates(table, column, frame[column]) for column in columns}
    return frame.assign(person=frame["person"].astype(str), **dates)


def _dates(table: str, column: str, values: pd.Series) -> pd.Series:
    if values.isna().all():
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[s]")
    if pd.api.types.is_numeric_dtype(values):
        # Pandas would read a bare number as nanoseconds since 1970, in silence.
        raise InputProblem(f"{table}: column '{column}' holds numbers, not dates. Write dates as 2026-03-31.")
    try:
        read = pd.to_datetime(values, format="ISO8601")
    except (ValueError, TypeError):
        raise InputProblem(
            f"{table}: column '{column}' holds something that is not a date. Write dates as 2026-03-31."
        ) from None
    if read.dt.tz is not None:
        raise InputProblem(f"{table}: column '{column}' carries a time zone. Give the local date only.")
    return read.dt.normalize()
