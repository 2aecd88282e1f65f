"""Commands end with 2 and a sentence for a wrong argument, before anything is looked up; 1 is a refusal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parent.parent
WRONG = [
    ("identify_cohort --service a --rule b --as-at 2026-31-30", '"2026-31-30" is not a date'),
    ("load_extract a.csv --source b --as-at June", '"June" is not a date'),
    ("build_report --service a --out b --by c --quarter 2026-Q9", "'2026-Q9' is not a quarter"),
    ("subject_access banana --out b", "Give the number of a person or an NHS number."),
    ("load_preset nope --service a", 'There is no preset called "nope"'),
    ("push_preset nope --all", 'There is no preset called "nope"'),
    ("add_source --service a --source b --profile nonsense", 'There is no profile "nonsense"'),
]


@pytest.mark.parametrize("typed, sentence", WRONG, ids=[typed.split()[0] for typed, _ in WRONG])
def test_a_wrong_argument_is_said_by_the_parser(typed, sentence):
    # Without the mark for the database: a query would fail the test.
    with pytest.raises(CommandError) as refused:
        call_command(*typed.split(), "--json")
    assert sentence in str(refused.value)
    assert "Error: argument" in str(refused.value)


def test_a_wrong_argument_ends_with_2_and_prints_no_result():
    asked = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *WRONG[3][0].split(), "--json"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgres://x/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stdout) == (2, "")
    assert WRONG[3][1] in asked.stderr


@pytest.mark.django_db
def test_what_cannot_be_found_is_a_refusal(service):
    with pytest.raises(CommandError) as refused:
        call_command("subject_access", "987654321", "--out", "nowhere")
    assert (refused.value.returncode, str(refused.value)) == (1, "Nobody here has this number.")
