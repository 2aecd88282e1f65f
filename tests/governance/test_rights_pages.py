"""The IG lead's pages: people's rights, and what is deleted when."""

import datetime
import io
import json
import zipfile

import pytest
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from governance.actions import rights, search_keys
from governance.models import (
    AuditEvent,
    Correction,
    KeepingTime,
    LegalHold,
    Objection,
    OptOut,
    SubjectRequest,
)
from tests.factories.casework import CaseFactory, ContactFactory
from tests.factories.governance import LegalHoldFactory, ObjectionFactory, PersonFactory, PurgeRunFactory

pytestmark = pytest.mark.django_db
NOTE = "Her sister Joan rang twice."


@pytest.fixture
def person(service):
    return PersonFactory(service=service, first_name="Ann", last_name="Ash", phone="01234 567890")


@pytest.fixture
def note(service, person):
    return ContactFactory(case=CaseFactory(service=service, person=person), note=NOTE)


@pytest.fixture
def client(ig_lead, as_user):
    return as_user(ig_lead)


@pytest.fixture
def request_(service, person, note, ig_lead):
    return rights.open_request(
        service=service, person=person, received_on=datetime.date(2026, 1, 31), identity="Seen", by=ig_lead
    )


def url(name, *args):
    return reverse(f"governance:{name}", args=args)


def said(response):
    return " ".join(str(m) for m in get_messages(response.wsgi_request))


def day(name, iso):
    year, month, number = iso.split("-")
    return {f"{name}_day": number, f"{name}_month": month, f"{name}_year": year}


@pytest.mark.parametrize("sought", ["07700900123", "07700 900 123", "447700900123"])
def test_a_telephone_number_is_not_taken_for_a_number_of_ours(client, service, sought):
    person = PersonFactory(service=service, phone="07700 900123")
    search_keys.refresh(service=service)
    response = client.post(url("rights"), {"sought": sought})
    assert response["Location"] == url("person", person.pk)


@pytest.mark.parametrize("sought", ["nhs", "pk", "ann as", "Ash"])
def test_a_person_is_found_by_number_and_by_name_and_no_address_names_them(client, person, sought):
    typed = {"nhs": person.nhs_number, "pk": str(person.pk)}.get(sought, sought)
    response = client.post(url("rights"), {"sought": typed})
    assert response["Location"] == url("person", person.pk)


def test_of_several_people_one_is_chosen_and_of_none_one_is_told(client, person, service):
    PersonFactory(service=service, first_name="Anna", last_name="Ashby")
    body = client.post(url("rights"), {"sought": "ann"}).content.decode()
    assert "Who do you mean?" in body
    assert "Nobody found" in client.post(url("rights"), {"sought": "Zoe"}).content.decode()


def test_opening_a_persons_page_goes_on_record(client, person):
    client.get(url("person", person.pk))
    event = AuditEvent.objects.get(event="record_opened")
    assert (event.target, event.target_id) == ("governance.person", str(person.pk))


def test_a_request_is_recorded_looked_through_released_and_taken(client, person, note):
    form = {**day("received_on", "2026-01-31"), "identity": "Passport seen"}
    response = client.post(url("request_new", person.pk), form)
    request = SubjectRequest.objects.get()
    assert response["Location"] == url("subject_request", request.pk)
    while (text := request.texts.filter(decision="").first()) is not None:
        assert NOTE in client.get(url("free_text", text.pk)).content.decode() or text.row_field != "note"
        told = (
            {"decision": "cut", "cut": "Joan", "reason": "Somebody else"}
            if text.row_field == "note"
            else {"decision": "keep"}
        )
        assert client.post(url("free_text", text.pk), told).status_code == 302
    client.post(url("release_request", request.pk))
    page = client.get(url("copy", request.pk, "html")).content.decode()
    assert "Her sister [removed] rang twice." in page
    assert "Joan" not in page
    parts = json.loads(client.get(url("copy", request.pk, "json")).content)
    assert parts["texts_withheld"] == 0
    packed = zipfile.ZipFile(io.BytesIO(client.get(url("copy", request.pk, "csv")).content))
    assert "casework.contact.csv" in packed.namelist()
    assert AuditEvent.objects.filter(event="subject_copy_taken").count() == 3


