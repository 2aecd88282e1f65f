import datetime

import pytest

from governance.rules import Reader, age_on, agreement_problem, agreement_warnings, format_nhs_number

DAY = datetime.date(2026, 3, 1)


@pytest.mark.parametrize(
    "known, age",
    [
        ({"birth_date": datetime.date(2000, 3, 1)}, 26),
        ({"birth_date": datetime.date(2000, 3, 2)}, 25),
        ({"birth_date": datetime.date(2004, 2, 29)}, 22),
        ({"birth_date": None}, None),
        ({"birth_date": None, "stated_age": 40, "stated_age_on": datetime.date(2025, 3, 1)}, 41),
        ({"birth_date": None, "stated_age": 40, "stated_age_on": datetime.date(2025, 3, 2)}, 40),
        (
            {
                "birth_date": datetime.date(2000, 3, 1),
                "stated_age": 99,
                "stated_age_on": datetime.date(2026, 1, 1),
            },
            26,
        ),
    ],
)
def test_age_is_whole_years_or_unknown(known, age):
    assert age_on(DAY, **known) == age


@pytest.mark.parametrize(
    "first, last, problem",
    [
        (datetime.date(2026, 3, 1), datetime.date(2026, 3, 1), None),
        (datetime.date(2026, 3, 1), None, None),
        (datetime.date(2026, 3, 2), None, "starts on 2 March 2026"),
        (datetime.date(2025, 1, 1), datetime.date(2026, 2, 28), "ended on 28 February 2026"),
    ],
)
def test_an_agreement_is_relied_on_only_between_its_days(first, last, problem):
    said = agreement_problem(DAY, valid_from=first, valid_to=last, title="The agreement")
    assert said is None if problem is None else problem in (said or "")


def test_an_nhs_number_is_read_three_three_four():
    assert format_nhs_number("9990000018") == "999 000 0018"


STOPPED = {
    "draft": {"is_draft": True},
    "suspended": {"suspended_on": DAY, "suspended_why": "A breach is looked into."},
    "begins later": {"valid_from": DAY + datetime.timedelta(days=1)},
    "ended": {"valid_to": DAY - datetime.timedelta(days=1)},
}


@pytest.mark.parametrize("state", STOPPED.values(), ids=STOPPED)
def test_what_stops_an_agreement_is_said_to_whoever_reads_it(state):
    given = {"valid_from": datetime.date(2020, 1, 1), "valid_to": None, "title": "The agreement", **state}
    said = {reader: agreement_problem(DAY, reader=reader, **given) for reader in Reader}
    assert "Nothing was stored." in said[Reader.REFUSED]
    assert "Nothing was stored" not in said[Reader.SENDER] + said[Reader.IG_LEAD]
    assert "IG lead" not in said[Reader.IG_LEAD]
    assert "this file" not in said[Reader.IG_LEAD]


def test_an_ig_lead_is_not_told_to_ask_the_ig_lead():
    given = {"title": "The agreement", "is_signed": False, "review_on": DAY, "valid_to": None}
    assert all("ask the IG lead" in said for said in agreement_warnings(DAY, **given))
    assert not any("IG lead" in said for said in agreement_warnings(DAY, reader=Reader.IG_LEAD, **given))
