"""Profiles: how a layout is described, and what is said of one that is wrong."""

import pytest

from cohorts.pipeline import map as mapping
from cohorts.pipeline.fields import COUNTS, FIELDS, PARTS, F, fields_of, label
from cohorts.pipeline.profile import BadProfile, Conventions, load, parse, shipped
from cohorts.pipeline.synonyms import suggest

GOOD = {"columns": {"nhs_number": "N", "arrived_on": "D"}}


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_profile_can_be_used(name):
    profile = load(name)
    assert profile.title
    assert profile.identifier in profile.file_columns.values()
    wanted = COUNTS if profile.shape == "people" else {F.ARRIVED_ON, F.ARRIVED_AT}
    assert set(profile.columns) & set(wanted)


def test_the_starter_pack_s_twelve_fields_are_named():
    assert len(load("starter_pack_list").columns) == 12


@pytest.mark.parametrize(
    "change, says",
    [
        ({"shape": "rows"}, 'shape is "rows"; it must be attendances or people.'),
        ({"identifier": "name"}, 'identifier is "name"; it must be nhs_number or pseudonym.'),
        ({"identifier": "pseudonym"}, "columns must say which column holds the Pseudonym."),
        ({"columns": {"nhs_number": "N", "shoe_size": "S"}}, '"shoe_size" is not a field.'),
        ({"columns": {"nhs_number": "N", "ae_count": "C"}}, "cannot be in a file of shape attendances"),
        ({"codes": {"shoe_size": {}}}, '"shoe_size" is not a field.'),
        ({"windows": {"site": 3}}, "windows: site is not a count."),
        ({"colour": "blue"}, "colour is not something a profile can say."),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(change, says):
    with pytest.raises(BadProfile) as caught:
        parse("mine", {**GOOD, **change})
    assert says in str(caught.value)


def test_a_profile_of_one_s_own_is_a_toml_file(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(
        'title = "Ours"\n[columns]\nnhs_number = ["N", "No"]\narrived_on = "D"\n[codes.sex]\n1 = "M"\n'
    )
    profile = load(str(path))
    assert (profile.name, profile.title) == ("ours", "Ours")
    assert profile.file_columns == {"N": "nhs_number", "No": "nhs_number", "D": "arrived_on"}
    assert profile.conventions.code_table("sex")["1"] == "M"


def test_a_profile_that_is_nowhere_or_no_toml_is_said(tmp_path):
    with pytest.raises(BadProfile, match='There is no profile "hes_mh"'):
        load("hes_mh")
    bad = tmp_path / "bad.toml"
    bad.write_text("[columns\n")
    with pytest.raises(BadProfile, match=r"bad\.toml is not TOML"):
        load(str(bad))


def test_what_a_source_stores_brings_the_conventions_back():
    profile = load("hes_ae")
    assert Conventions.from_json(profile.conventions.as_json()) == profile.conventions
    assert Conventions.from_json({}).window("ae_count_recent") == 3
    assert Conventions.from_json({"windows": {"ae_count": 15}}).window("ae_count") == 15


def test_headings_are_matched_without_case_spaces_and_punctuation():
    found = mapping.match(["Site", "nhs_number", "ARRIVAL  DATE"], {"NHS Number": "nhs_number", "arrival date": "arrived_on"})  # fmt: skip
    assert [(column.index, column.header, column.field) for column in found] == [
        (1, "nhs_number", "nhs_number"),
        (2, "ARRIVAL  DATE", "arrived_on"),
    ]


def test_of_two_names_of_one_column_the_leftmost_in_the_file_is_taken():
    found = mapping.match(["No", "N"], {"N": "nhs_number", "No": "nhs_number"})
    assert [column.header for column in found] == ["No"]


def test_a_mapping_is_suggested_from_the_names_columns_usually_have():
    assert suggest(["NHS No.", "DOB", "Surname", "Date of Attendance", "Colour", "dob"], "attendances") == {
        "NHS No.": "nhs_number",
        "DOB": "birth_date",
        "Surname": "last_name",
        "Date of Attendance": "arrived_on",
    }
    assert suggest(["A&E attendances", "Arrival date"], "people") == {"A&E attendances": "ae_count"}


def test_fields_are_named_once_and_belong_to_a_shape():
    assert set(FIELDS) == set(F)
    assert all(field.shapes for field in FIELDS.values())
    assert all(part in FIELDS for parts in PARTS.values() for part in parts)
    assert label("ae_count") == "Number of A&E attendances"
    assert F.AE_COUNT not in {field.name for field in fields_of("attendances")}
