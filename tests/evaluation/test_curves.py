"""Curves of what happens over time, against a textbook, another library and hand-made days."""

import datetime

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from evaluation.impact.curves.intakes import intakes
from evaluation.impact.curves.persistence import persistence
from evaluation.impact.curves.relapse import Return, relapse
from evaluation.impact.curves.release import over_time, shares
from evaluation.impact.curves.survival import Curve, Point, curve
from evaluation.impact.run import impact, study_of
from evaluation.impact.tables import clean_activity, clean_people
from tests.evaluation.impact_data import activity, events, people
from tests.evaluation.test_impact_expected import tables

# Weeks in remission under 6-mercaptopurine (Freireich and others 1963): relapse, or last seen without one.
REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
DAY = pd.Timestamp("2025-03-01")


def remission():
    relapsed, seen = REMISSION
    return np.array([*relapsed, *seen], float), np.array([True] * len(relapsed) + [False] * len(seen))


def test_the_textbook_curve_comes_out_to_the_printed_digit():
    found = curve(*remission(), at=(6, 7, 10, 13, 16, 22, 23))
    printed = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [round(1 - point.share, 3) for point in found.points] == printed
    assert [point.happened for point in found.points] == [3, 4, 5, 6, 7, 8, 9]
    assert found.points[0].still_followed == 17


def test_the_limits_are_those_of_another_library():
    days, happened = remission()
    theirs = SurvfuncRight(days, happened.astype(int))
    lo, hi = theirs.quantile_ci(0.25, method="cloglog")
    found = curve(days, happened, at=(6, 13, 22))
    for point in found.points:
        at = list(theirs.surv_times).index(point.days)
        survival, se = theirs.surv_prob[at], theirs.surv_prob_se[at]
        # ln(-ln S) has the standard error SE(S) / |S ln S|.
        half = 1.959964 * se / abs(survival * np.log(survival))
        limits = sorted(1 - survival ** np.exp(sign * half) for sign in (-1, 1))
        assert (point.lo, point.hi) == pytest.approx(limits, abs=1e-6)
    assert lo < hi


def test_where_it_happened_to_nobody_or_everybody_the_limits_are_binomial():
    nobody = curve(np.full(20, 400.0), np.zeros(20, bool), at=(365,)).points[0]
    assert (nobody.share, nobody.lo) == (0, 0)
    assert nobody.hi == pytest.approx(1 - 0.025 ** (1 / 20))
    everybody = curve(np.full(20, 30.0), np.ones(20, bool), at=(365,)).points[0]
    assert (everybody.share, everybody.hi) == (1, 1)
    assert everybody.lo == pytest.approx(0.025 ** (1 / 20))
    assert curve(np.array([]), np.array([], bool)) == Curve(0)


def days_after(*numbers):
    return [DAY + pd.Timedelta(days=n) for n in numbers]


def quiet(*on, **row):
    """Days until the first quiet stretch of one person, and whether there was one."""
    who = clean_people(people(row))
    seen = clean_activity(activity(*[each.date().isoformat() for each in on]), who)
    only = persistence(who, seen)["accepted"]
    return [point.happened for point in only.points]


@pytest.mark.parametrize(
    "attended, expected",
    [
        ((), [1, 1, 1, 1]),  # quiet from the start: 91 days are over after 91 days
        ((91,), [0, 1, 1, 1]),  # the 91st day was not quiet; days 92 to 182 were
        ((92,), [1, 1, 1, 1]),
        ((50, 140, 231), [0, 0, 0, 1]),
        ((50, 140, 230, 320), [0, 0, 0, 0]),
    ],
)
def test_three_quiet_months_are_91_days_without_an_attendance(attended, expected):
    assert quiet(*days_after(*attended)) == expected


