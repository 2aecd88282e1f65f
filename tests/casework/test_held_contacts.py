"""What phones sent and could not be logged: put right, thrown away, taken over by a lead, and gone after a time."""

import datetime
import uuid

import pytest
import time_machine
from django.urls import reverse

from casework.actions import contact as contacts
from casework.actions import outbox
from casework.models import Contact, HeldContact, SettledEntry
from casework.outbox import phone
from governance.actions import retention
from governance.models import AuditEvent, Seal
from governance.rules import RuleBroken
from tests.casework.phone import NOON, OUTBOX, Phone, send, typed


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


def test_what_was_thrown_away_does_not_come_back(worker, case, of_worker):
    entry = of_worker.entry(**typed(case, code="", note="Gone"))
    send(worker, entry)
    worker.post(reverse("casework:discard_held", args=[HeldContact.objects.get().pk]))
    assert of_worker.may_forget(entry, send(worker, entry).json())
    assert not HeldContact.objects.exists()
    [settled] = SettledEntry.objects.all()
    assert str(settled.key) == entry["id"]
    again = of_worker.entry(id=entry["id"], written=NOON.timestamp() - 60, **typed(case, note="Another"))
    send(worker, again)
    assert "Another" in HeldContact.objects.get().content


def test_a_lead_takes_over_what_its_author_left_behind(
    worker, case, of_worker, lead, as_user, link_worker, service
):
    entry = of_worker.entry(**typed(case, code="", note="Only for me"))
    send(worker, entry)
    held = HeldContact.objects.get()
    as_lead = as_user(lead)
    assert "to put right" not in as_lead.get(reverse("casework:board")).content.decode()
    with time_machine.travel(NOON + datetime.timedelta(days=3), tick=False):
        assert "waited for more than 2 days" in as_user(lead).get(reverse("casework:board")).content.decode()
    listed = as_lead.get(reverse("casework:held_contacts")).content.decode()
    address = reverse("casework:take_over_held", args=[held.pk])
    shown = as_lead.get(address).content.decode()
    assert link_worker.name in listed
    assert link_worker.name in shown
    assert "Only for me" not in listed + shown
    assert worker.post(address, {"reason": "x"}).status_code == 403
    assert "Say in a few words why you take it over" in as_lead.post(address, {"reason": ""}).content.decode()
    as_lead.post(address, {"reason": "They have left"})
    noted = AuditEvent.objects.get(event="contact_held_taken_over").changes
    assert noted["keeper"] == [link_worker.pk, lead.pk]
    assert worker.get(OUTBOX).json()["held"] == 0
    page = reverse("casework:held_contact", args=[held.pk])
    assert "Only for me" not in worker.get(page, follow=True).content.decode()
    assert "Only for me" in as_lead.get(page).content.decode()
    as_lead.post(page, typed(case, note="Only for me"))
    contact = Contact.objects.get()
    assert (contact.by, str(contact.key)) == (lead, entry["id"])
    assert contact.note == f"Only for me\n\nWritten by {link_worker.name}, and logged for them."
    send(worker, entry)
    assert (Contact.objects.count(), HeldContact.objects.count()) == (1, 0)


def test_what_is_settled_or_taken_over_meanwhile_is_not_settled_again(
    worker, case, of_worker, link_worker, lead
):
    send(worker, of_worker.entry(**typed(case, code="")))
    held = HeldContact.objects.get()
    outbox.take_over(held=held, reason="They have left", by=lead)
    with pytest.raises(RuleBroken, match="Somebody else has taken this contact over"):
        outbox.settle(held=held, contact=None, by=link_worker)
    outbox.settle(held=held, contact=None, by=lead)
    for again in (outbox.settle, outbox.take_over):
        told = {"contact": None} if again is outbox.settle else {"reason": "x"}
        with pytest.raises(RuleBroken, match="put right or thrown away before"):
            again(held=held, by=lead, **told)
    assert SettledEntry.objects.count() == 1


