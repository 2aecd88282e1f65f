import datetime
import uuid

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse

from casework.actions import risk as risks
from casework.models import Assessment, Case, Risk
from cohorts.models import Activity
from governance.models import Person
from tests.factories.casework import (
    CaseFactory,
    ContactFactory,
    InstrumentFactory,
    RiskFactory,
    StageChangeFactory,
)
from tests.factories.cohorts import ExtractFactory, SourceFactory
from tests.factories.governance import ConsentFactory

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


def page(response):
    return BeautifulSoup(response.content, "html.parser")


def errors(response):
    return [item.get_text(strip=True) for item in page(response).select(".nhsuk-error-summary__list li")]


def url(name, case):
    return reverse(f"casework:{name}", args=[case.pk])


def test_risks_needs_and_consent_stand_above_everything(worker, case):
    Person.objects.filter(pk=case.person_id).update(communication_needs="Speaks Urdu; book an interpreter")
    RiskFactory(case=case)
    RiskFactory(case=case, detail="A ladder", ended_at=NOW, ended_by=case.worker)
    ConsentFactory(person=case.person, decision="given")
    banner = (
        page(worker.get(case.get_absolute_url())).select_one(".app-person-banner").get_text(" ", strip=True)
    )
    assert "Marigold Featherstone" in banner
    risk = "Visit in pairs: A large dog is loose in the yard (said by: Ambulance crew; review on 1 January 2099)."
    assert risk in banner
    assert "A ladder" not in banner
    assert "Speaks Urdu" in banner
    assert "Support from this service: said yes (by phone, 5 January 2026)." in banner


@pytest.mark.parametrize("name", ["log_contact", "move_stage", "score", "risk", "consent"])
def test_the_banner_stands_above_every_form_about_the_client(worker, case, chaos, name):
    RiskFactory(case=case)
    assert "A large dog" in page(worker.get(url(name, case))).select_one(".app-person-banner").text


def test_the_timeline_tells_contacts_and_moves_newest_first(worker, case, link_worker):
    ContactFactory(case=case, by=link_worker, note="Tea & <b>talk</b>", minutes=1)
    StageChangeFactory(case=case, by=link_worker, at=NOW - datetime.timedelta(days=9))
    StageChangeFactory(case=case, stage="engaging", by=link_worker, at=NOW - datetime.timedelta(hours=1))
    entries = [
        item.get_text(" ", strip=True)
        for item in page(worker.get(case.get_absolute_url())).select(".app-row")
    ]
    assert entries == [
        "Stage Moved to engaging Monday 2 March 2026, 11:00 · Wendy Worker",
        "Phone call, reached them, 1 minute Monday 2 March 2026, 10:30 · Wendy Worker Tea & <b>talk</b>",
        "Stage Case opened Saturday 21 February 2026, 12:00 · Wendy Worker",
    ]


def test_a_long_timeline_has_pages(worker, case):
    for days in range(45):
        ContactFactory(case=case, happened_at=NOW - datetime.timedelta(days=days), note=f"Note {days}.")
    for number, notes in ((1, range(20)), (2, range(20, 40)), (3, range(40, 45))):
        body = worker.get(case.get_absolute_url(), {"page": number}).content.decode()
        assert [days for days in range(45) if f"Note {days}." in body] == list(notes)
        assert ("Older entries" in body, "Newer entries" in body) == (number < 3, number > 1)


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "99999", "9" * 30])
def test_a_made_up_page_of_the_timeline_is_no_error(worker, case, number):
    assert worker.get(case.get_absolute_url(), {"page": number}).status_code == 200


def attended(case, source, extract, days, **told):
    return Activity(
        id=uuid.uuid4(),
        service=case.service,
        source=source,
        extract=extract,
        person=case.person,
        started_on=TODAY - datetime.timedelta(days=days),
        **{"measure": "ae", **told},
    )


def test_attendances_are_counted_by_measure_and_the_newest_are_shown(worker, case):
    source = SourceFactory(service=case.service)
    extract = ExtractFactory(service=case.service, source=source, committed=True, period_to=TODAY)
    events = [attended(case, source, extract, days, complaint=f"Pain {days}") for days in range(0, 70, 10)]
    events += [attended(case, source, extract, 3, measure="conveyance"), attended(case, source, extract, 400)]
    Activity.objects.bulk_create(events)
    body = worker.get(case.get_absolute_url()).content.decode()
    assert "7 in the 12 months to 2 March 2026" in body
    assert "1 in the 12 months to 2 March 2026" in body
    assert "2 March 2026: A&amp;E attendance: Pain 0" in body
    assert "Pain 60" not in body
    assert "999 calls" not in body


def test_a_year_ends_where_the_extracts_end_and_not_today(worker, case):
    source = SourceFactory(service=case.service)
    reached = TODAY - datetime.timedelta(days=60)
    extract = ExtractFactory(service=case.service, source=source, committed=True, period_to=reached)
    Activity.objects.bulk_create(attended(case, source, extract, days) for days in (61, 70, 400, 430))
    assert "3 in the 12 months to 1 January 2026" in worker.get(case.get_absolute_url()).content.decode()


