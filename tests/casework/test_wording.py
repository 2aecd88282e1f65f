import datetime

import pytest

from casework import wording

TODAY = datetime.date(2026, 3, 2)


def day(days):
    return TODAY + datetime.timedelta(days=days)


@pytest.mark.parametrize(
    "days, words",
    [
        (0, "today"),
        (-1, "yesterday"),
        (-2, "2 days ago"),
        (-20, "20 days ago"),
        (-21, "3 weeks ago"),
        (-364, "52 weeks ago"),
        (-365, "on Sunday 2 March 2025"),
        (1, "tomorrow"),
        (4, "on Friday 6 March"),
        (365, "on Tuesday 2 March 2027"),
    ],
)
def test_a_day_is_said_as_people_say_it(days, words):
    assert wording.ago(day(days), today=TODAY) == wording.coming(day(days), today=TODAY) == words


@pytest.mark.parametrize(
    "days, words",
    [(0, "Due today"), (1, "Due tomorrow"), (-1, "Was due yesterday"), (-5, "Was due 5 days ago")],
)
def test_what_is_due_says_when(days, words):
    assert wording.due(day(days), today=TODAY) == words


@pytest.mark.parametrize(
    "phone, dialled",
    [
        ("07700 900123", "07700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("(01632) 960001", "01632960001"),
        ("01632 960 001 (ask for Jo)", "01632960001"),
        ("", ""),
        ("none", ""),
        ("999", ""),
        ("07700 900123 or 07700 900456", ""),
        ("٠٧٧٠٠٩٠٠١٢٣", ""),
    ],
)
def test_only_a_number_is_dialled(phone, dialled):
    assert wording.dialled(phone) == dialled


@pytest.mark.parametrize(
    "number, words", [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (1234, "1,234 cases")]
)
def test_a_number_has_its_noun(number, words):
    assert wording.count(number, "case") == words


@pytest.mark.parametrize(
    "text, number", [("7", 7), ("", 0), ("-1", 0), ("x", 0), ("²", 0), ("٣", 0), ("1" * 10, 0), ("1.5", 0)]
)
def test_only_a_whole_number_is_read_from_an_address(text, number):
    assert wording.whole_number(text) == number
