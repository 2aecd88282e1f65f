"""A first mapping, with its reasons: from what was read before, from names, and from what values look like."""

import pytest

from cohorts.pipeline import derive, looks, sample
from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.profile import BadProfile, as_toml, from_toml, load, shipped
from cohorts.pipeline.propose import Known, code_set_of, propose
from tests.cohorts.pipeline import NHS, check, layout, shared, write

OTHER = "9434765870"


def known(identifier="nhs_number", shape="attendances", mine=(), seen=()):
    return Known(shape, identifier, dict(mine), dict(seen))


def proposed(columns, **options):
    """{column: (field, why, doubt)} for {column: values}."""
    found = propose(list(columns), list(columns.values()), known(**options))
    return {name: (str(one.field), one.why, one.doubt) for name, one in found.items()}


@pytest.mark.parametrize(
    "values, shape, field",
    [
        ([NHS, "943 476 5870"], "", "nhs_number"),
        (["EC3N 3DH", "w1y 0hb", "N1 9TA"], "", "postcode"),
        (["A81001", "P84009"], "", "gp_practice"),
        (["07700 900123", "+447700900456"], "", "phone"),
        (["Male", "Female", "f"], "", "sex"),
        (["1048031000000100", "1048071000000103"], "", "arrival_mode"),
        (["1064911000000105"], "", "acuity"),
        (["306689006", "306706006"], "", "disposal"),
        (["2026-01-02", "3/4/2026", "3 Apr 2026"], "date", ""),
        (["2026-01-02 00:00:00", "2026-01-03 00:00:00"], "date", ""),
        (["2026-01-02 10:30:00", "2026-01-03T00:00"], "date and time", ""),
        (["10:30", "9:05 AM"], "time", ""),
        (["46024", "46025.5"], "day number", ""),
        (["Dressing", "Splint"], "", ""),
        (["", "NULL", "?"], "", ""),
    ],
)
def test_values_look_like_what_they_are(values, shape, field):
    found = looks.look(values)
    assert (found.shape, found.field) == (shape, field)


def test_one_odd_value_among_ten_does_not_change_what_a_column_looks_like():
    found = looks.look([NHS] * 9 + ["not known yet", ""])
    assert (found.field, found.words) == ("nhs_number", "9 of 10 values")
    assert looks.look([NHS] * 3 + ["x"] * 2).field == ""


def test_what_is_known_best_comes_first():
    columns = {"Visit": ["a"], "ARRIVAL_DATE": ["2026-01-02"], "NHS No": [NHS], "Wherefrom": ["EC3N 3DH"]}
    found = proposed(
        columns,
        mine={"visit": "attendance_id"},
        seen={"arrivaldate": ("arrived_on", "Mead"), "visit": ("site", "Mead")},
    )
    assert found == {
        "Visit": ("attendance_id", "this source was read so before", ""),
        "ARRIVAL_DATE": ("arrived_on", "a column of this name is read so from Mead", ""),
        "NHS No": ("nhs_number", "columns of this name usually are", ""),
        "Wherefrom": ("postcode", "1 of 1 value look like postcodes", ""),
    }


def test_national_names_are_known():
    found = proposed({"AEARRIVALMODE": ["1"], "ACUITY": ["1064911000000105"], "ARRIVAL_TIME": ["0905"]})
    assert found["AEARRIVALMODE"][:2] == ("arrival_mode", "the name is a HES A&E column")
    assert found["ACUITY"][:2] == ("acuity", "the name is an ECDS column")
    assert found["ARRIVAL_TIME"][0] == "arrived_time"


@pytest.mark.parametrize(
    "name, values, field",
    [
        ("Arrival time", ["2026-01-02 10:30:00"], "arrived_at"),
        ("Arrival date", ["2026-01-02 10:30:00"], "arrived_at"),
        ("Arrival date time", ["2026-01-02"], "arrived_on"),
        ("Arrival date", ["10:30"], "arrived_time"),
        ("When they arrived", ["2026-01-02 10:30"], "arrived_at"),
        ("Call started", ["02/01/2026"], "arrived_on"),
        ("Clock at arrival", ["10:30"], "arrived_time"),
        ("Born", ["02/01/1980"], "birth_date"),
        ("X", ["02/01/1940", "02/01/1980", "02/01/1999", "02/01/2002", "02/01/1962"], "birth_date"),
    ],
)
def test_values_decide_between_date_and_time(name, values, field):
    assert proposed({name: values})[name][0] == field


