import json

import pytest
from django.urls import reverse

from governance.models import AuditEvent
from tests.casework.prsb_case import case_to_send
from tests.factories.casework import CaseFactory

pytestmark = pytest.mark.django_db
FORM = {"model": "message", "recipient": "gp", "reason": "review", "summary": "Steadier now"}


@pytest.fixture
def case(service, link_worker):
    return case_to_send(service, link_worker)


def address(case):
    return reverse("casework:message", args=[case.pk])


def test_the_page_shows_what_would_be_sent(case, link_worker, as_user):
    body = as_user(link_worker).get(address(case)).content.decode()
    for words in (
        "Person demographics",
        "NHS number",
        "9990000018",
        "Mill Practice",
        "GP practice",
        "Active",
    ):
        assert words in body
    assert not AuditEvent.objects.filter(event="record_exported").exists()


def test_the_preview_follows_what_was_chosen_and_keeps_the_words(case, link_worker, as_user):
    form = {**FORM, "model": "full", "preview": "1"}
    body = as_user(link_worker).post(address(case), form).content.decode()
    assert "White British" in body
    assert body.count("Steadier now") == 2
    assert not AuditEvent.objects.filter(event="record_exported").exists()


def test_the_file_is_a_download_that_goes_on_record(case, link_worker, as_user):
    response = as_user(link_worker).post(address(case), {**FORM, "take": "1"})
    assert response["Content-Disposition"] == f'attachment; filename="case-{case.pk}-message.json"'
    assert json.loads(response.content)["outcome"] == {"status": "Active", "summary": "Steadier now"}
    assert AuditEvent.objects.filter(event="record_exported").count() == 1


def test_why_nothing_can_be_sent_is_said_on_the_page(case, link_worker, as_user):
    form = {**FORM, "recipient": "council", "take": "1"}
    response = as_user(link_worker).post(address(case), form)
    assert "Content-Disposition" not in response
    body = response.content.decode()
    assert "has not said yes to sharing with the council that referred" in body
    assert "Steadier now" in body


def test_a_reason_must_be_chosen(case, link_worker, as_user):
    response = as_user(link_worker).post(address(case), {**FORM, "reason": "", "take": "1"})
    assert "Choose why it is sent" in response.content.decode()


def test_a_case_without_consent_says_so_at_once(service, link_worker, as_user):
    case = CaseFactory(service=service, worker=link_worker)
    assert "Nothing can be sent yet" in as_user(link_worker).get(address(case)).content.decode()


def test_the_clients_page_leads_there(case, link_worker, as_user):
    body = as_user(link_worker).get(case.get_absolute_url()).content.decode()
    assert address(case) in body
    assert f"{reverse('governance:incident_new')}?case={case.pk}" in body


def test_the_page_asks_few_questions(case, link_worker, as_user, queries):
    client = as_user(link_worker)
    with queries() as asked:
        client.get(address(case))
    assert len(asked) <= 16
