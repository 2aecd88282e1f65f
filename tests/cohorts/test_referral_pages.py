"""The pages of referrals for members: the list with its clocks, taking one, deciding, and the links."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Referral, ReferralLink
from governance.models import AuditEvent
from governance.roles import Role
from tests.cohorts.referrals import filled
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CandidateFactory
from tests.factories.governance import (
    MembershipFactory,
    PersonFactory,
    SealFactory,
    TeamFactory,
    TeamMemberFactory,
)
from tests.factories.referrals import ReferralFactory, ReferralLinkFactory, ReferralStepFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
LIST, NEW = "cohorts:referrals", "cohorts:referral_new"


def hours_ago(hours: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(hours=hours)


def taken(**changed: str) -> dict[str, str]:
    """The form of a member who wrote down what somebody said."""
    now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    return filled(**{"source": "ambulance", "received_at": now, **changed})


def text(response) -> str:
    return response.content.decode()


def test_the_list_shows_who_waits_with_the_clock(service, lead, as_user):
    late = ReferralFactory(service=service, received_at=hours_ago(27), first_name="Late")
    ReferralFactory(service=service, received_at=hours_ago(1), first_name="Early")
    paused = ReferralFactory(service=service, received_at=hours_ago(90), first_name="Paused")
    ReferralStepFactory(referral=paused, kind="paused", reason="custody", at=hours_ago(80.5))
    done = ReferralFactory(service=service, received_at=hours_ago(9), first_name="Done")
    ReferralStepFactory(referral=done, kind="declined", reason="no_need", feedback="ring_us")
    page = text(as_user(lead).get(reverse(LIST)))
    for words in ("3 hours over", "22 hours left", "Paused, 14 hours left", "They are in custody", "Late M."):
        assert words in page
    assert "Done" not in page
    assert page.index("Paused M.") < page.index("Late M.") < page.index("Early M.")
    assert "Done M." in text(as_user(lead).get(reverse(LIST), {"show": "all"}))
    assert late.get_absolute_url() in page


def test_the_list_asks_as_much_for_two_as_for_forty(service, lead, as_user):
    client, asked = as_user(lead), []
    for number in (2, 18):
        for referral in ReferralFactory.create_batch(number, service=service, by=lead):
            ReferralStepFactory(referral=referral, by=lead, kind="paused", reason="custody")
        with PageQueries() as found:
            assert client.get(reverse(LIST)).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= 6, found.page


def test_the_board_says_in_words_what_waits(service, lead, as_user):
    ReferralFactory(service=service, received_at=hours_ago(30))
    accepted = ReferralFactory(service=service, received_at=hours_ago(2))
    ReferralStepFactory(referral=accepted, kind="accepted")
    page = text(as_user(lead).get(reverse("casework:board")))
    assert "1 to decide, 1 to contact, 1 without a first contact for more than 24 hours" in page


def test_today_shows_the_clock_of_somebody_referred(service, link_worker, as_user):
    referral = ReferralFactory(service=service, received_at=hours_ago(20))
    ReferralStepFactory(referral=referral, kind="accepted")
    CaseFactory(service=service, worker=link_worker, referral=referral, person=referral.person)
    today = reverse("casework:today")
    assert "3 hours left" in text(as_user(link_worker).get(today))
    ReferralStepFactory(referral=referral, kind="attempt")
    assert "hours left" not in text(as_user(link_worker).get(today))


def test_a_referral_by_phone_is_written_down(service, link_worker, as_user):
    response = as_user(link_worker).post(reverse(NEW), taken(asked="The crew"))
    referral = Referral.objects.get()
    assert response["Location"] == referral.get_absolute_url()
    assert (referral.by, referral.link, referral.source) == (link_worker, None, "ambulance")
    assert (referral.person.nhs_number, referral.asked) == ("9990000026", "The crew")
    page = text(as_user(link_worker).get(referral.get_absolute_url()))
    for words in ("Rosa Marsh", "Lost her flat", "A door that locks", "Yes please", "The crew", "hours left"):
        assert words in page
    assert "Accept" not in page


def test_a_person_with_an_open_case_is_told_of_before_anything_is_stored(service, lead, as_user):
    person = PersonFactory(service=service, nhs_number="9990000026", last_name="Marsh", first_name="Rosa")
    CaseFactory(service=service, person=person)
    form = taken()
    response = as_user(lead).post(reverse(NEW), form)
    assert "There is an open case for this person" in text(response)
    assert not Referral.objects.exists()
    opened = AuditEvent.objects.get(event="record_opened")
    assert (opened.target_id, opened.changes["why"]) == (str(person.pk), "referral")
    assert as_user(lead).post(reverse(NEW), {**form, "store": "12345"}).status_code == 200
    sure = {**form, "store": str(person.pk)}
    first, again = (as_user(lead).post(reverse(NEW), sure) for _ in range(2))
    assert first["Location"] == again["Location"] == Referral.objects.get().get_absolute_url()
    assert Referral.objects.get().person == person


def test_a_second_press_keeps_one_and_asks_nothing(service, lead, as_user):
    form = taken()
    first, again = (as_user(lead).post(reverse(NEW), form) for _ in range(2))
    assert first["Location"] == again["Location"] == Referral.objects.get().get_absolute_url()


def test_a_second_referral_is_told_of_and_a_sealed_record_is_not(service, link_worker, as_user):
    person = PersonFactory(service=service, nhs_number="9990000026", last_name="Marsh", first_name="Rosa")
    ReferralFactory(service=service, person=person)
    page = text(as_user(link_worker).post(reverse(NEW), taken()))
    assert "waits for a decision" in page
    SealFactory(service=service, person=person)
    assert as_user(link_worker).post(reverse(NEW), taken()).status_code == 302


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"first_name": ""}, "Enter their first name"),
        ({"reason": ""}, "Say why they are referred"),
        ({"reason": "x" * 2001}, "Shorten it to 2000 characters"),
        ({"phone": "", "address": ""}, "Enter a phone number, or an address"),
        ({"nhs_number": "999 000 0027"}, "This is not an NHS number"),
        ({"nhs_number": "1111111111"}, "This is not an NHS number"),
        ({"birth_date_year": "2999"}, "The date of birth is in the future"),
        ({"birth_date_year": "1800"}, "The date of birth is before 1900"),
        ({"birth_date_month": "13"}, "the month must be a number from 1 to 12"),
        ({"agreed": "not_asked"}, "Say why they were not asked"),
        ({"agreed_on_day": "", "agreed_on_month": "", "agreed_on_year": ""}, "Enter the day they agreed"),
        ({"agreed_on_year": "2999"}, "The day they agreed is in the future"),
        ({"agreed_method": ""}, "Choose how they agreed"),
        ({"urgency": "never"}, "Select a valid choice"),
        ({"source": ""}, "Choose who refers"),
        ({"received_at": ""}, "Enter when you were told"),
        ({"received_at": "2020-01-01T10:00"}, "That is more than 31 days ago"),
        ({"received_at": "soon"}, "Enter a day and a time"),
        ({"first_name": "x\x00y"}, "Null characters are not allowed"),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_is_stored(service, lead, as_user, changed, sentence):
    page = text(as_user(lead).post(reverse(NEW), taken(**changed)))
    assert sentence in page
    assert "There is a problem" in page
    assert not Referral.objects.exists()


def test_a_lead_accepts_and_the_case_waits_for_a_worker(service, lead, as_user):
    referral = ReferralFactory(service=service)
    client = as_user(lead)
    page = text(client.get(referral.get_absolute_url()))
    assert "Accept and open a case" in page
    response = client.post(
        reverse("cohorts:decide_referral", args=[referral.pk]), {"accept": "yes"}, follow=True
    )
    assert "A case is open and waits for a worker" in text(response)
    case = service.cases.get()
    assert case.referral == referral
    assert reverse("casework:allocate", args=[case.pk]) in text(client.get(reverse("casework:board")))


def test_the_worker_reads_what_the_referrer_said_before_they_ring(service, link_worker, as_user):
    referral = ReferralFactory(service=service, risks="A loose dog", agreed_words="Yes, do ring")
    case = CaseFactory(service=service, worker=link_worker, referral=referral, person=referral.person)
    page = text(as_user(link_worker).get(case.get_absolute_url()))
    for words in (
        "What the referrer said",
        "A loose dog",
        "Lost her flat",
        "Yes, do ring",
        "You said yes to that on",
    ):
        assert words in page
    assert "They do not expect you" not in page


def test_a_lead_declines_with_feedback(service, lead, as_user):
    referral = ReferralFactory(service=service)
    address = reverse("cohorts:decide_referral", args=[referral.pk])
    page = text(as_user(lead).post(address, {"reason": "no_need"}))
    assert "Choose what the referrer reads" in page
    told = {"reason": "no_need", "feedback": "other_service", "note": "Rang her"}
    page = text(as_user(lead).post(address, told, follow=True))
    assert "Another service can help better" in page
    assert "Rang her" in page
    page = text(as_user(lead).post(address, told, follow=True))
    assert "This referral was decided on before" in page


def test_the_clock_is_paused_resumed_and_stopped_on_the_page(service, lead, as_user):
    referral = ReferralFactory(service=service, received_at=hours_ago(2))
    address, client = reverse("cohorts:step_referral", args=[referral.pk]), as_user(lead)
    assert "Choose why the clock is paused" in text(client.post(address, {"pause": "yes"}))
    told = {"pause": "yes", "pause-reason": "more_to_come"}
    assert "The referrer is to send more" in text(client.post(address, told, follow=True))
    assert "The clock goes on" in text(client.post(address, {"resume": "yes"}, follow=True))
    assert "Enter when you tried" in text(client.post(address, {}))
    told = {"attempt-at": f"{timezone.localtime(hours_ago(1)):%Y-%m-%dT%H:%M}", "attempt-note": "Voicemail"}
    page = text(client.post(address, told, follow=True))
    assert "The first contact is noted" in page
    assert "Voicemail" in page
    assert "Contacted, to decide" in page


def test_what_the_record_says_otherwise_is_said(service, lead, as_user):
    person = PersonFactory(service=service, first_name="Ann", last_name="Marsh", nhs_number="9990000026")
    referral = ReferralFactory(service=service, person=person, nhs_number="9990000026")
    page = text(as_user(lead).get(referral.get_absolute_url()))
    assert "Not as on the record here: first name" in page


def test_a_worker_sees_what_they_and_their_team_took(service, lead, link_worker, as_user):
    mate, stranger = (MembershipFactory(service=service, role=Role.LINK_WORKER).user for _ in range(2))
    team = TeamFactory(service=service)
    for user in (link_worker, mate):
        TeamMemberFactory(service=service, team=team, user=user)
    own, theirs, other = (ReferralFactory(service=service, by=user) for user in (link_worker, mate, stranger))
    by_link = ReferralFactory(service=service, by=None, link=ReferralLinkFactory(service=service))
    client = as_user(link_worker)
    for referral, status in ((own, 200), (theirs, 200), (other, 302), (by_link, 302)):
        assert client.get(referral.get_absolute_url()).status_code == status
    assert text(client.get(reverse(LIST))).count("Rosa M.") == 2
    assert text(as_user(lead).get(reverse(LIST))).count("Rosa M.") == 4
    service.need_to_know = "caseload"
    service.save()
    assert client.get(theirs.get_absolute_url()).status_code == 302


def test_only_whoever_decides_reads_who_is_on_a_list(service, lead, link_worker, as_user):
    candidate = CandidateFactory(cohort_list__service=service)
    referral = ReferralFactory(service=service, person=candidate.person, by=link_worker)
    ReferralFactory(service=service, person=candidate.person)
    page = text(as_user(lead).get(referral.get_absolute_url()))
    assert "On 1 list of people who attend most" in page
    assert "Referred 1 time besides this one" in page
    page = text(as_user(link_worker).get(referral.get_absolute_url()))
    assert "people who attend most" not in page


def test_a_sealed_record_is_not_named_in_the_list_and_does_not_open(service, lead, as_user):
    referral = ReferralFactory(service=service)
    SealFactory(service=service, person=referral.person)
    page = text(as_user(lead).get(reverse(LIST)))
    assert "A sealed record" in page
    assert "Rosa" not in page
    assert as_user(lead).get(referral.get_absolute_url()).status_code == 403


def test_a_link_is_shown_once_and_ended(service, lead, as_user):
    links, client = reverse("cohorts:referral_links"), as_user(lead)
    organisation = ReferralLinkFactory(service=service, ended_at=timezone.now(), ended_by=lead).organisation
    day = timezone.localdate() + datetime.timedelta(days=30)
    told = {
        "organisation": str(organisation.pk),
        "team": "Night team",
        "source": "psychiatric_liaison",
        "expires_on_day": str(day.day),
        "expires_on_month": str(day.month),
        "expires_on_year": str(day.year),
    }
    page = text(client.post(links, told, follow=True))
    assert "It is shown only now: http://testserver/cohorts/refer/" in page
    assert "/cohorts/refer/" not in text(client.get(links))
    link = ReferralLink.objects.get(team="Night team")
    assert link.token_hash not in page
    end = reverse("cohorts:end_referral_link", args=[link.pk])
    assert "works no longer" in text(client.post(end, follow=True))
    client.post(end)
    assert AuditEvent.objects.filter(event="referral_link_ended").count() == 1
    page = text(client.post(links, {**told, "expires_on_year": "2020"}))
    assert "The last day has passed" in page
    page = text(client.post(links, {**told, "expires_on_year": str(day.year + 2)}))
    assert "for a year at most" in page
