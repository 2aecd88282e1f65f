"""What people say of the service: written down, read by a second person, kept apart from names."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.urls import reverse

from casework.actions import experience
from casework.models import ExperienceAnswer, ExperienceRuling
from casework.retention import experience as due
from casework.retention import purge_experience
from governance import scope
from governance.models import AuditEvent, Seal
from governance.models.insert_only import RowIsFinal
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory, ExperienceAnswerFactory, ExperienceRulingFactory
from tests.factories.governance import MembershipFactory

pytestmark = pytest.mark.django_db

TODAY = datetime.date.today
LIST = reverse("casework:experiences")
NEW = reverse("casework:note_experience")


def typed(**told) -> dict[str, str]:
    day = TODAY()
    start = {
        "who": "person",
        "rating": "good",
        "way": "in_person",
        "answered_on_day": day.day,
        "answered_on_month": day.month,
        "answered_on_year": day.year,
    }
    return {key: str(value) for key, value in {**start, **told}.items()}


def decide(client, answer, ruling: str):
    address = reverse("casework:decide_experience", args=[answer.pk])
    return client.post(address, {"ruling": ruling}, follow=True).content.decode()


@pytest.fixture
def manager(service):
    return MembershipFactory(service=service, role=Role.SERVICE_MANAGER, user__name="Mona Manager").user


def test_link_worker_writes_down_what_a_client_says(case, link_worker, as_user):
    client, page = as_user(link_worker), reverse("casework:experience", args=[case.pk])
    assert page in client.get(case.get_absolute_url()).content.decode()
    assert "Overall, how was your experience of our service?" in client.get(page).content.decode()
    answer = client.post(page, typed(words="They listened.", may_quote="on"))
    assert (answer.status_code, answer["Location"]) == (302, case.get_absolute_url())
    row = ExperienceAnswer.objects.get()
    assert (row.case, row.who, row.rating, row.may_quote) == (case, "person", "good", True)
    assert "They listened." in client.get(page).content.decode()
    event = AuditEvent.objects.get(event="experience_noted")
    assert "listened" not in str(event.changes)
    with pytest.raises(RowIsFinal):
        row.save()


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"rating": ""}, "Choose how good it was"),
        ({"rating": "splendid"}, "Choose how good it was"),
        ({"who": "partner"}, "Choose who answers"),
        ({"may_quote": "on"}, "Write down the words that may be quoted"),
        ({"words": "x" * 601}, "Shorten their words to 600 characters"),
        ({"answered_on_year": "2999"}, "is in the future"),
        ({"answered_on_day": ""}, "must include a day"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(case, link_worker, as_user, told, sentence):
    page = reverse("casework:experience", args=[case.pk])
    answer = as_user(link_worker).post(page, typed(**{"words": "", **told}))
    assert sentence in answer.content.decode()
    assert not ExperienceAnswer.objects.exists()


def test_an_answer_without_a_name_is_kept_with_no_case(service, link_worker, manager, as_user):
    client = as_user(link_worker)
    page = BeautifulSoup(client.get(f"{NEW}?who=person").content, "html.parser")
    assert [box["value"] for box in page.select("input[name=who][checked]")] == ["person"]
    page = BeautifulSoup(client.get(NEW).content, "html.parser")
    assert not page.select("input[name=who][checked]")
    assert client.post(NEW, typed(who="person"), follow=True).status_code == 200
    assert as_user(manager).post(NEW, typed(who="partner", rating="poor"))["Location"] == LIST
    assert {(row.case, row.who) for row in service.experience_answers.all()} == {
        (None, "person"),
        (None, "partner"),
    }


def test_the_database_keeps_no_answer_of_a_partner_with_a_case(case, link_worker):
    with pytest.raises(RuleBroken, match="Write this down for the service"):
        experience.note(
            service=case.service, case=case, who="partner", rating="good", answered_on=TODAY(), by=link_worker
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        ExperienceAnswerFactory(case=case, who="partner")


def test_nothing_is_kept_when_the_audit_fails(case, link_worker, lead, audit_fails):
    answer = ExperienceAnswerFactory(case=case, by=link_worker)
    with pytest.raises(audit_fails):
        experience.note(service=case.service, case=case, rating="good", answered_on=TODAY(), by=link_worker)
    with pytest.raises(audit_fails):
        experience.rule(answer=answer, ruling="may_be_quoted", by=lead)
    assert ExperienceAnswer.objects.get() == answer
    assert not ExperienceRuling.objects.exists()


def test_words_are_cleared_by_somebody_else_and_taken_back_again(case, lead, manager, as_user):
    answer = ExperienceAnswerFactory(case=case, by=lead, words="They came when they said.")
    client = as_user(lead)
    page = client.get(LIST).content.decode()
    assert "Waits to be read" in page
    assert "They came when they said." in page
    assert "Marigold" not in page
    assert "Ask somebody else to read them" in decide(client, answer, "may_be_quoted")
    assert not ExperienceRuling.objects.exists()
    page = decide(as_user(manager), answer, "may_be_quoted")
    assert "Kept: may be quoted" in page
    assert "Waits to be read" not in page
    # Whoever wrote them down may always keep them back.
    assert "Not to be quoted" in decide(client, answer, "not_quoted")
    assert [row.ruling for row in answer.rulings.all()] == ["not_quoted", "may_be_quoted"]
    assert [e.event for e in AuditEvent.objects.filter(event="experience_ruled")] == ["experience_ruled"] * 2


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"may_quote": False}, "They did not agree"),
        ({"words": " ", "may_quote": False}, "There are no words"),
    ],
)
def test_words_that_may_not_be_quoted_cannot_be_cleared(case, lead, as_user, told, sentence):
    answer = ExperienceAnswerFactory(case=case, **told)
    assert sentence in decide(as_user(lead), answer, "may_be_quoted")
    assert "Choose one of the decisions shown" in decide(as_user(lead), answer, "burn")
    assert not ExperienceRuling.objects.exists()


def test_a_mistake_is_said_and_can_count_again(case, lead, as_user):
    answer = ExperienceAnswerFactory(case=case, may_quote=False)
    assert "It counts after all" in decide(as_user(lead), answer, "mistake")
    assert "It counts after all" not in decide(as_user(lead), answer, "not_quoted")


def test_what_waits_to_be_read_comes_first(service, case, lead, as_user):
    old = ExperienceAnswerFactory(case=case, answered_on=datetime.date(2025, 1, 2), words="Older words")
    read = ExperienceRulingFactory(answer__case=case, answer__words="Newer words").answer
    page = as_user(lead).get(LIST).content.decode()
    assert page.index(old.words) < page.index(read.words)


def test_words_of_a_sealed_record_stay_hidden(service, case, manager, as_user):
    answer = ExperienceAnswerFactory(case=case)
    Seal.objects.create(
        service=service, person=case.person, sealed=True, reason="Known in the team", by=manager
    )
    assert answer.words not in as_user(manager).get(LIST).content.decode()
    address = reverse("casework:decide_experience", args=[answer.pk])
    assert as_user(manager).post(address, {"ruling": "mistake"}).status_code == 404


def test_the_list_asks_as_often_for_many_as_for_one(service, case, lead, as_user, queries):
    counts = []
    for number in (1, 24):
        for _ in range(number):
            ExperienceRulingFactory(answer__case=case)
        client = as_user(lead)
        client.get(LIST)
        with queries() as found:
            client.get(LIST)
        counts.append(len(found.page))
    assert counts[0] == counts[1]


def test_stepping_down_says_that_nobody_was_asked(service, link_worker, as_user):
    case = CaseFactory(service=service, worker=link_worker, stage="active")
    page = reverse("casework:move_stage", args=[case.pk])
    client = as_user(link_worker)
    assert "yet how they find the service" in client.get(page).content.decode()
    ExperienceAnswerFactory(case=case)
    assert "yet how they find the service" not in client.get(page).content.decode()


def test_an_answer_without_a_case_goes_after_the_years_of_the_service(service, case):
    old = datetime.date(2020, 1, 1)
    gone = ExperienceRulingFactory(answer__case=None, answer__service=service, answer__answered_on=old).answer
    young = ExperienceAnswerFactory(case=None, service=service, answered_on=TODAY())
    of_case = ExperienceAnswerFactory(case=case, answered_on=old)
    ids = [row.pk for row in due(service, TODAY(), 3)]
    assert ids == [gone.pk]
    with scope.of(service):
        assert purge_experience(service, [gone.pk, young.pk, of_case.pk], TODAY(), 3).rows == 1
    assert set(ExperienceAnswer.objects.all()) == {young, of_case}
    assert not ExperienceRuling.objects.exists()
