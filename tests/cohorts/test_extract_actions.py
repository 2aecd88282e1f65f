"""An extract on its way: received, checked, looked at, stored or thrown away, by one worker at a time."""

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from contextvars import copy_context
from pathlib import Path

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from cohorts import tasks
from cohorts.actions import extract as actions
from cohorts.lease import is_free, lease
from cohorts.models import Activity, Extract
from cohorts.pipeline.problems import Unreadable
from governance import search
from governance.models import AuditEvent, Person
from governance.rules import RuleBroken
from tests.cohorts.extracts import BOB, csv_file, feed, load_rows, row
from tests.cohorts.test_pipeline_read import lock, make_workbook
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db


def received(service, *lines, by=None, **options):
    return actions.receive(
        service=service,
        source=options.pop("source", None) or feed(service),
        upload=csv_file(*lines),
        by=by,
        **options,
    )


def previewed(service, *lines, **options):
    extract = received(service, *lines, **options)
    actions.check(extract=extract)
    extract.refresh_from_db()
    return extract


def test_a_received_file_keeps_its_bytes_under_a_random_name(service, lead):
    extract = received(service, row("A1"), by=lead)
    assert (extract.status, extract.original_name, extract.received_by) == ("received", "january.csv", lead)
    assert "january" not in extract.file.name
    assert Path(extract.file.path).stat().st_size == extract.size
    assert Path(extract.file.path).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\lists\\q1.csv", "q1.csv"),
        ("a\r\nb.csv", "ab.csv"),
        ("", "unnamed"),
    ],
)
def test_what_a_sender_calls_a_file_is_made_fit_to_show(sent, kept):
    from cohorts.intake import safe_name

    assert safe_name(sent) == kept


def test_a_preview_counts_and_stores_nothing(service):
    extract = previewed(service, row("A1"), row("A2", BOB), row("A2", BOB), row("A3", "123"))
    assert (extract.status, extract.progress) == ("previewed", 100)
    assert (extract.rows_read, extract.rows_new, extract.rows_duplicate, extract.rows_rejected) == (
        4,
        2,
        1,
        1,
    )
    assert (extract.people_new, extract.people_matched) == (2, 0)
    assert (Activity.objects.count(), Person.objects.count()) == (0, 0)


def test_a_preview_tells_new_changed_and_same_apart(service):
    source = feed(service)
    load_rows(source, row("A1"), row("A2"))
    extract = previewed(service, row("A1"), row("A2", site="South"), row("A3", BOB), source=source)
    assert (extract.rows_new, extract.rows_changed, extract.rows_duplicate) == (1, 1, 1)
    assert (extract.people_new, extract.people_matched) == (1, 1)


def test_an_accepted_preview_is_stored_by_a_worker(service, lead, django_capture_on_commit_callbacks):
    extract = previewed(service, row("A1"))
    actions.commit(extract=extract, by=lead)
    extract.refresh_from_db()
    assert (extract.status, extract.committed_by, Activity.objects.count()) == ("committing", lead, 0)
    tasks.store_extract(extract.service_id, extract.pk)
    extract.refresh_from_db()
    assert (extract.status, Activity.objects.count()) == ("committed", 1)
    assert AuditEvent.objects.get(event="extract_committed").actor == lead.email


def test_work_done_twice_is_done_once(service, lead):
    extract = previewed(service, row("A1"))
    actions.check(extract=extract)
    actions.commit(extract=extract, by=lead)
    for _ in range(3):
        actions.store(extract=extract)
    assert Activity.objects.count() == 1
    assert AuditEvent.objects.filter(event="extract_committed").count() == 1


def test_only_a_preview_can_be_accepted_or_thrown_away(service, lead):
    extract = received(service, row("A1"))
    for act in (actions.commit, actions.withdraw):
        with pytest.raises(RuleBroken, match="being worked on"):
            act(extract=extract, by=lead)
    stored = load_rows(feed(service, slug="other"), row("A9"))
    with pytest.raises(RuleBroken, match="This extract was stored on"):
        actions.withdraw(extract=stored, by=lead)


def test_a_file_without_a_row_that_can_be_stored_cannot_be_accepted(service, lead):
    extract = previewed(service, row("A1", on="31/02/2026"))
    assert (extract.status, extract.rows_rejected) == ("previewed", 1)
    with pytest.raises(RuleBroken, match="No row of this file can be stored"):
        actions.commit(extract=extract, by=lead)


