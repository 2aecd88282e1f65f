import datetime

import pytest
from django import forms

from governance.fields import DateInputField, NHSDateWidget, RadiosWithHints


def problem(day: str, month: str, year: str, label: str = "Date of birth") -> tuple[str, str | None]:
    with pytest.raises(forms.ValidationError) as caught:
        DateInputField(label=label).clean([day, month, year])
    return caught.value.message, caught.value.code


@pytest.mark.parametrize(
    "typed",
    [
        ["5", "3", "2026"],
        ["05", "03", "2026"],
        [" 5 ", "March", "2026"],
        ["5", "mar", "2026"],
        ["5", "MARCH", "2026"],
    ],
)
def test_a_date_may_be_typed_in_the_ways_people_type_it(typed):
    assert DateInputField().clean(typed) == datetime.date(2026, 3, 5)


@pytest.mark.parametrize("day, month, year", [("31", "2", "2026"), ("29", "2", "2025"), ("31", "4", "2026")])
def test_a_day_that_the_month_does_not_have_is_named(day, month, year):
    message, code = problem(day, month, year)

    assert message.endswith("is not a date. Check the day and the month")
    assert message.startswith(f"{day} ")
    assert code == "not_a_date"


def test_the_last_day_of_february_in_a_leap_year_is_a_date():
    assert DateInputField().clean(["29", "2", "2024"]) == datetime.date(2024, 2, 29)


@pytest.mark.parametrize(
    "typed, message, code",
    [
        (("", "3", "2026"), "Date of birth must include a day", "day"),
        (("5", "", ""), "Date of birth must include a month and a year", "month"),
        (("5", "13", "2026"), "Date of birth: the month must be a number from 1 to 12", "month"),
        (("0", "3", "2026"), "Date of birth: the day must be a number from 1 to 31", "day"),
        (("32", "3", "2026"), "Date of birth: the day must be a number from 1 to 31", "day"),
        (("five", "3", "2026"), "Date of birth: the day must be a number from 1 to 31", "day"),
        (("٥", "3", "2026"), "Date of birth: the day must be a number from 1 to 31", "day"),
        (("5", "3", "26"), "Date of birth: write the year with four digits, such as 2026", "year"),
        (("5", "3", "0000"), "5 March 0000 is not a date. Check the day and the month", "not_a_date"),
    ],
)
def test_each_thing_wrong_with_a_date_has_its_own_sentence(typed, message, code):
    assert problem(*typed) == (message, code)


def test_a_label_that_asks_is_not_made_part_of_a_sentence():
    assert problem("", "3", "2026", label="When were you born?")[0] == "The date must include a day"


def test_three_empty_boxes_are_no_date():
    assert DateInputField(required=False).clean(["", " ", None]) is None
    with pytest.raises(forms.ValidationError):
        DateInputField().clean(["", "", ""])


def test_what_was_typed_comes_back_into_the_boxes():
    form = type("F", (forms.Form,), {"seen": DateInputField()})(
        {"seen_day": "31", "seen_month": "feb", "seen_year": "2026"}
    )

    assert not form.is_valid()
    assert [f'value="{typed}"' in str(form["seen"]) for typed in ("31", "feb", "2026")] == [True] * 3


@pytest.mark.parametrize("initial", [datetime.date(2026, 3, 5), "2026-03-05"])
def test_a_date_known_already_is_filled_in_and_counts_as_unchanged(initial):
    assert NHSDateWidget().decompress(initial) == [5, 3, 2026]
    form = type("F", (forms.Form,), {"seen": DateInputField()})(
        {"seen_day": "5", "seen_month": "3", "seen_year": "2026"}, initial={"seen": datetime.date(2026, 3, 5)}
    )
    assert not form.has_changed()


def test_text_that_is_no_date_is_shown_as_it_is():
    assert NHSDateWidget().decompress("soon") == ["soon", None, None]


def test_a_choice_without_a_hint_is_described_by_nothing():
    widget = RadiosWithHints(choices=[("a", "A"), ("b", "B")], hints={"a": "The first"})
    first, second = widget.subwidgets("letter", None, {"id": "letter"})

    assert (first["hint"], first["attrs"]["aria-describedby"]) == ("The first", "letter_0_hint")
    assert "hint" not in second
    assert "aria-describedby" not in second["attrs"]
