"""Partners are told that a yes was taken back, and answer."""

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from casework.actions import recall
from casework.models import RecallNotice
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.casework.sharing import share, take_back
from tests.factories.casework import CaseFactory, RecallNoticeFactory, YesToShareFactory

LIST = reverse("casework:recalls")


@pytest.fixture
def notice(case, link_worker):
    """The client took back what the surgery had received."""
    yes = YesToShareFactory(
        person=case.person, by=link_worker, partner__organisation__name="Mill Road Surgery"
    )
    share(yes, case, link_worker)
    take_back(yes, link_worker)
    return RecallNotice.objects.get()


def text(response):
    return BeautifulSoup(response.content, "html.parser").select_one("main").get_text(" ", strip=True)


def test_a_notice_is_a_task_of_the_worker_until_it_is_sent(notice, link_worker, as_user):
    client = as_user(link_worker)
    assert "tell the partners" in text(client.get(reverse("casework:today")))
    client.post(notice.get_absolute_url(), {"sent": "1"})
    assert "tell the partners" not in text(client.get(reverse("casework:today")))
    notice.refresh_from_db()
    assert (notice.sent_by, notice.state) == (link_worker, "Sent, no answer yet")


def test_the_lead_is_told_on_the_board_even_when_the_case_has_ended(notice, case, lead, as_user):
    case.stage = "open_door"
    case.save()
    body = text(as_user(lead).get(reverse("casework:board")))
    assert "1 partner not told yet that a client took a yes back." in body


def test_the_letter_names_what_was_received_and_asks_to_stop(notice, case, link_worker, as_user):
    body = text(as_user(link_worker).get(notice.get_absolute_url()))
    assert "To Mill Road Surgery" in body
    assert "Marigold Featherstone" in body
    assert "phone number and address" in body
    assert case.person.phone not in body


def test_an_answer_takes_the_notice_off_the_list(notice, link_worker, as_user):
    client = as_user(link_worker)
    assert "Mill Road Surgery" in text(client.get(LIST))
    client.post(notice.get_absolute_url(), {"sent": "1"})
    assert "Sent, no answer yet" in text(client.get(LIST))
    client.post(notice.get_absolute_url(), {"answer": "Deleted today"})
    assert "Mill Road Surgery" not in text(client.get(LIST))
    assert "Deleted today" in text(client.get(notice.get_absolute_url()))
    done = AuditEvent.objects.exclude(event="record_opened").order_by("-number")[:2]
    assert [e.event for e in done] == ["recall_answered", "recall_sent"]


def test_an_empty_answer_is_refused(notice, link_worker, as_user):
    recall.send(notice=notice, by=link_worker)
    response = as_user(link_worker).post(notice.get_absolute_url(), {"answer": ""})
    assert "Write what they answered." in text(response)


def test_nothing_is_answered_before_it_is_sent(notice, link_worker):
    with pytest.raises(RuleBroken, match="Send the notice first"):
        recall.answer(notice=notice, answer="Deleted", by=link_worker)
    row = RecallNotice(pk=notice.pk, answer="Deleted", answered_at=timezone.now(), answered_by=link_worker)
    with pytest.raises(IntegrityError, match="recall_answered_after_sent"), transaction.atomic():
        row.save(update_fields=["answer", "answered_at", "answered_by"])


def test_sending_and_answering_happen_once(notice, link_worker, lead):
    first = recall.send(notice=notice, by=link_worker)
    assert recall.send(notice=notice, by=lead).sent_by == link_worker
    recall.answer(notice=first, answer="Deleted", by=link_worker)
    with pytest.raises(RuleBroken, match=r"An answer was noted on .*: Deleted"):
        recall.answer(notice=first, answer="Kept", by=lead)


@pytest.mark.parametrize("action", ["send", "answer"])
def test_nothing_is_saved_when_the_audit_fails(notice, link_worker, audit_fails, monkeypatch, action):
    told = {"answer": "Deleted"} if action == "answer" else {}
    if action == "answer":
        RecallNotice.objects.update(sent_at=timezone.now(), sent_by=link_worker)
    with pytest.raises(audit_fails):
        getattr(recall, action)(notice=notice, by=link_worker, **told)
    notice.refresh_from_db()
    assert notice.answered_at is None
    assert (notice.sent_at is None) == (action == "send")


def test_the_list_asks_as_much_for_ten_as_for_a_thousand(service, lead, as_user, queries):
    client, asked = as_user(lead), []
    for more in (10, 40):
        for _ in range(more):
            RecallNoticeFactory(disclosure__case=CaseFactory(service=service))
        with queries() as found:
            assert client.get(LIST).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= 6, [q["sql"][:120] for q in found]
