import datetime
from decimal import Decimal

import pytest

from casework.allocation.load import Band, Load, away_until, number


@pytest.mark.parametrize(
    "points, capacity, band, percent",
    [
        (0, 40, Band.ROOM, 0),
        (39.75, 40, Band.ROOM, 99),
        (40, 40, Band.FULL, 100),
        (44, 40, Band.FULL, 110),
        (44.25, 40, Band.OVER, 111),
        (10, None, Band.UNKNOWN, None),
        (0, 0, Band.FULL, None),
        (1, 0, Band.OVER, None),
    ],
)
def test_a_load_is_flagged_at_100_and_above_110_per_cent(points, capacity, band, percent):
    load = Load(1, "A", capacity, points)
    assert (load.band, load.percent) == (band, percent)


@pytest.mark.parametrize("points, text", [(4.0, "4"), (4.5, "4.5"), (0.25, "0.25"), (0, "0"), (100, "100")])
def test_points_are_written_without_needless_decimals(points, text):
    assert number(points) == text


FIRST, SECOND = datetime.date(2026, 12, 10), datetime.date(2026, 12, 31)


@pytest.mark.parametrize(
    "hours, reductions, until",
    [
        (30, [(30, FIRST)], FIRST),
        (30, [(20, FIRST)], None),
        (30, [], None),
        (0, [(30, FIRST)], None),
        # Training within the leave, and leave that training alone outlasts.
        (30, [(30, SECOND), (8, FIRST)], SECOND),
        (30, [(30, FIRST), (8, SECOND)], FIRST),
        (30, [(15, FIRST), (15, SECOND)], FIRST),
        (30, [(37, None)], None),
    ],
)
def test_somebody_is_away_while_nothing_of_their_hours_is_left(hours, reductions, until):
    rows = [(Decimal(taken), last) for taken, last in reductions]
    assert away_until(Decimal(hours), rows) == until


def test_somebody_away_or_leaving_has_no_per_cent_and_is_not_over():
    away = Load(1, "A", 0, 20, 5, away_until=FIRST)
    assert (away.band, away.percent, away.no_percent) == (Band.AWAY, None, "Away until 10 December 2026.")
    assert Load(1, "A", 0, leaving=True).band == Band.LEAVING
