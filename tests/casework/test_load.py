import pytest

from casework.allocation.load import Band, Load, number


@pytest.mark.parametrize(
    "points, capacity, band, percent",
    [
        (0, 40, Band.ROOM, 0),
        (39.75, 40, Band.ROOM, 99),
        (40, 40, Band.FULL, 100),
        (44, 40, Band.FULL, 110),
        (44.25, 40, Band.OVER, 111),
        (10, None, Band.UNKNOWN, None),
        (0, 0, Band.FULL, 0),
        (1, 0, Band.OVER, 999),
    ],
)
def test_a_load_is_flagged_at_100_and_above_110_per_cent(points, capacity, band, percent):
    load = Load(1, "A", capacity, points)
    assert (load.band, load.percent) == (band, percent)


@pytest.mark.parametrize("points, text", [(4.0, "4"), (4.5, "4.5"), (0.25, "0.25"), (0, "0"), (100, "100")])
def test_points_are_written_without_needless_decimals(points, text):
    assert number(points) == text
