"""Every row is kept or turned away with a sentence that says where and why."""

import nhs_number
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.pipeline import nhs_numbers
from cohorts.pipeline.cells import objects
from cohorts.pipeline.problems import WORDINGS, P
from cohorts.pipeline.read import Unreadable
from tests.cohorts.pipeline import NHS, check, layout, rows, write


@pytest.mark.parametrize(
    "written",
    [
        NHS,
        "943 476 5919",
        "943-476-5919",
        " 9434765919 ",
        "'9434765919",
        "9434765919.0",
        "943\xa0476\xa05919",
    ],
)
def test_an_nhs_number_is_kept_however_it_is_spaced(tmp_path, written):
    result = rows(tmp_path, f"{written},2026-01-02")
    assert result.frame["identifier"].tolist() == [NHS]


@pytest.mark.parametrize(
    "written, code, says",
    [
        ("", "identifier_missing", "Row 2: there is no NHS number."),
        ("NULL", "identifier_missing", "Row 2: there is no NHS number."),
        ("Not Known", "identifier_missing", "Row 2: there is no NHS number."),
        (
            "9.43E+09",
            "nhs_number_cut",
            "Row 2: Excel has cut this NHS number short (9.43E+09). Format the column as text and export it again.",
        ),
        (
            "943476591",
            "nhs_number_length",
            "Row 2: this NHS number has 9 digits, not 10. A spreadsheet may have dropped a zero in front.",
        ),
        ("94347659190", "nhs_number_length", "Row 2: this NHS number does not have 10 digits."),
        ("9434765918", "nhs_number_check_digit", "Row 2: this NHS number fails its check digit."),
        ("9991234560", "nhs_number_check_digit", "Row 2: this NHS number fails its check digit."),
        ("943476591X", "nhs_number_not_digits", "Row 2: this NHS number holds something other than digits."),
        (
            "0000000000",
            "nhs_number_dummy",
            "Row 2: this NHS number is a stand-in for one that was not known.",
        ),
        (
            "9999999999",
            "nhs_number_dummy",
            "Row 2: this NHS number is a stand-in for one that was not known.",
        ),
    ],
)
def test_an_nhs_number_that_cannot_be_is_turned_away(tmp_path, written, code, says):
    result = rows(tmp_path, f"{written},2026-01-02")
    assert result.frame.empty
    assert result.reasons == [says]
    assert result.codes == {code: 1}


def test_no_sentence_repeats_an_nhs_number_or_a_date_of_birth(tmp_path):
    header = "NHS number,Date of birth,Arrival date"
    result = rows(tmp_path, "9434765918,31/02/1970,2026-01-02", "12345,1/1/70,2026-01-02", header=header)
    text = " ".join(result.reasons)
    assert not any(secret in text for secret in ("9434765918", "12345", "31/02", "1970", "1/1/70"))


def test_numbers_of_the_test_range_are_kept_and_counted(tmp_path):
    result = rows(tmp_path, "9990000026,2026-01-02", f"{NHS},2026-01-02")
    assert len(result.frame) == 2
    assert result.notes == {"nhs_number_for_tests": 1}


@settings(max_examples=300)
@given(st.lists(st.integers(0, 9_999_999_999), min_size=1, max_size=40))
def test_check_digits_agree_with_the_nhs_number_package(numbers):
    written = objects(f"{number:010d}" for number in numbers)
    ours = nhs_numbers.parse(written).problem == 0
    theirs = [nhs_number.is_valid(n) and len(set(n)) > 1 for n in written]
    assert ours.tolist() == theirs


@pytest.mark.parametrize(
    "written, kept", [("0", "0"), ("120", "120"), ("42.0", "42"), ("", ""), ("7001", "0")]
)
def test_ages_and_their_codes_are_read(tmp_path, written, kept):
    header = "NHS number,Age,Arrival date"
    result = rows(tmp_path, f"{NHS},{written},2026-02-02", header=header, codes={"age": {"7001": "0"}})
    assert result.frame["age"].tolist() == [kept]


@pytest.mark.parametrize("written", ["121", "-1", "old", "7001"])
def test_an_age_nobody_has_is_turned_away(tmp_path, written):
    result = rows(tmp_path, f"{NHS},{written},2026-02-02", header="NHS number,Age,Arrival date")
    assert result.reasons == [f"Row 2: age {written} is not between 0 and 120."]


