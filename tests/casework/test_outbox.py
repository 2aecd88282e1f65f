"""What phones send: opened, logged once, or held for its author. Sealed here by other code than the browser's."""

import datetime
import uuid

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.actions import contact as contacts
from casework.models import Case, Contact, HeldContact
from casework.outbox import codes, phone
from governance.models import AuditEvent, Seal
from tests.casework.phone import NOON, OUTBOX, Phone, send, typed
from tests.factories.casework import CaseFactory
from tests.factories.governance import MembershipFactory, PrivacyNoticeFactory


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


@pytest.fixture
def of_worker(link_worker) -> Phone:
    return Phone(phone.known(link_worker.memberships.get()))


def test_an_entry_is_logged_as_it_was_written_and_signed_for(worker, case, of_worker, link_worker):
    written = NOON - datetime.timedelta(hours=5)
    entry = of_worker.entry(written=written.timestamp(), **typed(case, note="Zoë was in — “fine”"))
    answer = send(worker, entry).json()
    contact = Contact.objects.get()
    assert (str(contact.key), contact.by, contact.case) == (entry["id"], link_worker, case)
    assert (contact.happened_at, contact.written_at, contact.logged_at) == (written, written, NOON)
    assert contact.note == "Zoë was in — “fine”"
    assert of_worker.may_forget(entry, answer)
    assert AuditEvent.objects.filter(event="contact_logged").count() == 1


def test_sent_again_it_stays_one_contact_also_when_taken_back(worker, case, of_worker, link_worker):
    entry = of_worker.entry(**typed(case))
    for _ in range(3):
        assert of_worker.may_forget(entry, send(worker, entry).json())
    contacts.take_back(contact=Contact.objects.get(), by=link_worker)
    assert of_worker.may_forget(entry, send(worker, entry).json())
    assert Contact._base_manager.count() == 1
    assert not HeldContact.objects.exists()


@pytest.mark.parametrize("is_first_held", [False, True])
def test_a_form_used_twice_loses_neither_contact(worker, case, of_worker, is_first_held):
    first = of_worker.entry(
        **typed(case, note="First", code="1A" if is_first_held else codes.code_of(case.pk))
    )
    send(worker, first)
    later = (NOON + datetime.timedelta(minutes=1)).timestamp()
    second = of_worker.entry(id=first["id"], written=later, **typed(case, note="Second"))
    for _ in range(2):
        assert of_worker.may_forget(second, send(worker, second).json())
    held = HeldContact.objects.get(content__contains="Second")
    assert held.reason.startswith("Another contact was saved from the same form.")
    assert HeldContact.objects.count() == 1 + is_first_held
    worker.post(reverse("casework:held_contact", args=[held.pk]), typed(case, note="Second"))
    send(worker, second)
    assert Contact.objects.filter(note="Second").count() == 1
    assert HeldContact.objects.count() == is_first_held


def test_sent_by_the_open_form_and_again_it_is_one_contact_unless_it_says_more(worker, case, of_worker):
    same = typed(case, note="As it was")
    entry = of_worker.entry(**same)
    send(worker, entry, reverse("casework:log_contact", args=[case.pk]))
    send(worker, entry)
    assert not HeldContact.objects.exists()
    send(worker, of_worker.entry(id=entry["id"], **{**same, "note": "And more"}))
    assert HeldContact.objects.count() == Contact.objects.count() == 1


def test_days_count_from_the_writing(worker, case, of_worker):
    written = NOON - datetime.timedelta(days=5)
    send(worker, of_worker.entry(written=written.timestamp(), **typed(case, next_contact="1")))
    case.refresh_from_db()
    assert case.next_contact_on == datetime.date(2026, 2, 26)
    assert Contact.objects.get().late_reason == ""


def test_a_plan_made_since_stays(worker, case, of_worker, lead):
    told = {"kind": "call", "outcome": "reached", "by": lead, "case": case}
    contacts.log(key=uuid.uuid4(), next_contact_on=datetime.date(2026, 3, 20), **told)
    earlier = NOON - datetime.timedelta(hours=2)
    send(worker, of_worker.entry(written=earlier.timestamp(), **typed(case)))
    case.refresh_from_db()
    assert Contact.objects.count() == 2
    assert case.next_contact_on == datetime.date(2026, 3, 20)


def test_as_it_was_planned_leaves_the_plan(worker, case, of_worker):
    Case.objects.filter(pk=case.pk).update(next_contact_on=datetime.date(2026, 3, 9))
    send(worker, of_worker.entry(**typed(case, next_contact="keep")))
    case.refresh_from_db()
    assert case.next_contact_on == datetime.date(2026, 3, 9)