def test_dates_that_mean_nothing_are_not_guessed():
    assert proposed({"X": ["02/01/2026", "03/01/2026"], "Y": ["10:30"], "Z": ["7"]}) == {}


def test_numbers_that_are_no_nhs_numbers_are_doubted_or_taken_for_a_pseudonym():
    values = {"NHS number": ["0620", "7385"]}
    assert proposed(values)["NHS number"][2] == "Too few of its values look like NHS numbers."
    assert proposed(values, identifier="pseudonym")["NHS number"][0] == "pseudonym"


def test_columns_without_values_or_with_other_ones_are_doubted():
    found = proposed({"DOB": ["", ""], "Arrival date": ["46024"], "Attendance date": ["x"]})
    assert found["DOB"][2] == "It is empty in the first rows."
    assert found["Arrival date"][2] == "Its values are numbers, which may be days as spreadsheets count them."


def test_a_field_is_proposed_once_and_only_where_the_shape_has_it():
    assert len(proposed({"NHS No": [NHS], "NHS number": [OTHER]})) == 1
    assert proposed({"Arrival date": ["2026-01-02"], "A&E attendances": ["7"]}, shape="people") == {
        "A&E attendances": ("ae_count", "columns of this name usually are", "")
    }


def test_the_code_list_is_known_by_its_codes_or_its_names():
    assert code_set_of(["How"], [["1048031000000100"]]) == "ecds"
    assert code_set_of(["AEKEY", "AEATTENDCAT", "AEATTENDDISP"], [["1"]] * 3) == "hes_ae"
    assert code_set_of(["NHS number", "Arrival date"], [[NHS], ["2026-01-02"]]) == ""


# What cannot be computed


def test_what_a_file_does_not_tell_is_said():
    said = derive.cannot({"nhs_number", "arrived_on"}, shape="attendances", measure="ae")
    assert said[0] == "Arrival mode absent: conveyance cannot be computed."
    assert "Time absent: out of hours cannot be computed." in said
    assert derive.cannot(set(), shape="attendances", measure="nel")[0].startswith("Admission method absent:")
    assert "admissions are not supplied" in " ".join(derive.cannot(set(), shape="people", measure="ae"))


def test_a_file_that_tells_everything_leaves_nothing_to_say():
    everything = {str(name) for name in load("ecds").columns} | {"postcode"}
    assert derive.cannot(everything, shape="attendances", measure="ae") == []


# The beginning of a file


def test_a_sample_has_the_first_rows_and_the_order_of_all_dates(tmp_path):
    lines = [f"{NHS},03/04/2026"] * 300 + [f"{NHS},25/04/2026"]
    path = write(tmp_path, "\n".join(["NHS number,Day", *lines]) + "\n")
    found = sample.take(path, name="a.csv", password=None, expected=())
    assert (found.header, len(found.rows)) == (["NHS number", "Day"], 200)
    assert found.shown == {"NHS number": [NHS] * 3, "Day": ["03/04/2026"] * 3}
    assert "row 302 of “Day” has 25/04/2026" in found.evidence.sentence


def test_a_sample_of_too_many_columns_is_refused(tmp_path):
    path = write(tmp_path, ",".join(f"c{n}" for n in range(2001)) + "\n")
    with pytest.raises(Unreadable, match="This file has 2,001 columns, and 2,000 is the most"):
        sample.take(path, name="a.csv", password=None, expected=())


# Profiles as files


@pytest.mark.parametrize("name", shipped())
def test_a_profile_written_as_toml_is_the_same_profile_when_it_is_read(name):
    profile = load(name)
    assert from_toml(name, as_toml(profile).encode(), name=f"{name}.toml") == profile


