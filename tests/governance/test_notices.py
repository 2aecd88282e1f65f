"""The privacy notice: its versions, and the proof that somebody was told."""

import datetime

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from governance.actions import notice
from governance.models import AuditEvent, NoticeDelay, NoticeGiven, PrivacyNotice
from governance.models.insert_only import RowIsFinal
from governance.rules import RuleBroken
from tests.factories.governance import PersonFactory, PrivacyNoticeFactory

URL = reverse("governance:notices")
TODAY = timezone.localdate()
TEXT = {"text": "All of it.", "easy_read": "In short."}


@pytest.fixture
def person(service):
    return PersonFactory(service=service)


def publish(service, by, **told):
    return notice.publish(service=service, by=by, **{**TEXT, "published_on": TODAY, **told})


TYPED = {
    "text": "We are the Fenland service. <b>We</b> keep what the hospital tells us.\r\n\r\nYou may say no. "
    * 2,
    "easy_read": "We help people. The hospital told us about you. You can say no. You can ask us to stop. We listen to you.",
    **{f"published_on_{part}": getattr(TODAY, part) for part in ("day", "month", "year")},
}


def hidden(response):
    form = BeautifulSoup(response.content, "html.parser").select_one("main form")
    return {box["name"]: box.get("value", "") for box in form.select("input[type=hidden]")}


def test_an_ig_lead_publishes_a_version_and_the_one_before_stays(service, ig_lead, as_user):
    client = as_user(ig_lead)
    for text in (TYPED["text"], TYPED["text"] + "And more."):
        preview = client.post(URL, {**TYPED, "text": text})
        client.post(URL, {**hidden(preview), "publish": "1"})
    body = client.get(URL).content.decode()
    assert "Version 2" in body
    assert "Version 1" in body
    assert "And more." in body
    assert list(PrivacyNotice.objects.values_list("version", flat=True)) == [2, 1]


def test_both_texts_are_shown_before_anything_is_published(service, ig_lead, as_user):
    client = as_user(ig_lead)
    preview = client.post(URL, TYPED)
    shown = BeautifulSoup(preview.content, "html.parser").select_one("main").get_text()
    assert "Nothing is published yet." in shown
    assert "We are the Fenland service. <b>We</b> keep" in shown
    assert TYPED["easy_read"] in shown
    assert PrivacyNotice.objects.count() == 0
    back = client.post(URL, {**hidden(preview), "change": "1"})
    assert TYPED["easy_read"] in back.content.decode()
    assert PrivacyNotice.objects.count() == 0


@pytest.mark.parametrize(
    "name, words", [("text", "The notice in full"), ("easy_read", "The easy-read version")]
)
def test_a_text_that_tells_nobody_anything_is_refused(service, ig_lead, as_user, name, words):
    response = as_user(ig_lead).post(URL, {**TYPED, name: "a", "publish": "1"})
    assert f"{words} is too short to tell people anything" in response.content.decode()
    assert PrivacyNotice.objects.count() == 0


def test_a_second_press_publishes_nothing_new(service, ig_lead):
    assert publish(service, ig_lead) == publish(service, ig_lead)
    assert PrivacyNotice.objects.count() == 1


def test_a_notice_without_its_easy_read_version_is_refused(service, ig_lead, as_user):
    response = as_user(ig_lead).post(URL, {"text": "All of it."})
    assert b"Enter the easy-read version." in response.content
    assert PrivacyNotice.objects.count() == 0


def test_a_version_is_in_use_from_its_day(service, ig_lead):
    first = publish(service, ig_lead, published_on=TODAY - datetime.timedelta(days=9))
    second = publish(service, ig_lead, published_on=TODAY + datetime.timedelta(days=1), text="New")
    assert notice.current(service, on=TODAY) == first
    assert notice.current(service, on=TODAY + datetime.timedelta(days=1)) == second


def test_a_published_text_is_never_edited(service):
    row = PrivacyNoticeFactory(service=service)
    row.text = "Other"
    with pytest.raises(RowIsFinal):
        row.save()


def test_the_proof_says_which_version_how_and_what_was_asked(service, person, link_worker):
    published = PrivacyNoticeFactory(service=service)
    told = {"channel": "read_out", "question": "Who told you about my fall?", "answer": "The hospital."}
    row = notice.give(service=service, person=person, by=link_worker, **told)
    assert (row.notice, row.given_by, row.question) == (published, link_worker, told["question"])
    event = AuditEvent.objects.last()
    assert event.event == "privacy_notice_given"
    assert "fall" not in str(event.changes)


def test_the_same_told_twice_on_a_day_is_one_row(service, person, link_worker):
    PrivacyNoticeFactory(service=service)
    told = {"service": service, "person": person, "channel": "posted", "by": link_worker}
    assert notice.give(**told) == notice.give(**told)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1), tick=False):
        notice.give(**told)
    assert NoticeGiven.objects.count() == 2


def test_nothing_is_given_where_nothing_is_published(service, neighbour, person, link_worker):
    PrivacyNoticeFactory(service=neighbour)
    with pytest.raises(RuleBroken, match="published no privacy notice"):
        notice.give(service=service, person=person, channel="posted", by=link_worker)


def test_a_delay_needs_a_reason_and_is_kept_once(service, person, link_worker):
    told = {"service": service, "person": person, "by": link_worker}
    with pytest.raises(RuleBroken, match="Write why"):
        notice.delay(reason="  ", **told)
    assert notice.delay(reason="Too upset", **told) == notice.delay(reason="Too upset ", **told)
    assert NoticeDelay.objects.count() == 1


def test_a_neighbours_person_is_told_nothing_here(service, neighbour, link_worker):
    PrivacyNoticeFactory(service=service)
    stranger = PersonFactory(service=neighbour)
    with pytest.raises(RuleBroken, match="another service"):
        notice.give(service=service, person=stranger, channel="posted", by=link_worker)
    with pytest.raises(RuleBroken, match="another service"):
        notice.delay(service=service, person=stranger, reason="Upset", by=link_worker)


@pytest.mark.parametrize("action", ["give", "delay"])
def test_nothing_is_saved_when_the_audit_fails(service, person, link_worker, monkeypatch, action):
    PrivacyNoticeFactory(service=service)
    monkeypatch.setattr("governance.audit.sign", lambda row: 1 / 0)
    told = {"channel": "posted"} if action == "give" else {"reason": "Upset"}
    with pytest.raises(ZeroDivisionError):
        getattr(notice, action)(service=service, person=person, by=link_worker, **told)
    assert NoticeGiven.objects.count() == NoticeDelay.objects.count() == 0
