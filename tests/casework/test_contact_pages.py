import datetime
import uuid

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse

from casework.models import Case, Contact
from tests.factories.casework import CaseFactory, ContactFactory, RiskFactory

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()
NOT_WRITTEN = datetime.date(2026, 3, 31)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


def typed(**told):
    """The form as the browser sends it when nothing but the next contact was touched."""
    return {"key": uuid.uuid4(), "kind": "call", "outcome": "reached", "next_contact": "3", **told}


def send(worker, case, **told):
    return worker.post(reverse("casework:log_contact", args=[case.pk]), typed(**told))


def errors(response):
    found = BeautifulSoup(response.content, "html.parser").select(".nhsuk-error-summary__list li")
    return [item.get_text(strip=True) for item in found]


def test_one_choice_and_a_press_log_a_call_just_now(worker, case, link_worker):
    response = send(worker, case)
    contact = Contact.objects.get()
    assert response["Location"] == f"{reverse('casework:today')}?logged={contact.pk}"
    assert (contact.kind, contact.outcome, contact.happened_at, contact.by) == (
        "call",
        "reached",
        NOW,
        link_worker,
    )
    assert contact.next_contact_on == datetime.date(2026, 3, 5)


def test_the_form_opens_as_a_call_and_asks_how_it_went(worker, case):
    page = BeautifulSoup(worker.get(reverse("casework:log_contact", args=[case.pk])).content, "html.parser")
    assert page.select_one("select[name=kind] option[selected]")["value"] == "call"
    assert page.select_one("input[name=outcome][checked]") is None
    assert page.select_one("input[name=next_contact][checked]") is None
    assert uuid.UUID(page.select_one("input[name=key]")["value"])
    assert errors(send(worker, case, outcome="")) == ["Choose how it went."]


def test_a_day_planned_before_stays_planned(worker, case):
    Case.objects.filter(pk=case.pk).update(next_contact_on=NOT_WRITTEN)
    page = BeautifulSoup(worker.get(reverse("casework:log_contact", args=[case.pk])).content, "html.parser")
    assert page.select_one("input[name=next_contact][checked]")["value"] == "keep"
    send(worker, case, next_contact="keep")
    case.refresh_from_db()
    assert case.next_contact_on == NOT_WRITTEN


def test_a_day_is_offered_once_and_a_form_opened_before_is_taken(worker, case):
    day = datetime.date(2026, 3, 3)
    Case.objects.filter(pk=case.pk).update(next_contact_on=day)
    page = BeautifulSoup(worker.get(reverse("casework:log_contact", args=[case.pk])).content, "html.parser")
    offered = [box["value"] for box in page.select("input[name=next_contact]")]
    assert offered == ["keep", "3", "7", "none", "day"]
    send(worker, case, next_contact="1")
    case.refresh_from_db()
    assert case.next_contact_on == day


