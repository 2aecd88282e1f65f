"""Faults of an invented extract, each named as the check names it, so that verdicts can be counted."""

import datetime
from collections.abc import Sequence

import numpy as np

_SHARE = 0.08
ATTENDANCE_DEFECTS = (
    "identifier_missing",
    "nhs_number_check_digit",
    "nhs_number_length",
    "nhs_number_cut",
    "nhs_number_dummy",
    "arrival_not_a_date",
    "arrival_in_future",
    "arrival_before_birth",
    "arrival_time_24",
    "duplicate_row",
)
PEOPLE_DEFECTS = (
    "identifier_missing",
    "nhs_number_check_digit",
    "nhs_number_cut",
    "nhs_number_dummy",
    "birth_not_a_date",
    "count_wrong",
)


def spoil(
    columns: dict[str, np.ndarray], rng: np.random.Generator, kinds: Sequence[str]
) -> dict[str, np.ndarray]:
    """Give 8% of the rows one defect each and return {kind: rows, counted from 0}; also space some good NHS numbers.

    The arrays of `columns` are changed in place.
    """
    numbers = columns["NHS number"]
    each = max(1, round(len(numbers) * _SHARE / len(kinds)))
    order = rng.permutation(len(numbers))
    good = order[len(kinds) * each :]
    for index in good[: len(good) // 10]:
        numbers[index] = f"{numbers[index][:3]} {numbers[index][3:6]} {numbers[index][6:]}"
    defects = {}
    for position, kind in enumerate(kinds):
        rows = order[position * each : (position + 1) * each]
        if len(rows) and (kind != "duplicate_row" or len(good)):
            _give(kind, columns, rows, good, rng)
            defects[kind] = rows
    return defects


def _give(
    kind: str, columns: dict[str, np.ndarray], rows: np.ndarray, good: np.ndarray, rng: np.random.Generator
) -> None:
    if kind == "duplicate_row":
        twins = good[rng.integers(0, len(good), len(rows))]
        for column in columns.values():
            column[rows] = column[twins]
        return
    for index in rows:
        name, value = _defect(kind, columns, index)
        columns[name][index] = value


def _defect(kind: str, columns: dict[str, np.ndarray], index: int) -> tuple[str, str]:
    """The column to spoil and what to write there."""
    number = columns["NHS number"][index]
    if kind == "arrival_before_birth":
        born = datetime.date.fromisoformat(columns["Date of birth"][index])
        return "Arrival date", str(born - datetime.timedelta(days=30))
    return {
        "identifier_missing": ("NHS number", ""),
        "nhs_number_check_digit": ("NHS number", number[:9] + str((int(number[9]) + 1) % 10)),
        "nhs_number_length": ("NHS number", number[:9]),
        "nhs_number_cut": ("NHS number", f"{float(number):.2E}"),
        "nhs_number_dummy": ("NHS number", "9999999999"),
        "arrival_not_a_date": ("Arrival date", "31/02/2026"),
        "arrival_in_future": ("Arrival date", "2126-01-01"),
        "arrival_time_24": ("Arrival time", "24:00"),
        "birth_not_a_date": ("Date of birth", "30/02/1980"),
        "count_wrong": ("A&E attendances in the last 12 months", "-3"),
    }[kind]
