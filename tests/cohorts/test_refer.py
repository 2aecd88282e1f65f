"""Referring without an account: what an address opens, what it tells, and what it never does."""

import datetime

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.actions import referral as actions
from cohorts.actions import referral_link
from cohorts.models import DeclineReason, Feedback, Referral, ReferralLink
from cohorts.referrals import door
from governance.models import AuditEvent, Person, RowChange
from tests.cohorts.referrals import filled
from tests.factories.casework import CaseFactory
from tests.factories.governance import OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
SECRETS = ("Rosa", "Marsh", "9990000026", "999 000 0026", "Lost her flat", "A door that locks", "Yes please")


@pytest.fixture
def made(service, lead):
    return referral_link.make(
        service=service,
        organisation=OrganisationFactory(name="Fenland General"),
        source="psychiatric_liaison",
        team="Psychiatric Liaison",
        expires_on=timezone.localdate() + datetime.timedelta(days=30),
        by=lead,
    )


@pytest.fixture
def form(made):
    """The address of the form."""
    return reverse("cohorts:refer", args=[made[1]])


def text(response) -> str:
    return response.content.decode()


def sent(form, **changed) -> str:
    """The address of the status page of a referral just sent."""
    response = Client().post(form, filled(**changed))
    assert response.status_code == 302, text(response)
    return response["Location"]


def test_a_referrer_sends_one_and_reads_how_it_stands(service, made, form):
    page = text(Client().get(form))
    assert "Refer somebody to the Fenland HIU service" in page
    assert "Psychiatric Liaison, Fenland General" in page
    status = text(Client().get(sent(form)))
    referral = Referral.objects.get()
    assert (referral.service, referral.link, referral.by) == (service, made[0], None)
    assert (referral.source, referral.organisation.name) == ("psychiatric_liaison", "Fenland General")
    assert (referral.asked, referral.person.nhs_number) == ("Dr Imogen Sender", "9990000026")
    assert "Received" in status
    assert [words for words in SECRETS if words in status] == []
    event = AuditEvent.objects.get(event="referral_received")
    assert (event.actor, event.changes["link"]) == ("the system", made[0].pk)


def test_the_status_page_follows_the_referral_and_tells_no_more(service, lead, form):
    first, second = sent(form), sent(form, first_name="Bob", nhs_number="")
    accepted, declined = Referral.objects.order_by("pk")
    actions.accept(referral=accepted, note="Very unwell", by=lead)
    assert "Accepted" in text(Client().get(first))
    actions.attempt(referral=accepted, at=timezone.now(), note="In tears", by=lead)
    assert "First contact made" in text(Client().get(first))
    actions.end(referral=accepted, by=lead)
    actions.decline(referral=declined, reason="end_of_life", feedback="other_service", note="Secret", by=lead)
    pages = [text(Client().get(address)) for address in (first, second)]
    assert "Support has come to its end" in pages[0]
    assert "Another service can help better" in pages[1]
    for page in pages:
        for words in (*SECRETS, "Bob", "unwell", "tears", "Secret", "end-of-life", "Leah"):
            assert words not in page


def test_no_sentence_for_referrers_gives_a_reason_of_ours_away():
    for words in ("end of life", "mental", "unsafe", "support them already", "asked not", "known"):
        assert [feedback.label for feedback in Feedback if words in feedback.label.lower()] == []
    assert len(DeclineReason) > len(Feedback)


def test_the_answer_is_the_same_for_somebody_known_and_unknown(service, form):
    person = PersonFactory(service=service, first_name="Rosa", last_name="Marsh", nhs_number="9990000026")
    CaseFactory(service=service, person=person)
    known, unknown = (
        text(Client().get(sent(form, **c))) for c in ({}, {"nhs_number": "", "last_name": "Oak"})
    )
    assert known == unknown
    assert Referral.objects.filter(person=person).count() == 1


def test_a_second_press_sends_one_and_comes_to_the_same_page(form):
    told = filled()
    first, again = (Client().post(form, told)["Location"] for _ in range(2))
    assert Referral.objects.count() == 1
    assert text(Client().get(first)) == text(Client().get(again))
    assert "with other content" in text(Client().post(form, {**told, "reason": "Another"}))


def test_the_key_of_another_organisations_referral_opens_nothing(service, lead, form):
    told = filled()
    Client().post(form, told)
    other = referral_link.make(
        service=service,
        organisation=OrganisationFactory(),
        source="police",
        expires_on=timezone.localdate(),
        by=lead,
    )[1]
    page = text(Client().post(reverse("cohorts:refer", args=[other]), told))
    assert "with other content" in page
    assert "/status/" not in page


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"agreed": "not_asked"}, "Ask them first"),
        ({"referrer_name": ""}, "Enter your name"),
        ({"referrer_contact": ""}, "at which we reach you"),
        ({"last_name": ""}, "Enter their last name"),
        ({"nhs_number": "12"}, "This is not an NHS number"),
        ({"key": "no key"}, "Enter a valid UUID"),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_is_stored(form, changed, sentence):
    response = Client().post(form, filled(**changed))
    assert sentence in text(response)
    assert not Person.objects.exists()


def test_a_link_that_ended_ran_out_or_was_never_made_answers_alike(service, made, form, lead):
    gone = reverse("cohorts:refer", args=[signing.dumps([service.pk, "guess"], salt="cohorts.refer")])
    answers = [Client().get(gone), Client().get(reverse("cohorts:refer", args=["guess"]))]
    answers.append(Client().get(reverse("cohorts:refer_status", args=[made[1]])))
    status = sent(form)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31)):
        answers.append(Client().get(form))
        assert Client().get(status).status_code == 200
    referral_link.end(link=made[0], by=lead)
    answers += [Client().get(form), Client().post(form, filled())]
    with time_machine.travel(timezone.now() + datetime.timedelta(days=366)):
        answers.append(Client().get(status))
    assert {answer.status_code for answer in answers} == {404}
    assert len({text(answer) for answer in answers}) == 1
    assert Referral.objects.count() == 1


def test_only_a_hash_of_the_secret_is_stored_and_the_address_stands_in_no_note(made, form):
    sent(form)
    token = made[1]
    secret = signing.loads(token, salt="cohorts.refer")[1]
    link = ReferralLink.objects.get()
    assert secret not in link.token_hash
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM governance_rowchange row")
        notes = " ".join(line for (line,) in cursor.fetchall())
        cursor.execute("SELECT row::text FROM governance_auditevent row")
        notes += " ".join(line for (line,) in cursor.fetchall())
    assert RowChange.objects.filter(table="cohorts_referral").exists()
    assert token not in notes
    assert secret not in notes
    assert link.token_hash not in notes


def test_too_many_by_one_link_wait_and_lose_nothing(settings, form):
    settings.SIGN_IN_LIMITS = {**settings.SIGN_IN_LIMITS, "refer": "2/h/key"}
    for _ in range(2):
        sent(form)
    response = Client().post(form, filled(reason="Still here afterwards"))
    assert "Many referrals came by this link" in text(response)
    assert "Still here afterwards" in text(response)
    assert Referral.objects.count() == 2


def test_a_member_of_another_service_who_opens_a_link_works_in_the_service_of_the_link(
    service, outsider, form, as_user
):
    response = as_user(outsider).post(form, filled())
    assert Referral.objects.get().service == service
    page = text(as_user(outsider).get(response["Location"]))
    assert [words for words in SECRETS if words in page] == []


def test_the_form_is_opened_without_people_in_reach(made):
    with door.through(made[1], people=False):
        assert not Person.objects.exists()
    with pytest.raises(door.NoSuchAddress), door.through("guess", people=True):
        pass
