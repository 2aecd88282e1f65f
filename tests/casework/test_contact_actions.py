import datetime
import uuid

import pytest
import time_machine
from django.utils import timezone

from casework.actions import contact as contacts
from casework.models import Case, Contact
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TUESDAY = datetime.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def log(case, by, **told):
    given = {"key": uuid.uuid4(), "kind": "call", "outcome": "reached", **told}
    contact = contacts.log(case=case, by=by, **given)
    case.refresh_from_db()
    return contact


def test_a_contact_moves_the_dates_of_the_case(case, link_worker):
    contact = log(case, link_worker, minutes=10, note="Tea and a talk", next_contact_on=TUESDAY)
    assert (contact.happened_at, contact.minutes, contact.note) == (NOW, 10, "Tea and a talk")
    assert (case.last_contact_at, case.next_contact_on) == (NOW, TUESDAY)
    assert AuditEvent.objects.get().event == "contact_logged"


def test_the_audit_keeps_no_note(case, link_worker):
    log(case, link_worker, note="Said that the heating is broken")
    assert "heating" not in str(AuditEvent.objects.get().changes)


def test_the_same_form_sent_twice_is_one_contact(case, link_worker):
    key = uuid.uuid4()
    first = log(case, link_worker, key=key, note="Once")
    with time_machine.travel(NOW + datetime.timedelta(minutes=3)):
        assert log(case, link_worker, key=key, note="Once") == first
    assert (Contact.objects.count(), AuditEvent.objects.count()) == (1, 1)


def test_the_same_form_with_other_words_is_not_lost_silently(case, link_worker):
    key = uuid.uuid4()
    log(case, link_worker, key=key, note="Once")
    with pytest.raises(RuleBroken, match="saved from this form at 12:00, with other content"):
        log(case, link_worker, key=key, note="Once, and more")


def test_the_same_form_with_another_time_is_not_lost_silently(case, link_worker):
    key, earlier = uuid.uuid4(), NOW - datetime.timedelta(hours=2)
    log(case, link_worker, key=key)
    with pytest.raises(RuleBroken, match="with other content"):
        log(case, link_worker, key=key, happened_at=earlier)
    assert log(case, link_worker, key=(again := uuid.uuid4()), happened_at=earlier) == log(
        case, link_worker, key=again, happened_at=earlier
    )


def test_a_colleague_does_not_pass_for_who_logged_it(case, link_worker, lead):
    key = uuid.uuid4()
    log(case, link_worker, key=key)
    with pytest.raises(RuleBroken, match="with other content"):
        log(case, lead, key=key)


def test_a_form_of_one_client_stores_nothing_for_another(service, case, link_worker):
    key = uuid.uuid4()
    log(case, link_worker, key=key)
    with pytest.raises(RuleBroken, match="with other content"):
        log(CaseFactory(service=service), link_worker, key=key)


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"happened_at": NOW + datetime.timedelta(minutes=16)}, "has not happened yet"),
        ({"happened_at": NOW.replace(year=1126)}, "too long ago"),
        ({"next_contact_on": datetime.date(2026, 3, 1)}, "has passed"),
        ({"next_contact_on": datetime.date(2027, 3, 4)}, "more than a year away"),
    ],
)
def test_an_impossible_day_is_refused_in_a_sentence(case, link_worker, told, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        log(case, link_worker, **told)
    assert Contact.objects.count() == 0


def test_support_counts_from_the_first_attempt_reached_or_not(case, link_worker):
    log(case, link_worker, kind="on_behalf", outcome="done")
    assert case.index_date is None
    log(case, link_worker, outcome="no_answer")
    assert case.index_date == NOW.date()


def test_an_earlier_attempt_written_down_later_moves_the_index_date_back(case, link_worker):
    log(case, link_worker)
    friday = NOW - datetime.timedelta(days=3)
    log(case, link_worker, kind="letter", outcome="done", happened_at=friday, next_contact_on=TUESDAY)
    assert (case.index_date, case.last_contact_at) == (friday.date(), NOW)
    assert case.next_contact_on == TUESDAY


def test_the_index_date_is_a_london_day(case, link_worker):
    half_past_midnight = datetime.datetime(2025, 7, 1, 23, 30, tzinfo=datetime.UTC)
    log(case, link_worker, happened_at=half_past_midnight)
    assert case.index_date == datetime.date(2025, 7, 2)


def test_a_no_does_not_move_the_case(case, link_worker):
    log(case, link_worker, outcome="said_no")
    assert case.stage == "offered"


def test_an_ended_episode_takes_a_contact_but_plans_none(case, link_worker):
    Case.objects.filter(pk=case.pk).update(stage="open_door")
    log(case, link_worker, next_contact_on=TUESDAY)
    assert (Contact.objects.count(), case.next_contact_on) == (1, None)


def test_nothing_is_saved_when_the_audit_fails(case, link_worker, audit_fails):
    with pytest.raises(audit_fails):
        log(case, link_worker)
    case.refresh_from_db()
    assert (Contact.objects.count(), case.last_contact_at, case.index_date) == (0, None, None)


def test_the_day_of_today_is_london_s(case, link_worker):
    with time_machine.travel(datetime.datetime(2026, 6, 30, 23, 30, tzinfo=datetime.UTC)):
        log(case, link_worker, next_contact_on=timezone.localdate())
        assert case.next_contact_on == datetime.date(2026, 7, 1)
