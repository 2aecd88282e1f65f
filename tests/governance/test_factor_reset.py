"""A lost second factor: two people, never one."""

import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.actions import factor_reset, second_factor
from governance.models import AuditEvent, FactorReset
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.governance import AppFactory, FactorResetFactory, MembershipFactory
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "three-odd-lamps"


@pytest.fixture
def worker(link_worker):
    link_worker.set_password(PASSWORD)
    link_worker.save()
    AppFactory(user=link_worker)
    return link_worker


@pytest.fixture
def administrator(service):
    return MembershipFactory(service=service, role=Role.ADMINISTRATOR, user__name="Ada Keys").user


@pytest.fixture
def manager(service):
    return MembershipFactory(service=service, role=Role.SERVICE_MANAGER, user__name="Ruth Manager").user


def answer(user, reset, said="approve"):
    url = reverse("governance:decide_factor_reset", args=[reset.pk])
    return signed_in(user).post(url, {"answer": said}, follow=True)


def has_factor(user):
    return Authenticator.objects.filter(user=user).exists()


def ask_as(administrator, user, reason="She rang me."):
    url = reverse("governance:ask_factor_reset", args=[user.memberships.get().pk])
    signed_in(administrator).post(url, {"reason": reason})
    return FactorReset.objects.get()


def ask_for_oneself(user):
    client = Client()
    client.post(reverse("login"), {"username": user.email, "password": PASSWORD})
    return client, client.post(reverse("lost_factor"), {"reason": "My phone was stolen."})


def test_who_lost_the_phone_asks_and_a_second_person_says_yes(worker, administrator):
    client, response = ask_for_oneself(worker)
    assert "Now ring somebody" in response.content.decode()
    assert client.get(reverse("casework:today")).status_code == 302
    elsewhere = signed_in(worker)
    body = answer(administrator, FactorReset.objects.get()).content.decode()
    assert "sets up a new second factor" in body
    assert not has_factor(worker)
    assert elsewhere.get(reverse("casework:today"))["Location"].startswith(reverse("login"))
    fresh = Client()
    fresh.post(reverse("login"), {"username": worker.email, "password": PASSWORD})
    assert fresh.get(reverse("casework:today"))["Location"] == reverse("set_up")


def test_an_administrator_asks_and_another_one_answers(worker, administrator, manager):
    reset = ask_as(administrator, worker)
    assert has_factor(worker)
    answer(manager, reset)
    assert not has_factor(worker)
    events = AuditEvent.objects.filter(event__startswith="factor_reset").order_by("number")
    assert [(e.event, e.actor) for e in events] == [
        ("factor_reset_asked", administrator.email),
        ("factor_reset_approved", manager.email),
    ]
    assert events[1].changes == {"user": worker.pk}


def test_who_asked_cannot_answer(worker, administrator):
    reset = ask_as(administrator, worker)
    body = answer(administrator, reset).content.decode()
    assert "A second person must answer" in body
    assert has_factor(worker)


def test_nobody_answers_about_themselves(service, administrator, manager):
    AppFactory(user=administrator)
    reset = ask_as(manager, administrator)
    body = answer(administrator, reset).content.decode()
    assert "about your own account" in body
    assert has_factor(administrator)


@pytest.mark.parametrize("who", ["asked_by", "user"])
def test_the_database_refuses_one_person_too(service, worker, administrator, who):
    reset = FactorResetFactory(service=service, user=worker, asked_by=administrator)
    decided = {"approved": True, "decided_by": getattr(reset, who), "decided_at": timezone.now()}
    with pytest.raises(IntegrityError, match="factor_reset_two_people"), transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(**decided)


def test_a_no_takes_nothing_away(worker, administrator, manager):
    answer(manager, ask_as(administrator, worker), "decline")
    assert has_factor(worker)
    assert FactorReset.objects.get().approved is False
    assert AuditEvent.objects.filter(event="factor_reset_declined").exists()


def test_an_answer_is_given_once(worker, administrator, manager):
    reset = ask_as(administrator, worker)
    answer(manager, reset, "decline")
    assert "answered this request before you" in answer(manager, reset).content.decode()
    assert has_factor(worker)


def test_a_request_that_was_forgotten_cannot_be_approved_later(service, worker, administrator):
    reset = FactorResetFactory(service=service, user=worker)
    FactorReset.objects.filter(pk=reset.pk).update(asked_at=timezone.now() - datetime.timedelta(days=8))
    assert "older than 7 days" in answer(administrator, reset).content.decode()
    answer(administrator, reset, "decline")
    assert FactorReset.objects.get().approved is False


def test_one_open_request_at_a_time(worker):
    ask_for_oneself(worker)
    _, response = ask_for_oneself(worker)
    assert "A request is open already" in response.content.decode()
    assert FactorReset.objects.count() == 1


def test_nobody_asks_without_the_password(client, worker):
    client.post(reverse("login"), {"username": worker.email, "password": "wrong"})
    assert client.post(reverse("lost_factor"), {"reason": "I lost it"})["Location"] == reverse("login")
    assert not FactorReset.objects.exists()


def test_a_member_of_two_services_says_which_should_answer(service, neighbour, worker):
    MembershipFactory(user=worker, service=neighbour, role=Role.COMMISSIONER)
    client, response = ask_for_oneself(worker)
    assert "Choose a service" in response.content.decode()
    client.post(reverse("lost_factor"), {"reason": "Lost", "service": neighbour.pk})
    assert FactorReset.objects.get().service == neighbour


def test_another_services_administrator_neither_sees_nor_answers(neighbour, worker, administrator):
    reset = ask_as(administrator, worker)
    other = signed_in(MembershipFactory(service=neighbour, role=Role.ADMINISTRATOR).user)
    assert worker.name not in other.get(reverse("governance:factor_resets")).content.decode()
    url = reverse("governance:decide_factor_reset", args=[reset.pk])
    assert other.post(url, {"answer": "approve"}).status_code == 404


def test_members_page_says_that_a_request_waits(worker, administrator):
    assert (
        "waiting for an answer"
        not in signed_in(administrator).get(reverse("governance:members")).content.decode()
    )
    ask_for_oneself(worker)
    assert (
        "1 waiting for an answer"
        in signed_in(administrator).get(reverse("governance:members")).content.decode()
    )


def test_nothing_is_taken_away_when_the_audit_fails(worker, administrator, manager, monkeypatch):
    reset = ask_as(administrator, worker)

    def full_disk(row):
        raise OSError

    monkeypatch.setattr("governance.audit.sign", full_disk)
    with pytest.raises(OSError), transaction.atomic():
        factor_reset.decide(reset=reset, approve=True, by=manager)
    assert second_factor.has_factor(worker)
    assert FactorReset.objects.get().decided_at is None


def test_asking_twice_by_action_is_refused_in_words(service, worker, administrator):
    factor_reset.ask(service=service, user=worker, reason="Lost", by=worker)
    with pytest.raises(RuleBroken, match="open already"):
        factor_reset.ask(service=service, user=worker, reason="Lost", by=administrator)