@pytest.mark.parametrize(
    "told, reason",
    [
        ({"outcome": ""}, "Choose how it went."),
        ({"code": "12"}, "“12” is not a case code"),
        ({"code": codes.code_of(987654)}, f"This service has no case with the code {codes.code_of(987654)}."),
        ({"note": "x" * 4001}, "The note is 1 character too long"),
    ],
)
def test_what_cannot_be_logged_is_held_and_named_on_today(worker, case, of_worker, told, reason):
    entry = of_worker.entry(**typed(case, **{"note": "She lost her keys", **told}))
    answer = send(worker, entry).json()
    assert of_worker.may_forget(entry, answer)
    assert answer["held"] == 1
    assert send(worker, entry).json()["held"] == 1
    held = HeldContact.objects.get()
    assert held.reason.startswith(reason)
    assert not Contact.objects.exists()
    assert "1 contact to put right" in worker.get(reverse("casework:today")).content.decode()
    assert reason in BeautifulSoup(worker.get(reverse("casework:held_contacts")).content, "html.parser").text


def test_its_author_puts_it_right_and_it_is_logged_under_the_same_id(worker, case, of_worker):
    entry = of_worker.entry(**typed(case, code="1A", note="She lost her keys"))
    send(worker, entry)
    held = HeldContact.objects.get()
    address = reverse("casework:held_contact", args=[held.pk])
    shown = worker.get(address)
    assert "She lost her keys" in shown.content.decode()
    assert "Marigold" not in shown.content.decode()
    again = worker.post(address, typed(case, code="12", note="She lost her keys"))
    assert "is not a case code" in again.content.decode()
    response = worker.post(address, typed(case, note="She lost her keys"))
    contact = Contact.objects.get()
    assert response["Location"] == f"{reverse('casework:today')}?logged={contact.pk}"
    assert (str(contact.key), contact.note) == (entry["id"], "She lost her keys")
    assert not HeldContact.objects.exists()
    send(worker, entry)
    assert Contact.objects.count() == 1


def test_what_was_said_of_the_notice_is_dated_by_the_writing(worker, case, of_worker, service):
    published = datetime.date(2026, 1, 5)
    PrivacyNoticeFactory(service=service, published_on=published)
    written = NOON - datetime.timedelta(days=2)
    told = typed(case, notice="read_out", notice_reason="", next_contact="1")
    send(worker, of_worker.entry(written=written.timestamp(), **told))
    [given] = case.person.notices_given.all()
    assert (given.given_at, given.channel) == (written, "read_out")
    other = CaseFactory(service=service, worker=case.worker)
    told = typed(other, notice="not_yet", notice_reason="She wept")
    send(worker, of_worker.entry(written=written.timestamp(), **told))
    assert other.person.notice_delays.get().noted_at == written


def test_a_case_no_longer_theirs_waits_with_what_to_do(worker, case, of_worker, service, lead):
    seal = Seal.objects.create(service=service, person=case.person, sealed=True, reason="x", by=lead)
    assert seal.pk
    entry = of_worker.entry(**typed(case, note="She lost her keys"))
    assert of_worker.may_forget(entry, send(worker, entry).json())
    held = HeldContact.objects.get()
    assert "is not one of yours any more. Ask your lead" in held.reason
    assert held.case == case


def test_nobody_sends_as_somebody_else(case, of_worker, lead, as_user, service):
    entry = of_worker.entry(**typed(case))
    other = MembershipFactory(service=service, role="link_worker").user
    for user in (lead, other):
        answer = send(as_user(user), entry)
        assert answer.status_code == 400
        assert answer.json()["sentence"].startswith("Somebody else wrote this")
        renamed = {**entry, "author": phone.known(user.memberships.get())["author"]}
        assert "arrived damaged" in send(as_user(user), renamed).json()["sentence"]
    assert not Contact.objects.exists()


def test_a_key_of_before_still_opens_and_a_lost_one_is_said(worker, case, of_worker, settings):
    entry = of_worker.entry(**typed(case))
    settings.OUTBOX_KEYS = ["new", *settings.OUTBOX_KEYS]
    assert worker.get(OUTBOX).json()["kid"] != entry["kid"]
    settings.OUTBOX_KEYS = ["new"]
    assert "OUTBOX_KEY_FALLBACKS" in send(worker, entry).json()["sentence"]
    settings.OUTBOX_KEYS = ["new", *_before()]
    assert of_worker.may_forget(entry, send(worker, entry).json())


def _before():
    from hiu import settings as written

    return written.OUTBOX_KEYS


