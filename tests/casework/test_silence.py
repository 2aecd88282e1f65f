"""Until when a case is not silent: kept in step by every action, and the same as what is said in words."""

import datetime
import importlib
import uuid

import pytest
import time_machine
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from casework import rules
from casework.actions import case as cases
from casework.actions import contact as contacts
from casework.actions import silence, support
from casework.models import Boundaries, Case
from tests.factories.casework import CaseFactory, ContactFactory
from tests.factories.governance import PersonFactory

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()
DAYS = st.integers(0, 90).map(lambda days: TODAY - datetime.timedelta(days=days))


def after(days):
    return TODAY + datetime.timedelta(days=days)


@pytest.fixture
def monday_noon():
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def stored(case):
    return Case.objects.get(pk=case.pk).silent_after


def log(case, by, **told):
    return contacts.log(case=case, key=uuid.uuid4(), outcome="reached", by=by, **told)


@pytest.mark.django_db
def test_every_action_that_changes_it_keeps_it_in_step(service, link_worker, monday_noon):
    case = cases.open(service=service, person=PersonFactory(service=service), by=link_worker)
    assert stored(case) == after(21)
    monday_noon.move_to(NOW + datetime.timedelta(days=10))
    log(case, link_worker, kind="call")
    assert stored(case) == after(31)
    for stage in ("engaging", "active"):
        case = cases.move(case=case, to=stage, by=link_worker)
    monday_noon.move_to(NOW + datetime.timedelta(days=30))
    call = log(case, link_worker, kind="call")
    assert stored(case) == after(42)  # rung often enough, and met by nobody since it was opened
    visit = log(case, link_worker, kind="home")
    assert stored(case) == after(51)
    contacts.take_back(contact=visit, by=link_worker)
    assert stored(case) == after(42)
    support.agree(case=case, rhythm_days=3, by=link_worker)
    assert stored(case) == after(36)
    contacts.take_back(contact=call, by=link_worker)
    assert stored(case) == after(16)
    cases.move(case=case, to="moved_away", by=link_worker)
    assert stored(case) is None


@given(
    stage=st.sampled_from(sorted(rules.OPEN_STAGES)),
    last=st.none() | DAYS,
    seen=st.none() | DAYS,
    opened=DAYS,
    rhythm=st.none() | st.integers(1, 60),
)
def test_it_is_said_on_every_day_after_and_on_none_before(stage, last, seen, opened, rhythm):
    told = {"last_contact_on": last, "last_seen_on": seen, "opened_on": opened, "rhythm_days": rhythm}
    until = rules.silent_after(stage, **told)
    assert rules.silence(stage, today=until, **told) == ""
    assert rules.silence(stage, today=until + datetime.timedelta(days=1), **told) != ""


@pytest.mark.django_db
def test_cases_that_were_there_before_get_the_same_day(service, link_worker):
    for stage, rhythm, kind in (
        ("active", None, "home"),
        ("active", 40, "call"),
        ("tapering", 5, "call"),
        ("open_door", 5, "call"),
    ):
        case = CaseFactory(
            service=service, stage=stage, last_contact_at=NOW, opened_at=NOW - datetime.timedelta(days=30)
        )
        ContactFactory(case=case, happened_at=NOW, kind=kind, outcome="reached", by=link_worker)
        if rhythm:
            Boundaries.objects.create(service=service, case=case, rhythm_days=rhythm, by=link_worker)
    silence.note_all(service.cases.all())
    by_rule = dict(service.cases.values_list("pk", "silent_after"))
    service.cases.update(silent_after=None)
    with connection.cursor() as cursor:
        cursor.execute(importlib.import_module("casework.migrations.0003_silence").FILL)
    assert dict(service.cases.values_list("pk", "silent_after")) == by_rule
    assert sum(day is None for day in by_rule.values()) == 1