def test_the_index_date_belongs_to_before_and_nothing_after_the_last_day_counts():
    assert quiet(DAY) == [1, 1, 1, 1]
    assert quiet(covered_to=(DAY + pd.Timedelta(days=91)).date().isoformat()) == [0, 0, 0, 0]
    assert quiet(covered_to=(DAY + pd.Timedelta(days=92)).date().isoformat()) == [1, 1, 1, 1]
    # Somebody who died did not go quiet.
    assert quiet(died_on=(DAY + pd.Timedelta(days=60)).date().isoformat()) == [0, 0, 0, 0]


def test_groups_are_followed_apart_and_people_without_cover_in_none():
    who = clean_people(
        people(
            {}, {"group": "declined"}, {"group": "not_approached"}, {"covered_to": None, "covered_from": None}
        )
    )
    found = persistence(who, clean_activity(activity("2025-04-01"), who))
    assert {name: each.n for name, each in found.items()} == {
        "accepted": 1, "declined": 1, "not_reached": 0, "not_approached": 1,
    }  # fmt: skip


def ended(*rows):
    made = pd.DataFrame(
        [
            {
                "person": f"p{i}",
                "ended_on": DAY,
                "supported_on": pd.NaT,
                "followed_to": DAY + pd.Timedelta(days=400),
                **row,
            }
            for i, row in enumerate(rows)
        ]
    )
    return made.assign(supported_on=pd.to_datetime(made["supported_on"]))


def came(table, *on):
    seen = pd.DataFrame({"person": "p0", "on": pd.to_datetime(list(on))})
    return {how: [point.happened for point in each.points] for how, each in relapse(table, seen).items()}


def test_one_attendance_is_one_and_more_than_five_in_a_year_are_often():
    assert came(ended({}), *days_after(0))[Return.ATTENDED] == [0, 0, 0, 0]
    assert came(ended({}), *days_after(100))[Return.ATTENDED] == [0, 1, 1, 1]
    five = came(ended({}), *days_after(1, 2, 3, 4, 5))
    assert (five[Return.ATTENDED], five[Return.OFTEN]) == ([1, 1, 1, 1], [0, 0, 0, 0])
    six = came(ended({}), *days_after(1, 2, 3, 4, 5, 200))
    assert six[Return.OFTEN] == [0, 0, 1, 1]


def test_six_attendances_spread_over_more_than_a_year_are_not_often():
    table = ended({"followed_to": DAY + pd.Timedelta(days=900)})
    spread = came(table, *days_after(1, 80, 160, 240, 320, 366))
    assert spread[Return.OFTEN] == [0, 0, 0, 0]
    frame = pd.DataFrame({"person": "p0", "on": days_after(1, 80, 160, 240, 320, 365)})
    assert relapse(table, frame)[Return.OFTEN].points[-1].happened == 1


def test_support_that_began_again_counts_while_the_person_was_followed():
    again = DAY + pd.Timedelta(days=120)
    assert came(ended({"supported_on": again}))[Return.SUPPORTED] == [0, 1, 1, 1]
    early = ended({"supported_on": again, "followed_to": DAY + pd.Timedelta(days=120)})
    assert came(early)[Return.SUPPORTED] == [0, 0, 0, 0]
    assert (
        relapse(ended({"followed_to": DAY}), pd.DataFrame({"person": [], "on": []}, dtype=object))[
            Return.ATTENDED
        ].n
        == 0
    )


def test_intakes_add_up_to_the_headline_and_share_its_model():
    who, seen = tables()
    days = ["2024-12-01", "2025-01-01"]
    accepted = who["group"] == "accepted"
    who.loc[accepted, "list_date"] = [days[i % 2] for i in range(accepted.sum())]
    study = study_of(who, seen, measure="ae", window_days=365, seed=0)
    first, second = intakes(study)
    headline = impact(who, seen)["estimates"]["observed_expected"]
    assert first.own.n + second.own.n == headline["n"]
    assert first.own.observed + second.own.observed == headline["observed"]
    assert first.own.expected + second.own.expected == pytest.approx(headline["expected"])
    assert first.so_far == first.own
    assert second.so_far.rate_ratio == pytest.approx(headline["rate_ratio"])
    assert [str(each.last.date()) for each in (first, second)] == days


