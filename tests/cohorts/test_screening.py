import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from cohorts.actions import screening
from cohorts.models import Activity, Candidate, Screening
from cohorts.signals import person_taken_on
from governance import audit
from governance.models import AuditEvent, Person
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import (
    ActivityCountFactory,
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    CohortRuleFactory,
    ExtractFactory,
    ScreeningFactory,
)
from tests.factories.governance import PersonFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort_list(service):
    return CohortListFactory(rule=CohortRuleFactory(service=service))


@pytest.fixture
def candidate(service, cohort_list):
    person = PersonFactory(service=service, first_name="Rosa", last_name="Marsh")
    return CandidateFactory(cohort_list=cohort_list, person=person, rank=1)


def screen_url(candidate) -> str:
    return reverse("cohorts:screen", args=[candidate.pk])


# Deciding


def test_accepting_opens_a_case_and_is_audited(service, lead, candidate):
    made = screening.decide(candidate=candidate, decision="accept", by=lead)
    assert (made.decision, made.reason, made.by) == ("accept", "", lead)
    case = service.cases.get()
    assert (case.person, case.candidate) == (candidate.person, candidate)
    assert AuditEvent.objects.get(event="candidate_accepted").target_id == str(candidate.pk)


def test_declining_keeps_the_reason_and_opens_no_case(service, lead, candidate):
    screening.decide(
        candidate=candidate, decision="decline", reason="out_of_area", note="Moved north", by=lead
    )
    made = Screening.objects.get()
    assert (made.reason, made.note) == ("out_of_area", "Moved north")
    assert not service.cases.exists()
    assert AuditEvent.objects.get(event="candidate_declined").changes == {"reason": "out_of_area"}


@pytest.mark.parametrize("reason", ["", "because"])
def test_declining_without_a_coded_reason_is_refused(lead, candidate, reason):
    with pytest.raises(RuleBroken, match="Choose a reason"):
        screening.decide(candidate=candidate, decision="decline", reason=reason, by=lead)
    assert not Screening.objects.exists()


def test_a_second_decision_is_refused_with_who_and_when(lead, candidate):
    at = datetime.datetime(2026, 7, 3, 14, 5, tzinfo=ZoneInfo("Europe/London"))
    with time_machine.travel(at, tick=False):
        screening.decide(candidate=candidate, decision="decline", reason="no_capacity", by=lead)
    with pytest.raises(RuleBroken) as refusal:
        screening.decide(candidate=candidate, decision="accept", by=lead)
    assert str(refusal.value) == (
        "Leah Lead decided not to take this person on, on 3 July 2026 at 14:05. "
        "A decision is final; nothing was changed."
    )
    assert Screening.objects.count() == 1


def test_who_has_a_case_already_cannot_be_accepted_again(service, lead, candidate):
    CaseFactory(service=service, person=candidate.person, stage="active")
    with pytest.raises(RuleBroken, match="already has an open case"):
        screening.decide(candidate=candidate, decision="accept", by=lead)
    assert not Screening.objects.exists()


def test_nothing_is_kept_when_a_listener_fails(service, lead, candidate):
    def broken(sender, **kwargs):
        raise RuntimeError("no case")

    person_taken_on.connect(broken)
    try:
        with pytest.raises(RuntimeError):
            screening.decide(candidate=candidate, decision="accept", by=lead)
    finally:
        person_taken_on.disconnect(broken)
    assert not Screening.objects.exists()
    assert not service.cases.exists()


def test_nothing_is_kept_when_the_audit_fails(service, lead, candidate, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        screening.decide(candidate=candidate, decision="decline", reason="no_capacity", by=lead)
    assert not Screening.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_leads_at_the_same_moment_one_decides_and_the_other_reads_who(service, lead, candidate):
    both_ready = threading.Barrier(2)

    def decide(reason: str) -> str:
        try:
            both_ready.wait(timeout=10)
            screening.decide(candidate=candidate, decision="decline", reason=reason, by=lead)
        except RuleBroken as problem:
            return str(problem)
        finally:
            connection.close()
        return "decided"

    contexts = [copy_context(), copy_context()]
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda c, r: c.run(decide, r), contexts, ["unsafe", "no_capacity"]))
    assert answers[0].startswith("Leah Lead decided not to take this person on")
    assert answers[1] == "decided"
    assert Screening.objects.count() == 1


# The page


