"""First contact, length of support, silence and visits as pure rules."""

import datetime

import pytest

from casework import rules, safety, support
from casework.rules import STAGE_OWNERS, TRANSITIONS, Stage
from casework.support import Try, Way
from governance.rules import RuleBroken

TODAY = datetime.date(2026, 3, 2)
NOW = datetime.datetime(2026, 3, 2, 14, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def test_every_stage_has_an_owner():
    assert set(STAGE_OWNERS) == set(TRANSITIONS) == set(Stage)


@pytest.mark.parametrize(
    "tries, last, number, kind, on",
    [
        (0, None, 1, "call", TODAY),
        (1, TODAY, 2, "call", TODAY + datetime.timedelta(days=2)),
        (3, TODAY, 4, "letter", TODAY + datetime.timedelta(days=5)),
    ],
)
def test_the_ladder_says_what_to_try_next_and_when(tries, last, number, kind, on):
    found = support.next_try(Way(), tries=tries, last_on=last, today=TODAY)
    assert (found.number, found.of, found.kind, found.on) == (number, 6, kind, on)
    assert found.words.startswith(f"Try {number} of 6. ")


@pytest.mark.parametrize("tries", [6, 7, 40])
def test_after_the_last_rung_it_is_enough(tries):
    found = support.next_try(Way(), tries=tries, last_on=TODAY, today=TODAY)
    assert found.is_enough
    assert "move the case to not reached" in found.words


def test_no_words_to_send_name_the_kind_of_service():
    said = " ".join(support.TRIES.values()).lower()
    assert not [word for word in ("hiu", "high intensity", "frequent", "a&e") if word in said]


@pytest.mark.parametrize(
    "way, sentence",
    [
        (Way(ladder=()), "at least one try"),
        (Way(ladder=(Try("pigeon", 0),)), "Try 1: choose what is done"),
        (Way(ladder=(Try("call", 0), Try("call", 61))), "Try 2: wait between 0 and 60 days"),
        (Way(ask_again_days=0), "1 to 366 days"),
        (Way(weeks=0), "between 1 and 104"),
        (Way(weeks=6, review_weeks=6), "The review comes before the end"),
    ],
)
def test_a_way_that_cannot_be_is_refused_in_a_sentence(way, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        support.check_way(way)


def test_six_weeks_have_a_review_at_three_and_an_end():
    way = Way(weeks=6, review_weeks=3)
    found = support.term(way, began_on=TODAY)
    assert (found.review_on, found.ends_on) == (datetime.date(2026, 3, 23), datetime.date(2026, 4, 13))
    assert found.due(datetime.date(2026, 3, 22)) == ""
    assert "review was due on 23 March" in found.due(datetime.date(2026, 3, 23))
    assert "ended on 13 April" in found.due(datetime.date(2026, 4, 20))
    reviewed = support.term(way, began_on=TODAY, reviewed={"next_on": None, "until": "2026-05-04"})
    assert (reviewed.review_on, reviewed.ends_on) == (None, datetime.date(2026, 5, 4))


def test_open_ended_support_has_reviews_and_no_end():
    found = support.term(Way(), began_on=TODAY)
    assert (found.review_on, found.ends_on) == (TODAY + datetime.timedelta(weeks=12), None)
    told = {"on": datetime.date(2026, 6, 1), "next_on": None, "until": None}
    assert support.term(Way(), began_on=TODAY, reviewed=told).review_on == datetime.date(2026, 8, 24)
    assert support.term(Way(review_weeks=None), began_on=TODAY, reviewed=told).review_on is None
    chosen = support.term(Way(), began_on=TODAY, reviewed={**told, "next_on": "2026-07-01"})
    assert chosen.review_on == datetime.date(2026, 7, 1)
    assert support.term(Way(), began_on=None) == support.Term(None, None)
    assert support.from_told({"ladder": [], "weeks": None, "review_weeks": None}).ladder == support.LADDER


@pytest.mark.parametrize(
    "levels, place, is_pair, refused",
    [
        ([], "home", False, ""),
        (["note"], "home", False, ""),
        (["note", "pair"], "home", False, "Say who goes with you"),
        (["pair"], "elsewhere", False, "Say who goes with you"),
        (["pair"], "home", True, ""),
        (["no_visit"], "home", True, "Meet somewhere else"),
        (["no_visit"], "elsewhere", False, ""),
    ],
)
def test_what_stands_decides_how_a_visit_may_be_made(levels, place, is_pair, refused):
    if not refused:
        safety.check_visit(levels, place=place, is_pair=is_pair)
        return
    with pytest.raises(RuleBroken, match=refused):
        safety.check_visit(levels, place=place, is_pair=is_pair)


@pytest.mark.parametrize(
    "starts, back, sentence",
    [
        (NOW, NOW, "Enter a later time"),
        (NOW - 2 * HOUR, NOW - HOUR, "has passed"),
        (NOW, NOW + 13 * HOUR, "within 12 hours"),
        (NOW + 24 * 400 * HOUR, NOW + 24 * 400 * HOUR + HOUR, "within a year"),
    ],
)
def test_times_that_cannot_be_are_refused(starts, back, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        safety.check_times(starts, back, now=NOW)


@pytest.mark.parametrize(
    "stage, spoke, seen, rhythm, words",
    [
        ("active", 5, 5, None, ""),
        ("active", 22, 22, None, "Nothing logged for 22 days."),
        ("active", 5, 50, None, "Not met in person for 50 days."),
        ("light_touch", 5, 50, None, ""),
        ("active", 8, 8, 3, "You agreed to be in touch every 3 days. The last contact was 8 days ago."),
        ("active", 27, 27, 14, ""),
    ],
)
def test_silence_is_told_by_kind_of_contact(stage, spoke, seen, rhythm, words):
    def ago(days):
        return TODAY - datetime.timedelta(days=days)

    told = {"last_contact_on": ago(spoke), "last_seen_on": ago(seen), "opened_on": ago(90)}
    assert rules.silence(stage, rhythm_days=rhythm, today=TODAY, **told) == words