def test_counts_of_a_sender_without_events_are_shown_with_their_window(worker, case):
    source = SourceFactory(service=case.service)
    case.service.activity_counts.create(
        source=source,
        extract=ExtractFactory(service=case.service, source=source),
        person=case.person,
        measure="ae",
        window_months=3,
        as_at=TODAY,
        count=17,
    )
    assert "17 in the 3 months to 2 March 2026" in worker.get(case.get_absolute_url()).content.decode()


def test_no_extract_about_somebody_is_not_nought(worker, case):
    assert (
        "Not supplied: no extract has anything about this person"
        in worker.get(case.get_absolute_url()).content.decode()
    )


def test_a_case_moves_by_a_form_that_shows_only_the_steps_there_are(worker, case):
    found = page(worker.get(url("move_stage", case)))
    assert [box["value"] for box in found.select("input[name=to]")] == [
        "engaging",
        "declined",
        "not_reached",
        "moved_away",
        "died",
    ]
    response = worker.post(url("move_stage", case), {"to": "engaging", "reason": "She said yes"})
    assert response["Location"] == case.get_absolute_url()
    assert case.stages.get().reason == "She said yes"


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({}, "Choose a stage."),
        ({"to": "light_touch"}, "The case has moved since this page was opened. Look again."),
        ({"to": "engaging", "reason": "x" * 301}, "The reason is too long. Shorten it to 300 characters."),
    ],
)
def test_a_move_that_cannot_be_is_refused(worker, case, told, sentence):
    assert errors(worker.post(url("move_stage", case), told)) == [sentence]
    case.refresh_from_db()
    assert case.stage == "offered"


def test_an_ended_episode_offers_a_new_one_and_no_move(worker, case):
    Case.objects.filter(pk=case.pk).update(stage="open_door")
    body = worker.get(case.get_absolute_url()).content.decode()
    assert "Open a new episode" in body
    assert url("move_stage", case) not in body
    assert worker.get(url("move_stage", case))["Location"] == case.get_absolute_url()
    response = worker.post(url("reopen", case))
    newest = Case.objects.get(stage="offered")
    assert (response["Location"], newest.person) == (newest.get_absolute_url(), case.person)
    again = worker.post(url("reopen", case), follow=True)
    assert "This person already has an open case. Go on with that one." in again.content.decode()


def answers(chaos, value="2"):
    return {f"item-{item.code}": value for item in chaos.items.all()}


DAY = {"scored_on_day": "1", "scored_on_month": "3", "scored_on_year": "2026"}


def test_a_complete_score_shows_its_total(worker, case, chaos):
    assert worker.post(url("score", case), {**answers(chaos), **DAY})["Location"] == case.get_absolute_url()
    assert "20 of 48, on 1 March 2026" in worker.get(case.get_absolute_url()).content.decode()
    assert (
        "1 March 2026: 20 of 48, band 2 of 4 (Wendy Worker)"
        in worker.get(url("score", case)).content.decode()
    )


def test_a_score_can_be_saved_before_it_is_complete(worker, case, chaos):
    worker.post(url("score", case), {"item-housing": "4", **DAY})
    assert Assessment.objects.get().total is None
    assert "Not scored yet" in worker.get(case.get_absolute_url()).content.decode()
    assert "no total, 1 of 10 answered" in worker.get(url("score", case)).content.decode()


@pytest.mark.parametrize(
    "told, sentence",
    [
        (DAY, "Answer at least one question before you save."),
        ({**DAY, "item-housing": "5"}, "Housing: choose one of the scores shown."),
        ({**DAY, "item-housing": "4", "scored_on_year": ""}, "Day of the scoring must include a year"),
        (
            {**DAY, "item-housing": "4", "scored_on_day": "3"},
            "3 March 2026 is in the future. Enter the day of the scoring.",
        ),
    ],
)
def test_a_score_that_cannot_be_is_refused_and_kept_on_the_page(worker, case, chaos, told, sentence):
    response = worker.post(
        url("score", case), {"item-stress": "3", **told} if "item-housing" in told else told
    )
    assert errors(response) == [sentence]
    kept = page(response).select_one("input[name=item-stress][checked]")
    assert (kept and kept["value"]) == ("3" if "item-housing" in told else None)
    assert Assessment.objects.count() == 0


def test_a_service_with_its_own_wording_is_asked_in_it(worker, case, chaos):
    InstrumentFactory(service=case.service, slug="chaos-score", title="Our own questions")
    assert "Our own questions" in worker.get(url("score", case)).content.decode()


def test_without_questions_the_page_says_whom_to_ask(worker, case):
    assert (
        "Ask your administrator to run manage.py load_instruments"
        in worker.get(url("score", case)).content.decode()
    )


RISK = {
    "level": "pair",
    "detail": "Dog",
    "source": "GP",
    "review_on_day": "1",
    "review_on_month": "6",
    "review_on_year": "2026",
}


def test_the_title_in_the_browser_history_names_nobody(worker, case):
    body = worker.get(case.get_absolute_url()).content.decode()
    assert f"<title>Case {case.pk} " in body


