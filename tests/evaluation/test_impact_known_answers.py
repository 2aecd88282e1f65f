"""Published answers to classical data, through our functions; the figures carried over are facts, not files.

Where a published figure is of a kind that ours are not, the test says why and what ours gives.

| data | published | here |
|---|---|---|
| epil: seizures, 59 people | baseline 1.348 (0.157), treated 0.027 (0.222), after 0.109 (0.116), both -0.102 (0.213) | lands |
| epil without the largest | -0.108 (0.194) and -0.300 (0.171) | lands |
| nsw: men trained, by lot | $1,794.34 | lands; its error of $632.85 is of a difference, ours of a ratio |
| nsw against cps1, lalonde | -$8,497.52 and -$635.03, naive | lands; how near to $1,794 we come: test_impact_known_tables |
| mdvis: doctor visits | 2.831, 2.353, ratio 0.8312 | lands; with covariates 0.8709: test_impact_known_tables |
| organ donors | -0.0225 | a difference in points of a share, ours is a ratio: 0.939 |
"""

import math

import numpy as np
import pytest

from evaluation.impact.estimators.change import log_change
from evaluation.impact.estimators.declined import difference
from evaluation.impact.estimators.matched import log_matched
from evaluation.impact.model import poisson
from evaluation.impact.model.expected import log_observed_expected
from evaluation.impact.result import Estimate
from evaluation.impact.study import Arm
from tests.evaluation.test_impact_expected import by_hand

# Seizures in 8 weeks before and 8 weeks after, person by person: 59 people in a trial of progabide (Thall and
# Vail, Biometrics 1990, table 2; Diggle, Heagerty, Liang and Zeger, Analysis of Longitudinal Data, 8.4.1).
PLACEBO = (
    [
        11,
        11,
        6,
        8,
        66,
        27,
        12,
        52,
        23,
        10,
        52,
        33,
        18,
        42,
        87,
        50,
        18,
        111,
        18,
        20,
        12,
        9,
        17,
        28,
        55,
        9,
        10,
        47,
    ],
    [
        14,
        14,
        11,
        13,
        55,
        22,
        12,
        93,
        22,
        33,
        66,
        30,
        16,
        42,
        59,
        16,
        6,
        123,
        15,
        16,
        14,
        14,
        13,
        30,
        143,
        6,
        10,
        53,
    ],
)
PROGABIDE = (
    [76, 38, 19, 10, 19, 24, 31, 14, 11, 67, 41, 7, 22, 13, 46, 36, 38, 7, 36, 11, 151, 22, 41, 32, 56, 24, 16, 22, 25, 13, 12],
    [42, 28, 7, 13, 19, 11, 74, 20, 10, 24, 29, 4, 6, 12, 65, 26, 39, 7, 32, 3, 302, 13, 26, 10, 70, 13, 15, 51, 6, 0, 10],
)  # fmt: skip
LARGEST = 20  # their subject 49: 151 before and 302 after

# Doctor visits in three months, as visits: people, before and after a German reform of 1997 (R package COUNT,
# mdvis; Rabe-Hesketh and Skrondal).
VISITS_1996 = {0: 305, 1: 225, 2: 183, 3: 121, 4: 63, 5: 54, 6: 37, 7: 13, 8: 13, 9: 6, 10: 41, 12: 14, 14: 2, 15: 8,
               16: 1, 20: 4, 24: 1, 25: 3, 30: 2, 36: 1, 40: 1, 50: 1, 60: 1}  # fmt: skip
VISITS_1998 = {0: 360, 1: 222, 2: 191, 3: 135, 4: 54, 5: 47, 6: 39, 7: 8, 8: 14, 9: 3, 10: 20, 11: 1, 12: 6, 13: 5,
               14: 1, 15: 11, 16: 1, 20: 6, 30: 2, 40: 1}  # fmt: skip

# Share of people registered as donors: means of California and of the others, before and from July 2011.
CALIFORNIA = (0.8140 / 3, 0.7884 / 3, 34.7046 / 78, 35.7908 / 78)


def arm(before, after, without=None):
    keep = np.arange(len(before)) != without
    eight_weeks = np.full(keep.sum(), 8 / 52)
    return Arm(np.array(before, float)[keep], np.array(after, float)[keep], eight_weeks, eight_weeks)


def printed_se(ratio, n):
    """Generalised estimating equations leave out n/(n-1)."""
    return ratio.se * math.sqrt((n - 1) / n)


