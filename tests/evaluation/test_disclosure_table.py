"""Nothing that is withheld in a table can be worked out from what is printed in it."""

import itertools
import os
import random
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from evaluation.disclosure import NOT_SUPPLIED, count
from evaluation.disclosure_table import _Network, control_table

COUNTS = st.integers(0, 40) | st.integers(0, 8) | st.none()
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=4)
)


def named(cells):
    """Rows r0, r1, ... with columns c0, c1, ..."""
    return {f"r{i}": {f"c{j}": n for j, n in enumerate(row)} for i, row in enumerate(cells)}


def test_totals_are_added_up_first_and_rounded_after():
    table = control_table(named([[11, 11, 11], [30, 0, 0]]))
    assert str(table.row_totals["r0"]) == "35"  # 33; three printed 10s would make 30
    assert str(table.column_totals["c0"]) == "40"
    assert str(table.total) == "65"


def test_suppressed_cells_are_counted_with_totals():
    table = control_table({"a": {"x": 3, "y": 20}, "b": {"x": 2, "y": 30}})
    assert [str(c) for row in table.rows.values() for c in row.values()] == ["*", "20", "*", "30"]
    assert str(table.column_totals["x"]) == "*"
    assert table.suppressed_cells == 3


def test_what_is_not_supplied_is_missing_from_no_total_in_silence():
    table = control_table(named([[20, None], [20, 30]]))
    assert table.rows["r0"]["c1"] == table.row_totals["r0"] == NOT_SUPPLIED
    assert table.column_totals["c1"] == table.total == NOT_SUPPLIED
    assert str(table.row_totals["r1"]) == "50"


@pytest.mark.parametrize("totals,rows,columns", [("none", 0, 0), ("rows", 1, 0), ("columns", 0, 2)])
def test_totals_not_asked_for_are_absent(totals, rows, columns):
    table = control_table(named([[20, 30]]), totals=totals)
    assert (len(table.row_totals), len(table.column_totals), table.total) == (rows, columns, None)


def test_rows_with_other_columns_are_refused():
    with pytest.raises(ValueError, match="Row 'b' has other columns"):
        control_table({"a": {"x": 1}, "b": {"y": 1}})


def test_an_empty_table_stays_empty():
    assert control_table({}).suppressed_cells == 0


@pytest.mark.parametrize("cells", [[1] * 12, [7] * 4, [8, 1, 1, 1, 1], [1, 8, 8], [1] * 7])
def test_total_that_gives_its_cells_away_is_withheld(cells):
    assert str(control_table(named([cells]), totals="rows").row_totals["r0"]) == "*"


def test_columns_are_watched_like_rows():
    across = control_table(named([[1] * 12]), totals="rows")
    down = control_table(named([[1]] * 12), totals="columns")
    assert str(down.column_totals["c0"]) == str(across.row_totals["r0"]) == "*"


def test_cells_given_away_only_by_rows_and_columns_together_are_found():
    # No single line shows it: 17 in all, printed 15, and 8 + 8 beside a row of 1.
    table = control_table(named([[0, 1], [8, 8]]))
    assert str(table.total) == "*"


def test_seven_withheld_cells_are_seven_people_or_eight():
    # Seven stars are 7 at least, and a total of 7 is a star: found by 10,000 random tables.
    seven = [[0, 0], [1, 1], [0, 1], [1, 1], [1, 1]]
    printed = texts_of(control_table(named(seven)))
    for i, j in [(1, 0), (2, 1), (4, 1)]:
        eight = [list(row) for row in seven]
        eight[i][j] += 1
        assert texts_of(control_table(named(eight))) == printed


def texts_of(table):
    """Everything that is printed of a table."""
    cells = [str(cell) for row in table.rows.values() for cell in row.values()]
    return [
        *cells,
        *map(str, table.row_totals.values()),
        *map(str, table.column_totals.values()),
        str(table.total),
    ]


def test_total_of_nobody_stays_nobody_when_others_are_withheld():
    table = control_table(named([[0, 1], [8, 8], [0, 0]]))
    assert str(table.total) == "*"
    assert str(table.row_totals["r2"]) == "0"


@settings(deadline=None)
@given(TABLES)
def test_cells_follow_the_rule_whatever_is_beside_them(cells):
    table = control_table(named(cells))
    assert [[*row.values()] for row in table.rows.values()] == [[count(n) for n in row] for row in cells]


@settings(deadline=None)
@given(TABLES)
def test_a_total_is_the_rounded_sum_or_withheld_but_never_another_number(cells):
    table = control_table(named(cells))
    for row, total in zip(cells, table.row_totals.values(), strict=True):
        honest = count(None if None in row else sum(row))
        assert total == honest or total.suppressed
        if not any(n is not None and 1 <= n <= 7 for line in cells for n in line):
            assert total == honest  # nothing to protect, nothing lost


def possible(text, most=1000):
    """All counts printed like this, by the rule in words. A withheld total may be any that is not nobody."""
    if text == "0":
        return range(1)
    if text == "*":
        return range(1, 8)
    return [n for n in range(8, most) if round(n / 5) * 5 == int(text.replace(",", ""))]


def could_be(total, truth, least=0):
    """What a reader thinks possible of a total; the cautious reader here even knows which stars are natural.

    But where all parts together are `least` 7, a total of 8 is withheld like one of 7: nobody can tell which it is.
    """
    if not total.suppressed:
        return possible(str(total))
    if truth <= 7:
        return range(1, 9) if least == 7 else possible("*")
    return range(1, 10_000)


