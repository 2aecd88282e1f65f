"""Pounds, hours and their intervals; schedules as data; values that jump."""

import datetime
from decimal import Decimal

import pytest

from evaluation.money import schedules
from evaluation.money.amount import Amount, total
from evaluation.money.groups import Group, compare, unequal_groups
from evaluation.money.jump import jumps, question
from evaluation.money.returns import BCR, ROI, a_year, for_months, hours, months_to_charge, returns

SCHEDULE = """
title = "Another year"
price_year = "2024/25"
valid_from = 2024-04-01
source = "A schedule of another year"
[[costs]]
measure = "ae"
amount = "281.10"
what = "Mean of all currencies"
"""


def test_an_interval_is_stretched_with_its_figure():
    assert Amount(100, 20, 180).times(272.5) == Amount(27_250, 5_450, 49_050)
    assert Amount(27_250, 5_450, 49_050).per(50) == Amount(545, 109, 981)


def test_a_negative_factor_turns_the_limits_round():
    assert Amount(100, 20, 180).times(-1) == Amount(-100, -180, -20)


def test_limits_of_a_sum_are_those_of_measures_that_move_together():
    assert total([Amount(10, 5, 15), Amount(3, -1, 7)]) == Amount(13, 4, 22)


def test_a_sum_with_a_part_without_an_interval_has_none():
    assert total([Amount(10, 5, 15), Amount(3)]) == Amount(13)


def test_a_cost_taken_off_moves_both_limits():
    assert Amount(10, 5, 15).less(7) == Amount(3, -2, 8)


def test_nobody_to_divide_by_is_said():
    with pytest.raises(ValueError, match="above 0"):
        Amount(10).per(0)


def test_return_and_ratio_are_two_figures_with_two_names():
    found = returns(Amount(230_000, 70_000, 390_000), 80_000)
    assert found.net == Amount(150_000, -10_000, 310_000)
    assert found.roi == Amount(187.5, -12.5, 387.5)
    assert found.bcr == Amount(2.875, 0.875, 4.875)
    assert "net saving ÷ cost" in ROI
    assert "saving ÷ cost" in BCR
    assert ROI != BCR


def test_a_return_on_nothing_is_refused():
    with pytest.raises(ValueError, match="above £0"):
        returns(Amount(1), 0)


def test_what_was_multiplied_by_what_is_said():
    assert for_months(100_000, 15).words == "£100,000 a year × 15 ÷ 12 months = £125,000"
    made, words = a_year(Amount(60_000, 30_000, 90_000), 6)
    assert made == Amount(120_000, 60_000, 180_000)
    assert words == "£60,000 × 12 ÷ 6 months = £120,000 a year"


@pytest.mark.parametrize(
    "taken_on, window, months",
    [(0, 91, 3), (0, 182, 6), (0, 273, 9), (0, 365, 12), (100, 365, 12), (400, 365, 14), (1096, 91, 37)],
)
def test_cost_is_charged_for_as_long_as_people_were_taken_on_and_no_shorter_than_the_window(
    taken_on, window, months
):
    assert months_to_charge(first_to_last_days=taken_on, window_days=window) == months


def test_hours_are_events_times_minutes():
    assert hours(Amount(120, 60, 180), 45) == Amount(90, 45, 135)


def test_totals_of_unequal_groups_carry_a_warning():
    said = unequal_groups(42, 52, names=("accepted", "refused"))
    assert "Do not compare totals: about 42 accepted and about 52 refused." in said
    assert unequal_groups(50, 50, names=("accepted", "refused")) == ""


def test_a_group_of_nobody_has_nothing_by_head():
    with pytest.raises(ValueError, match="'refused' has nobody"):
        compare(Group("accepted", 42, 1.0), Group("refused", 0, 1.0))


@pytest.mark.parametrize(
    "former, now, asked",
    [
        (Decimal(300), Decimal(400), False),  # exactly a third
        (Decimal(300), Decimal("400.01"), True),
        (Decimal(300), Decimal(200), False),
        (Decimal(300), Decimal("199.99"), True),
        # The national schedule has this one currency at a third of what it is a year later.
        (Decimal("1179.98"), Decimal("333.18"), True),
    ],
)
def test_more_than_a_third_is_questioned(former, now, asked):
    assert jumps(former, now) is asked
    assert bool(question("A&E attendance", former, now)) is asked


def test_the_question_is_a_sentence_with_both_values():
    assert question("A&E attendance", Decimal("272.97"), Decimal("27.30")) == (
        "A&E attendance: £27.30 is 90% less than the £272.97 before it. Check the source. If it is right, confirm it."
    )


def test_the_national_averages_come_with_their_source():
    schedule = schedules.shipped("ncc_2023_24")
    amounts = {cost.measure: str(cost.amount) for cost in schedule.costs}
    assert amounts == {"ae": "272.97", "nel": "2595.43", "conveyance": "458.73", "outpatient": "176.14"}
    assert schedule.price_year == "2023/24"
    assert "National Cost Collection 2023/24" in schedule.source_of(schedule.costs[0])
    assert "not a tariff price" in schedule.source


def test_the_average_of_admissions_is_that_of_short_and_long_stays():
    short, long = 6_365_015, 4_527_849  # stays of each kind in the schedule
    mean = (short * 790.8356 + long * 5132.2349) / (short + long)
    assert round(mean, 2) == 2595.43


def test_the_schedule_of_another_year_is_read_without_a_change_of_code(tmp_path):
    path = tmp_path / "ncc_2024_25.toml"
    path.write_text(SCHEDULE)
    schedule = schedules.read(path)
    assert (schedule.name, schedule.price_year) == ("ncc_2024_25", "2024/25")
    assert schedule.valid_from == datetime.date(2024, 4, 1)


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        ('"Another year"', "Another year", "is not TOML"),
        ('source = "A schedule of another year"', "", "needs source"),
        ('"2024/25"', '"2024"', "write price_year as in 2023/24"),
        ("2024-04-01", "2024-04-01T00:00:00", "needs valid_from"),
        ('"281.10"', '"a lot"', "is no number of pounds"),
        ('"281.10"', '"-1"', "more than £0"),
        ('"281.10"', '"1.005"', "whole pence"),
        ('"281.10"', '"NaN"', "more than £0"),
        ('measure = "ae"', "", "give measure, amount and what"),
        ("[[costs]]", "[[prices]]", "needs costs"),
        ("Mean of all currencies", "x" * 300, "Shorten them"),
        ("[[costs]]", '[[costs]]\nmeasure = "ae"\namount = "1"\nwhat = "x"\n[[costs]]', "two costs of 'ae'"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said_in_a_sentence(old, new, sentence):
    with pytest.raises(schedules.ScheduleProblem, match=sentence):
        schedules.parse(SCHEDULE.replace(old, new), name="mine")


def test_a_schedule_that_is_not_there_is_said(tmp_path):
    with pytest.raises(schedules.ScheduleProblem, match="ncc_2023_24"):
        schedules.shipped("ncc_1999_00")
    with pytest.raises(schedules.ScheduleProblem, match="cannot be read"):
        schedules.read(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(schedules.ScheduleProblem, match="UTF-8"):
        schedules.read(tmp_path / "odd.toml")
