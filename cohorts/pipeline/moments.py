"""Dates and times of a column at once.

A pattern of fixed width is read as a matrix of digits, which is some fifty times as fast as
strptime; only texts with month names go through strptime.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cohorts.pipeline.cells import MISSING, Column, as_characters, lengths, objects, read_apart

ISO_DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
UK_DATES = (
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%Y%m%d",
)
SHORT_YEARS = ("%d/%m/%y", "%d-%m-%y", "%d/%m/%y %H:%M", "%d-%b-%y")
TIMES = ("%H:%M", "%H:%M:%S", "%H%M")

_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_DAYS_IN_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_LONE_DIGIT = re.compile(r"(?<![\d.])(\d)(?!\d)")
_FRACTION = re.compile(r"(:\d\d)\.\d+", re.MULTILINE)
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
# Day 0 of a spreadsheet's calendar. In the older one it is the 30th, since a 29 February 1900 is counted.
_DAY_ZERO = {
    "1900": np.datetime64("1899-12-30").astype("datetime64[D]").astype(np.int64),
    "1904": np.datetime64("1904-01-01").astype("datetime64[D]").astype(np.int64),
}


@dataclass(frozen=True)
class Moments:
    """Days since 1970-01-01, and seconds since midnight; MISSING where not read."""

    days: np.ndarray
    seconds: np.ndarray

    @property
    def read(self) -> np.ndarray:
        return (self.days != MISSING) | (self.seconds != MISSING)


def parse(values: np.ndarray, formats: Sequence[str], *, serials: str = "") -> Moments:
    """Read each text by the first format that fits it.

    Args:
        serials: "1900" or "1904" where five digits are a day as a spreadsheet of that calendar counts them.
    """
    moments = Moments(np.full(len(values), MISSING, np.int64), np.full(len(values), MISSING, np.int64))
    _read_fixed(values, formats, moments)
    if not moments.read.all():
        _read_fixed(_padded(values, moments), formats, moments)
    if serials:
        _read_serials(values, moments, int(_DAY_ZERO[serials]))
    if not moments.read.all():
        _read_slowly(values, [pattern for pattern in formats if _layout(pattern) is None], moments)
    return moments


def read_dates(values: pl.Series, rest: Callable[[pl.Series], Column]) -> Column:
    """A column of dates, of which ISO ones since the year 1000 are read at once and `rest` reads the others."""
    days = values.str.to_date(ISO_DATES[0], strict=False)
    easy = days.is_not_null() & values.str.contains(r"^[12]\d{3}-\d{2}-\d{2}$")

    def number(dates: pl.Series) -> np.ndarray:
        return dates.str.to_date(ISO_DATES[0]).to_physical().cast(pl.Int64).to_numpy(writable=True)

    return read_apart(values, easy, number, rest)


def dates_as_text(days: np.ndarray) -> np.ndarray:
    """ISO dates; empty text for MISSING."""
    missing = days == MISSING
    text = np.where(missing, 0, days).astype("datetime64[D]").astype(str).astype(object)
    text[missing] = ""
    return text


def times_as_text(seconds: np.ndarray) -> np.ndarray:
    """HH:MM:SS; empty text for MISSING."""
    return objects(
        "" if value == MISSING else f"{value // 3600:02d}:{value // 60 % 60:02d}:{value % 60:02d}"
        for value in seconds.tolist()
    )


def day_number(day: datetime.date) -> int:
    """Days since 1970-01-01."""
    return (day - datetime.date(1970, 1, 1)).days


def _layout(pattern: str) -> list[tuple[str, int]] | None:
    """(part, position) of each part and literal of a pattern, or None where a part has no fixed width."""
    layout, position, index = [], 0, 0
    while index < len(pattern):
        if pattern[index] != "%":
            layout.append(("=" + pattern[index], position))
            position, index = position + 1, index + 1
            continue
        part = pattern[index + 1 : index + 2]
        if part not in _WIDTHS:
            return None
        layout.append((part, position))
        position, index = position + _WIDTHS[part], index + 2
    return [*layout, ("end", position)]


def _read_fixed(values: np.ndarray, formats: Sequence[str], moments: Moments) -> None:
    widths = lengths(values)
    for pattern in formats:
        layout = _layout(pattern)
        if layout is None:
            continue
        width = layout[-1][1]
        here = np.flatnonzero(~moments.read & (widths == width))
        if len(here):
            days, seconds = _read_matrix(as_characters(values[here], width), layout)
            moments.days[here], moments.seconds[here] = days, seconds


def _read_matrix(characters: np.ndarray, layout: list[tuple[str, int]]) -> tuple[np.ndarray, np.ndarray]:
    fits = np.ones(len(characters), bool)
    parts: dict[str, np.ndarray] = {}
    for part, position in layout[:-1]:
        if part.startswith("="):
            fits &= characters[:, position] == ord(part[1:])
            continue
        digits = characters[:, position : position + _WIDTHS[part]].astype(np.int64) - ord("0")
        fits &= ((digits >= 0) & (digits <= 9)).all(axis=1)
        parts[part] = digits @ (10 ** np.arange(_WIDTHS[part] - 1, -1, -1, dtype=np.int64))
    days, seconds = _days(parts, fits), _seconds(parts, fits)
    return np.where(fits, days, MISSING), np.where(fits, seconds, MISSING)


def _days(parts: dict[str, np.ndarray], fits: np.ndarray) -> np.ndarray:
    """Days since 1970-01-01; marks in `fits` what is no day of the calendar."""
    if "y" in parts:
        parts["Y"] = np.where(parts["y"] < 69, 2000, 1900) + parts["y"]  # as strptime does
    if not {"Y", "m", "d"} <= parts.keys():
        return np.full(len(fits), MISSING, np.int64)
    year, month, day = parts["Y"], parts["m"], parts["d"]
    fits &= (month >= 1) & (month <= 12) & (year >= 1)
    month = np.where(fits, month, 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = np.where((month == 2) & ~leap, 28, _DAYS_IN_MONTH[month])
    fits &= (day >= 1) & (day <= last)
    months = (np.where(fits, year, 1970) - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1


def _seconds(parts: dict[str, np.ndarray], fits: np.ndarray) -> np.ndarray:
    if "H" not in parts:
        return np.full(len(fits), MISSING, np.int64)
    minute = parts.get("M", np.zeros(len(fits), np.int64))
    second = parts.get("S", np.zeros(len(fits), np.int64))
    # 24:00 is let through as 86,400 so that its own sentence can be said.
    midnight = (parts["H"] == 24) & (minute == 0) & (second == 0)
    fits &= ((parts["H"] < 24) | midnight) & (minute < 60) & (second < 60)
    return parts["H"] * 3600 + minute * 60 + second


def _padded(values: np.ndarray, moments: Moments) -> np.ndarray:
    """The unread texts with a zero before single digits and without fractions of a second."""
    rest = np.flatnonzero(~moments.read)
    joined = "\n".join(value.replace("\n", " ") for value in values[rest])
    padded = values.copy()
    padded[rest] = objects(_LONE_DIGIT.sub(r"0\1", _FRACTION.sub(r"\1", joined)).split("\n"))
    return padded


def _read_serials(values: np.ndarray, moments: Moments, day_zero: int) -> None:
    for index in np.flatnonzero(~moments.read):
        if _SERIAL.fullmatch(values[index]):
            day, part = divmod(float(values[index]), 1)
            moments.days[index] = int(day) + day_zero
            moments.seconds[index] = min(round(part * 86400), 86399)


def _read_slowly(values: np.ndarray, formats: Sequence[str], moments: Moments) -> None:
    for index in np.flatnonzero(~moments.read):
        for pattern in formats:
            try:
                found = datetime.datetime.strptime(values[index], pattern)  # noqa: DTZ007 - a wall clock
            except ValueError:
                continue
            moments.days[index] = day_number(found.date())
            if "%H" in pattern or "%I" in pattern:
                moments.seconds[index] = found.hour * 3600 + found.minute * 60 + found.second
            break
