"""Who opened a record, in words for the person; who opened records outside their caseload; printing."""

import re

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from governance import audit
from governance.models import AuditEvent, Person
from governance.roles import Role
from tests.factories.casework import CaseFactory
from tests.factories.governance import (
    BreakGlassFactory,
    MembershipFactory,
    PersonFactory,
    TeamFactory,
    TeamMemberFactory,
)
from tests.queries import PageQueries
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(service):
    return PersonFactory(service=service, nhs_number="9990000018", first_name="Marigold", last_name="Worker")


@pytest.fixture
def case(service, link_worker, person):
    return CaseFactory(service=service, person=person, worker=link_worker)


@pytest.fixture
def colleague(service):
    """Somebody of another team, who has given a reason."""
    user = MembershipFactory(service=service, user__name="Cora Colleague").user
    TeamMemberFactory(service=service, team=TeamFactory(service=service), user=user)
    return user


def rows(response):
    table = BeautifulSoup(response.content, "html.parser").select("tbody tr")
    for heading in (h for row in table for h in row.select(".nhsuk-table__heading")):
        heading.extract()
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in table]


def record_of(person):
    return reverse("governance:record", args=[person.pk])


def opened(service, user, person, times=1, **changes):
    for _ in range(times):
        audit.look("record_opened", service=service, by=user, on=person, changes=changes)


def test_the_person_reads_day_first_name_role_and_why(
    service, person, case, link_worker, colleague, ig_lead, as_user
):
    worker = as_user(link_worker)
    worker.get(case.get_absolute_url())
    worker.get(reverse("casework:risk", args=[case.pk]))
    other = as_user(colleague)
    reason = reverse("casework:give_reason", args=[case.pk])
    other.get(reason)
    other.post(reason, {"reason": "cover", "words": "Wendy is away"})
    other.get(case.get_absolute_url())
    body = as_user(ig_lead).get(record_of(person))
    day = f"{timezone.localdate():%-d %B %Y}"
    assert sorted(rows(body)) == sorted(
        [
            [
                day,
                "Wendy, Link worker",
                "Opened the record, 2 pages",
                "Their own worker, now or until lately",
            ],
            [day, "Cora, Link worker", "Was asked for a reason, 1 page", ""],
            [day, "Cora, Link worker", "Gave a reason to open the record", ""],
            [
                day,
                "Cora, Link worker",
                "Opened the record, 1 page",
                "Gave a reason, which somebody else reviews",
            ],
        ]
    )
    text = body.content.decode()
    assert [name for name in ("Wendy Worker", "Cora Colleague", "Marigold", "is away") if name in text] == []


def test_looking_at_the_list_stands_on_the_list_next_time(person, ig_lead, as_user):
    client = as_user(ig_lead)
    assert "Nobody yet" in client.get(record_of(person)).content.decode()
    assert rows(client.get(record_of(person)))[0][1:] == [
        "Ines, IG lead",
        "Opened the record, 1 page",
        "Looked after who opens the record",
    ]


@pytest.mark.parametrize("typed", ["9990000018", "999 000 0018", "own"])
def test_a_record_is_found_by_number_and_the_search_is_noted(person, ig_lead, as_user, typed):
    number = str(person.pk) if typed == "own" else typed
    answer = as_user(ig_lead).post(reverse("governance:records"), {"number": number})
    assert answer["Location"] == record_of(person)
    event = AuditEvent.objects.get(event="people_searched")
    assert event.changes == {"page": "governance:records", "found": 1}


@pytest.mark.parametrize("number", ["9990000026", "abc", "0", "12345678901", "٣"])
def test_a_number_of_nobody_is_said_so(person, ig_lead, as_user, number):
    body = as_user(ig_lead).post(reverse("governance:records"), {"number": number}).content.decode()
    assert "This service has nobody of this number" in body


def test_a_neighbours_person_is_not_found_by_number(neighbour, ig_lead, as_user):
    theirs = PersonFactory(service=neighbour, nhs_number="9990000026")
    client = as_user(ig_lead)
    for number in ("9990000026", str(theirs.pk)):
        body = client.post(reverse("governance:records"), {"number": number}).content.decode()
        assert "nobody of this number" in body
    assert client.get(record_of(theirs)).status_code == 404


def test_the_list_of_a_person_takes_the_same_questions_at_any_length(service, person, ig_lead, as_user):
    client, asked = as_user(ig_lead), []
    client.get(record_of(person))
    for number in (10, 60):
        for _ in range(number):
            opened(service, MembershipFactory(service=service).user, person, why="own", role="link_worker")
        with PageQueries() as found:
            assert client.get(record_of(person)).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= 8


def test_openings_outside_the_caseload_by_member(service, person, link_worker, colleague, ig_lead, as_user):
    others = PersonFactory.create_batch(2, service=service)
    for each in others:
        opened(service, colleague, each, times=2, page="casework:case", why="break_glass", reason="cover")
    opened(service, link_worker, person, page="casework:case", why="own", same_last_name=True)
    opened(service, link_worker, others[0], page="casework:case", why="own")
    found = rows(as_user(ig_lead).get(reverse("governance:opened_outside")))
    assert [row[:5] for row in found] == [
        ["Cora Colleague", "2", "4", "I am covering for a colleague", "0"],
        ["Wendy Worker", "1", "1", "None asked for", "1"],
    ]


