"""A link worker, a case of another team, and what is seen of it."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.actions import case_role
from casework.models import Contact
from governance.actions import search_keys
from governance.models import AuditEvent, BreakGlass
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.casework import AllocationFactory, CaseFactory, ContactFactory
from tests.factories.governance import (
    BreakGlassFactory,
    MembershipFactory,
    SealFactory,
    TeamFactory,
    TeamMemberFactory,
)

ASKED = {"reason": "cover", "words": "Wendy is off sick"}
HERS = ["Featherstone", "07700 900123", "1 Larch Lane"]


@pytest.fixture
def case(service, link_worker):
    made = CaseFactory(
        service=service,
        worker=link_worker,
        person__first_name="Marigold",
        person__last_name="Featherstone",
        person__phone="07700 900123",
        person__address="1 Larch Lane",
    )
    search_keys.refresh(service=service)
    return made


@pytest.fixture
def teams(service, link_worker):
    """Two teams; the link worker is in the first."""
    north, south = TeamFactory(service=service, name="North"), TeamFactory(service=service, name="South")
    TeamMemberFactory(service=service, team=north, user=link_worker)
    return north, south


@pytest.fixture
def colleague(service, teams):
    """A link worker of the other team."""
    user = MembershipFactory(service=service, role=Role.LINK_WORKER, user__name="Cora Colleague").user
    TeamMemberFactory(service=service, team=teams[1], user=user)
    return user


@pytest.fixture
def browser(colleague, as_user):
    return as_user(colleague)


def why_of(user):
    return AuditEvent.objects.filter(event="record_opened", actor_id=user.pk).latest("number").changes["why"]


def reason_page(case):
    return reverse("casework:give_reason", args=[case.pk])


def test_own_case_and_that_of_a_team_mate_open_unasked(case, teams, service, link_worker, as_user):
    mate = MembershipFactory(service=service).user
    TeamMemberFactory(service=service, team=teams[0], user=mate)
    for user, why in ((link_worker, "own"), (mate, "team")):
        assert as_user(user).get(case.get_absolute_url()).status_code == 200
        assert why_of(user) == why


def test_without_teams_the_service_is_one_team(case, service, as_user):
    somebody = MembershipFactory(service=service).user
    assert as_user(somebody).get(case.get_absolute_url()).status_code == 200
    assert why_of(somebody) == "team"


@pytest.mark.parametrize("mode, status", [("service", 200), ("team", 302), ("caseload", 302)])
def test_the_service_says_how_wide_the_circle_is(case, service, browser, mode, status):
    service.need_to_know = mode
    service.save()
    assert browser.get(case.get_absolute_url()).status_code == status


def test_on_caseload_a_team_mate_is_asked(case, teams, service, as_user):
    service.need_to_know = "caseload"
    service.save()
    mate = MembershipFactory(service=service).user
    TeamMemberFactory(service=service, team=teams[0], user=mate)
    assert as_user(mate).get(case.get_absolute_url()).status_code == 302


def test_a_team_left_yesterday_opens_nothing(case, teams, service, as_user):
    former = MembershipFactory(service=service).user
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    TeamMemberFactory(service=service, team=teams[0], user=former, ends_on=yesterday)
    assert as_user(former).get(case.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("days, status", [(1, 200), (27, 200), (29, 302)])
def test_who_handed_a_case_over_answers_questions_for_four_weeks(
    case, link_worker, colleague, browser, days, status
):
    now = timezone.now()
    AllocationFactory(case=case, worker=colleague, at=now - datetime.timedelta(days=400))
    AllocationFactory(case=case, worker=link_worker, at=now - datetime.timedelta(days=days))
    assert browser.get(case.get_absolute_url()).status_code == status


def test_the_worker_of_the_open_episode_reads_the_earlier_one(case, service, colleague, browser):
    case.stage = "open_door"
    case.save()
    CaseFactory(service=service, person=case.person, worker=colleague)
    assert browser.get(case.get_absolute_url()).status_code == 200
    assert why_of(colleague) == "own"


def test_a_lead_opens_every_case(case, teams, lead, as_user):
    assert as_user(lead).get(case.get_absolute_url()).status_code == 200
    assert why_of(lead) == "lead"


@pytest.mark.parametrize("name", ["case", "log_contact", "move_stage", "score", "risk", "consent"])
def test_the_other_team_is_asked_for_a_reason_and_reads_no_more_than_an_initial(case, browser, chaos, name):
    wanted = reverse(f"casework:{name}", args=[case.pk])
    answer = browser.get(wanted, follow=True)
    assert answer.redirect_chain == [(f"{reason_page(case)}?next={wanted.replace('/', '%2F')}", 302)]
    body = answer.content.decode()
    assert "Marigold F." in body
    assert [word for word in HERS if word in body] == []
    given = browser.post(f"{reason_page(case)}?next={wanted}", ASKED)
    assert given["Location"] == wanted
    assert "Featherstone" in browser.get(wanted).content.decode()


def test_a_form_sent_without_a_reason_stores_nothing(case, browser):
    answer = browser.post(reverse("casework:risk", args=[case.pk]), {"level": "note", "detail": "x"})
    assert answer["Location"] == reason_page(case)
    assert not case.risks.exists()


def test_a_reason_opens_the_record_for_its_hours_and_is_noted(case, colleague, browser, as_user):
    with time_machine.travel(timezone.now()) as clock:
        browser.get(case.get_absolute_url(), follow=True)
        browser.post(reason_page(case), ASKED)
        page = browser.get(case.get_absolute_url())
        assert "You opened this record with a reason" in page.content.decode()
        opened = AuditEvent.objects.filter(event="record_opened").get()
        assert opened.changes["why"] == "break_glass"
        assert opened.changes["reason"] == "cover"
        assert opened.changes["case"] == case.pk
        assert AuditEvent.objects.filter(event="record_asked_for", actor_id=colleague.pk).exists()
        clock.shift(datetime.timedelta(hours=4, minutes=1))
        browser = as_user(colleague)
        assert browser.get(case.get_absolute_url())["Location"].startswith(reason_page(case))
        assert browser.get(reason_page(case)).status_code == 200


def test_what_was_being_typed_when_the_time_ran_out_is_kept(case, colleague, browser, as_user):
    address = reverse("casework:log_contact", args=[case.pk])
    with time_machine.travel(timezone.now()) as clock:
        browser.post(reason_page(case), ASKED)
        key = browser.get(address).context["form"]["key"].value()
        form = {"key": key, "kind": "call", "outcome": "reached", "note": "Long talk", "next_contact": "3"}
        clock.shift(datetime.timedelta(hours=4, minutes=40))
        browser = as_user(colleague)
        browser.post(address, form)
        assert Contact.objects.get().note == "Long talk"
        clock.shift(datetime.timedelta(minutes=30))
        browser = as_user(colleague)
        assert browser.post(address, form)["Location"] == reason_page(case)


@pytest.mark.parametrize("told", [{}, {"reason": "cover"}, {"reason": "x", "words": "y"}])
def test_without_a_whole_reason_nothing_opens(case, browser, told):
    answer = browser.post(reason_page(case), told)
    assert answer.status_code == 200
    assert not BreakGlass.objects.exists()
    assert [word for word in HERS if word in answer.content.decode()] == []


def test_another_reader_gains_nothing_from_my_reason(case, service, teams, browser, as_user):
    browser.post(reason_page(case), ASKED)
    third = MembershipFactory(service=service).user
    assert as_user(third).get(case.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("wanted", ["//elsewhere.example/", "/casework/cases/", "https://elsewhere.example"])
def test_after_the_reason_only_a_page_of_the_case_follows(case, browser, wanted):
    answer = browser.post(f"{reason_page(case)}?next={wanted}", ASKED)
    assert answer["Location"] == case.get_absolute_url()


def test_who_may_open_a_case_anyway_is_not_asked(case, teams, lead, as_user):
    assert as_user(lead).get(reason_page(case))["Location"] == case.get_absolute_url()


def test_another_service_finds_neither_the_case_nor_the_question(case, outsider, as_user):
    client = as_user(outsider)
    assert client.get(reason_page(case)).status_code == 404
    assert client.post(reason_page(case), ASKED).status_code == 404
    assert not BreakGlass.objects.exists()


def test_a_commissioner_is_not_asked_either(case, commissioner, as_user):
    answer = as_user(commissioner).get(reason_page(case))
    assert answer.status_code == 403
    assert "Marigold" not in answer.content.decode()


# Lists


def listed(client, **query):
    return client.get(reverse("casework:cases"), query).content.decode()


def test_the_list_starts_with_mine_and_my_teams_and_marks_the_others(case, browser):
    assert "Marigold" not in listed(browser)
    everybody = listed(browser, worker="everyone")
    assert "Marigold F." in everybody
    assert "Reason needed" in everybody
    assert "Featherstone" not in everybody


def test_the_other_teams_clients_are_found_by_letters_only(case, browser):
    choose = reverse("casework:choose_client")
    assert "Marigold" not in browser.get(choose).content.decode()
    found = browser.post(choose, {"q": "Feath"}).content.decode()
    assert "Marigold F." in found
    assert "Reason needed" in found


# Sealed records


@pytest.fixture
def sealed(case, colleague):
    """The case is sealed to the colleague of the other team; its own worker is not named."""
    SealFactory(person=case.person, names=[colleague])
    return case


@pytest.fixture
def others(service, link_worker, lead):
    mate = MembershipFactory(service=service).user
    return [link_worker, mate, lead]


def test_nobody_helps_with_a_sealed_case_who_is_not_named_on_the_seal(sealed, colleague, service, lead):
    with pytest.raises(RuleBroken, match="not named on the seal"):
        case_role.start(case=sealed, worker=MembershipFactory(service=service).user, role="second", by=lead)
    assert case_role.start(case=sealed, worker=colleague, role="second", by=lead).pk


def test_whoever_is_named_opens_a_sealed_record_and_finds_it(sealed, colleague, browser):
    page = browser.get(sealed.get_absolute_url()).content.decode()
    assert "you are one of them" in page
    assert why_of(colleague) == "named"
    assert "Marigold F." in listed(browser, worker="everyone")


@pytest.mark.parametrize("name", ["case", "log_contact", "risk", "consent", "give_reason"])
def test_no_page_of_a_sealed_record_names_anyone_to_those_not_named(sealed, others, as_user, name):
    for user in others:
        answer = as_user(user).get(reverse(f"casework:{name}", args=[sealed.pk]), follow=True)
        body = answer.content.decode()
        assert "sealed record" in body
        assert [word for word in ["Marigold", *HERS] if word in body] == []


def test_no_list_and_no_search_shows_the_name(sealed, others, as_user):
    ContactFactory(case=sealed, by=others[0])
    for user in others:
        client = as_user(user)
        pages = [
            client.get(reverse("casework:today")),
            client.get(reverse("casework:today"), {"logged": sealed.contacts.get().pk}),
            client.get(reverse("casework:cases"), {"worker": "everyone", "stage": "all"}),
            client.get(reverse("casework:choose_client")),
            client.post(reverse("casework:choose_client"), {"q": "Marigold"}),
            client.get(reverse("casework:board")),
        ]
        bodies = [answer.content.decode() for answer in pages]
        assert [body for body in bodies if "Featherstone" in body or "Marigold F." in body] == []


def test_the_lead_learns_that_a_sealed_case_waits_and_not_whose(sealed, lead, as_user):
    sealed.worker = None
    sealed.save()
    body = as_user(lead).get(reverse("casework:board")).content.decode()
    assert "A sealed record" in body
    assert "Marigold" not in body


def test_the_place_in_the_list_does_not_tell_the_first_letter(sealed, service, lead, as_user):
    for name in ("Ann", "Zoe"):
        CaseFactory(service=service, person__first_name=name, person__last_name="A")
    body = listed(as_user(lead))
    assert body.index("Ann A.") < body.index("Zoe A.") < body.index("A sealed record")


def test_a_link_worker_cannot_give_a_reason_for_a_sealed_record(sealed, link_worker, as_user):
    BreakGlassFactory(person=sealed.person, by=link_worker)
    client = as_user(link_worker)
    assert client.get(sealed.get_absolute_url()).status_code == 403
    assert client.post(reason_page(sealed), ASKED).status_code == 403
    assert BreakGlass.objects.count() == 1


def test_a_lead_opens_a_sealed_record_with_a_reason(sealed, lead, as_user):
    client = as_user(lead)
    assert client.get(sealed.get_absolute_url())["Location"].startswith(reason_page(sealed))
    client.post(reason_page(sealed), {**ASKED, "reason": "urgent"})
    assert BreakGlass.objects.get().sealed
    assert "Featherstone" in client.get(sealed.get_absolute_url()).content.decode()
    assert "A sealed record" in listed(client)


def test_a_seal_that_was_lifted_hides_nothing(sealed, link_worker, as_user):
    SealFactory(person=sealed.person, sealed=False)
    assert as_user(link_worker).get(sealed.get_absolute_url()).status_code == 200
