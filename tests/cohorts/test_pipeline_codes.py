"""What codes mean: the national lists, the traps in them, and the days for which a meaning holds."""

import csv
import datetime

import pytest

from cohorts.pipeline import codes
from cohorts.pipeline.codes import Meaning
from cohorts.pipeline.profile import BadProfile, Conventions, Layout, load
from tests.cohorts.pipeline import check, layout, shared, write

ECDS = codes.of_file(Conventions(code_set="ecds"))
HES = codes.of_file(Conventions(code_set="hes_ae"))
SHORT_STAY, WARD = "1066331000000109", "306706006"


def ecds(folder, *lines, columns="TOKEN_PERSON_ID,ARRIVAL_DATE,DISCHARGE_DESTINATION", said=()):
    path = write(folder, "\n".join([columns, *lines]) + "\n")
    read = Layout.of(load("ecds"))
    return check(path, Layout(read.shape, read.identifier, read.columns, read.conventions, tuple(said)))


def test_every_published_code_of_the_lists_is_counted_as_published():
    groups = {"ambulance": "ambulance", "own/public": "own", "police/justice": "police"}
    admits = {
        "admitted": "t",
        "ambulatory/short stay": "f",
        "discharged": "f",
        "transferred": "f",
        "died": "f",
    }
    with shared("ref_ecds_codes/ecds_codes_partial.csv").open(newline="") as file:
        published = list(csv.DictReader(file))
    for row in published:
        code = row["snomed_code"]
        if row["data_item"] == "arrival_mode":
            assert ECDS.conventions.code_table("arrival_mode")[code] == groups[row["group"]]
        if row["data_item"] == "acuity":
            assert ECDS.conventions.code_table("acuity")[code] == row["meaning"][0]
        if row["data_item"] == "discharge_destination" and code != SHORT_STAY:
            assert ECDS.admitted(code, None) == admits[row["group"]]


@pytest.mark.parametrize("written", ["1048021000000102", "1048021000000102.0", " 1048021000000102 "])
def test_a_non_emergency_ambulance_is_an_ambulance(tmp_path, written):
    result = ecds(tmp_path, f"a,2026-01-02,{written}", columns="TOKEN_PERSON_ID,ARRIVAL_DATE,ARRIVAL_MODE")
    assert result.frame["arrival_mode"].tolist() == ["ambulance"]


@pytest.mark.parametrize(
    "code, means", [("1", "first"), ("2", "planned follow-up"), ("3", "unplanned follow-up")]
)
def test_an_attendance_category_means_what_its_own_list_says(code, means):
    """2 is a planned follow-up in HES and an unplanned one in ECDS."""
    assert HES.conventions.code_table("attendance_category")[code] == means
    if code == "2":
        assert ECDS.conventions.code_table("attendance_category")[code] == "unplanned follow-up"


def test_the_old_code_1_is_an_ambulance_only_where_the_old_list_is_used():
    assert HES.conventions.code_table("arrival_mode")["1"] == "ambulance"
    assert "1" not in ECDS.conventions.code_table("arrival_mode")


def test_a_short_stay_ward_is_not_supplied_until_the_service_says_which_it_is(tmp_path):
    lines = [f"a,2026-01-02,{SHORT_STAY}", f"b,2026-01-02,{WARD}", "c,2026-01-02,306689006", "d,2026-01-02,"]
    assert ecds(tmp_path, *lines).frame["admitted"].tolist() == ["", "t", "f", ""]
    said = Meaning("disposal", SHORT_STAY, "Short-stay ward", "Short-stay ward", admits=True)
    assert ecds(tmp_path, *lines, said=[said]).frame["admitted"].tolist() == ["t", "t", "f", ""]


def test_a_destination_that_the_list_does_not_know_says_nothing_about_admission(tmp_path):
    frame = ecds(tmp_path, "a,2026-01-02,123456789").frame
    assert (frame["admitted"][0], frame["disposal"][0]) == ("", "123456789")


def test_a_code_that_a_spreadsheet_robbed_of_its_zero_is_known():
    assert [HES.admitted(code, None) for code in ("01", "1", "02", "2", "99", "")] == [
        "t",
        "t",
        "f",
        "f",
        "",
        "",
    ]
    assert HES.conventions.code_table("department_type")["1"] == "1"


def april(year, **meaning):
    first, last = meaning.pop("first", None), meaning.pop("last", None)
    return Meaning(
        first_day=datetime.date(year, 4, 1) if first else None,
        last_day=datetime.date(year, 3, 31) if last else None,
        **{"field": "disposal", "code": "777", "says": "New", "means": "New", **meaning},
    )


def test_the_day_of_the_event_decides_what_a_dated_code_means(tmp_path):
    said = [
        april(2025, means="Virtual ward", admits=True, first=True),
        april(2025, means="Clinic", admits=False, last=True),
    ]
    frame = ecds(tmp_path, "a,2025-03-31,777", "b,2025-04-01,777", f"c,2025-04-01,{WARD}", said=said).frame
    assert frame["disposal"].tolist() == ["Clinic", "Virtual ward", "Ward"]
    assert frame["admitted"].tolist() == ["f", "t", "t"]


def test_a_code_on_a_day_on_which_it_means_nothing_is_not_supplied_and_counted(tmp_path):
    result = ecds(tmp_path, "a,2025-03-31,777", said=[april(2025, first=True, admits=True)])
    assert (result.frame["disposal"][0], result.frame["admitted"][0]) == ("", "")
    assert result.notes == {"code_not_recognised: DISCHARGE_DESTINATION": 1}


def test_what_the_service_says_stands_before_the_list_and_is_itself_undone(tmp_path):
    walked = Meaning("arrival_mode", "1048021000000102", "Walked", "own")
    said = codes.of_file(Conventions(code_set="ecds"), [walked])
    assert said.conventions.code_table("arrival_mode")["1048021000000102"] == "own"
    later = Meaning("arrival_mode", "1048021000000102", "", "")
    assert codes.in_force([(later, True), (walked, False)]) == ()
    assert codes.in_force([(walked, False), (later, True), (walked, False)]) == (walked,)


def test_the_sender_s_own_codes_stand_before_every_list():
    own = Conventions(
        code_set="hes_ae", codes={"arrival_mode": {"1": "other"}}, admitted_disposals=["Kept in"]
    )
    read = codes.of_file(own)
    assert read.conventions.code_table("arrival_mode")["1"] == "other"
    assert [read.admitted(word, None) for word in ("kept in", "01", "")] == ["t", "f", ""]


def test_a_list_that_there_is_not_is_refused():
    with pytest.raises(BadProfile, match='code_set is "icd"; it must be ecds or hes_ae'):
        Conventions.from_json({"code_set": "icd"})


def test_acuity_and_type_of_department_are_read_from_codes_and_words(tmp_path):
    path = write(
        tmp_path, "id,day,acuity,type\na,2026-01-02,P2,Type 1\nb,2026-01-02,Orange,03\nc,2026-01-02,9,\n"
    )
    names = {"id": "pseudonym", "day": "arrived_on", "acuity": "acuity", "type": "department_type"}
    result = check(path, layout(names, identifier="pseudonym"))
    assert result.frame[["acuity", "department_type"]].to_numpy().tolist() == [
        ["2", "1"],
        ["2", "3"],
        ["", ""],
    ]
    assert result.notes == {"code_not_recognised: acuity": 1}
