"""Invented extracts: the same each time, about nobody, and spoilt exactly as they say."""

import datetime
import hashlib

import nhs_number
import numpy as np
import pytest

from cohorts.pipeline import delimited
from cohorts.pipeline.profile import Layout, load
from cohorts.synthetic import make_extract, make_world, nhs_numbers
from tests.cohorts.pipeline import check

LATE = datetime.date(2026, 12, 31)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    hashes = set()
    for name in ("a.csv", "b.csv"):
        make_extract(rows=500, seed=7, messy=True).write(tmp_path / name)
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    make_extract(rows=500, seed=8, messy=True).write(tmp_path / "c.csv")
    assert len(hashes) == 1
    assert hashlib.sha256((tmp_path / "c.csv").read_bytes()).hexdigest() not in hashes


@pytest.mark.parametrize("shape", ["attendances", "people"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_clean_file_passes_every_check(tmp_path, shape, ending):
    path = tmp_path / f"extract.{ending}"
    made = make_extract(rows=300, seed=1, shape=shape)
    made.write(path)
    result = check(path, Layout.of(load(shape)), today=LATE)
    assert (result.rejects, len(result.frame), made.defects) == ([], 300, {})
    assert result.frame["identifier"].nunique() == made.people


@pytest.mark.parametrize("shape", ["attendances", "people"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_messy_file_is_spoilt_exactly_as_it_says(tmp_path, shape, ending):
    path = tmp_path / f"extract.{ending}"
    made = make_extract(rows=1000, seed=2, messy=True, shape=shape)
    made.write(path)
    result = check(path, Layout.of(load(shape)), today=LATE)
    defects = dict(made.defects)
    twins = defects.pop("duplicate_row", 0)
    assert dict(result.codes) == defects
    keys = result.frame["key"] if shape == "attendances" else result.frame["identifier"]
    assert len(keys) - keys.nunique() == twins
    assert len(result.frame) + len(result.rejects) == 1000


def test_nhs_numbers_are_distinct_valid_and_never_issued():
    numbers = nhs_numbers(np.random.default_rng(1), 2000)
    assert len(set(numbers)) == 2000
    assert all(nhs_number.is_valid(n, nhs_number.REGION_SYNTHETIC) and n != "9999999999" for n in numbers)


def test_more_people_than_numbers_is_said():
    with pytest.raises(ValueError, match="more than the"):
        nhs_numbers(np.random.default_rng(1), 1_000_000)


def test_attendances_are_spread_over_people_as_published():
    """0.44 a head a year, 0.81% at five or more, split 77/14/8 into 5-9, 10-15 and 16 or more."""
    world = make_world(np.random.default_rng(3), attendances=200_000, years=1.0)
    counts = np.bincount(world.person)
    population = 200_000 / 0.44
    often = counts[counts >= 5]
    assert len(often) / population == pytest.approx(0.0081, rel=0.06)
    shares = [np.mean(often <= 9), np.mean((often >= 10) & (often <= 15)), np.mean(often >= 16)]
    assert shares == pytest.approx([0.77, 0.14, 0.08], abs=0.03)
    assert often.sum() / 200_000 == pytest.approx(0.16, abs=0.02)


def test_a_file_has_as_many_rows_as_asked_for():
    assert [make_extract(rows=n, seed=n).rows for n in (1, 2, 999)] == [1, 2, 999]


@pytest.mark.parametrize("shape", ["attendances", "people"])
def test_the_verdict_on_every_row_is_the_truth(tmp_path, shape, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 200_000)
    made = make_extract(rows=10_000, seed=3, shape=shape, messy=True)
    made.write(tmp_path / "messy.csv")
    result = check(tmp_path / "messy.csv", Layout.of(load(shape)), today=LATE)
    truth = {row + 2: kind for kind, rows in made.spoilt.items() for row in rows if kind != "duplicate_row"}
    assert sum(made.defects.values()) == pytest.approx(800, abs=6)
    assert {reject.row: reject.code for reject in result.rejects} == truth
    assert result.frame["row"].tolist() == [row for row in range(2, 10_002) if row not in truth]
