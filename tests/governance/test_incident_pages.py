import datetime
import re
import uuid

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.forms.incident import IncidentForm
from governance.models import Incident
from governance.roles import Role
from tests.factories.governance import MembershipFactory
from tests.factories.incidents import IncidentFactory, IncidentStepFactory, IncidentTriageFactory

NOW = datetime.datetime(2026, 3, 3, 9, tzinfo=datetime.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with time_machine.travel(NOW, tick=False):
        yield


def typed(**told):
    given = {
        "key": str(uuid.uuid4()),
        "kind": "data",
        "words": "A letter went to the house next door",
        "happened_on_day": "2",
        "happened_on_month": "3",
        "happened_on_year": "2026",
        "aware_at": "2026-03-03T08:30",
        "case_number": "",
    }
    return given | told


def step(kind, **told):
    return {"kind": kind, "words": "", "reference": "", "done_at": "2026-03-03T08:45", **told}


def page(client, name, *args):
    return client.get(reverse(f"governance:{name}", args=args)).content.decode()


def send(client, name, form, *args):
    return client.post(reverse(f"governance:{name}", args=args), form)


def test_a_link_worker_tells_what_happened_from_a_phone(link_worker, as_user):
    client = as_user(link_worker)
    assert len(IncidentForm().visible_fields()) == 5
    assert 'value="2026-03-03T09:00"' in page(client, "incident_new")
    response = send(client, "incident_new", typed(case_number="12"))
    assert response["Location"] == reverse("governance:incidents")
    row = Incident.objects.get()
    assert (row.words, row.case_number) == ("A letter went to the house next door", 12)
    assert row.aware_at == datetime.datetime(2026, 3, 3, 8, 30, tzinfo=datetime.UTC)


def test_two_choices_are_enough(link_worker, as_user):
    form = {"key": str(uuid.uuid4()), "kind": "other", "words": "Nearly", "aware_at": "2026-03-03T09:00"}
    assert send(as_user(link_worker), "incident_new", form).status_code == 302


def test_the_case_it_is_told_from_is_filled_in(link_worker, as_user):
    address = reverse("governance:incident_new")
    assert 'value="12"' in as_user(link_worker).get(address, {"case": "12"}).content.decode()
    assert as_user(link_worker).get(address, {"case": "9" * 40}).status_code == 200


def test_a_press_repeated_stores_one(link_worker, as_user):
    form = typed()
    for _ in range(2):
        assert send(as_user(link_worker), "incident_new", form).status_code == 302
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"words": ""}, "Say what happened"),
        ({"kind": ""}, "Choose what it is about"),
        ({"aware_at": "yesterday"}, "Enter a day and a time"),
        ({"aware_at": ""}, "Enter when somebody noticed it"),
        ({"aware_at": "2026-03-04T09:00"}, "has not come yet"),
        ({"case_number": "twelve"}, "Enter the number of the case"),
        ({"happened_on_day": "31", "happened_on_month": "2"}, "is not a date"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(link_worker, as_user, wrong, said):
    body = send(as_user(link_worker), "incident_new", typed(**wrong)).content.decode()
    assert said in body
    assert wrong.get("words") == "" or "A letter went to the house next door" in body
    assert Incident.objects.count() == 0


def test_of_the_hour_that_happens_twice_the_first_is_meant(link_worker, as_user):
    with time_machine.travel(datetime.datetime(2026, 10, 26, 9, tzinfo=datetime.UTC), tick=False):
        send(as_user(link_worker), "incident_new", typed(aware_at="2026-10-25T01:30"))
    assert Incident.objects.get().aware_at == datetime.datetime(2026, 10, 25, 0, 30, tzinfo=datetime.UTC)


def test_who_told_of_it_sees_what_became_of_it(service, link_worker, lead, ig_lead, as_user):
    incident = IncidentFactory(service=service, reported_by=link_worker)
    assert "Waiting to be looked at" in page(as_user(link_worker), "incidents")
    IncidentTriageFactory(incident=incident, breach="unlikely")
    assert "Being looked at" in page(as_user(link_worker), "incidents")
    IncidentStepFactory(incident=incident, kind="person_told", words="By phone")
    IncidentStepFactory(incident=incident, kind="finished", words="Ring before posting")
    body = page(as_user(link_worker), "incidents")
    assert "The person was told" in body
    assert "What was learned: Ring before posting" in body
    assert "house next door" not in page(as_user(lead), "incidents")


def test_an_ig_lead_decides_and_the_clock_goes_on_until_it_is_reported(service, ig_lead, as_user):
    incident = IncidentFactory(service=service)
    client = as_user(ig_lead)
    assert "49 hours left" in page(client, "incident_desk")
    form = {
        "breach": "notify",
        "reason": "A stranger read it",
        "harm": "low",
        "aware_at": "2026-03-01T09:00",
    }
    send(client, "incident_triage", form, incident.pk)
    assert "cannot be noticed before" in send(client, "incident_triage", form, incident.pk).content.decode()
    send(client, "incident_triage", form | {"aware_at": "2026-03-02T09:00"}, incident.pk)
    assert "48 hours left" in page(client, "incident", incident.pk)
    send(client, "incident", step("ico", reference="IC-77"), incident.pk)
    body = page(client, "incident", incident.pk)
    assert "IC-77" in body
    assert "23 hours after somebody became aware: in time" in body
    assert "hours left" not in body


def test_a_clock_with_little_left_is_red(service, ig_lead, as_user):
    IncidentFactory(service=service, aware_at=NOW - datetime.timedelta(hours=49))
    body = page(as_user(ig_lead), "incident_desk")
    assert "nhsuk-tag--red" in body
    assert "23 hours left" in body


def test_governance_raises_an_alarm_while_a_clock_runs(service, ig_lead, as_user):
    assert "72-hour clock" not in page(as_user(ig_lead), "overview")
    incident = IncidentFactory(service=service)
    body = page(as_user(ig_lead), "overview")
    assert "1 incident with a 72-hour clock running" in body
    assert re.search(r"49 hours left\s*</strong>\s*to tell the ICO, until 5 March 2026, 10:00", body)
    assert incident.words not in body
    IncidentTriageFactory(incident=incident, breach="no")
    assert "72-hour clock" not in page(as_user(ig_lead), "overview")


def test_a_clock_that_has_run_out_is_red_and_said(service, ig_lead, as_user):
    IncidentFactory(service=service, aware_at=NOW - datetime.timedelta(hours=75, minutes=30))
    body = page(as_user(ig_lead), "overview")
    assert "nhsuk-tag--red" in body
    assert "4 hours late" in body
    assert "has passed: report it now" in body


def test_what_must_come_first_is_said_on_the_page(service, ig_lead, as_user):
    incident = IncidentFactory(service=service)
    body = send(as_user(ig_lead), "incident", step("finished", words="Learned"), incident.pk).content.decode()
    assert "Decide first whether this is a personal data breach" in body


def test_a_finished_incident_offers_only_to_open_it_again(service, ig_lead, as_user):
    incident = IncidentTriageFactory(incident__service=service, breach="no").incident
    IncidentStepFactory(incident=incident, kind="finished")
    body = page(as_user(ig_lead), "incident", incident.pk)
    assert "Opened again" in body
    assert 'value="action"' not in body
    form = {"breach": "no", "reason": "x", "harm": "none", "aware_at": "2026-03-02T10:00"}
    assert "is finished" in send(as_user(ig_lead), "incident_triage", form, incident.pk).content.decode()


@pytest.mark.parametrize("name", ["incident_desk", "incidents"])
def test_a_list_asks_as_much_for_ten_as_for_a_thousand(service, as_user, name):
    user = MembershipFactory(service=service, role=Role.SERVICE_MANAGER).user
    client, asked = as_user(user), []
    for rows in (10, 990):
        Incident.objects.bulk_create(IncidentFactory.build_batch(rows, service=service, reported_by=user))
        with CaptureQueriesContext(connection) as found:
            page(client, name)
        asked.append(len(found))
    assert asked[0] == asked[1] <= 6
