"""Published studies of people who attend often, worked out again where they print enough.

| study | printed | here |
|---|---|---|
| Sousa 2019 | 731, 869, 900 attendances of three lists; 393, 504, 413 two years later; -48% | lands |
| Sousa 2019 | 41, 41, 48 people on the lists; 13, 23, 14 later; t(4) = 6.76, 95% interval 15.71 to 37.61 | means land; a difference of means in people is none of our figures, ours is a ratio |
| Sousa 2019 | -46% in an earlier group; 1 person still listed | counts before, or who left the list how, not printed |
| Elston 2022 | 0.856 (0.631 to 1.160) and 0.871 (0.628 to 1.208) | adjusted, from rows of people nobody publishes; interval and E-value agree in form |
| Elston 2022 | women, deprivation and deaths of cases and controls | percentages land; balance by our measure |
| Camden 2020 | 61.7% and 62.3%, adjusted 0.82 points | adjusted, from rows; the difference of the two is 0.6 |
| Camden 2020 | -38 points before and after | levels before not printed: a fall without a service, as ours are simulated |
| Greenfield 2020 | 1.474 a person; once: 73.5% of people, 49.8% of attendances; 6 or more: 1.2% and 7.6% | lands |
| British Red Cross 2021 | 367,000 or 376,000 people, 0.67% of people, shares, £2.5bn | takes all of England: see test_replays |
"""

import math

import numpy as np
import pytest

from evaluation import disclosure
from evaluation.impact.checks.balance import LARGEST_DIFFERENCE, standardised_difference
from evaluation.impact.checks.e_value import e_values
from evaluation.impact.estimators.change import log_change
from evaluation.impact.natural_fall import FALL_PERCENT
from evaluation.impact.result import Estimate
from evaluation.impact.study import Arm

ATTENDANCES, PATIENTS = 14_829_519, 10_062_847


def lists(before, after):
    """Lists in place of people: each is a year of attendances."""
    year = np.ones(len(before))
    return Arm(np.array(before, float), np.array(after, float), year, year)


def test_attendances_of_three_monthly_lists_two_years_apart():
    both = lists([731, 869, 900], [393, 504, 413])
    change = log_change(both)
    assert round(both.events_pre.mean(), 2) == 833.33
    assert round(both.events_post.mean(), 2) == 436.67
    assert round(100 * (change.ratio - 1)) == -48
    # Other people stand on the later lists, and nobody was held against them: a change, and not an effect.
    assert change.interval[1] < 1


def test_people_on_those_lists():
    both = lists([41, 41, 48], [13, 23, 14])
    assert (round(both.events_pre.mean(), 2), round(both.events_post.mean(), 2)) == (43.33, 16.67)
    assert round(both.events_pre.mean() - both.events_post.mean(), 2) == pytest.approx(
        (15.71 + 37.61) / 2, abs=0.011
    )


@pytest.mark.parametrize("ratio, lo, hi", [(0.856, 0.631, 1.160), (0.871, 0.628, 1.208)])
def test_the_nearest_trial_is_symmetric_on_our_scale_and_leaves_nothing_to_explain_away(ratio, lo, hi):
    assert math.sqrt(lo * hi) == pytest.approx(ratio, abs=0.001)
    found = e_values(Estimate(n=128, label="", controlled=True, rate_ratio=ratio, lo=lo, hi=hi))
    assert found["limit"] == 1
    assert 1.5 < found["estimate"] < 1.7


@pytest.mark.parametrize(
    "part, whole, printed",
    [
        (81, 128, 63.3), (377, 680, 55.4), (8, 128, 6.3), (57, 680, 8.4),
        (45, 128, 35.2), (14, 128, 10.9), (37, 128, 28.9), (22, 128, 17.2), (10, 128, 7.8),
        (253, 680, 37.2), (55, 680, 8.1), (220, 680, 32.4), (81, 680, 11.9), (71, 680, 10.4),
    ],
)  # fmt: skip
def test_percentages_land_exactly_and_leave_here_only_as_their_rounded_counts_allow(part, whole, printed):
    # The printed 6.3 is 8 of 128, which is 6.25: halves are rounded upwards, as here.
    assert math.floor(1000 * part / whole + 0.5) / 10 == printed
    told = disclosure.percentage(disclosure.count(part), disclosure.count(whole))
    assert abs(told.value - printed) < 2.5


def test_women_were_not_balanced_between_cases_and_controls():
    women, others = 81 / 128, 377 / 680
    spread = [math.sqrt(share * (1 - share)) for share in (women, others)]
    assert standardised_difference(women, others, *spread) == pytest.approx(0.16, abs=0.005)
    assert standardised_difference(women, others, *spread) > LARGEST_DIFFERENCE


def test_a_trial_without_an_effect_fell_as_far_by_itself_as_lists_do_here():
    assert round(62.3 - 61.7, 1) == 0.6
    # 38 points fewer were readmitted, with the service and without. The world that changes fastest falls as far.
    assert 38 in range(20, max(max(lag) for kind in FALL_PERCENT["dyn6"].values() for lag in kind) + 1)


def test_attendances_of_all_england_are_consistent():
    mean = ATTENDANCES / PATIENTS
    assert round(mean, 3) == 1.474
    assert str(disclosure.mean(mean, n=PATIENTS, total=ATTENDANCES)) == "1.5"

    def share_of_attendances(share_of_people, each):
        return share_of_people * each / mean

    # 73.5% is anything from 73.45, and whoever came once came once.
    assert round(share_of_attendances(73.45, 1), 1) == 49.8
    assert round(7.6 * mean / 1.2, 1) == 9.3
    assert round(27.1 * mean / 9.5, 1) == 4.2