def test_lead_accepts_from_the_page_and_lands_where_they_were(lead, candidate, as_user):
    form = {"decision": "accept", "reason": "out_of_area"}
    response = as_user(lead).post(f"{screen_url(candidate)}?show=undecided&page=2", form)
    list_url = reverse("cohorts:list", args=[candidate.cohort_list_id])
    assert response["Location"] == f"{list_url}?show=undecided&page=2#people"
    body = as_user(lead).get(response["Location"]).content.decode()
    assert "You have decided on everyone" in body
    assert reverse("casework:board") in body


def test_the_page_says_what_happened(lead, candidate, as_user):
    response = as_user(lead).post(screen_url(candidate), {"decision": "accept"}, follow=True)
    assert "Rosa M. is taken on. A case is open and waits for a worker." in response.content.decode()


def test_declining_without_a_reason_shows_the_error_at_the_top_and_at_the_field(lead, candidate, as_user):
    response = as_user(lead).post(screen_url(candidate), {"decision": "decline"})
    body = response.content.decode()
    assert body.count("Choose a reason for not taking this person on.") == 2
    assert 'href="#id_reason"' in body
    assert 'id="id_reason"' in body
    assert '<details class="nhsuk-details" open>' in body
    assert not Screening.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "maybe"},
        {"decision": "decline", "reason": "because"},
        {"decision": "decline", "reason": "no_capacity", "note": "x" * 301},
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_a_sentence(lead, candidate, as_user, form):
    response = as_user(lead).post(screen_url(candidate), form)
    assert "There is a problem" in response.content.decode()
    assert not Screening.objects.exists()


def test_the_second_of_two_leads_reads_who_was_first(lead, candidate, as_user):
    ScreeningFactory(candidate=candidate, by=lead)
    body = as_user(lead).post(screen_url(candidate), {"decision": "accept"}, follow=True).content.decode()
    assert "Rosa M.: Leah Lead decided not to take this person on" in body


def test_somebody_who_died_is_marked_and_cannot_be_taken_on(lead, candidate, as_user):
    Person.objects.filter(pk=candidate.person_id).update(died_on="2026-07-01")
    body = as_user(lead).get(reverse("cohorts:list", args=[candidate.cohort_list_id])).content.decode()
    assert "Has died" in body
    assert 'value="accept"' not in body
    refused = as_user(lead).post(screen_url(candidate), {"decision": "accept"}, follow=True)
    assert "This person died on 1 July 2026" in refused.content.decode()
    assert not Screening.objects.exists()


def test_the_filters_show_what_was_decided(lead, cohort_list, as_user):
    names = {"accept": "Anna", "decline": "Bela", "": "Cleo"}
    for decision, name in names.items():
        row = CandidateFactory(cohort_list=cohort_list, person__first_name=name)
        if decision:
            ScreeningFactory(
                candidate=row, decision=decision, reason="" if decision == "accept" else "unsafe"
            )
    cohort_list.selected = 3
    cohort_list.save()
    client, url = as_user(lead), reverse("cohorts:list", args=[cohort_list.pk])
    expected = {
        "undecided": ["Cleo"],
        "accepted": ["Anna"],
        "declined": ["Bela"],
        "all": list(names.values()),
    }
    for shown, people in expected.items():
        body = client.get(url, {"show": shown}).content.decode()
        assert [name for name in names.values() if name in body] == people
    assert "To decide (1)" in body
    assert "Too unsafe for staff at present" in body


def test_the_page_shows_20_at_a_time(lead, cohort_list, as_user):
    many = [CandidateFactory(cohort_list=cohort_list, person__first_name=f"Name{n:02}x") for n in range(30)]
    cohort_list.selected = len(many)
    cohort_list.save()
    client, url = as_user(lead), reverse("cohorts:list", args=[cohort_list.pk])
    assert client.get(url).content.decode().count("Take on<") == 20
    assert client.get(url, {"page": 2}).content.decode().count("Take on<") == 10


def test_a_page_full_of_people_who_attend_every_third_day_stays_light(service, lead, cohort_list, as_user):
    extract = ExtractFactory(committed=True, source__service=service)
    for _ in range(20):
        person = CandidateFactory(cohort_list=cohort_list, count=120).person
        Activity.objects.bulk_create(
            ActivityFactory.build(
                service=service,
                source=extract.source,
                extract=extract,
                person=person,
                started_on=datetime.date(2025, 7, 1) + datetime.timedelta(days=3 * n),
            )
            for n in range(120)
        )
    cohort_list.selected = 20
    cohort_list.save()
    body = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk])).content
    assert body.count(b"<use ") == 20
    assert len(body) <= 74_000  # little more than half of what a first page may weigh on a slow line