@pytest.mark.parametrize(
    "text, says",
    [
        ("columns = 3", "columns must be a table"),
        ("[columns]\nnhs_number = 'N'\n[codes]\nsex = 1", "sex must be a table"),
        (
            "[columns]\nnhs_number = 'N'\n[windows]\nae_count = 'a year'",
            "a whole number of months from 1 to 120",
        ),
        (
            "date_order = 'us'\n[columns]\nnhs_number = 'N'",
            'date_order is "us"; it must be day_first or month_first',
        ),
        ("day_numbers = 1905\n[columns]\nnhs_number = 'N'", 'day_numbers is "1905"; it must be 1900 or 1904'),
        ("[columns\n", "x.toml is not TOML"),
        ("measure = 'visits'\n[columns]\nnhs_number = 'N'", 'measure is "visits"; it must be one of ae, nel'),
        (
            "coverage = 'some'\n[columns]\nnhs_number = 'N'",
            'coverage is "some"; it must be everyone or listed',
        ),
        (
            "[columns]\nnhs_number = 'N'\n[formats]\narrived_on = '%Y%Y'",
            "arrived_on cannot be read by “%Y%Y”",
        ),
        ("[columns]\nnhs_number = 'N'\n[formats]\narrived_on = ['%Q']", "arrived_on cannot be read by “%Q”"),
    ],
)
def test_a_file_that_is_no_profile_says_why(text, says):
    with pytest.raises(BadProfile) as caught:
        from_toml("x", text.encode(), name="x.toml")
    assert says in str(caught.value)
    with pytest.raises(BadProfile, match="it is not text in UTF-8"):
        from_toml("x", b"\xff\xfe\x00", name="x.toml")


# Files of others, by mapping alone


def mapped(path, identifier="pseudonym", **more):
    """A file read by nothing but what is proposed for it, and `more` {column: field} put right by hand."""
    found = sample.take(path, name=path.name, password=None, expected=())
    columns = {
        name: one.field for name, one in propose(found.header, found.columns, known(identifier)).items()
    }
    codes = code_set_of(found.header, found.columns)
    return check(path, layout(columns | more, identifier=identifier, code_set=codes))


def test_the_odi_layouts_load_by_what_is_proposed_for_them():
    whole = mapped(shared("ed_odi_london/hospital_ae_data.csv"))
    assert (len(whole.frame), whole.frame["identifier"].nunique(), whole.rejects) == (10_000, 10_000, [])
    assert (whole.frame["started_at_time"] != "").all()
    short = mapped(shared("ed_odi_london/layout_nhs_number_4digit_20190312.csv"))
    counts = short.frame["identifier"].value_counts()
    assert (len(short.frame), len(counts), (counts >= 5).sum(), counts.max()) == (10_000, 6324, 38, 7)


@pytest.mark.parametrize("name", ["hospital_ae_data_deidentify.csv", "layout_datetime_separate_20190214.csv"])
def test_the_odi_layouts_that_name_nobody_are_refused_in_a_sentence(name):
    with pytest.raises(Unreadable, match="no column for the pseudonym, so nobody in it can be told apart"):
        mapped(shared(f"ed_odi_london/{name}"))


def test_the_hes_file_loads_by_what_is_proposed_for_it():
    result = mapped(shared("ed_artificial_hes_ae/artificial_hes_ae_0708_part.csv"))
    frame = result.frame
    assert (len(frame), frame["identifier"].nunique(), frame["key"].nunique()) == (519, 337, 519)
    assert (result.rejects, (frame["age"] == "0").sum()) == ([], 18)  # coded 7001 to 7007: under one year old
    assert frame["arrival_mode"].value_counts().to_dict() == {"other": 380, "ambulance": 132, "": 7}
    assert set(frame["department_type"]) <= {"1", "2", "3", "4", ""}


def test_the_mimic_demo_loads_by_mapping_and_says_that_its_dates_are_to_come():
    result = mapped(shared("ed_mimic3_demo/ADMISSIONS.csv"))
    assert len(result.rejects) == 128
    assert {reject.code for reject in result.rejects} == {"arrival_in_future"}
    visits = mapped(shared("ed_mimic3_demo/TRANSFERS.csv"), intime="arrived_at")
    assert {reject.code for reject in visits.rejects} == {"arrival_in_future"}


@pytest.mark.parametrize(
    "name, says",
    [
        ("PATIENTS.csv", "no column for the arrival date"),
        ("DIAGNOSES_ICD.csv", "no column for the arrival date"),
    ],
)
def test_mimic_files_without_events_are_refused_in_a_sentence(name, says):
    with pytest.raises(Unreadable, match=says):
        mapped(shared(f"ed_mimic3_demo/{name}"))
