"""The clock of a referral, and whose record it may be put to: rules without a database."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from cohorts.referrals import rules
from cohorts.referrals.rules import Happened, Identity, Status, Step, clock, differences, same_person
from governance.rules import RuleBroken

LONDON = ZoneInfo("Europe/London")
HOUR = datetime.timedelta(hours=1)
NOON = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=LONDON)


def at(hours: float) -> datetime.datetime:
    return NOON + hours * HOUR


def step(kind: Step, hours: float, reason: str = "") -> Happened:
    return Happened(kind, at(hours), reason)


@pytest.mark.parametrize(
    "steps, now, elapsed",
    [
        ([], 5, 5),
        ([step(Step.ATTEMPT, 3)], 50, 3),
        ([step(Step.ACCEPTED, 1)], 5, 5),
        ([step(Step.DECLINED, 2)], 50, 2),
        ([step(Step.PAUSED, 2)], 50, 2),
        ([step(Step.PAUSED, 2), step(Step.RESUMED, 12)], 15, 5),
        ([step(Step.PAUSED, 2), step(Step.RESUMED, 12), step(Step.PAUSED, 14)], 50, 4),
        # Rows in any order, a second pause inside a pause, and a resumption of nothing.
        ([step(Step.RESUMED, 12), step(Step.PAUSED, 2)], 15, 5),
        ([step(Step.PAUSED, 2), step(Step.PAUSED, 3), step(Step.RESUMED, 12)], 15, 5),
        ([step(Step.RESUMED, 1)], 5, 5),
        # A first contact during a pause ends both; what comes after it counts no more.
        ([step(Step.PAUSED, 2), step(Step.ATTEMPT, 6), step(Step.RESUMED, 9)], 50, 2),
        ([step(Step.ATTEMPT, 3), step(Step.PAUSED, 4)], 50, 3),
        # Written down before receipt by a clock that runs ahead.
        ([step(Step.ATTEMPT, -0.01)], 5, 0),
    ],
)
def test_elapsed_time_leaves_pauses_out_and_stops_at_the_first_contact(steps, now, elapsed):
    assert clock(NOON, steps, at(now)).elapsed == elapsed * HOUR


def test_a_first_contact_taken_back_lets_the_clock_run_on():
    tried, untried = step(Step.ATTEMPT, 3), step(Step.UNTRIED, 3)
    assert rules.standing([tried, untried]) == []
    assert rules.standing([tried, untried, tried]) == [tried]
    other = step(Step.ATTEMPT, 2)
    assert rules.standing([other, tried, untried]) == [other]
    assert clock(NOON, rules.standing([step(Step.ACCEPTED, 1), tried, untried]), at(5)).is_running


def test_exactly_24_hours_is_in_time_and_a_second_more_is_not():
    second = datetime.timedelta(seconds=1)
    assert not clock(NOON, [], at(24)).is_over
    assert clock(NOON, [], at(24) + second).is_over
    assert clock(NOON, [step(Step.ATTEMPT, 30)], at(99)).is_over
    assert not clock(NOON, [step(Step.PAUSED, 1), step(Step.RESUMED, 10)], at(33)).is_over


@pytest.mark.parametrize(
    "received, noticed, hours",
    [
        # On 29 March 2026 the clocks go from 01:00 to 02:00; on 25 October from 02:00 back to 01:00.
        (datetime.datetime(2026, 3, 28, 12, 0), datetime.datetime(2026, 3, 29, 12, 0), 23),
        (datetime.datetime(2026, 10, 24, 12, 0), datetime.datetime(2026, 10, 25, 12, 0), 25),
        (datetime.datetime(2026, 6, 1, 12, 0), datetime.datetime(2026, 6, 2, 12, 0), 24),
    ],
)
def test_hours_are_counted_as_they_pass_when_the_clocks_change(received, noticed, hours):
    received, noticed = received.replace(tzinfo=LONDON), noticed.replace(tzinfo=LONDON)
    found = clock(received, [], noticed)
    assert found.elapsed == hours * HOUR
    assert found.is_over == (hours > 24)
    assert found.due_at == received.astimezone(datetime.UTC) + 24 * HOUR
    pause = [Happened(Step.PAUSED, received, "hospital"), Happened(Step.RESUMED, noticed)]
    assert clock(received, pause, noticed + HOUR).elapsed == HOUR


def test_the_same_hour_twice_in_autumn_is_two_hours():
    first = datetime.datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
    again = first.replace(fold=1)
    assert clock(first, [], again).elapsed == HOUR


@pytest.mark.parametrize(
    "steps, now, words",
    [
        ([], 0, "24 hours left"),
        ([], 23.5, "30 minutes left"),
        ([], 24, "less than a minute left"),
        ([], 27, "3 hours over"),
        ([], 24 * 4, "3 days over"),
        ([step(Step.ATTEMPT, 5)], 99, "stopped after 5 hours"),
        ([step(Step.PAUSED, 20, "custody")], 99, "4 hours left"),
        ([step(Step.PAUSED, 25, "custody")], 99, "1 hour over"),
    ],
)
def test_the_clock_in_words(steps, now, words):
    assert rules.in_words(clock(NOON, steps, at(now))) == words


def test_when_it_is_due_moves_with_pauses():
    assert clock(NOON, [], at(1)).due_at == at(24)
    assert clock(NOON, [step(Step.PAUSED, 1), step(Step.RESUMED, 4)], at(5)).due_at == at(27)
    assert clock(NOON, [step(Step.PAUSED, 1)], at(5)).due_at is None


@pytest.mark.parametrize(
    "kinds, status, possible",
    [
        ([], Status.RECEIVED, {"accepted", "declined", "attempt", "paused"}),
        ([Step.PAUSED], Status.RECEIVED, {"accepted", "declined", "attempt", "resumed"}),
        ([Step.ATTEMPT], Status.CONTACTED, {"accepted", "declined"}),
        ([Step.ACCEPTED], Status.ACCEPTED, {"attempt", "paused", "ended"}),
        ([Step.ACCEPTED, Step.ATTEMPT], Status.CONTACTED, {"ended"}),
        ([Step.ACCEPTED, Step.ATTEMPT, Step.ENDED], Status.ENDED, set()),
        ([Step.DECLINED], Status.DECLINED, set()),
        ([Step.ATTEMPT, Step.DECLINED], Status.DECLINED, set()),
    ],
)
def test_what_may_follow(kinds, status, possible):
    steps = [step(kind, hours) for hours, kind in enumerate(kinds)]
    assert rules.status(kinds) == status
    assert rules.possible(steps) == possible
    for other in set(Step) - rules.possible(steps):
        with pytest.raises(RuleBroken):
            rules.check_possible(other, steps)


@pytest.mark.parametrize(
    "told, known, same",
    [
        # number, first name, last name, day of birth
        (("9990000018", "Ann", "Ash", 1), ("9990000018", "Ann", "Ash", 1), True),
        (("9990000018", "Ann", "Ash-Birch", None), ("9990000018", "Ann", "ash birch", 1), True),
        (("9990000018", "A.", "Oak", 1), ("9990000018", "Ann", "Ash", 1), True),
        # A slip in the number makes it somebody else's.
        (("9990000018", "Bob", "Oak", 2), ("9990000018", "Ann", "Ash", 1), False),
        (("9990000018", "Ann", "Ash", 1), ("9990000026", "Ann", "Ash", 1), False),
        ((None, "ann", "ASH", 1), ("9990000018", "Ann", "Ash", 1), True),
        (("9990000018", "Ann", "Ash", 1), (None, "Ann", "Ash", 1), True),
        ((None, "Anna", "Ash", 1), ("9990000018", "Ann", "Ash", 1), False),
        ((None, "Ann", "Ash", None), ("9990000018", "Ann", "Ash", None), False),
        ((None, "", "", 1), (None, "", "", 1), False),
    ],
)
def test_whose_record_a_referral_may_be_put_to(told, known, same):
    assert same_person(identity(*told), identity(*known)) is same


def identity(number, first, last, day):
    return Identity(first, last, datetime.date(1980, 1, day) if day else None, number)


def test_what_the_record_says_otherwise():
    record = identity("9990000018", "Ann", "Ash", 1)
    assert differences(identity("9990000018", "Anne", "Ash", 2), record) == ["first name", "date of birth"]
    assert differences(identity(None, "ann", "ash", None), record) == []