def row_gives_away(cells):
    """Whether some withheld cell of one row with its total has a single possible value; by interval arithmetic."""
    table = control_table(named([cells]), totals="rows")
    texts = [str(cell) for cell in table.rows["r0"].values()]
    limits = [(min(p), max(p)) for p in map(possible, texts)]
    total = could_be(table.row_totals["r0"], sum(cells))
    for i, text in enumerate(texts):
        others = [limit for j, limit in enumerate(limits) if j != i]
        low, high = sum(lo for lo, _ in others), sum(hi for _, hi in others)
        fits = [v for v in range(1, 8) if v + low <= max(total) and v + high >= min(total)]
        if text == "*" and len(fits) < 2:
            return True
    return False


def table_gives_away(cells):
    """The same for a table with totals both ways, by trying every table."""
    height, width = len(cells), len(cells[0])
    table = control_table(named(cells))
    texts = [str(cell) for row in table.rows.values() for cell in row.values()]
    every = np.stack(np.meshgrid(*map(possible, texts), indexing="ij"), axis=-1).reshape(-1, height, width)
    keep = np.isin(every.sum(axis=(1, 2)), could_be(table.total, sum(map(sum, cells))))
    for i, total in enumerate(table.row_totals.values()):
        keep &= np.isin(every[:, i].sum(axis=1), could_be(total, sum(cells[i])))
    for j, total in enumerate(table.column_totals.values()):
        keep &= np.isin(every[:, :, j].sum(axis=1), could_be(total, sum(row[j] for row in cells)))
    consistent = every[keep].reshape(-1, height * width)
    assert len(consistent)  # the truth is always among them
    return any(text == "*" and len(set(consistent[:, k])) < 2 for k, text in enumerate(texts))


def test_no_withheld_cell_of_random_tables_has_a_single_possible_value():
    """1,000 tables; 10,000 in a drill."""
    rng = random.Random(20260930)
    hundreds = 100 if "HIU_ATTEMPTS" in os.environ else 10

    def cells(height, width):
        ceiling = rng.choice([3, 8, 15])
        return [[rng.randint(0, ceiling) for _ in range(width)] for _ in range(height)]

    rows = [cells(1, rng.randint(2, 6))[0] for _ in range(80 * hundreds)]
    assert not [row for row in rows if row_gives_away(row)]
    tables = [cells(2, 2) for _ in range(18 * hundreds)] + [cells(2, 3) for _ in range(2 * hundreds)]
    assert not [table for table in tables if table_gives_away(table)]


def cells_pinned_by_a_linear_programme(cells):
    """Withheld cells with a single possible whole value, by the least and the most that all printed numbers allow."""
    height, width = len(cells), len(cells[0])
    table = control_table(named(cells))
    texts = [str(cell) for row in table.rows.values() for cell in row.values()]
    at = np.arange(height * width).reshape(height, width)
    lines = [
        *zip(at, table.row_totals.values(), map(sum, cells), strict=True),
        *zip(at.T, table.column_totals.values(), map(sum, zip(*cells, strict=True)), strict=True),
        (at.ravel(), table.total, sum(map(sum, cells))),
    ]
    sums = np.array([np.isin(at.ravel(), members) for members, *_ in lines], dtype=float)
    cell_limits = [(min(each), max(each)) for each in map(possible, texts)]
    least = [sum(cell_limits[k][0] for k in members) for members, *_ in lines]
    allowed = [could_be(total, truth, low) for (_, total, truth), low in zip(lines, least, strict=True)]
    limits = {
        "A_ub": np.vstack([sums, -sums]),
        "b_ub": [*(max(each) for each in allowed), *(-min(each) for each in allowed)],
        "bounds": cell_limits,
    }
    hidden = [k for k, text in enumerate(texts) if text == "*"]
    # One answer in which all are least and one in which all are most settles most of them at once.
    seen = [linprog(np.isin(at.ravel(), hidden) * sign, **limits).x for sign in (1.0, -1.0)] if hidden else []
    pinned = []
    for k in hidden:
        if abs(seen[0][k] - seen[1][k]) >= 1:
            continue
        own = (at.ravel() == k).astype(float)
        least, most = (sign * linprog(sign * own, **limits).fun for sign in (1.0, -1.0))
        if np.floor(most + 1e-6) <= np.ceil(least - 1e-6):
            pinned.append(k)
    return pinned


def test_no_withheld_cell_of_random_tables_can_be_pinned_by_a_linear_programme():
    """100 tables of up to 5 by 5 with totals both ways; 10,000 in a drill."""
    rng = random.Random(20261127)
    for _ in range(10_000 if "HIU_ATTEMPTS" in os.environ else 100):
        ceiling, width = rng.choice([2, 5, 12, 30]), rng.randint(2, 5)
        cells = [[rng.randint(0, ceiling) for _ in range(width)] for _ in range(rng.randint(2, 5))]
        assert not cells_pinned_by_a_linear_programme(cells), cells


def test_the_linear_programme_would_find_a_cell_that_is_given_away(monkeypatch):
    monkeypatch.setattr(_Network, "withhold_extremes", lambda self: None)
    monkeypatch.setattr(_Network, "withhold_until_safe", lambda self: None)
    assert cells_pinned_by_a_linear_programme([[7, 7, 7, 7], [0, 0, 0, 0]]) == [0, 1, 2, 3]


@pytest.mark.parametrize("width,largest", [(2, 22), (3, 17), (4, 12)])
def test_reader_who_knows_the_rules_and_tries_every_row_learns_no_withheld_cell(width, largest):
    behind = defaultdict(list)
    for cells in itertools.product(range(largest + 1), repeat=width):
        table = control_table(named([cells]), totals="rows")
        behind[(*map(str, table.rows["r0"].values()), str(table.row_totals["r0"]))].append(cells)
    for printed, rows in behind.items():
        for i in range(width):
            assert printed[i] != "*" or len({row[i] for row in rows}) > 1, (printed, rows)
