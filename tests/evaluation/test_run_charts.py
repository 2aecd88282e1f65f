"""Run charts: limits and signals as NHS England's Making Data Count draws them, and months counted by days."""

import datetime
import itertools
from xml.etree import ElementTree

import pandas as pd
import pytest

from evaluation.quarters import parse
from evaluation.run_charts import draw
from evaluation.run_charts.months import months_up_to, rates
from evaluation.run_charts.rules import Signal, run_chart

LEVEL = [10, 12, 11, 9, 10, 12, 10, 9, 11, 10, 12, 10]


def signals(points):
    return [sorted(each) for each in run_chart(points).signals]


def test_limits_are_the_mean_and_266_hundredths_of_the_mean_moving_range():
    chart = run_chart(LEVEL)
    moving = sum(abs(b - a) for a, b in itertools.pairwise(LEVEL)) / 11
    assert chart.mean == pytest.approx(10.5)
    assert chart.upper == pytest.approx(10.5 + 2.66 * moving)
    assert chart.lower == pytest.approx(10.5 - 2.66 * moving)
    assert chart.on_trial is False
    assert not any(chart.signals)


def test_later_points_move_no_limit_and_fewer_than_twelve_are_on_trial():
    assert run_chart([*LEVEL, 40, 41]).upper == run_chart(LEVEL).upper
    assert run_chart(LEVEL[:9]).on_trial is True
    few = run_chart([10.0] * 7)
    assert (few.mean, few.lower, few.upper) == (None, None, None)


def test_a_leap_does_not_widen_the_limits():
    leap = [*LEVEL[:6], 60, *LEVEL[7:]]
    ranges = [abs(b - a) for a, b in itertools.pairwise(leap)]
    kept = [each for each in ranges if each <= 3.267 * sum(ranges) / 11]
    assert len(kept) == 9
    assert run_chart(leap).upper == pytest.approx(sum(leap) / 12 + 2.66 * sum(kept) / 9)
    assert signals(leap)[6] == [Signal.OUTSIDE]


def test_seven_on_one_side_are_a_signal_and_six_are_none():
    assert all(Signal.SIDE in each for each in signals([*LEVEL, *[9.5, 10] * 3, 9.5])[12:])
    assert not any(Signal.SIDE in each for each in signals([*LEVEL, 11, *[9.5, 10] * 3, 11]))


def test_a_month_nobody_knows_ends_a_run():
    assert not any(Signal.SIDE in each for each in signals([*LEVEL, 11, 9, 10, 9, None, 10, 9, 10]))


def test_seven_that_rise_are_a_signal():
    rising = [*LEVEL, 9, 9.5, 10, 10.4, 10.8, 11, 11.5]
    assert [Signal.TREND in each for each in signals(rising)] == [False] * 12 + [True] * 7


def test_two_of_three_close_to_a_limit_are_a_signal_if_all_are_on_its_side():
    reach = run_chart(LEVEL).upper - 10.5
    close = 10.5 + 0.8 * reach
    assert [Signal.NEAR in each for each in signals([*LEVEL, close, 11, close])][-3:] == [True] * 3
    assert not any(Signal.NEAR in each for each in signals([*LEVEL, close, 10, close]))


def test_no_limit_is_below_nothing():
    assert run_chart([0, 3, 0, 4, 0, 3, 0, 5, 0, 3, 0, 4]).lower == 0


def span(person, first, last=None):
    return {"person": person, "first": pd.Timestamp(first), "last": pd.Timestamp(last) if last else pd.NaT}


def test_a_person_counts_for_the_days_they_were_supported():
    spans = pd.DataFrame(
        [span("a", "2026-06-16"), span("b", "2026-06-01", "2026-06-16"), span("c", "2026-07-01")]
    )
    days = [
        ("a", "2026-06-15"),
        ("a", "2026-06-16"),
        ("b", "2026-06-15"),
        ("b", "2026-06-16"),
        ("d", "2026-06-20"),
    ]
    events = pd.DataFrame(
        [(p, datetime.date.fromisoformat(day)) for p, day in days], columns=["person", "on"]
    )
    months = months_up_to(parse("2026-Q2"), 2)
    table = rates(spans, events, months)
    assert [str(month) for month in months] == ["2026-05", "2026-06"]
    assert table.loc[months[0], "people"] == 0
    assert pd.isna(table.loc[months[0], "rate"])
    assert (table.loc[months[1], "people"], table.loc[months[1], "events"]) == (2, 2)
    # Fifteen of thirty days each: one person throughout.
    assert table.loc[months[1], "rate"] == pytest.approx(200)


def test_a_chart_draws_gaps_as_gaps_and_fills_what_is_part_of_a_signal():
    points = [10.0, "*", None, 12.0]
    drawn = draw.run(
        "run", title="T", desc="D", months=["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"], points=points,
        signals=[False, False, False, True], centre=(2.0, 8.0, 14.0), unit="Events",
    )  # fmt: skip
    chart = ElementTree.fromstring(drawn)
    names = [each.get("class") for each in chart.iter() if each.tag.endswith("circle")]
    assert names == ["chart__marker", "chart__gap", "chart__gap", "chart__marker"]  # two in the legend
    assert " style=" not in drawn
    with pytest.raises(ValueError, match="one point"):
        draw.run("run", title="T", desc="D", months=[], points=[], signals=[], centre=None, unit="Events")
