"""Which decisions stand on a day, as a table of examples."""

import datetime
from dataclasses import dataclass, field

import pytest

from governance import standing
from governance.standing import Matter

SUPPORT = Matter("support")
TO_GP = Matter("share", 7, "care")
GP_CARD = Matter("share", 7, "crisis_card")
TO_POLICE = Matter("share", 8, "care")


def march(day, hour=10):
    return datetime.datetime(2026, 3, day, hour, tzinfo=datetime.UTC)


@dataclass
class Decision:
    decision: str
    decided_at: datetime.datetime = field(default_factory=lambda: march(2))
    matter: Matter = SUPPORT
    stands_until: datetime.date | None = None
    pk: int = 1

    @property
    def decided_on(self):
        return self.decided_at.date()


def on(day):
    return datetime.date(2026, 3, day)


def stand(rows, day):
    return set(standing.standing(rows, on=on(day)))


def test_nobody_asked_allows_nothing():
    assert stand([], 9) == set()


@pytest.mark.parametrize("decision, found", [("given", {SUPPORT}), ("refused", set()), ("withdrawn", set())])
def test_only_a_yes_stands(decision, found):
    assert stand([Decision(decision)], 9) == found


@pytest.mark.parametrize(
    "day, found", [(1, set()), (2, {SUPPORT}), (4, {SUPPORT}), (5, set()), (7, {SUPPORT})]
)
def test_the_last_word_up_to_the_day_counts(day, found):
    rows = [
        Decision("given", march(7)),
        Decision("withdrawn", march(5)),
        Decision("given", march(2)),
    ]
    assert stand(rows, day) == found


def test_of_two_words_at_one_moment_the_one_written_later_counts():
    rows = [Decision("withdrawn", march(2), pk=2), Decision("given", march(2), pk=1)]
    assert stand(rows, 2) == set()


@pytest.mark.parametrize("day, found", [(4, {SUPPORT}), (5, {SUPPORT}), (6, set())])
def test_a_yes_stands_through_its_last_day_and_no_longer(day, found):
    assert stand([Decision("given", stands_until=on(5))], day) == found


def test_a_yes_that_ran_out_does_not_bring_back_the_one_before():
    rows = [Decision("given", march(2)), Decision("given", march(3), stands_until=on(4))]
    assert stand(rows, 5) == set()


def test_each_partner_and_each_purpose_is_a_matter_of_its_own():
    rows = [
        Decision("given", matter=TO_GP),
        Decision("refused", matter=GP_CARD),
        Decision("given", matter=TO_POLICE),
        Decision("withdrawn", march(3), matter=TO_POLICE),
    ]
    assert stand(rows, 3) == {TO_GP}


@pytest.mark.parametrize(
    "row, sentence",
    [
        (None, "They have not been asked yet."),
        (Decision("refused"), "They said no on 2 March 2026."),
        (Decision("withdrawn"), "They took it back on 2 March 2026."),
        (Decision("given", stands_until=on(5)), "Their yes ran out on 5 March 2026. Ask again."),
        (Decision("given"), ""),
    ],
)
def test_why_nothing_is_allowed_is_said_in_a_sentence(row, sentence):
    assert standing.why_not(row, on=on(9)) == sentence
