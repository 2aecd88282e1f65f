"""What instruments make of answers."""

import datetime
from decimal import Decimal

import pytest

from casework import pictures, scoring
from casework.scoring import Item, Scoring

TWO = [Item("a", [1, 2, 3]), Item("b", [1, 2, 3])]


@pytest.mark.parametrize(
    "how, items, answers, total",
    [
        (Scoring.SUM, TWO, {"a": 1, "b": 3}, 4),
        (Scoring.SUM, TWO, {"a": 1}, None),
        (Scoring.SUM, TWO, {}, None),
        (Scoring.MEAN, TWO, {"a": 1, "b": 2}, Decimal("1.5")),
        (Scoring.MEAN, TWO, {"b": 2}, None),
        (Scoring.EACH, TWO, {"a": 1, "b": 3}, None),
        (Scoring.SUM, [Item("a", [0, 1, 2, 3, 4], is_reversed=True), TWO[1]], {"a": 4, "b": 1}, 1),
        (Scoring.SUM, [Item("a", [1, 2, 3], weight=2), TWO[1]], {"a": 3, "b": 1}, 7),
        # A question of weight 0 stands for itself: the total neither needs nor counts it.
        (Scoring.SUM, [*TWO, Item("direct", [1, 2, 3, 4, 5], weight=0)], {"a": 2, "b": 2}, 4),
        (Scoring.SUM, [*TWO, Item("direct", [1, 2, 3, 4, 5], weight=0)], {"a": 2, "b": 2, "direct": 5}, 4),
    ],
)
def test_a_question_not_answered_is_never_a_nought(how, items, answers, total):
    assert scoring.total(how, items, answers) == total


@pytest.mark.parametrize(
    "told, score",
    [
        ([], None),
        ([(0, 1)], Decimal("50.0")),
        ([(1, 1)], Decimal("60.0")),
        ([(-2, 1)], Decimal("30.0")),
        # 50 + 10·(1+1) / √(0.7·2 + 0.3·4) = 50 + 20 / 1.6125
        ([(1, 1), (1, 1)], Decimal("62.4")),
        # 50 + 10·(2·3 − 1·1) / √(0.7·10 + 0.3·16) = 50 + 50 / 3.4351
        ([(2, 3), (-1, 1)], Decimal("64.6")),
    ],
)
def test_goal_attainment_is_the_published_t_score(told, score):
    assert scoring.goal_attainment(told) == score


def test_a_goal_not_set_is_no_goal_missed():
    goals = [Item(f"goal-{n}", [-2, -1, 0, 1, 2]) for n in range(1, 6)]
    assert scoring.total(Scoring.GOALS, goals, {"goal-2": 1}) == Decimal("60.0")


def test_a_band_is_of_the_total_or_of_one_question():
    bands = [{"from": 0, "to": 4, "label": "Low"}, {"of": "happy", "from": 0, "to": 9, "label": "Any"}]
    assert (scoring.band(bands, 3), scoring.band(bands, 7), scoring.band(bands, None)) == ("Low", "", "")
    assert scoring.band(bands, 7, of="happy") == "Any"


def test_a_picture_has_a_gap_where_there_is_no_figure_and_nothing_a_strict_policy_refuses():
    day = datetime.date(2026, 3, 2)
    points = [pictures.Point(day + datetime.timedelta(days=n), v) for n, v in enumerate([4, None, 2, 3])]
    drawn = pictures.trend("t", "Ann's <score>", points, ends=(0, 10), target=2)
    assert drawn.count("<circle") == 3
    assert drawn.count('class="chart__line"') == 2, "one from 2 to 3, one for what was agreed"
    assert "3 March 2026: no figure" in drawn
    assert "style=" not in drawn
    assert "<score>" not in drawn


@pytest.mark.parametrize("values", [[5], [5, 5], [0, 0], [None], [-0.5, 1]])
def test_a_picture_can_be_drawn_of_anything(values):
    day = datetime.date(2026, 3, 2)
    points = [pictures.Point(day + datetime.timedelta(days=n), v) for n, v in enumerate(values)]
    assert "<svg" in pictures.trend("t", "T", points)