def test_a_preview_thrown_away_leaves_no_file(service, lead, settings, django_capture_on_commit_callbacks):
    extract = previewed(service, row("A1"), row("A2", "123"))
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(extract=extract, by=lead)
    extract.refresh_from_db()
    assert (extract.status, extract.rejects_file) == ("withdrawn", "")
    assert [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()] == []
    assert AuditEvent.objects.filter(event="extract_withdrawn", actor=lead.email).exists()


def test_the_same_bytes_are_not_loaded_twice(service, lead):
    source = feed(service)
    with time_machine.travel("2026-10-03 12:00Z", tick=True):
        stored = previewed(service, row("A1"), source=source)
        actions.commit(extract=stored, by=lead)
        actions.store(extract=stored)
    with pytest.raises(actions.AlreadyLoaded) as caught:
        received(service, row("A1"), source=source)
    assert (
        str(caught.value)
        == "This file was already loaded on 3 October 2026 by Leah Lead. Nothing was changed."
    )
    assert caught.value.extract == stored
    assert received(service, row("A1"), source=feed(service, slug="other")).status == "received"


def test_without_an_agreement_in_force_nothing_is_taken(service, lead):
    source = feed(service)
    extract = previewed(service, row("A1"), source=source)
    source.agreement.valid_to = timezone.localdate() - datetime.timedelta(days=1)
    source.agreement.save()
    with pytest.raises(RuleBroken, match="ended on"):
        received(service, row("A2"), source=source)
    with pytest.raises(RuleBroken, match="ended on"):
        actions.commit(extract=extract, by=lead)
    Extract.objects.filter(pk=extract.pk).update(status="committing")
    actions.store(extract=extract)
    extract.refresh_from_db()
    assert extract.status == "previewed"  # not lost: it can be stored once the agreement is renewed
    assert "ended on" in extract.problem
    assert Activity.objects.count() == 0


def test_a_locked_workbook_is_opened_once_and_kept_without_its_password(service, tmp_path):
    from django.core.files.base import File

    rows = [["NHS number", "Arrival date"], ["9990000026", "2026-01-02"]]
    path = lock(make_workbook(tmp_path / "plain.xlsx", rows), "open sesame")
    source = feed(service)
    for password, says in ((None, "has a password. Type it in"), ("wrong", "does not open this file")):
        with path.open("rb") as file, pytest.raises(Unreadable, match=says):
            actions.receive(
                service=service, source=source, upload=File(file, "l.xlsx"), by=None, password=password
            )
    with path.open("rb") as file:
        extract = actions.receive(
            service=service, source=source, upload=File(file, "l.xlsx"), by=None, password="open sesame"
        )
    actions.check(extract=extract)
    extract.refresh_from_db()
    assert (extract.status, extract.rows_new) == ("previewed", 1)


def test_a_list_of_people_without_a_day_is_true_for_the_day_it_came(service):
    header = "NHS number,A&E attendances in the last 12 months"
    extract = load_rows(feed(service, "people"), "9990000026,12", header=header)
    count = extract.activity_counts.get()
    assert count.as_at == timezone.localtime(extract.received_at).date()


def test_progress_is_told_while_a_file_is_checked(service, monkeypatch):
    from cohorts.actions import progress
    from cohorts.pipeline import delimited, read

    monkeypatch.setattr(progress, "EVERY_SECONDS", 0)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 100)
    monkeypatch.setattr(read, "_HEAD_BYTES", 100)
    extract = received(service, *(row(f"A{n}") for n in range(20)))
    told = []
    real = progress.Teller.__call__

    def listening(self, fraction):
        real(self, fraction)
        told.append(Extract.objects.get(pk=extract.pk).progress)

    monkeypatch.setattr(progress.Teller, "__call__", listening)
    actions.check(extract=extract)
    assert len(told) > 3
    assert told == sorted(told)
    extract.refresh_from_db()
    assert extract.rows_new == 20


def test_a_broken_off_check_is_begun_again_and_after_three_times_given_up(service):
    extract = received(service, row("A1"))
    Extract.objects.update(status="checking", stage_label="Checking", progress=40)
    actions.check(extract=extract)
    extract.refresh_from_db()
    assert (extract.status, extract.restarts) == ("previewed", 1)
    Extract.objects.update(status="checking", stage_label="Checking", restarts=3)
    actions.check(extract=extract)
    extract.refresh_from_db()
    assert extract.status == "refused"
    assert extract.problem.startswith("The work on this file was interrupted again and again")


