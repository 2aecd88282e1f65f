import datetime
from decimal import Decimal

import pytest

from casework import rules
from casework.rules import OPEN_STAGES, STAGE_LABELS, STAGE_WEIGHTS, TRANSITIONS, Stage
from governance.rules import RuleBroken

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()

STEPS = {
    "offered": {"engaging", "declined", "not_reached", "moved_away", "died"},
    "engaging": {"active", "declined", "not_reached", "moved_away", "died"},
    "active": {"tapering", "moved_away", "died"},
    "tapering": {"light_touch", "active", "moved_away", "died"},
    "light_touch": {"open_door", "active", "moved_away", "died"},
}


@pytest.mark.parametrize("now", list(Stage))
@pytest.mark.parametrize("to", list(Stage))
def test_a_case_moves_along_the_path_and_nowhere_else(now, to):
    if to in STEPS.get(now, set()):
        rules.check_transition(now, to)
        return
    with pytest.raises(RuleBroken):
        rules.check_transition(now, to)


def test_the_sentence_names_the_steps_there_are():
    with pytest.raises(
        RuleBroken, match=r"from active to open door\. From here it can go to: tapering, moved"
    ):
        rules.check_transition("active", "open_door")


def test_an_ended_episode_asks_for_a_new_one():
    with pytest.raises(RuleBroken, match=r"has ended \(open door\).*open a new episode"):
        rules.check_transition("open_door", "active")


def test_every_stage_has_a_label_and_every_open_one_weighs_something():
    assert set(STAGE_LABELS) == set(TRANSITIONS) == set(Stage)
    assert set(STAGE_WEIGHTS) == OPEN_STAGES


@pytest.mark.parametrize(
    "target, standard, contracted, reduction, points",
    [
        (60, 37.5, 37.5, 0, 60),
        (60, 37.5, 18.75, 0, 30),
        (60, 37.5, 37.5, 7.5, 48),
        (60, 37.5, 0, 0, 0),
        (60, 37.5, 22.3, 0, 35),
        (60, 37.5, 35, 0, 56),
        (60, 37.5, 25, 0, 40),
        (60, 37.5, 37, 2, 56),
    ],
)
def test_capacity_follows_hours(target, standard, contracted, reduction, points):
    hours = {"standard_hours": standard, "contracted_hours": contracted, "reduction_hours": reduction}
    found = rules.available_points(target, **{name: Decimal(str(value)) for name, value in hours.items()})
    assert found == points


@pytest.mark.parametrize("minutes", [-60, 0, 15])
def test_a_contact_may_have_happened_up_to_a_slow_clock_from_now(minutes):
    rules.check_happened(NOW + datetime.timedelta(minutes=minutes), now=NOW)


def test_a_contact_cannot_happen_later_than_that():
    with pytest.raises(RuleBroken, match="2 March 2026 at 12:16 has not happened yet"):
        rules.check_happened(NOW + datetime.timedelta(minutes=16), now=NOW)


def test_a_contact_cannot_be_older_than_the_century_before():
    rules.check_happened(NOW.replace(year=1900), now=NOW)
    with pytest.raises(RuleBroken, match="year 1899 is too long ago"):
        rules.check_happened(NOW.replace(year=1899), now=NOW)


@pytest.mark.parametrize("days", [None, 0, 366])
def test_the_next_contact_is_today_or_within_a_year(days):
    on = None if days is None else TODAY + datetime.timedelta(days=days)
    rules.check_next_contact(on, today=TODAY)


@pytest.mark.parametrize("days, sentence", [(-1, "1 March 2026 has passed"), (367, "more than a year away")])
def test_the_next_contact_is_not_yesterday_nor_years_away(days, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        rules.check_next_contact(TODAY + datetime.timedelta(days=days), today=TODAY)


@pytest.mark.parametrize(
    "known, kind, outcome, day, index",
    [
        (None, "call", "no_answer", 2, 2),
        (None, "letter", "done", 2, 2),
        (None, "on_behalf", "done", 2, None),
        (None, "work", "done", 2, None),
        (None, "rang", "no_answer", 2, None),
        (None, "rang", "reached", 2, 2),
        (5, "call", "reached", 2, 2),
        (5, "call", "reached", 9, 5),
        (5, "on_behalf", "done", 2, 5),
    ],
)
def test_the_index_date_is_the_first_attempt_towards_the_person(known, kind, outcome, day, index):
    def march(number):
        return number and datetime.date(2026, 3, number)

    found = rules.index_date_after(march(known), kind=kind, outcome=outcome, happened_on=march(day))
    assert found == march(index)


DUE = {"has_worker": True, "has_contact": True, "has_score": True, "next_contact_on": TODAY, "today": TODAY}
LATER = {**DUE, "next_contact_on": TODAY + datetime.timedelta(days=1)}


@pytest.mark.parametrize(
    "stage, facts, words",
    [
        ("offered", {**DUE, "has_worker": False}, "Allocate"),
        ("offered", {**DUE, "has_contact": False}, "first time"),
        ("active", {**DUE, "next_contact_on": None}, "Choose a day"),
        ("active", DUE, "today"),
        ("active", {**LATER, "has_score": False}, "Score"),
        ("engaging", {**LATER, "has_score": False}, "Score"),
        ("tapering", {**LATER, "has_score": False}, "light touch"),
        ("active", LATER, "tapering"),
        ("light_touch", LATER, "door stays open"),
        ("open_door", LATER, "new episode"),
        ("died", LATER, "Nothing is planned."),
    ],
)
def test_the_next_step_is_said_in_words(stage, facts, words):
    assert words in rules.next_step(stage, **facts)


@pytest.mark.parametrize("stage", list(Stage))
def test_there_is_always_a_next_step_in_words(stage):
    assert rules.next_step(stage, **LATER).endswith(".")
