"""Files put into a watched folder."""

import os
import time

import pytest

from cohorts.actions import extract as extracts
from cohorts.actions import folder, plan
from cohorts.models import Activity, Arrival, Extract, ExtractStatus
from tests.cohorts.extracts import HEADER, feed, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(service, settings, tmp_path):
    settings.WATCHED_FOLDER = str(tmp_path / "incoming")
    source = feed(service)
    plan.change(source=source, by=None, watches_folder=True)
    return source


@pytest.fixture
def inbox(service, source):
    folder.look(service=service)
    return folder.folder_of(source.plan)


def put(inbox, *lines: str, name: str = "january.csv", age: int = 60):
    path = inbox / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def notes(inbox, where: str) -> list[str]:
    return [path.read_text().strip() for path in sorted((inbox / where).glob("*.csv.txt"))]


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_file_is_taken_in_and_waits_for_somebody_to_look(service, inbox, lead):
    put(inbox, row("A1"), row("A2", "1234567890"))
    (arrival,) = folder.look(service=service)
    assert arrival.extract.status == ExtractStatus.PREVIEWED
    assert names(inbox) == []
    assert notes(inbox, "done") == [
        f"Taken in as extract {arrival.extract.pk}. 2 rows read, 1 new, 0 changed, 1 rejected. "
        "Nothing is stored before somebody has looked at it."
    ]
    assert inbox.stat().st_mode & 0o777 == 0o700


def test_a_file_that_cannot_be_used_goes_to_refused(service, inbox):
    path = put(inbox)
    path.write_text("Name,Colour\nAnn,Red\n")
    os.utime(path, (0, 0))
    (arrival,) = folder.look(service=service)
    assert names(inbox) == []
    assert notes(inbox, "refused") == [arrival.extract.problem]
    assert arrival.extract.problem


@pytest.mark.parametrize("name, age", [("january.csv", 5), ("january.csv.part", 60), (".january.csv", 60)])
def test_a_file_still_being_written_is_left(service, inbox, name, age):
    put(inbox, row("A1"), name=name, age=age)
    assert folder.look(service=service) == []
    assert names(inbox) == [name]


def test_a_file_that_a_program_has_open_is_left(service, inbox):
    path = put(inbox, row("A1"))
    with path.open("a"):
        os.utime(path, (time.time() - 60, time.time() - 60))
        assert folder.look(service=service) == []
    assert len(folder.look(service=service)) == 1


def test_a_link_is_not_followed(service, inbox, tmp_path):
    (tmp_path / "secret.csv").write_text("x")
    (inbox / "january.csv").symlink_to(tmp_path / "secret.csv")
    assert folder.look(service=service) == []


def test_a_round_that_ended_before_the_move_doubles_nothing(service, inbox, monkeypatch):
    put(inbox, row("A1"))

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(folder.watching, "put_away", stop)
    with pytest.raises(KeyboardInterrupt):
        folder.look(service=service)
    monkeypatch.undo()
    folder.look(service=service)
    assert (Extract.objects.count(), Arrival.objects.count()) == (1, 1)
    assert names(inbox) == []


def test_a_source_that_may_stores_by_itself_from_the_second_file_on(service, source, inbox, lead):
    plan.change(source=source, by=lead, stores_itself=True)
    put(inbox, row("A1"))
    (first,) = folder.look(service=service)
    extracts.commit(extract=first.extract, by=lead)
    extracts.store(extract=first.extract)
    put(inbox, row("A2"), name="february.csv")
    (second,) = folder.look(service=service)
    assert second.extract.status == ExtractStatus.COMMITTED
    assert notes(inbox, "done")[-1].startswith("Stored as extract")
    assert Activity.objects.count() == 2
    path = put(inbox, name="march.csv")
    path.write_text(f"{HEADER},Postcode\n{row('A3')},QX1 1AA\n")
    os.utime(path, (time.time() - 60, time.time() - 60))
    (third,) = folder.look(service=service)
    assert third.extract.status == ExtractStatus.PREVIEWED


def test_the_same_file_again_is_said_to_be_loaded(service, inbox, lead):
    put(inbox, row("A1"))
    (first,) = folder.look(service=service)
    extracts.commit(extract=first.extract, by=lead)
    extracts.store(extract=first.extract)
    put(inbox, row("A1"), name="copy.csv")
    folder.look(service=service)
    assert any(note.startswith("This file was already loaded on") for note in notes(inbox, "done"))


def test_files_wait_while_the_agreement_does_not_allow_them(service, source, inbox):
    source.agreement.valid_to = "2021-01-01"
    source.agreement.save()
    put(inbox, row("A1"))
    assert folder.look(service=service) == []
    assert names(inbox) == ["january.csv"]


def test_what_was_put_away_long_ago_is_deleted(service, inbox, monkeypatch):
    put(inbox, row("A1"))
    folder.look(service=service)
    later = time.time() + 31 * 24 * 60 * 60
    monkeypatch.setattr(folder.time, "time", lambda: later)
    folder.look(service=service)
    assert names(inbox / "done") == []
