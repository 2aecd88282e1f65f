"""What speaks for and against two descriptions being of one person. Pure."""

import datetime
from dataclasses import replace

import pytest

from governance.identity import names
from governance.identity.compare import LIKELY, Described, compare

ANN = Described("Ann", "Ash", datetime.date(1980, 5, 6), "F", "PL1 1AA", "01752 555 012", "9990000026")
UNKNOWN = replace(ANN, nhs_number="")


def words(likeness):
    return [reason.words for reason in likeness.reasons]


@pytest.mark.parametrize(
    ("change", "is_proposed"),
    [
        ({}, True),
        ({"last_name": "Ashe"}, True),
        ({"first_name": "Anne"}, True),
        ({"first_name": "Ash", "last_name": "Ann"}, True),  # the other way round
        ({"birth_date": datetime.date(1980, 6, 5)}, True),  # day and month exchanged
        ({"birth_date": datetime.date(1980, 5, 7)}, True),
        ({"postcode": "TR1 2BB", "phone": ""}, True),  # moved
        ({"last_name": "Birch"}, True),  # married
        ({"birth_date": None, "phone": ""}, True),  # an agreement may leave out the date of birth
        ({"birth_date": None, "postcode": "", "phone": ""}, False),  # a name alone
        ({"first_name": "Beth", "phone": ""}, False),  # a twin at the same address
        ({"first_name": "Beth", "last_name": "Birch", "postcode": "", "phone": ""}, False),  # born that day
        ({"birth_date": datetime.date(1955, 1, 31), "phone": ""}, False),  # mother and daughter of one name
        ({"first_name": "Bob", "sex": "M"}, False),
        ({"nhs_number": "9990000042", "postcode": "", "phone": ""}, False),  # two numbers are two people
    ],
)
def test_who_is_proposed(change, is_proposed):
    assert compare(ANN, replace(UNKNOWN, **change)).is_proposed is is_proposed
    assert compare(replace(UNKNOWN, **change), ANN).score == compare(ANN, replace(UNKNOWN, **change)).score


def test_a_missing_detail_says_nothing():
    assert compare(ANN, Described()).reasons == []


def test_each_reason_is_in_words_that_repeat_no_detail():
    found = compare(ANN, replace(UNKNOWN, last_name="Ashe", postcode="PL1 2ZZ", sex="M", phone=""))
    assert words(found) == [
        "Last names look or sound alike.",
        "First names are the same.",
        "Dates of birth are the same.",
        "Sex differs.",
        "Postcodes are of the same district.",
    ]
    assert found.words == "Possibly the same person"


@pytest.mark.parametrize(("sent", "points"), [("9990000027", 6), ("9990000062", 6), ("1234567890", -2)])
def test_a_number_that_cannot_exist_is_a_clue(sent, points):
    [reason] = compare(Described(nhs_number=ANN.nhs_number), Described(sent_number=sent)).reasons
    assert reason.points == points


def test_the_same_in_everything_is_likely():
    assert compare(ANN, UNKNOWN).score >= LIKELY


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("O'Brien-Łoś", ["obrien", "los"]),
        ("  Mary  JANE ", ["mary", "jane"]),
        ("Zoë", ["zoe"]),
        ("Jiří Dvořák", ["jiri", "dvorak"]),
        ("محمد علي", ["محمد", "علي"]),
        ("", []),
    ],
)
def test_names_are_taken_apart_into_words(name, expected):
    assert names.words(name) == expected


@pytest.mark.parametrize("typed", ["07700 900123", "+44 7700 900123", "(0)7700-900-123", "0044 7700 900 123"])
def test_a_telephone_number_is_the_same_however_it_is_written(typed):
    assert names.phone(typed) == "+7700900123"
    assert names.is_number(typed)
    assert not names.is_number("Ann Ash")


def test_every_slip_is_one_away():
    slips = names.edits("smith")
    assert {"smth", "smtih", "smitth", "smyth", "msith", "smiths", "mith"} <= slips
    assert "smith" not in slips
    assert names.edits("li") == set()
