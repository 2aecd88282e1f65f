"""Every bad file gets the sentences written down for it, to the letter, and nothing else happens."""

import tomllib
from pathlib import Path

import pytest

from tests.bad_input import kinds, shapes, values
from tests.bad_input.door import knock
from tests.bad_input.files import NHS, OTHER

SENTENCES = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
PARTS = (kinds, shapes, values)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.rsplit(".", 1)[-1])
def test_every_bad_file_gets_its_sentences(tmp_path, part):
    said = {case.name: knock(case, tmp_path) for case in part.cases()}
    wrong = {name: lines for name, lines in said.items() if lines != SENTENCES.get(name)}
    assert wrong == {}
    assert len(said) >= 60


def test_the_sentences_written_down_are_of_files_that_are_made():
    names = [case.name for part in PARTS for case in part.cases()]
    assert sorted(names) == sorted(SENTENCES)
    assert len(names) >= 300


def test_no_sentence_repeats_an_nhs_number_or_a_date_of_birth():
    text = " ".join(line for lines in SENTENCES.values() for line in lines)
    secrets = {NHS, OTHER, "9434765918", "943 476 5919", "1980", "01/02/35", "1850", "9434756919"}
    assert not {secret for secret in secrets if secret in text}


def test_every_sentence_ends_and_says_where_or_what_to_do():
    for name, lines in SENTENCES.items():
        for line in lines:
            assert line.endswith("."), name
            assert line.startswith(("Refused. ", "Row ", "Note: ", "Kept: ", "Dates are read ")), name