def test_a_client_who_died_is_not_offered_a_new_episode(worker, case):
    Case.objects.filter(pk=case.pk).update(stage="died")
    assert "Open a new episode" not in worker.get(case.get_absolute_url()).content.decode()


def test_a_risk_is_noted_kept_and_ended(worker, case, link_worker):
    worker.post(url("risk", case), RISK)
    risk = Risk.objects.get()
    assert (risk.detail, risk.noted_by) == ("Dog", link_worker)
    worker.post(url("risk", case), {"keep": risk.pk})
    risk.refresh_from_db()
    assert risk.review_on == TODAY + datetime.timedelta(days=90)
    assert worker.post(url("risk", case), {"end": risk.pk})["Location"] == url("risk", case)
    risk.refresh_from_db()
    assert risk.ended_by == link_worker


@pytest.mark.parametrize("answer", ["keep", "end"])
def test_a_risk_that_a_colleague_ended_says_so(worker, lead, case, answer):
    row = RiskFactory(case=case)
    risks.end(risk=row, by=lead)
    body = worker.post(url("risk", case), {answer: row.pk}, follow=True).content.decode()
    assert "Somebody ended this risk on" in body
    assert Risk.objects.get().ended_by == lead


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"level": ""}, "Choose what a worker must do."),
        ({"detail": " "}, "Enter what to know."),
        ({"source": ""}, "Enter who says so."),
        ({"detail": "x" * 301}, "What to know is too long. Shorten it to 300 characters."),
        (
            {"review_on_year": "2025"},
            "Choose a review day after today. On that day the page asks whether the risk still stands.",
        ),
    ],
)
def test_a_risk_that_lacks_something_is_refused(worker, case, told, sentence):
    assert errors(worker.post(url("risk", case), {**RISK, **told})) == [sentence]
    assert Risk.objects.count() == 0


def test_a_risk_of_another_case_is_not_ended_from_here(service, worker, case):
    other = RiskFactory(case=CaseFactory(service=service))
    assert worker.post(url("risk", case), {"end": other.pk}).status_code == 404
    assert worker.post(url("risk", case), {"end": "x"}).status_code == 404


def listed(client, /, **query):
    return [a.text for a in page(client.get(reverse("casework:cases"), query)).select(".app-row a")]


def test_the_list_shows_my_cases_first_and_can_be_narrowed(service, link_worker, lead, worker):
    def make(name, **told):
        CaseFactory(service=service, person__first_name=name, person__last_name="Z", **told)

    make("Ann", worker=lead)
    make("Bob", worker=link_worker, stage="active")
    make("Cat")
    make("Dan", worker=link_worker, stage="open_door")
    assert listed(worker) == ["Bob Z.", "Ann Z.", "Cat Z."]
    assert listed(worker, stage="all") == ["Bob Z.", "Dan Z.", "Ann Z.", "Cat Z."]
    assert listed(worker, stage="open_door") == ["Dan Z."]
    assert listed(worker, worker="nobody") == ["Cat Z."]
    assert listed(worker, worker=lead.pk) == ["Ann Z."]
    assert listed(worker, stage="made-up", worker="x") == ["Bob Z.", "Ann Z.", "Cat Z."]
    assert listed(worker, stage="died") == []


def test_help_for_the_first_call_goes_once_somebody_was_reached(worker, case, link_worker):
    assert "Before the first call or visit" in worker.get(case.get_absolute_url()).content.decode()
    ContactFactory(case=case, by=link_worker, outcome="no_answer")
    assert "Before the first call or visit" in worker.get(case.get_absolute_url()).content.decode()
    ContactFactory(case=case, by=link_worker)
    assert "Before the first call or visit" not in worker.get(case.get_absolute_url()).content.decode()


def test_ones_own_cases_come_first_and_the_others_follow_on_the_next_page(
    service, link_worker, lead, as_user
):
    for number in range(30):
        CaseFactory(service=service, worker=link_worker, person__first_name=f"Own{number:02}")
    for number in range(4):
        CaseFactory(service=service, worker=lead, person__first_name=f"Other{number:02}")
    shown = []
    for page in (1, 2):
        answer = as_user(link_worker).get(reverse("casework:cases"), {"page": page})
        rows = BeautifulSoup(answer.content, "html.parser").main.select(".app-row a strong")
        shown.append([row.get_text().split()[0] for row in rows])
    assert shown[0] == [f"Own{number:02}" for number in range(25)]
    assert shown[1] == [*(f"Own{n:02}" for n in range(25, 30)), *(f"Other{n:02}" for n in range(4))]


def test_an_ended_episode_offers_no_new_one_while_another_goes_on(service, link_worker, as_user):
    ended = CaseFactory(service=service, worker=link_worker, stage="open_door")
    client = as_user(link_worker)
    offer = reverse("casework:reopen", args=[ended.pk])
    assert offer in client.get(ended.get_absolute_url()).content.decode()
    CaseFactory(service=service, worker=link_worker, person=ended.person)
    assert offer not in client.get(ended.get_absolute_url()).content.decode()