def test_a_row_is_told_everything_that_is_wrong_and_counted_once(tmp_path):
    result = rows(tmp_path, "123,31/02/2026,24:00", header="NHS number,Arrival date,Arrival time")
    assert result.codes == {"nhs_number_length": 1}
    assert result.reasons == [
        "Row 2: this NHS number does not have 10 digits. Row 2: arrival 31/02/2026 is not a date. "
        "Row 2: arrival time 24:00 does not exist. Midnight is 00:00 of the day that begins."
    ]


def test_a_broken_row_is_among_the_rejected(tmp_path):
    result = rows(tmp_path, f"{NHS}", f"{NHS},2026-01-02")
    assert result.reasons == [
        "Row 2: the cells cannot be told apart: it has 1 cell and the heading row has 2."
    ]
    assert len(result.frame) == 1


def test_codes_become_words_and_strange_ones_are_counted(tmp_path):
    header = "NHS number,Arrival date,Arrival mode,Sex"
    result = rows(
        tmp_path,
        f"{NHS},2026-01-02,Ambulance,Female",
        f"{NHS},2026-01-02,1048071000000103,m",
        f"{NHS},2026-01-02,by camel,?",
        f"{NHS},2026-01-02,,3",
        header=header,
    )
    assert result.frame["arrival_mode"].tolist() == ["ambulance", "own", "other", ""]
    assert result.frame["sex"].tolist() == ["F", "M", "", ""]
    assert result.notes == {"code_not_recognised: Arrival mode": 1, "code_not_recognised: Sex": 1}


def test_the_sender_s_own_codes_win(tmp_path):
    result = rows(
        tmp_path,
        f"{NHS},2026-01-02,1",
        f"{NHS},2026-01-02,1.0",
        header="NHS number,Arrival date,Arrival mode",
        codes={"arrival_mode": {"1": "ambulance"}},
    )
    assert result.frame["arrival_mode"].tolist() == ["ambulance", "ambulance"]


def test_admission_follows_from_the_disposal_the_sender_names(tmp_path):
    result = rows(
        tmp_path,
        f"{NHS},2026-01-02,01",
        f"{NHS},2026-01-02,02",
        f"{NHS},2026-01-02,",
        header="NHS number,Arrival date,What happened at the end",
        admitted_disposals=["01"],
    )
    assert result.frame["admitted"].tolist() == ["t", "f", ""]


def test_a_number_that_decides_nothing_is_left_empty_and_counted(tmp_path):
    result = rows(
        tmp_path,
        f"{NHS},2026-01-02,-5,£1;20",
        f"{NHS},2026-01-02,90,£120.5",
        header="NHS number,Arrival date,Minutes in the department,Cost of the attendance",
    )
    assert result.frame["duration_minutes"].tolist() == ["", "90"]
    assert result.frame["cost"].tolist() == ["", "120.50"]
    assert sum(result.notes.values()) == 2


def test_hostile_text_is_kept_as_text_on_one_line(tmp_path):
    header = "NHS number,Arrival date,Presenting complaint"
    result = rows(tmp_path, f"{NHS},2026-01-02,\"=cmd|' /C calc'!A0\tand\nmore  space\"", header=header)
    assert result.frame["complaint"].tolist() == ["=cmd|' /C calc'!A0 and more space"]


def test_a_surname_may_be_null(tmp_path):
    result = rows(tmp_path, f"{NHS},2026-01-02,Null", header="NHS number,Arrival date,Last name")
    assert result.frame["last_name"].tolist() == ["Null"]


@pytest.mark.parametrize(
    "written, first, last",
    [
        ("Aoife Byrne", "Aoife", "Byrne"),
        ('"BYRNE, Aoife Mary"', "Aoife Mary", "BYRNE"),
        ("Aoife", "", "Aoife"),
    ],
)
def test_a_name_in_one_column_is_taken_apart(tmp_path, written, first, last):
    frame = rows(
        tmp_path, f"{NHS},2026-01-02,{written}", header="NHS number,Arrival date,Name in one column"
    ).frame
    assert (frame["first_name"][0], frame["last_name"][0]) == (first, last)


def test_rows_of_one_attendance_number_have_one_key(tmp_path):
    header = "NHS number,Arrival date,Attendance number"
    keys = rows(tmp_path, f"{NHS},2026-01-02,A1", f"{NHS},2026-01-03,A1", header=header).frame["key"]
    assert keys.tolist() == ["A1", "A1"]


def test_without_attendance_number_or_time_two_visits_of_a_day_are_told_apart(tmp_path):
    header = "NHS number,Arrival date,Presenting complaint"
    keys = rows(
        tmp_path,
        f"{NHS},2026-01-02,Fall",
        f"{NHS},2026-01-02,Rash",
        f"{NHS},2026-01-02,Fall",
        header=header,
    ).frame["key"]
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]