def test_a_copy_is_not_to_be_had_before_it_is_released(client, request_):
    response = client.get(url("copy", request_.pk, "html"))
    assert response["Location"] == url("subject_request", request_.pk)
    assert "no copy to take" in said(response)


def test_releasing_too_early_says_how_many_texts_wait(client, request_):
    assert "Look through them first" in said(client.post(url("release_request", request_.pk)))


def test_a_text_that_changed_meanwhile_is_not_decided_on(client, request_, person):
    text = request_.texts.get(row_field="note")
    text.digest = "0" * 64
    text.save()
    assert "This text has changed" in client.get(url("free_text", text.pk)).content.decode()


@pytest.mark.parametrize(
    "form, problem",
    [
        ({}, "Choose what may be given out."),
        ({"decision": "cut", "cut": "Jane", "reason": "x"}, "does not stand in the text"),
        ({"decision": "whole"}, "Say why"),
    ],
)
def test_what_is_missing_in_a_decision_is_said(client, request_, form, problem):
    text = request_.texts.get(row_field="note")
    assert problem in client.post(url("free_text", text.pk), form).content.decode()


def test_time_is_extended_from_the_page(client, request_):
    client.post(url("extend_request", request_.pk), {**day("to", "2026-04-15"), "reason": "Five episodes"})
    request_.refresh_from_db()
    assert request_.extended_to == datetime.date(2026, 4, 15)


def test_a_detail_is_put_right_from_the_page(client, person):
    address = f"{url('correct', person.pk)}?field=birth_date"
    client.post(address, {**day("value", "1981-05-17"), "reason": "Passport"})
    assert Correction.objects.get().after == "1981-05-17"
    assert "Put right before" in client.get(url("person", person.pk)).content.decode()


def test_a_detail_that_cannot_be_put_right_leads_back(client, person):
    response = client.post(f"{url('correct', person.pk)}?field=nhs_number", {"value": "1", "reason": "x"})
    assert response["Location"] == url("person", person.pk)
    assert not Correction.objects.exists()


def test_an_objection_acts_and_is_seen_above_the_case(client, person, service, link_worker, as_user, note):
    client.post(
        url("objection", person.pk), {"scope": "contact", "decision": "upheld", "words": "Leave me be"}
    )
    assert Objection.objects.get().words == "Leave me be"
    worker = as_user(link_worker)
    for name in ("case", "log_contact"):
        body = worker.get(reverse(f"casework:{name}", args=[note.case_id])).content.decode()
        assert "Being contacted: We have stopped" in body


def test_a_worker_is_told_not_to_ring_and_given_nothing_to_dial(service, person, link_worker, as_user):
    person.phone = "07700 900123"
    person.save()
    case = CaseFactory(service=service, person=person, worker=link_worker)
    worker = as_user(link_worker)
    pages = [reverse("casework:today"), reverse("casework:case", args=[case.pk])]
    assert all("tel:07700900123" in worker.get(page).content.decode() for page in pages)
    ObjectionFactory(person=person)
    bodies = [worker.get(page).content.decode() for page in pages]
    assert not any("tel:" in body for body in bodies)
    assert "They asked not to be contacted." in bodies[0]
    ObjectionFactory(person=person, decision="withdrawn")
    assert all("tel:07700900123" in worker.get(page).content.decode() for page in pages)


def test_who_objects_to_contact_cannot_be_taken_on_and_the_lead_reads_why(service, person, lead, as_user):
    from tests.factories.cohorts import CandidateFactory, CohortListFactory

    candidate = CandidateFactory(cohort_list=CohortListFactory(rule__service=service), person=person)
    ObjectionFactory(person=person)
    response = as_user(lead).post(reverse("cohorts:screen", args=[candidate.pk]), {"decision": "accept"})
    assert "asked not to be contacted" in said(response)
    form = {"decision": "decline", "reason": "objected"}
    as_user(lead).post(reverse("cohorts:screen", args=[candidate.pk]), form)
    assert candidate.screening.reason == "objected"