def test_a_list_of_which_few_accepted_waits_for_the_next():
    who, seen = tables()
    accepted = who.index[who["group"] == "accepted"]
    who.loc[accepted, "list_date"] = "2025-02-01"
    who.loc[accepted[:5], "list_date"] = "2025-01-01"
    who.loc[accepted[-3:], "list_date"] = "2025-03-01"
    study = study_of(who, seen, measure="ae", window_days=365, seed=0)
    first, last = intakes(study)
    assert (str(first.first.date()), str(first.last.date())) == ("2025-01-01", "2025-02-01")
    assert (last.own.n, last.own.shown) == (3, False)
    shown = over_time(study)["intakes"]
    # Of the three not even that they are there: everybody less the others would tell.
    assert [each["first_listed_to"] for each in shown] == ["2025-02-01"]


def test_whoever_came_without_a_list_is_an_intake_of_its_own():
    who, seen = tables()
    accepted = who.index[who["group"] == "accepted"]
    who.loc[accepted[:25], "list_date"] = None
    found = intakes(study_of(who, seen, measure="ae", window_days=365, seed=0))
    headline = impact(who, seen)["estimates"]["observed_expected"]
    assert (len(found), found[-1].first) == (2, None)
    assert found[0].own.n + found[1].own.n == found[1].so_far.n == headline["n"]


def a_curve(n, *happened, still=50):
    points = [
        Point(days, k / n, k / n, k / n, k, still)
        for days, k in zip((91, 182, 273, 365), happened, strict=True)
    ]
    return Curve(n, tuple(points))


def texts(found):
    return [each.text for each in found.by]


def test_a_share_is_withheld_where_it_would_tell_of_a_few():
    assert texts(shares(a_curve(100, 10, 20, 30, 40), at=4)) == ["10%", "20%", "30%", "40%"]
    # Seven more are withheld, and count into the next figure that is shown.
    assert texts(shares(a_curve(100, 7, 17, 24, 25), at=4)) == ["*", "17%", "*", "25%"]
    assert texts(shares(a_curve(100, 0, 0, 8, 8), at=4)) == ["0%", "0%", "8%", "8%"]


def test_few_people_or_few_still_followed_show_no_share():
    few = shares(a_curve(19, 8, 8, 8, 8, still=11), at=4)
    assert (few.n.text, texts(few), few.lo.text) == ("20", ["*"] * 4, "*")
    assert texts(shares(a_curve(60, 10, 20, 30, 40, still=7), at=4)) == ["*"] * 4
    assert texts(shares(Curve(0), at=4)) == ["not applicable"] * 4
    assert shares(a_curve(7, 7, 7, 7, 7, still=0), at=4).n.text == "*"


def test_what_is_left_is_the_rest_with_its_limits_turned_round():
    points = (Point(365, 0.4, 0.3, 0.55, 40, 60),)
    found = shares(Curve(100, points), at=1, left=True)
    assert [each.text for each in found.cells] == ["100", "60%", "45%", "70%"]


def test_two_files_can_say_when_support_ended():
    who, seen = events([4] * 60, [2] * 60)
    study = study_of(who, seen, measure="ae", window_days=365, seed=0)
    assert over_time(study)["after_support"] is None
    ended_on = datetime.date(2025, 5, 1).isoformat()
    study = study_of(who.assign(support_ended_on=ended_on), seen, measure="ae", window_days=365, seed=0)
    after = over_time(study)["after_support"]
    assert after["attended"]["percent_by_day"] == {"91": 100, "182": 100, "273": 100, "365": 100}
    assert after["supported"]["percent_by_day"]["365"] == 0