def test_the_sweep_finds_what_nobody_works_on(service, monkeypatch):
    nudged = []
    monkeypatch.setattr(actions, "ring", lambda extract: nudged.append(extract.pk))
    fresh = received(service, row("A1"), ring=False)
    assert actions.sweep(service=service) == []
    Extract.objects.filter(pk=fresh.pk).update(received_at=timezone.now() - datetime.timedelta(minutes=5))
    assert actions.sweep(service=service) == [fresh.pk]
    Extract.objects.filter(pk=fresh.pk).update(status="committing")
    tasks.sweep_extracts()
    assert nudged == [fresh.pk, fresh.pk]
    Extract.objects.filter(pk=fresh.pk).update(status="previewed")
    assert actions.sweep(service=service) == []


def test_a_queue_that_is_down_does_not_stop_a_file_from_being_taken(
    service, settings, django_capture_on_commit_callbacks
):
    from celery import current_app

    before = current_app.conf.broker_url
    try:
        current_app.conf.broker_url = "redis://127.0.0.1:1/0"
        with django_capture_on_commit_callbacks(execute=True):
            extract = received(service, row("A1"))
    finally:
        current_app.conf.broker_url = before
    assert Extract.objects.get(pk=extract.pk).status == "received"


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_have_the_same_extract(service):
    extract = received(service, row("A1"), ring=False)
    results = []

    def other():
        with lease(extract.pk) as held:
            results.append(held)
        actions.check(extract=extract)
        results.append(Extract.objects.get(pk=extract.pk).status)
        connections.close_all()

    with lease(extract.pk) as held:
        assert held
        thread = threading.Thread(target=copy_context().run, args=[other])
        thread.start()
        thread.join()
    assert results == [False, "received"]
    assert is_free(extract.pk)


KILLED = """
import os, sys, django
django.setup()
from django.db import connection
from django.conf import settings
connection.settings_dict.update(NAME=sys.argv[1], USER=sys.argv[2], PASSWORD=sys.argv[3])
settings.MEDIA_ROOT = sys.argv[4]
from cohorts import tasks
from cohorts.actions import extract as actions
real = actions.audit.record
def slowly(*args, **kwargs):
    print("in the middle", flush=True)
    import time; time.sleep(60)
actions.audit.record = slowly
tasks.store_extract(int(sys.argv[5]), int(sys.argv[6]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_storing_loses_and_doubles_nothing(service, lead, settings):
    """The kill comes after every row was written and before the transaction ends."""
    extract = previewed(service, *(row(f"A{n}") for n in range(50)))
    actions.commit(extract=extract, by=lead)
    database = connection.settings_dict
    arguments = [
        database["NAME"],
        database["USER"],
        database["PASSWORD"],
        str(settings.MEDIA_ROOT),
        str(service.pk),
        str(extract.pk),
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "hiu.settings"}
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "in the middle\n"
    assert not is_free(extract.pk)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    until = time.monotonic() + 20
    while not is_free(extract.pk) and time.monotonic() < until:
        time.sleep(0.05)
    assert (Activity.objects.count(), Person.objects.count()) == (0, 0)
    assert actions.sweep(service=service) == [extract.pk]
    tasks.store_extract(extract.service_id, extract.pk)
    extract.refresh_from_db()
    assert (extract.status, extract.rows_new, extract.restarts) == ("committed", 50, 1)
    assert Activity.objects.count() == 50


def test_whoever_a_file_brought_or_renamed_is_found_once_it_is_stored(
    service, django_capture_on_commit_callbacks
):
    other = PersonFactory(service=service, first_name="Zed", last_name="Zephyr")

    def names(typed):
        return [
            service.people.get(pk=each.person).full_name
            for each in search.find(service, typed, service.people)
        ]

    def stored(source, *lines):
        with django_capture_on_commit_callbacks() as rung:
            extract = load_rows(source, *lines)
        [told] = [call.args for call in rung if "cohorts.tasks.make_findable" in getattr(call, "args", ())]
        assert names("Ann Ash") == [] or extract.people_new == 0
        tasks.make_findable(*told[1:])

    source = feed(service)
    stored(source, row("A1"), row("B1", BOB, first="Bob", last="Birch"))
    assert (names("Ann Ash"), names("Bob Birch")) == (["Ann Ash"], ["Bob Birch"])
    stored(source, row("A1", last="Marlowe"), row("B1", BOB, first="Bob", last="Birch"))
    assert names("Ann Marlowe") == ["Ann Marlowe"]
    assert not other.search_keys.exists()