def test_an_attendance_number_cannot_be_taken_for_a_made_up_key(tmp_path):
    header = "NHS number,Arrival date,Attendance number"
    made = rows(tmp_path, f"{NHS},2026-01-02,", header=header).frame["key"][0]
    assert made.startswith("|")


def test_a_pseudonym_is_text_and_keeps_its_zeros(tmp_path):
    path = write(tmp_path, "id,day\n0620,2026-01-02\n,2026-01-02\n")
    result = check(path, layout({"id": "pseudonym", "day": "arrived_on"}, identifier="pseudonym"))
    assert result.frame["identifier"].tolist() == ["0620"]
    assert result.reasons == ["Row 3: there is no id, so nobody knows who this is about."]


PEOPLE = "NHS number,Number of A&E attendances,Number of emergency admissions"


def test_counts_of_people_are_read_and_blank_is_not_nought(tmp_path):
    result = rows(tmp_path, f"{NHS},12,", f"{NHS},0,3", header=PEOPLE, shape="people")
    assert result.frame[["ae_count", "nel_count"]].to_numpy().tolist() == [["12", ""], ["0", "3"]]


@pytest.mark.parametrize("written", ["-3", "many", "2.5"])
def test_a_count_that_is_none_is_turned_away(tmp_path, written):
    result = rows(tmp_path, f"{NHS},{written},1", header=PEOPLE, shape="people")
    assert result.reasons == [
        f"Row 2: Number of A&E attendances is {written}, which is not a number of attendances."
    ]


def test_a_person_without_any_count_is_turned_away(tmp_path):
    assert rows(tmp_path, f"{NHS},,", header=PEOPLE, shape="people").codes == {"counts_missing": 1}


def test_a_file_without_an_identifier_is_refused(tmp_path):
    path = write(tmp_path, "Site,Arrival date\nA,2026-01-02\n")
    with pytest.raises(Unreadable) as caught:
        check(path, layout({"NHS number": "nhs_number", "Arrival date": "arrived_on"}))
    assert caught.value.sentence == (
        "This file has no column for the NHS number, so nobody in it can be told apart. We saw: Site, Arrival date. "
        "Ask the sender for the column, or say on the source's mapping page which column it is."
    )


def test_columns_the_agreement_does_not_name_are_never_read(tmp_path):
    path = write(tmp_path, f"NHS number,Address,Arrival date,Secret\n{NHS},1 High St,2026-01-02,x\n")
    columns = {"NHS number": "nhs_number", "Arrival date": "arrived_on", "Address": "address"}
    result = check(path, layout(columns), allowed={"nhs_number", "arrived_on"})
    assert list(result.plan.dropped) == ["Address", "Secret"]
    assert "address" not in result.frame


def test_a_column_of_two_fields_needs_both_in_the_agreement(tmp_path):
    path = write(tmp_path, f"NHS number,Arrival\n{NHS},2026-01-02 10:00:00\n")
    columns = {"NHS number": "nhs_number", "Arrival": "arrived_at"}
    both = check(path, layout(columns), allowed={"nhs_number", "arrived_on", "arrived_time"})
    assert both.frame["started_at_time"].tolist() == ["10:00:00"]
    with pytest.raises(Unreadable, match="agreement does not name the arrival date"):
        check(path, layout(columns), allowed={"nhs_number", "arrived_on"})


def test_an_agreement_without_the_identifier_refuses_the_file(tmp_path):
    path = write(tmp_path, f"NHS number,Arrival date\n{NHS},2026-01-02\n")
    with pytest.raises(Unreadable, match="agreement does not name the NHS number"):
        check(
            path, layout({"NHS number": "nhs_number", "Arrival date": "arrived_on"}), allowed={"arrived_on"}
        )


def test_every_problem_has_a_sentence():
    assert set(WORDINGS) == set(P) - {P.NONE}


def test_a_date_that_a_sender_writes_for_not_known_is_nobodys_birthday(tmp_path):
    header = "NHS number,Arrival date,Date of birth"
    unknown = {"birth_date": ["1900-01-01"]}
    lines = (f"{NHS},2026-01-02,1900-01-01", f"{NHS},2026-01-03,1990-01-01")
    result = rows(tmp_path, *lines, header=header, unknown=unknown)
    assert result.frame["birth_date"].tolist() == ["", "1990-01-01"]
