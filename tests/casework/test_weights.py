import pytest

from casework.allocation import weights
from casework.allocation.weights import Facts, Part, Weights

TABLE = Weights()


@pytest.mark.parametrize(
    "total, stage, points",
    [
        (0, "active", 2),
        (11, "active", 2),
        (12, "active", 4),
        (23, "active", 4),
        (24, "active", 6),
        (35, "active", 6),
        (36, "active", 8),
        (48, "active", 8),
        (None, "active", 4),
        (52, "active", 8),
        (48, "engaging", 8),
        (48, "tapering", 4),
        (48, "light_touch", 2),
        (48, "offered", 4),
        (48, "open_door", 0),
        (None, "died", 0),
    ],
)
def test_points_follow_score_and_stage(total, stage, points):
    assert TABLE.points(Facts(total, stage)) == points


@pytest.mark.parametrize(
    "facts, points",
    [
        (Facts(20, "active", "remote"), 6),
        (Facts(20, "active", "", "often"), 6),
        (Facts(20, "active", "far", "monthly"), 2.5),
        (Facts(20, "light_touch", "near", "monthly"), 0.5),
        (Facts(20, "open_door", "remote", "often"), 0),
    ],
)
def test_the_way_there_and_the_rhythm_multiply_and_an_ended_case_weighs_nothing(facts, points):
    assert TABLE.points(facts) == points


def test_what_nobody_said_changes_nothing():
    assert TABLE.points(Facts(20)) == TABLE.points(Facts(20, "active", "near", "weekly"))


def test_helping_weighs_a_share():
    assert TABLE.points(Facts(20), share="second") == 1
    assert TABLE.points(Facts(20), share="cover") == 2


def test_a_table_of_a_service_replaces_the_lines_it_names_and_no_other():
    own = weights.of_rows([("chaos", "2", 5), ("travel", "far", 2)], version=3)
    assert own.points(Facts(20)) == 5
    assert own.points(Facts(20, "active", "far")) == 10
    assert own.points(Facts(40)) == 8
    assert TABLE.points(Facts(20)) == 4


def test_the_weight_of_a_case_is_told_in_a_sentence():
    assert TABLE.sentence(Facts(30, "tapering", "far", "weekly")) == (
        "A Chaos Score of 30: 6 points, times 0.5 for tapering, times 1.25 for 30 to 59 minutes each way, so 3.75 points."
    )
    assert TABLE.sentence(Facts()) == "It is not scored yet: 4 points."


def test_the_table_is_told_in_sentences():
    said = TABLE.as_sentence()
    assert "weighs 2 to 8 points" in said
    assert "a Chaos Score of 30 in light touch still weighs 1.5 points" in said


@pytest.mark.parametrize(
    "part, level, value, word",
    [
        ("chaos", "1", 0, "from 0.05 to 100"),
        ("chaos", "1", 101, "from 0.05 to 100"),
        ("stage", "tapering", 6, "from 0.05 to 5"),
        ("stage", "active", 2, "stays 1"),
    ],
)
def test_a_value_that_cannot_be_has_a_sentence(part, level, value, word):
    assert word in weights.problem(part, level, value)


def test_every_value_to_start_from_is_allowed():
    for part in Part:
        assert [p for level, _, value in TABLE.rows(part) if (p := weights.problem(part, level, value))] == []


@pytest.mark.parametrize(
    "days, level",
    [(None, ""), (1, "often"), (5, "often"), (6, "weekly"), (9, "weekly"), (10, "fortnightly"), (20, "fortnightly"),
     (21, "monthly"), (92, "monthly")],
)  # fmt: skip
def test_days_between_contacts_are_a_rhythm(days, level):
    assert weights.rhythm_of(days) == level
