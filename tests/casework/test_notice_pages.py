"""Telling people how their information is used, without ever losing a note."""

import dataclasses
import datetime
import uuid

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from casework import rules
from casework.models import Contact
from casework.pages.notice import Notice, Origin
from governance.models import NoticeDelay, NoticeGiven
from tests.factories.casework import CaseFactory, ContactFactory
from tests.factories.cohorts import ActivityCountFactory, ActivityFactory, CandidateFactory, ExtractFactory
from tests.factories.governance import NoticeGivenFactory, PrivacyNoticeFactory

TODAY_PAGE = reverse("casework:today")


@pytest.fixture
def worker(as_user, link_worker):
    return as_user(link_worker)


@pytest.fixture
def published(service):
    return PrivacyNoticeFactory(service=service, version=3, link="https://fenland.example/privacy")


def url(name, case):
    return reverse(f"casework:{name}", args=[case.pk])


def page(response):
    return BeautifulSoup(response.content, "html.parser")


def main(response):
    return page(response).select_one("main").get_text(" ", strip=True)


def log(worker, case, **told):
    sent = {"key": uuid.uuid4(), "kind": "call", "outcome": "reached", "next_contact": "3", **told}
    return worker.post(url("log_contact", case), {**sent, "note": "Sleeps badly"})


@pytest.mark.parametrize(
    "told, owed",
    [
        ({}, True),
        ({"is_told": True}, False),
        ({"reached_before": False}, False),
        ({"outcome": "no_answer"}, False),
        ({"kind": "on_behalf"}, False),
    ],
)
def test_the_second_contact_that_reaches_somebody_asks_for_it(told, owed):
    given = {"is_told": False, "kind": "call", "outcome": "reached", "reached_before": True, **told}
    assert rules.notice_owed(**given) is owed


@pytest.mark.parametrize(
    "reached, day, words",
    [
        (0, 30, "Nobody has told them yet how their information is used and where we have it from."),
        (1, 31, "Tell them at the next contact, or say why not. The law gives until 31 March 2026."),
        (2, 31, "They were reached 2 times. Nobody has told them yet"),
    ],
)
def test_the_warning_says_what_is_missing_and_until_when(reached, day, words):
    origin = Origin("Quarterly list", "Fenland General", "Sharing 2026", True, datetime.date(2026, 3, 3))
    notice = Notice("", "", reached, [origin], "", datetime.date(2026, 3, day))
    assert words in notice.warning
    late = dataclasses.replace(notice, today=datetime.date(2026, 4, 1))
    assert "The law gave until 31 March 2026." in late.warning


def test_the_pages_say_plainly_that_nobody_was_told(worker, case, published):
    for name in ("case", "log_contact", "sharing"):
        body = main(worker.get(url(name, case)))
        assert published.easy_read in body
        assert "Nobody has told them yet how their information is used" in body
        assert url("notice", case) in worker.get(url(name, case)).content.decode()


def test_once_told_the_pages_say_when_and_how(worker, case, published):
    NoticeGivenFactory(person=case.person, notice=published, channel="handed_over")
    for name in ("case", "sharing", "notice"):
        body = main(worker.get(url(name, case)))
        assert "Not told yet" not in body
        assert "handed over, version 3." in body
    assert "Did you tell them" not in main(worker.get(url("log_contact", case)))


def test_a_first_contact_may_say_how_they_were_told(worker, case, published, link_worker):
    response = log(worker, case, notice="read_out")
    assert response["Location"].startswith(TODAY_PAGE)
    row = NoticeGiven.objects.get()
    assert (row.person, row.notice, row.channel, row.given_by) == (
        case.person,
        published,
        "read_out",
        link_worker,
    )


def test_a_first_contact_is_complete_without(worker, case, published):
    assert log(worker, case)["Location"].startswith(TODAY_PAGE)


def test_a_second_contact_is_kept_and_then_asks(worker, case, published):
    ContactFactory(case=case)
    response = log(worker, case)
    kept = Contact.objects.get(note="Sleeps badly")
    assert response["Location"] == f"{url('notice', case)}?logged={kept.pk}"
    assert "Your contact is saved, but not complete" in main(worker.get(response["Location"]))


def test_speaking_to_others_on_their_behalf_reaches_nobody(worker, case, published):
    ContactFactory(case=case, kind="on_behalf")
    assert log(worker, case)["Location"].startswith(TODAY_PAGE)


def test_the_answer_leads_back_to_today_with_the_receipt(worker, case, published):
    ContactFactory(case=case)
    asked = log(worker, case)["Location"]
    response = worker.post(asked, {"channel": "read_out", "question": "Who says?", "answer": "The hospital"})
    assert response["Location"] == f"{TODAY_PAGE}?logged={Contact.objects.get(note='Sleeps badly').pk}"
    assert NoticeGiven.objects.get().question == "Who says?"