def test_an_ended_episode_is_not_opened_again_for_one_who_objects(service, person, link_worker, as_user):
    case = CaseFactory(service=service, person=person, stage="open_door")
    ObjectionFactory(person=person)
    as_user(link_worker).post(reverse("casework:reopen", args=[case.pk]))
    assert service.cases.count() == 1


def test_an_opt_out_is_recorded_from_the_page(client, person):
    form = {"opted_out": "no", "source": "mesh", **day("checked_on", "2026-01-05")}
    client.post(url("opt_out", person.pk), form)
    assert OptOut.objects.get().opted_out is False


def test_a_hold_is_placed_and_lifted_from_the_pages(client, person):
    form = {"reason": "A complaint", **day("held_from", "2026-01-05")}
    client.post(url("hold_person", person.pk), form)
    hold = LegalHold.objects.get()
    assert "Ann Ash" in client.get(url("holds")).content.decode()
    client.post(url("lift_hold", hold.pk), {"reason": "Settled"})
    hold.refresh_from_db()
    assert hold.lift_reason == "Settled"
    assert "lifted already" in client.post(url("lift_hold", hold.pk), {"reason": "x"}).content.decode()


def test_the_same_hold_twice_is_one(client, person):
    form = {"record_class": "cases", "reason": "Inquiry", **day("held_from", "2026-01-05")}
    client.post(url("hold_class"), form)
    assert "There is a hold already" in client.post(url("hold_class"), form).content.decode()
    assert LegalHold.objects.count() == 1


def test_the_schedule_shows_what_is_due_held_and_gone(client, service):
    PurgeRunFactory(
        service=service, record_class="cases", purged=2, people=2, found={"casework_risk.detail": 1}
    )
    body = client.get(url("retention")).content.decode()
    assert "Cases: 8 years after the last contact" in body
    assert "1 in casework_risk.detail" in body


def test_the_schedule_is_changed_within_its_limits(client):
    typed = {"record_class": "cases", "number": "7", "reason": "x"}
    assert "Enter from 8 to 30 years" in client.post(url("keeping_time"), typed).content.decode()
    client.post(url("keeping_time"), {**typed, "number": "20", "reason": "Mental health stream"})
    assert KeepingTime.objects.get().number == 20
    assert "Cases: 20 years" in client.get(url("retention")).content.decode()


def test_the_command_writes_a_copy_with_unreviewed_texts_withheld(person, note, tmp_path, capsys):
    call_command("subject_access", str(person.pk), "--out", str(tmp_path / "out"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["texts_withheld"] == 1
    assert "withheld" in told["note"]
    page = (tmp_path / "out/about-you.html").read_text()
    assert "Ann" in page
    assert "Joan" not in page
    assert all((tmp_path / each["path"]).stat().st_mode & 0o077 == 0 for each in told["files"])
    assert AuditEvent.objects.get(event="subject_copy_taken").target_id == str(person.pk)


def test_the_command_finds_a_person_by_nhs_number_in_the_service_that_is_named(
    person, neighbour, tmp_path, capsys
):
    PersonFactory(service=neighbour, nhs_number=person.nhs_number)
    with pytest.raises(CommandError, match="Name one with --service"):
        call_command("subject_access", person.nhs_number, "--out", str(tmp_path))
    call_command("subject_access", person.nhs_number, "--out", str(tmp_path), "--service", "fenland")
    assert f"person {person.pk} of Fenland" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["0", "nobody", "9990000018"])
def test_the_command_says_so_when_there_is_nobody(db, tmp_path, typed):
    with pytest.raises(CommandError, match="number"):
        call_command("subject_access", typed, "--out", str(tmp_path))


def test_a_neighbours_hold_is_not_found(as_user, neighbour, service):
    from governance.roles import Role
    from tests.factories.governance import MembershipFactory

    theirs = MembershipFactory(service=neighbour, role=Role.IG_LEAD).user
    hold = LegalHoldFactory(person=PersonFactory(service=service))
    assert as_user(theirs).get(url("lift_hold", hold.pk)).status_code == 404
