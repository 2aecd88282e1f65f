"""Files that others made to break importers: rows or a sentence, within 512 MB and 10 seconds each."""

from bench import messy
from tests.cohorts.pipeline import shared


def test_every_messy_file_ends_in_rows_or_a_sentence_in_good_time_and_little_memory():
    found = {path.name: messy.measured(path) for path in messy.files(shared("messy_files"))}
    assert len(found) > 150
    over = {
        name: result
        for name, result in found.items()
        if not str(result["outcome"]).startswith(("Kept", "Refused. "))
        or not str(result["outcome"]).endswith(".")
        or result["seconds"] > messy.MOST_SECONDS
        or result["megabytes"] > messy.MOST_MEGABYTES
    }
    assert over == {}