def test_a_reason_will_do_for_one_contact_and_no_longer(worker, case, published):
    ContactFactory(case=case)
    response = log(worker, case, notice="not_yet", notice_reason="Was crying")
    assert response["Location"].startswith(TODAY_PAGE)
    assert NoticeDelay.objects.get().reason == "Was crying"
    assert log(worker, case)["Location"].startswith(url("notice", case))


def test_not_yet_without_a_reason_keeps_the_note_and_asks_for_one(worker, case, published):
    ContactFactory(case=case)
    asked = log(worker, case, notice="not_yet")["Location"]
    assert Contact.objects.filter(note="Sleeps badly").exists()
    response = worker.post(asked, {"channel": "not_yet", "reason": " "})
    assert "Write why they were not told this time." in main(response)
    worker.post(asked, {"channel": "not_yet", "reason": "Was crying"})
    assert NoticeDelay.objects.get().reason == "Was crying"


def test_a_contact_sent_twice_is_one_and_asks_no_more_than_once(worker, case, published):
    key = uuid.uuid4()
    assert log(worker, case, key=key)["Location"] == log(worker, case, key=key)["Location"]
    assert Contact.objects.count() == 1


def test_a_new_episode_of_somebody_who_was_told_does_not_ask_again(worker, case, published, service):
    NoticeGivenFactory(person=case.person, notice=published)
    case.stage = "open_door"
    case.save()
    again = CaseFactory(service=service, person=case.person)
    ContactFactory(case=case)
    assert log(worker, again)["Location"].startswith(TODAY_PAGE)


def test_a_first_contact_of_a_new_episode_counts_those_before(worker, case, published, service):
    ContactFactory(case=case)
    case.stage = "open_door"
    case.save()
    again = CaseFactory(service=service, person=case.person)
    assert log(worker, again)["Location"].startswith(url("notice", again))


def test_where_no_notice_is_published_nothing_is_asked_for_and_the_page_says_whom_to_ask(worker, case):
    ContactFactory(case=case)
    assert log(worker, case)["Location"].startswith(TODAY_PAGE)
    assert "Not told yet" in main(worker.get(url("log_contact", case)))
    assert "published no privacy notice yet" in main(worker.get(url("notice", case)))
    sent = worker.post(url("notice", case), {"channel": "read_out"})
    assert "Ask your IG lead to publish one." in main(sent)
    worker.post(url("notice", case), {"channel": "not_yet", "reason": "None published"})
    assert NoticeDelay.objects.get().reason == "None published"


def test_the_words_to_read_out_are_those_of_the_version_in_use(worker, case, published, service):
    PrivacyNoticeFactory(
        service=service, version=4, easy_read="Not yet in use", published_on=datetime.date(2099, 1, 1)
    )
    body = main(worker.get(url("notice", case)))
    assert published.easy_read in body
    assert published.text in body
    assert published.link in body
    assert "Not yet in use" not in body


def test_how_did_you_get_my_number_is_answered_from_the_feed_that_named_them(worker, case, service):
    extract = ExtractFactory(
        committed=True,
        source__service=service,
        source__name="Quarterly list",
        source__organisation__name="Fenland General",
        source__agreement__title="A&E sharing 2026",
        source__agreement__allowed_fields=["nhs_number", "phone"],
        received_at=datetime.datetime(2026, 3, 3, 9, tzinfo=datetime.UTC),
    )
    ActivityFactory(extract=extract, person=case.person)
    ActivityFactory(
        extract=ExtractFactory(committed=True, source__service=service, source__name="Other feed")
    )
    case.candidate = CandidateFactory(
        person=case.person, cohort_list__rule__service=service, cohort_list__rule__title="Five or more"
    )
    case.save()
    for name in ("case", "log_contact", "notice"):
        body = main(worker.get(url(name, case)))
        assert (
            "Your phone number came to us from Fenland General on 3 March 2026. They may give it to us "
            "under an agreement called A&E sharing 2026" in body
        )
        assert "Quarterly list" in body
        assert "Five or more" in body
        assert "Other feed" not in body
        assert "until 31 March 2026." in body


def test_a_feed_of_counts_names_somebody_too_and_may_hold_no_number(worker, case, service):
    ActivityCountFactory(
        person=case.person,
        extract__source__service=service,
        extract__source__organisation__name="Harbour ICB",
    )
    assert "Your name came to us from Harbour ICB" in main(worker.get(url("notice", case)))


def test_where_no_extract_names_them_the_page_does_not_make_it_up(worker, case):
    assert "No extract names this person" in main(worker.get(url("notice", case)))


def test_a_neighbours_feed_and_notice_answer_nothing_here(worker, case, neighbour):
    PrivacyNoticeFactory(service=neighbour, easy_read="Harbour words")
    ActivityFactory(extract=ExtractFactory(committed=True, source__service=neighbour))
    body = main(worker.get(url("notice", case)))
    assert "No extract names this person" in body
    assert "Harbour words" not in body