@pytest.mark.parametrize(
    "change",
    [
        {"written": 1},
        {"written": "soon"},
        {"id": str(uuid.uuid4())},
        {"id": 7},
        {"sealed": "AAAA"},
        {"sealed": 3},
        {"ephemeral": "AAAA"},
        {"iv": "not base64"},
        {"kid": None},
    ],
)
def test_what_was_tampered_with_does_not_open_and_stays_on_the_phone(worker, case, of_worker, change):
    entry = of_worker.entry(**typed(case))
    answer = send(worker, {**entry, **change})
    assert answer.status_code == 400
    assert answer.json()["sentence"]
    assert "receipt" not in answer.json()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"id": {}}'])
def test_what_is_no_entry_gets_a_sentence(worker, body):
    for address in (OUTBOX, f"{OUTBOX}draft/"):
        assert send(worker, body, address).status_code == 400


def test_a_phone_whose_clock_is_ahead_waits_for_a_time(worker, case, of_worker):
    tomorrow = (NOON + datetime.timedelta(days=1)).timestamp()
    entry = of_worker.entry(written=tomorrow, **typed(case))
    assert of_worker.may_forget(entry, send(worker, entry).json())
    held = HeldContact.objects.get()
    assert "has not happened yet" in held.reason
    day = {"happened_on_0": "2", "happened_on_1": "3", "happened_on_2": "2026", "happened_time": "11:00"}
    worker.post(reverse("casework:held_contact", args=[held.pk]), typed(case, **day))
    assert timezone.localtime(Contact.objects.get().happened_at).hour == 11


def test_the_open_form_sends_sealed_and_is_answered_with_the_next_page(worker, case, of_worker):
    address = reverse("casework:log_contact", args=[case.pk])
    slip = of_worker.entry(**typed(case, outcome="", note="She lost her keys"))
    answer = send(worker, slip, address).json()
    assert of_worker.may_forget(slip, answer)
    assert "Choose how it went." in answer["page"]
    assert "She lost her keys" in answer["page"]
    entry = of_worker.entry(**typed(case, note="She lost her keys"))
    answer = send(worker, entry, address).json()
    contact = Contact.objects.get()
    assert answer["url"] == f"{reverse('casework:today')}?logged={contact.pk}"
    assert of_worker.may_forget(entry, answer)
    assert contact.written_at is None
    assert send(worker, {**entry, "sealed": "AAAA"}, address).status_code == 400


def test_a_draft_opens_to_its_author_alone(worker, of_worker, lead, as_user):
    draft = of_worker.draft([["note", "textarea", "She lost", False]], "7.1 /casework/log/")
    address = f"{OUTBOX}draft/"
    assert send(worker, draft, address).json() == {"typed": [["note", "textarea", "She lost", False]]}
    assert "typed" not in send(as_user(lead), draft, address).json()
    assert "typed" not in send(worker, {**draft, "name": "other"}, address).json()


def test_the_shell_is_the_same_for_everybody_and_names_nobody(worker, lead, as_user, case, link_worker):
    address = reverse("casework:log_offline")
    shell = worker.get(address).content
    assert shell == as_user(lead).get(address).content
    assert not [n for n in (case.person.last_name, link_worker.name, "Fenland") if n.encode() in shell]


def test_the_service_worker_keeps_the_shell_and_files_alone(worker):
    response = worker.get(reverse("casework:service_worker"))
    kept = response.content.decode().split("const KEPT = ")[1].split(";")[0]
    assert '"shell": "/casework/log/"' in kept
    assert response["Service-Worker-Allowed"] == "/"
    assert "&quot;" not in kept


@pytest.mark.parametrize("number", [1, 22, 23, 1234, 987654321])
def test_a_code_leads_back_to_its_case_and_a_slip_to_none(number):
    code = codes.code_of(number)
    assert codes.number_of(f" {code[:-1].lower()}-{code[-1].lower()} ") == number
    digits = str(number)
    for place, digit in enumerate(digits):
        for other in set("0123456789") - {digit}:
            assert codes.number_of(f"{digits[:place]}{other}{digits[place + 1 :]}{code[-1]}") is None
    assert codes.number_of("") is None
    assert codes.number_of("K") is None


def test_a_code_of_the_other_service_is_a_code_of_nobody(worker, of_worker, neighbour):
    theirs = CaseFactory(service=neighbour)
    send(worker, of_worker.entry(**typed(theirs)))
    held = HeldContact.objects.get()
    assert held.reason == f"This service has no case with the code {codes.code_of(theirs.pk)}."
    assert held.case is None