def test_each_page_somebody_opened_is_one_click_away(service, person, colleague, ig_lead, as_user):
    opened(service, colleague, person, page="casework:risk", why="break_glass", reason="urgent")
    auditor = MembershipFactory(service=service, role=Role.AUDITOR).user
    for user, linked in ((ig_lead, True), (auditor, False)):
        answer = as_user(user).get(reverse("governance:opened_outside"), {"who": colleague.pk})
        [row] = rows(answer)
        assert row[1:] == [f"Person {person.pk}", "risk", "It is urgent: somebody may be at risk", "No"]
        assert (record_of(person) in answer.content.decode()) is linked


@pytest.mark.parametrize(
    "query", [{"who": "x"}, {"who": "9" * 30}, {"days": "-1"}, {"days": "٣"}, {"page": "z"}]
)
def test_a_made_up_question_is_answered_all_the_same(ig_lead, as_user, query):
    assert as_user(ig_lead).get(reverse("governance:opened_outside"), query).status_code == 200


def test_what_another_service_opened_is_not_shown(neighbour, outsider, ig_lead, as_user):
    opened(neighbour, outsider, PersonFactory(service=neighbour), why="break_glass", reason="cover")
    assert rows(as_user(ig_lead).get(reverse("governance:opened_outside"))) == []


@pytest.mark.parametrize("detail", [False, True])
def test_the_report_takes_the_same_questions_at_any_length(service, colleague, ig_lead, as_user, detail):
    query = {"who": colleague.pk} if detail else {}
    client, asked = as_user(ig_lead), []
    for number in (10, 60):
        for person in PersonFactory.create_batch(number, service=service):
            user = colleague if detail else MembershipFactory(service=service).user
            opened(service, user, person, why="break_glass", reason="cover")
        with PageQueries() as found:
            assert client.get(reverse("governance:opened_outside"), query).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= 6


@pytest.mark.parametrize("role", [Role.LINK_WORKER, Role.HIU_LEAD, Role.SERVICE_MANAGER, Role.COMMISSIONER])
def test_others_read_neither_report(service, person, as_user, role):
    client = as_user(MembershipFactory(service=service, role=role).user)
    for page in (reverse("governance:opened_outside"), reverse("governance:records"), record_of(person)):
        assert client.get(page).status_code == 403


def test_the_overview_says_how_many_wait_for_the_ig_lead(service, lead, ig_lead, as_user):
    BreakGlassFactory(person__service=service, by=lead)
    body = as_user(ig_lead).get(reverse("governance:overview")).content.decode()
    assert "1 opening of a record waits for your review" in body


# Printing


def token_on(response):
    return BeautifulSoup(response.content, "html.parser").body["data-printed"]


def printed(client, token):
    return client.post(reverse("governance:printed"), {"printed": token})


def test_a_printed_page_is_noted_on_the_person(case, person, link_worker, as_user):
    client = as_user(link_worker)
    assert printed(client, token_on(client.get(case.get_absolute_url()))).status_code == 204
    event = AuditEvent.objects.get(event="page_printed")
    assert (event.target, event.target_id) == ("governance.person", str(person.pk))
    assert event.changes["page"] == "casework:case"
    assert event.actor_id == link_worker.pk


def test_a_printed_list_is_noted_too(link_worker, as_user):
    client = as_user(link_worker)
    printed(client, token_on(client.get(reverse("casework:today"))))
    assert AuditEvent.objects.get(event="page_printed").target == ""


def test_a_note_of_printing_cannot_be_made_up_or_passed_on(case, link_worker, lead, as_user):
    token = token_on(as_user(link_worker).get(case.get_absolute_url()))
    assert printed(as_user(lead), token).status_code == 400
    assert printed(as_user(link_worker), token[:-1]).status_code == 400
    assert printed(as_user(link_worker), "").status_code == 400
    assert not AuditEvent.objects.filter(event="page_printed").exists()


def test_a_note_of_printing_needs_the_token_against_forgery(case, link_worker):
    from django.test import Client

    client = signed_in(link_worker, Client(enforce_csrf_checks=True))
    page = client.get(case.get_absolute_url())
    assert printed(client, token_on(page)).status_code == 403
    csrf = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.content)[1].decode()
    form = {"printed": token_on(page), "csrfmiddlewaretoken": csrf}
    assert client.post(reverse("governance:printed"), form).status_code == 204


def test_the_page_names_nobody_in_what_it_sends_to_note_printing(case, person, link_worker, as_user):
    token = token_on(as_user(link_worker).get(case.get_absolute_url()))
    from django.core import signing

    told = signing.loads(token, salt="governance.printed")
    assert set(told) == {"user", "service", "page", "person"}
    assert Person.objects.get(pk=told["person"]) == person
