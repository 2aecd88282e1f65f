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


def test_work_for_somebody_takes_its_minutes_and_is_no_contact(case, link_worker):
    spoken = log(case, link_worker, happened_at=NOW - datetime.timedelta(hours=3))
    work = log(case, link_worker, kind="work", outcome="done", minutes=40, next_contact_on=TUESDAY)
    assert (case.last_contact_at, case.next_contact_on) == (spoken.happened_at, TUESDAY)
    contacts.take_back(contact=work, by=link_worker)
    case.refresh_from_db()
    assert (case.last_contact_at, case.next_contact_on) == (spoken.happened_at, None)


def test_everybody_who_took_part_is_in_one_entry(case, link_worker):
    log(case, link_worker, kind="on_behalf", outcome="done", partners="Housing officer, Dr Shah's surgery")
    assert Contact.objects.get().partners == "Housing officer, Dr Shah's surgery"


@pytest.mark.parametrize(("outcome", "index_date"), [("no_answer", None), ("reached", NOW.date())])
def test_a_call_of_theirs_that_nobody_answered_is_no_offer(case, link_worker, outcome, index_date):
    log(case, link_worker, kind="rang", outcome=outcome)
    assert (case.last_contact_at, case.index_date) == (NOW, index_date)


def test_a_phone_whose_clock_is_far_behind_does_not_date_a_contact(case, link_worker):
    long_ago = datetime.datetime(1970, 1, 1, 12, tzinfo=datetime.UTC)
    with pytest.raises(RuleBroken, match="1 January 1970, which is too long ago to be believed"):
        log(case, link_worker, written_at=long_ago)
    log(case, link_worker, written_at=long_ago, happened_at=NOW, next_contact_on=TUESDAY)
    assert (case.index_date, case.next_contact_on) == (NOW.date(), TUESDAY)


def test_work_alone_is_no_offer_of_support(case, link_worker):
    log(case, link_worker, kind="work", outcome="done", minutes=40)
    assert (case.last_contact_at, case.index_date) == (None, None)


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
    log(case, link_worker, happened_at=half_past_midnight, late_reason="Found in a diary")
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


def late(**since):
    return NOW - datetime.timedelta(**since)


def test_a_contact_of_days_ago_says_why_it_comes_late(case, link_worker):
    log(case, link_worker, happened_at=late(days=3))
    with pytest.raises(RuleBroken, match=r"26 February 2026 is more than 3 days ago. Say why"):
        log(case, link_worker, happened_at=late(days=4))
    contact = log(case, link_worker, happened_at=late(days=4), late_reason="Was on leave")
    assert contact.late_reason == "Was on leave"


def test_a_contact_taken_back_leaves_the_case_as_it_was(case, link_worker):
    log(case, link_worker, happened_at=late(hours=2), next_contact_on=TUESDAY)
    before = Case.objects.filter(pk=case.pk).values().get()
    mistake = log(case, link_worker, next_contact_on=None, note="Somebody else's")
    assert Case.objects.filter(pk=case.pk).values().get() != before
    contacts.take_back(contact=mistake, by=link_worker)
    assert Case.objects.filter(pk=case.pk).values().get() == before
    assert mistake not in Contact.objects.all()
    assert mistake not in case.contacts.all()
    assert AuditEvent.objects.latest("pk").event == "contact_taken_back"


def test_the_first_contact_taken_back_leaves_no_index_date(case, link_worker):
    mistake = log(case, link_worker)
    assert case.index_date == NOW.date()
    contacts.take_back(contact=mistake, by=link_worker)
    case.refresh_from_db()
    assert (case.index_date, case.last_contact_at) == (None, None)


def test_a_later_plan_stays_when_an_earlier_contact_is_taken_back(case, link_worker):
    mistake = log(case, link_worker)
    with time_machine.travel(NOW + datetime.timedelta(minutes=5)):
        log(case, link_worker, next_contact_on=TUESDAY)
        contacts.take_back(contact=mistake, by=link_worker)
    case.refresh_from_db()
    assert case.next_contact_on == TUESDAY


def test_ten_minutes_are_the_limit_of_taking_back(case, link_worker):
    in_time, too_late = log(case, link_worker), log(case, link_worker)
    with time_machine.travel(NOW + datetime.timedelta(minutes=10), tick=False):
        contacts.take_back(contact=in_time, by=link_worker)
    with (
        time_machine.travel(NOW + datetime.timedelta(minutes=10, seconds=1), tick=False),
        pytest.raises(RuleBroken, match="More than 10 minutes have passed"),
    ):
        contacts.take_back(contact=too_late, by=link_worker)


def test_only_who_logged_it_takes_it_back_and_once(case, link_worker, lead):
    contact = log(case, link_worker)
    with pytest.raises(RuleBroken, match="Only who logged"):
        contacts.take_back(contact=contact, by=lead)
    contacts.take_back(contact=contact, by=link_worker)
    with pytest.raises(RuleBroken, match="taken back before"):
        contacts.take_back(contact=contact, by=link_worker)


def test_a_form_sent_again_does_not_bring_back_what_was_taken_back(case, link_worker):
    key = uuid.uuid4()
    contacts.take_back(contact=log(case, link_worker, key=key), by=link_worker)
    with pytest.raises(RuleBroken, match=r"You took this contact back at 12:00. Save again"):
        log(case, link_worker, key=key)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("newest_first", [True, False])
def test_two_contacts_taken_back_restore_the_plan_before_both(case, link_worker, newest_first):
    log(case, link_worker, next_contact_on=TUESDAY)
    mistakes = []
    for minutes in (1, 2):
        with time_machine.travel(NOW + datetime.timedelta(minutes=minutes), tick=False):
            plan = TUESDAY + datetime.timedelta(days=minutes)
            mistakes.append(log(case, link_worker, next_contact_on=plan))
    with time_machine.travel(NOW + datetime.timedelta(minutes=3), tick=False):
        for mistake in reversed(mistakes) if newest_first else mistakes:
            contacts.take_back(contact=mistake, by=link_worker)
    case.refresh_from_db()
    assert case.next_contact_on == TUESDAY