def test_saved_in_two_tabs_at_the_same_moment_it_is_one_contact(worker, case, of_worker, link_worker):
    send(worker, of_worker.entry(**typed(case, code="")))
    held = HeldContact.objects.get()
    told = {
        "held": held,
        "case": case,
        "by": link_worker,
        "key": held.key,
        "kind": "call",
        "outcome": "reached",
    }
    outbox.log(**told)
    with pytest.raises(RuleBroken, match="put right or thrown away before"):
        outbox.log(**told)
    outbox.renew_key(held=held, by=link_worker)
    assert (Contact.objects.count(), HeldContact.objects.count()) == (1, 0)


def test_a_lead_does_not_take_over_what_is_of_a_case_sealed_from_them(
    worker, case, of_worker, lead, as_user, service, link_worker
):
    send(worker, of_worker.entry(**typed(case, outcome="", note="She lost her keys")))
    held = HeldContact.objects.get(case=case)
    Seal.objects.create(service=service, person=case.person, sealed=True, reason="x", by=link_worker)
    as_user(lead).post(reverse("casework:take_over_held", args=[held.pk]), {"reason": "They have left"})
    assert HeldContact.objects.get().taken_over_by is None


def test_held_contacts_of_no_case_go_and_their_keys_after_them(worker, case, of_worker, service):
    entry = of_worker.entry(**typed(case, code=""))
    send(worker, entry)
    send(worker, of_worker.entry(**typed(case, outcome="")))
    today = NOON.date() + datetime.timedelta(days=180)
    purged = retention.purge(service=service, by=None, today=today)
    assert (purged["held_contacts"].purged, purged["settled_entries"].due) == (1, 0)
    assert HeldContact.objects.get().case == case
    send(worker, entry)
    assert HeldContact.objects.count() == 1
    assert str(SettledEntry.objects.get().key) == entry["id"]
    later = today + datetime.timedelta(days=365)
    assert retention.purge(service=service, by=None, today=later)["settled_entries"].purged == 1
    assert not SettledEntry.objects.exists()


def test_nobody_else_reads_or_settles_what_is_held(worker, case, of_worker, lead, as_user, outsider):
    send(worker, of_worker.entry(**typed(case, code="", note="Only for me")))
    held = HeldContact.objects.get()
    for name in ("held_contact", "discard_held"):
        address = reverse(f"casework:{name}", args=[held.pk])
        response = as_user(lead).post(address, typed(case), follow=True)
        assert "Only who wrote a contact" in response.content.decode()
        assert "Only for me" not in response.content.decode()
        assert as_user(outsider).post(address).status_code == 404
    assert HeldContact.objects.exists()
    assert not Contact.objects.exists()


def test_its_author_throws_it_away(worker, case, of_worker):
    send(worker, of_worker.entry(**typed(case, code="")))
    held = HeldContact.objects.get()
    worker.post(reverse("casework:discard_held", args=[held.pk]))
    assert not HeldContact.objects.exists()
    assert AuditEvent.objects.get(event="contact_held_settled").changes == {"contact": None}


def test_what_cannot_be_let_go_of_is_not_logged(worker, case, of_worker, monkeypatch):
    send(worker, of_worker.entry(**typed(case, code="1A")))
    held = HeldContact.objects.get()

    def fails(**told):
        raise RuntimeError("the server goes away here")

    monkeypatch.setattr(outbox, "settle", fails)
    with pytest.raises(RuntimeError):
        worker.post(reverse("casework:held_contact", args=[held.pk]), typed(case))
    assert HeldContact.objects.exists()
    assert not Contact.objects.exists()


def test_what_is_held_under_the_key_of_another_contact_is_logged_when_saved_again(
    worker, case, of_worker, link_worker
):
    entry = of_worker.entry(**typed(case, code="1A", note="Held"))
    send(worker, entry)
    contacts.log(case=case, key=uuid.UUID(entry["id"]), kind="call", outcome="reached", by=link_worker)
    held = HeldContact.objects.get()
    address = reverse("casework:held_contact", args=[held.pk])
    assert "with other content" in worker.post(address, typed(case, note="Held")).content.decode()
    worker.post(address, typed(case, note="Held"))
    assert Contact.objects.filter(note="Held").count() == 1
    send(worker, entry)
    assert Contact.objects.count() == 2
    assert not HeldContact.objects.exists()