@pytest.mark.parametrize(
    "today, expected",
    [("2026-07-12", "30 June 2026, 12 days ago."), ("2026-08-05", "Re-check before you call")],
)
def test_the_page_says_how_old_the_data_is(lead, cohort_list, as_user, today, expected):
    with time_machine.travel(f"{today}T12:00Z"):
        body = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk])).content.decode()
    assert expected in body


def test_attendances_are_drawn_with_the_same_in_words(service, lead, cohort_list, candidate, as_user):
    extract = ExtractFactory(committed=True, source__service=service)
    for day in (3, 20):
        ActivityFactory(extract=extract, person=candidate.person, started_on=datetime.date(2026, 6, day))
    body = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk])).content.decode()
    assert "2 A&amp;E attendances in the 12 months to 30 June 2026. Jun 2026: 2." in body


def test_the_list_takes_the_same_few_queries_at_any_length(service, lead, cohort_list, as_user):
    client, url = as_user(lead), reverse("cohorts:list", args=[cohort_list.pk])
    extract = ExtractFactory(committed=True, source__service=service)
    numbers = []
    for length in (10, 990):
        people = Person.objects.bulk_create(
            PersonFactory.build(service=service, nhs_number=None) for _ in range(length)
        )
        first = cohort_list.candidates.count()
        Candidate.objects.bulk_create(
            CandidateFactory.build(
                service=service, cohort_list=cohort_list, person=person, rank=first + place
            )
            for place, person in enumerate(people, start=1)
        )
        ActivityFactory(extract=extract, person=people[0])
        cohort_list.selected = first + length
        cohort_list.save()
        with PageQueries() as captured:
            assert client.get(url).status_code == 200
        numbers.append(len(captured.page))
    assert numbers[0] == numbers[1] <= 6


# One candidate


def test_a_candidates_page_shows_exactly_what_counted(service, lead, candidate, as_user):
    extract = ExtractFactory(committed=True, source__service=service, source__name="St Brannoc's")
    inside = {"extract": extract, "person": candidate.person, "complaint": "Counted"}
    ActivityFactory(**inside, started_on=datetime.date(2025, 7, 1))
    ActivityFactory(**{**inside, "complaint": "Too early"}, started_on=datetime.date(2025, 6, 30))
    ActivityFactory(**{**inside, "complaint": "Too late"}, started_on=datetime.date(2026, 7, 1))
    ActivityFactory(**{**inside, "complaint": "A call"}, measure="call_999")
    client, url = as_user(lead), reverse("cohorts:candidate", args=[candidate.pk])
    with PageQueries() as captured:
        body = client.get(url).content.decode()
    counted, others = body.split("What did not count, and why: 2 A&amp;E attendances")
    assert "Counted" in counted
    assert not [other for other in ("Too early", "Too late") if other in counted]
    assert "Mon 30 June 2025, Too early. Before 1 July 2025, the first day that counts." in others
    assert "Too late. After 30 June 2026, the last day that counts." in others
    assert "A call" not in body
    assert "all sent by St Brannoc&#x27;s" in body
    assert "The list was built with 6 A&amp;E attendances." in body
    assert len(captured.page) <= 8


def test_a_stated_count_is_shown_as_the_senders_word(service, lead, candidate, as_user):
    ActivityCountFactory(
        extract=ExtractFactory(committed=True, source__service=service, source__name="The ICB"),
        person=candidate.person,
        count=candidate.count,
    )
    body = as_user(lead).get(reverse("cohorts:candidate", args=[candidate.pk])).content.decode()
    assert "The ICB states 6 A&amp;E attendances in the 12 months to 30 June 2026." in body


# Who may


def test_a_link_worker_reads_why_they_may_not_screen(link_worker, candidate, as_user):
    response = as_user(link_worker).post(screen_url(candidate), {"decision": "accept"})
    assert response.status_code == 403
    assert "Rosa" not in response.content.decode()
    assert not Screening.objects.exists()


@pytest.mark.parametrize("name", ["cohorts:candidate", "cohorts:screen"])
def test_a_neighbours_lead_finds_no_candidate(outsider, candidate, as_user, name):
    url = reverse(name, args=[candidate.pk])
    method = as_user(outsider).post if name == "cohorts:screen" else as_user(outsider).get
    response = method(url, {"decision": "accept"})
    assert response.status_code == 404
    assert "Rosa" not in response.content.decode()
    assert not Screening.objects.exists()


def test_a_neighbours_lead_finds_no_list(outsider, candidate, as_user):
    response = as_user(outsider).get(reverse("cohorts:list", args=[candidate.cohort_list_id]))
    assert response.status_code == 404