@pytest.mark.parametrize(
    "choice, day", [("1", "2026-03-03"), ("3", "2026-03-05"), ("7", "2026-03-09"), ("none", "None")]
)
def test_the_quick_choices(worker, case, choice, day):
    send(worker, case, next_contact=choice)
    case.refresh_from_db()
    assert str(case.next_contact_on) == day


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"next_contact": ""}, "Choose when you will be in touch next."),
        ({"next_contact": "day"}, "Enter the day of the next contact."),
        ({"minutes": "a lot"}, "Enter the minutes as a whole number, such as 20."),
        ({"minutes": "-5"}, "Enter the minutes as a whole number, such as 20."),
        ({"minutes": "1441"}, "A contact cannot last longer than a day (1,440 minutes)."),
        ({"minutes": "99999999999"}, "A contact cannot last longer than a day (1,440 minutes)."),
        ({"kind": "telepathy"}, "Choose what you did."),
        ({"outcome": ""}, "Choose how it went."),
        ({"happened_time": "25:00"}, "Enter the time with hours and minutes, such as 14:30."),
        ({"note": "x" * 4001}, "The note is 1 character too long. Shorten it to 4,000."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_typed_is_lost(worker, case, told, sentence):
    response = send(worker, case, **{"note": "He likes the allotment", **told})
    assert errors(response) == [sentence]
    assert (told.get("note") or "He likes the allotment") in response.content.decode()
    assert Contact.objects.count() == 0


def day_of(name, year, month, day):
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


@pytest.mark.parametrize(
    "told, sentence",
    [
        (
            {"next_contact": "day", **day_of("next_day", 2026, 3, 1)},
            "1 March 2026 has passed. Choose today or a later day for the next contact.",
        ),
        (
            {"next_contact": "day", **day_of("next_day", 2028, 3, 1)},
            "1 March 2028 is more than a year away. Choose an earlier day; you can move it later.",
        ),
        (
            day_of("happened_on", 2026, 3, 3),
            "3 March 2026 at 12:00 has not happened yet. Enter the day and time when the contact took place.",
        ),
        (
            day_of("happened_on", 1026, 3, 1),
            "The year 1026 is too long ago. Write the year with four digits.",
        ),
        (
            {"next_contact": "day", **day_of("next_day", 2026, 2, 30)},
            "30 February 2026 is not a date. Check the day and the month",
        ),
        (
            {**day_of("happened_on", 2026, 2, 30), "happened_time": "23:00"},
            "30 February 2026 is not a date. Check the day and the month",
        ),
        (
            {"happened_time": "12:16"},
            "2 March 2026 at 12:16 has not happened yet. Enter the day and time when the contact took place.",
        ),
    ],
)
def test_a_day_that_cannot_be_is_refused_beside_its_boxes(worker, case, told, sentence):
    assert errors(send(worker, case, **told)) == [sentence]
    assert Contact.objects.count() == 0


@pytest.mark.parametrize(
    "told, moment",
    [
        ({"happened_time": "9:05"}, "2026-03-02T09:05:00+00:00"),
        ({"happened_time": "0905"}, "2026-03-02T09:05:00+00:00"),
        (day_of("happened_on", 2026, 2, 27), "2026-02-27T12:00:00+00:00"),
        (day_of("happened_on", 2026, 3, 2), "2026-03-02T12:00:00+00:00"),
        (
            {
                **day_of("happened_on", 2025, 7, 1),
                "happened_time": "14:30",
                "late_reason": "Found in a diary",
            },
            "2025-07-01T13:30:00+00:00",
        ),
    ],
)
def test_what_was_not_just_now_can_be_logged(worker, case, told, moment):
    send(worker, case, **told)
    assert Contact.objects.get().happened_at.isoformat() == moment


def test_a_press_repeated_after_a_lost_answer_logs_once(worker, case):
    form = typed()
    for _ in range(2):
        response = worker.post(reverse("casework:log_contact", args=[case.pk]), form)
    assert response["Location"].endswith(f"?logged={Contact.objects.get().pk}")


def test_other_words_under_the_same_key_come_back_with_a_new_key(worker, case):
    form = typed(note="First")
    worker.post(reverse("casework:log_contact", args=[case.pk]), form)
    response = worker.post(
        reverse("casework:log_contact", args=[case.pk]), {**form, "note": "First, and more"}
    )
    assert "with other content" in errors(response)[0]
    page = BeautifulSoup(response.content, "html.parser")
    assert page.select_one("textarea[name=note]").text.strip() == "First, and more"
    key = page.select_one("input[name=key]")["value"]
    worker.post(
        reverse("casework:log_contact", args=[case.pk]), {**form, "note": "First, and more", "key": key}
    )
    assert sorted(Contact.objects.values_list("note", flat=True)) == ["First", "First, and more"]


def test_the_receipt_says_what_was_logged_and_what_comes_next(worker, case):
    body = worker.get(send(worker, case)["Location"]).content.decode()
    assert "Phone call, reached them, today at 12:00." in body
    assert "Next contact on Thursday 5 March." in body


@pytest.mark.parametrize("stage, link", [("offered", "?to=declined"), ("active", ""), ("open_door", None)])
def test_a_no_offers_a_move_and_makes_none(worker, case, stage, link):
    Case.objects.filter(pk=case.pk).update(stage=stage)
    response = worker.get(send(worker, case, outcome="said_no")["Location"])
    url = reverse("casework:move_stage", args=[case.pk])
    offered = [a["href"] for a in BeautifulSoup(response.content, "html.parser").select(f"a[href^='{url}']")]
    assert offered == ([] if link is None else [f"{url}{link}"])
    case.refresh_from_db()
    assert case.stage == stage


def test_an_ended_episode_is_not_asked_for_a_next_contact(worker, case):
    Case.objects.filter(pk=case.pk).update(stage="open_door")
    assert "in touch next" not in worker.get(reverse("casework:log_contact", args=[case.pk])).content.decode()
    send(worker, case, next_contact="")
    assert Contact.objects.get().next_contact_on is None


def sections(worker):
    """Names under each heading of Today."""
    page = BeautifulSoup(worker.get(reverse("casework:today")).content, "html.parser")
    return {
        heading.get_text(" ", strip=True).split(" (")[0]: [
            name.text for name in heading.find_next_sibling().select("li > div > p:first-child > a")
        ]
        for heading in page.select("main h2")
        if heading.find_next_sibling() and heading.find_next_sibling().name == "ul"
    }


def client_due(service, worker, name, days, **told):
    due = None if days is None else TODAY + datetime.timedelta(days=days)
    given = {"last_contact_at": NOW, "person__first_name": name, "person__last_name": "Z", **told}
    return CaseFactory(service=service, worker=worker, next_contact_on=due, **given)


def test_today_sorts_clients_by_what_is_due(service, link_worker, lead, worker):
    client_due(service, link_worker, "Yesterday", -1)
    client_due(service, link_worker, "Last-week", -7)
    client_due(service, link_worker, "Today", 0)
    client_due(service, link_worker, "New", None, last_contact_at=None)
    client_due(service, link_worker, "Friday", 4)
    client_due(service, link_worker, "Seven-days", 7)
    client_due(service, link_worker, "Next-month", 30)
    client_due(service, link_worker, "Undated", None)
    client_due(service, lead, "Colleagues", 0)
    client_due(service, link_worker, "Ended", 0, stage="open_door")
    assert sections(worker) == {
        "Ring today": ["Last-week Z.", "Yesterday Z.", "Today Z.", "New Z."],
        "Due this week": ["Friday Z.", "Seven-days Z."],
        "No date set": ["Undated Z."],
    }
    assert "1 more client with a later date" in worker.get(reverse("casework:today")).content.decode()


def test_risks_come_first_when_they_matter_today(service, link_worker, worker):
    for name, days in (("Due", 0), ("Later", 5), ("New", 5), ("Review", 5), ("Over", 0)):
        case = client_due(service, link_worker, name, days)
        risk = RiskFactory(case=case, noted_at=NOW - datetime.timedelta(days=9))
        if name == "New":
            type(risk).objects.filter(pk=risk.pk).update(noted_at=NOW)
        if name == "Review":
            type(risk).objects.filter(pk=risk.pk).update(review_on=TODAY)
        if name == "Over":
            type(risk).objects.filter(pk=risk.pk).update(ended_at=NOW, ended_by=link_worker)
    assert sections(worker)["Risks: read before you ring or knock"] == ["Due Z.", "New Z.", "Review Z."]
    body = worker.get(reverse("casework:today")).content.decode()
    assert body.index("read before you ring") < body.index("Ring today")
    assert "does this still stand?" in body


def test_a_row_says_why_when_and_how_to_ring(worker, case, link_worker):
    ContactFactory(case=case, outcome="no_answer", happened_at=NOW - datetime.timedelta(days=3))
    Case.objects.filter(pk=case.pk).update(
        next_contact_on=TODAY, last_contact_at=NOW - datetime.timedelta(days=3)
    )
    body = worker.get(reverse("casework:today")).content.decode()
    assert "Due today. Not reached yet. Try 2 of 6. Ring, at another time of day than before." in body
    assert "Phone call, no answer, 3 days ago" in body
    assert 'href="tel:07700900123"' in body
    assert "Marigold F." in body
    assert "Featherstone" not in body


@pytest.mark.parametrize(
    "phone, words", [("", "No phone number supplied"), ("ask the daughter", "ask the daughter")]
)
def test_what_is_no_number_is_not_rung(worker, case, phone, words):
    type(case.person).objects.filter(pk=case.person_id).update(phone=phone)
    body = worker.get(reverse("casework:today")).content.decode()
    assert words in body
    assert "tel:" not in body


def test_an_empty_day_says_what_to_do(worker):
    body = worker.get(reverse("casework:today")).content.decode()
    assert "You have no clients yet" in body
    assert "Ask your lead for one." in body


def test_travel_and_lateness_are_asked_for_in_the_folded_part(worker, case):
    long_ago = day_of("happened_on", 2026, 2, 20)
    answer = send(worker, case, travel_minutes="1500", **long_ago)
    assert errors(answer) == [
        "Travel cannot take longer than a day (1,440 minutes).",
        "20 February 2026 is more than 3 days ago. Say why it is logged only now.",
    ]
    assert BeautifulSoup(answer.content, "html.parser").select_one("main details[open]")
    send(worker, case, travel_minutes="40", late_reason="Was on leave", **long_ago)
    assert Contact.objects.values_list("travel_minutes", "late_reason").get() == (40, "Was on leave")


def test_the_receipt_takes_back_what_was_just_logged(worker, case):
    page = BeautifulSoup(worker.get(send(worker, case)["Location"]).content, "html.parser")
    form = page.select_one("form[action*=take-back]")
    assert "Until 12:10" in form.get_text(" ", strip=True)
    answer = worker.post(form["action"], follow=True)
    assert "was taken back" in answer.content.decode()
    assert not Contact.objects.exists()


def test_the_receipt_offers_nothing_once_it_is_too_late(worker, case):
    receipt = send(worker, case)["Location"]
    with time_machine.travel(NOW + datetime.timedelta(minutes=11), tick=False):
        body = worker.get(receipt).content.decode()
        assert "take-back" not in body
        answer = worker.post(
            reverse("casework:take_back_contact", args=[Contact.objects.get().pk]), follow=True
        )
    assert "More than 10 minutes have passed" in answer.content.decode()
    assert Contact.objects.count() == 1
