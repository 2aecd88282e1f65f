import datetime

import pytest

from governance import incident_rules as rules
from governance.rules import RuleBroken

LONDON = pytest.importorskip("zoneinfo").ZoneInfo("Europe/London")
NOTICED = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)


def after(**time):
    return NOTICED + datetime.timedelta(**time)


def test_the_clock_runs_72_hours_from_when_somebody_became_aware():
    assert rules.deadline(NOTICED) == after(hours=72)
    assert rules.hours_left(NOTICED, NOTICED) == 72
    assert rules.hours_left(NOTICED, after(hours=71, minutes=30)) == 0
    assert rules.hours_left(NOTICED, after(hours=72, minutes=1)) == -1


def test_an_hour_that_the_clock_change_takes_is_not_lost():
    friday = datetime.datetime(2026, 3, 27, 18, tzinfo=LONDON)  # the clocks go forward on Sunday
    assert rules.deadline(friday).astimezone(LONDON) == datetime.datetime(2026, 3, 30, 19, tzinfo=LONDON)


@pytest.mark.parametrize(
    "hours, words, urgent",
    [
        (0, "72 hours left", False),
        (48, "24 hours left", False),
        (48.5, "23 hours left", True),
        (71, "1 hour left", True),
        (71.5, "less than an hour left", True),
        (72.5, "1 hour late", True),
        (80, "8 hours late", True),
    ],
)
def test_the_clock_in_words(hours, words, urgent):
    now = after(hours=hours)
    assert rules.clock_words(NOTICED, now) == words
    assert rules.is_urgent(NOTICED, now) is urgent


@pytest.mark.parametrize(
    "breach, reported, runs",
    [
        (None, False, True),
        ("notify", False, True),
        ("notify", True, False),
        ("unlikely", False, False),
        ("no", False, False),
    ],
)
def test_what_stops_the_clock(breach, reported, runs):
    assert rules.clock_runs(breach, reported=reported) is runs


def check_times(happened_on, aware_at):
    rules.check_times(
        happened_on, aware_at, now=NOTICED, today=NOTICED.date(), aware_on=aware_at.astimezone(LONDON).date()
    )


@pytest.mark.parametrize(
    "happened_on, aware_at",
    [(None, NOTICED), (NOTICED.date(), NOTICED), (datetime.date(2026, 2, 1), after(minutes=14))],
)
def test_it_may_have_happened_and_been_noticed_then(happened_on, aware_at):
    check_times(happened_on, aware_at)


@pytest.mark.parametrize(
    "happened_on, aware_at, said",
    [
        (None, after(minutes=16), "has not come yet"),
        (datetime.date(2026, 3, 3), NOTICED, "3 March 2026 has not come yet"),
        (datetime.date(206, 3, 3), NOTICED, "four digits"),
        (datetime.date(2026, 3, 2), after(days=-1), "cannot be noticed before it happened"),
    ],
)
def test_it_cannot_have_happened_or_been_noticed_then(happened_on, aware_at, said):
    with pytest.raises(RuleBroken, match=said):
        check_times(happened_on, aware_at)


GOOD = {"words": "Done", "reference": "IC-1", "breach": "notify", "reported": True, "finished": False}


@pytest.mark.parametrize("kind", [step for step in rules.Step if step != rules.Step.REOPENED])
def test_a_step_can_be_written_down(kind):
    rules.check_step(kind, **GOOD)


@pytest.mark.parametrize(
    "kind, wrong, said",
    [
        ("action", {"words": " "}, "what was done"),
        ("ico", {"reference": " "}, "reference"),
        ("dspt", {"reference": ""}, "reference"),
        ("finished", {"words": ""}, "what was learned"),
        ("finished", {"breach": None}, "Decide first"),
        ("finished", {"reported": False}, "must be reported first"),
        ("action", {"finished": True}, "Opened again"),
        ("reopened", {}, "open already"),
    ],
)
def test_a_step_that_lacks_something_says_what_comes_first(kind, wrong, said):
    with pytest.raises(RuleBroken, match=said):
        rules.check_step(kind, **GOOD | wrong)


def test_a_finished_incident_can_be_opened_again():
    rules.check_step("reopened", **GOOD | {"finished": True})


def test_nothing_is_done_before_its_time():
    rules.check_done(after(minutes=14), now=NOTICED)
    with pytest.raises(RuleBroken, match="has not come yet"):
        rules.check_done(after(minutes=16), now=NOTICED)


@pytest.mark.parametrize(
    "hours, words",
    [
        (1.5, "1 hour after somebody became aware: in time"),
        (72, "72 hours after somebody became aware: in time"),
        (72.1, "72 hours after somebody became aware: later than 72 hours"),
        (-1, "0 hours after somebody became aware: in time"),
    ],
)
def test_a_report_says_whether_it_was_in_time(hours, words):
    assert rules.after_words(NOTICED, after(hours=hours)) == words
