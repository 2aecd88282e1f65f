"""The sheet of the security standard: complete, in known words, and shown by what exists."""

import ast
from pathlib import Path

import pytest

from hiu.reference_asvs import STATES, Requirement, elsewhere, requirements

ROOT = Path(__file__).resolve().parent.parent
# The last number of each section of the standard that applies in full up to it; others are listed.
SUBSET = {
    "1.1": 2, "1.3": [1, 2, 3, 4, 5, 6, 7, 10, 11], "1.2": [1, 2, 3, 4, 5, 9, 10], "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 5, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": [1, 3, 5], "3.6": 1, "3.7": 2,
    "4.1": 3, "4.2": 1,
    "5.1": 1, "5.2": 4, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": [2, 3],
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": [2],
    "8.1": 2, "8.2": 3, "8.3": 2, "8.4": 1,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 2, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": [1, 2, 3, 4, 6, 7], "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "15.4": [2],
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
ROWS = requirements()


def wanted() -> list[str]:
    return [
        f"{section}.{number}"
        for section, numbers in SUBSET.items()
        for number in (range(1, numbers + 1) if isinstance(numbers, int) else numbers)
    ]


def exists(evidence: str) -> bool:
    """A file, or a test by name in a file."""
    path, _, test = evidence.partition("::")
    file = ROOT / path
    if not test or not file.exists():
        return file.exists()
    tree = ast.parse(file.read_text())
    return test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_of_the_subset_has_one_row() -> None:
    assert sorted(row.id for row in ROWS) == sorted(wanted())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_says_what_shows_it(row: Requirement) -> None:
    assert row.status in STATES
    assert [each for each in row.evidence if not exists(each)] == []
    assert row.evidence if row.status == "met" else row.how or row.evidence


def test_what_is_met_is_mostly_shown_by_a_test() -> None:
    met = [row for row in ROWS if row.status == "met"]
    tested = [row for row in met if any("::" in each for each in row.evidence)]
    assert len(tested) >= len(met) * 0.6


def test_each_exception_has_a_reason() -> None:
    assert all(why.endswith(".") for why in elsewhere().values())


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert exists("tests/test_asvs.py::test_a_test_that_is_not_there_is_noticed")
    assert not exists("tests/test_asvs.py::test_nothing_of_the_kind")
    assert not exists("tests/nowhere.py")