def test_seizures_before_and_after():
    placebo, progabide = arm(*PLACEBO), arm(*PROGABIDE)
    assert [each.sum() for each in (placebo.events_pre, placebo.events_post)] == [862, 961]
    assert [each.sum() for each in (progabide.events_pre, progabide.events_post)] == [980, 987]
    change = log_change(placebo)
    assert (round(change.value, 3), round(printed_se(change, 28), 3)) == (0.109, 0.116)
    # The treated group alone looks unchanged, while placebo rose by 11.5%.
    assert round(100 * (log_change(progabide).ratio - 1), 1) == 0.7
    assert round(100 * (change.ratio - 1), 1) == 11.5


def test_seizures_a_week_before_anything_was_given():
    def weekly(before):
        return log_matched(np.array(before, float), np.full(len(before), 8.0))

    placebo, progabide = weekly(PLACEBO[0]), weekly(PROGABIDE[0])
    assert (round(placebo.value, 3), round(printed_se(placebo, 28), 3)) == (1.348, 0.157)
    assert round(difference(progabide, placebo).value, 3) == 0.027
    assert round(math.hypot(printed_se(progabide, 31), printed_se(placebo, 28)), 3) == 0.222
    without = weekly([n for i, n in enumerate(PROGABIDE[0]) if i != LARGEST])
    assert round(difference(without, placebo).value, 3) == -0.108
    assert round(math.hypot(printed_se(without, 30), printed_se(placebo, 28)), 3) == 0.194


@pytest.mark.parametrize("without,value,se", [(None, -0.102, 0.213), (LARGEST, -0.300, 0.171)])
def test_progabide_against_placebo_and_how_far_one_person_moves_it(without, value, se):
    treated, placebo = arm(*PROGABIDE, without=without), arm(*PLACEBO)
    both = difference(log_change(treated), log_change(placebo))
    assert round(both.value, 3) == value
    parts = printed_se(log_change(treated), treated.n), printed_se(log_change(placebo), placebo.n)
    assert round(math.hypot(*parts), 3) == se


def test_doctor_visits_before_and_after_a_reform():
    years = [np.repeat(list(each), list(each.values())) for each in (VISITS_1996, VISITS_1998)]
    assert [len(each) for each in years] == [1100, 1127]
    assert [round(each.mean(), 3) for each in years] == [2.831, 2.353]
    visits = np.concatenate(years).astype(float)
    x = np.column_stack([np.ones(2227), np.repeat([0.0, 1.0], [1100, 1127])])
    fit = poisson.fit(x, visits, np.ones(2227))
    assert round(math.exp(fit.coefficients[1]), 4) == 0.8312


@pytest.mark.parametrize(
    "others,mean_of_others,printed",
    [
        (260, 4554.8011, 1794.34),  # drawn by lot: Dehejia and Wahba 1999, $1,794
        (15992, 14846.6597, -8497.52),  # people of a population survey: the naive answer
        (429, 6984.1697, -635.03),  # people of another survey: R package MatchIt, naive
    ],
)
def test_earnings_of_men_trained_against_what_others_lead_one_to_expect(others, mean_of_others, printed):
    """185 men earned 6,349.14 dollars each. Observed less expected, a head, is the published difference.

    Its standard error (632.85) is of a difference in dollars; ours is of the logarithm of a ratio.
    """
    trained, mean = 185, 6349.1435
    fit = poisson.fit(np.ones((others, 1)), np.full(others, mean_of_others), np.ones(others))
    found = by_hand([mean] * trained, fit.rate(np.ones((trained, 1))), ["accepted"] * trained)
    ratio = log_observed_expected(found, found.among("accepted"))
    answer = Estimate(n=trained, label="", controlled=True).answered(
        ratio, observed=mean * trained, wide=False
    )
    assert round(-answer.avoided / trained, 2) == printed


def test_organ_donors_are_a_difference_in_points_and_ours_a_ratio():
    """California asked drivers in another way; 26 states did not (Kessler and Roth; The Effect, chapter 18: -0.022).

    Two-way fixed effects of a balanced table are the difference between four means, in points of a share. Ours
    is the ratio between two ratios, which is another question: it cannot give -0.0225. On these means it is 0.939.
    """
    before, after, others_before, others_after = CALIFORNIA
    assert round((after - before) - (others_after - others_before), 4) == -0.0225

    def share(one, two):
        return Arm(np.full(2, one), np.full(2, two), np.ones(2), np.ones(2))

    ours = difference(log_change(share(before, after)), log_change(share(others_before, others_after)))
    assert round(ours.ratio, 3) == 0.939
