"""Public files of others give the counts that were worked out without us."""

import csv

import pytest

from cohorts.pipeline import nhs_numbers
from cohorts.pipeline.cells import objects
from cohorts.pipeline.profile import Layout, load
from cohorts.pipeline.read import Unreadable
from tests.cohorts.pipeline import check, shared


def test_labelled_nhs_numbers_get_their_verdicts():
    with shared("ref_nhs_numbers/nhs_numbers_labelled.csv").open(newline="") as file:
        labelled = list(csv.DictReader(file))
    found = nhs_numbers.parse(objects(row["value"].strip() for row in labelled)).problem
    expected = {"valid": True, "invalid": False, "placeholder": False, "invalid-or-repair": True}
    not_known = {"NULL", "Not Known", "N/A"}  # emptied before they come here, and missing then
    wrong = [
        (row["value"], row["verdict"])
        for row, problem in zip(labelled, found, strict=True)
        if (problem == 0) != expected[row["verdict"]] and row["value"] not in not_known
    ]
    assert wrong == []


def profile_layout(name):
    return Layout.of(load(name))


def test_the_artificial_hes_file_gives_its_published_counts():
    path = shared("ed_artificial_hes_ae/artificial_hes_ae_0708_part.csv")
    result = check(path, profile_layout("hes_ae"))
    frame = result.frame
    assert result.rejects == []
    assert (len(frame), frame["identifier"].nunique(), frame["key"].nunique()) == (519, 337, 519)
    for first_only, expected in (
        (False, {3: (30, 153), 4: (12, 99), 5: (6, 75), 6: (4, 65), 10: (1, 44)}),
        (True, {3: (26, 138), 4: (12, 96), 5: (5, 68), 6: (4, 63), 10: (1, 43)}),
    ):
        some = frame[frame["attendance_category"] == "first"] if first_only else frame
        counts = some["identifier"].value_counts()
        for least, (people, attendances) in expected.items():
            assert ((counts >= least).sum(), counts[counts >= least].sum()) == (people, attendances)
    assert frame["arrival_mode"].value_counts().to_dict() == {"other": 380, "ambulance": 132, "": 7}
    assert (frame["started_at_time"] != "").all()
    assert frame["started_on"].between("2007-04-01", "2008-03-31").all()
    assert (frame["age"] == "0").sum() == 18  # coded 7001 to 7007: under one year old


def test_the_layouts_of_the_odi_tutorial_are_read_with_their_leading_zeros():
    path = shared("ed_odi_london/layout_nhs_number_4digit_20190312.csv")
    frame = check(path, profile_layout("odi_nhs_number_4digit")).frame
    counts = frame["identifier"].value_counts()
    zeros = counts.index.str.startswith("0").sum()
    assert (len(frame), len(counts), zeros) == (10_000, 6324, 628)
    assert ((counts >= 5).sum(), (counts > 5).sum(), counts.max()) == (38, 6, 7)
    whole = check(shared("ed_odi_london/hospital_ae_data.csv"), profile_layout("odi_hospital_ae"))
    assert (len(whole.frame), whole.frame["identifier"].nunique(), whole.rejects) == (10_000, 10_000, [])


@pytest.mark.parametrize("name", ["hospital_ae_data_deidentify.csv", "layout_datetime_separate_20190214.csv"])
def test_files_that_name_nobody_are_refused(name):
    path = shared(f"ed_odi_london/{name}")
    with pytest.raises(Unreadable, match="no column for the pseudonym, so nobody in it can be told apart"):
        check(path, profile_layout("odi_hospital_ae"))
