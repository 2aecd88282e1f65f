import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.allocation.load import Band, Load, number, recommend


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


def test_the_smallest_share_wins_not_the_fewest_points():
    part_time = Load(1, "Part-time", 20, 10)
    full_time = Load(2, "Full-time", 60, 20)
    found = recommend([part_time, full_time], 4)
    assert found.worker == 2
    assert found.reason == (
        "Full-time has the most room for their hours: 20 of 60 points in use (33%), 24 with this case."
    )


def test_nobody_without_room_is_recommended():
    found = recommend([Load(1, "Full", 20, 18), Load(2, "Over", 20, 30)], 4)
    assert found.worker is None
    assert "Nobody has room for 4 more points" in found.reason


def test_a_case_that_just_fits_has_room():
    assert recommend([Load(1, "Fits", 20, 16)], 4).worker == 1
    assert recommend([Load(1, "Does not", 20, 16.25)], 4).worker is None


def test_an_unknown_capacity_is_not_taken_for_room():
    assert recommend([Load(1, "Unknown", None, 0), Load(2, "Known", 20, 10)], 4).worker == 2
    assert "capacity is set" in recommend([Load(1, "Unknown", None, 0)], 4).reason


def test_somebody_who_has_left_is_not_recommended():
    assert recommend([Load(1, "Gone", 60, 0, in_team=False), Load(2, "Here", 20, 10)], 4).worker == 2


loads = st.builds(
    Load,
    worker=st.integers(1, 99),
    name=st.text(min_size=1, max_size=5),
    capacity=st.none() | st.integers(0, 80),
    points=st.integers(0, 400).map(lambda quarter: quarter / 4),
)


@given(st.lists(loads, max_size=6, unique_by=lambda load: load.worker), st.sampled_from([0.5, 2, 4, 8]))
def test_whoever_is_recommended_has_room_and_nobody_with_room_has_a_smaller_share(team, points):
    found = recommend(team, points)
    with_room = [load for load in team if load.capacity and load.points + points <= load.capacity]
    assert (found.worker is None) == (not with_room)
    if with_room:
        best = next(load for load in team if load.worker == found.worker)
        assert best in with_room
        assert all(best.points / best.capacity <= other.points / other.capacity for other in with_room)


@pytest.mark.parametrize("points, text", [(4.0, "4"), (4.5, "4.5"), (0.25, "0.25"), (0, "0"), (100, "100")])
def test_points_are_written_without_needless_decimals(points, text):
    assert number(points) == text
