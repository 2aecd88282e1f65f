"""Password and second factor: what opens the door, what does not, and what is kept of it."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.actions import second_factor
from governance.models import AuditEvent, User
from tests.factories.governance import AppFactory
from tests.factors import (
    PAGE,
    PASSWORD,
    SECRET,
    Passkey,
    code,
    give_code,
    give_password,
    is_in,
    on_localhost,
    question_on,
    with_passkey,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return on_localhost()


# -- with a factor ---------------------------------------------------------------------------------------


def test_the_password_alone_signs_nobody_in(client, worker, app):
    response = give_password(client, worker)
    assert response["Location"] == reverse("second_factor")
    assert not is_in(client)
    assert client.get(reverse("set_up_app"))["Location"].startswith(reverse("login"))


def test_password_and_code_open_the_page_that_was_wanted(client, worker, app):
    wanted = reverse(PAGE)
    page = give_password(client, worker, next=wanted)["Location"]
    response = client.post(page, {"code": code(SECRET), "next": wanted})
    assert response["Location"] == wanted
    assert is_in(client)
    assert AuditEvent.objects.get(event="signed_in").changes == {"factor": "totp"}


def test_an_address_elsewhere_is_never_led_to(client, worker, app):
    give_password(client, worker, next="https://elsewhere.example/")
    response = client.post(
        reverse("second_factor"), {"code": code(SECRET), "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == reverse("home")


@pytest.mark.parametrize("typed", ["000000", "", "abc", "12345678901234567890", "１２３４５６"])
def test_a_wrong_code_is_refused_in_words(client, worker, app, typed):
    give_password(client, worker)
    response = give_code(client, typed)
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("steps, accepted", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(client, worker, app, steps, accepted):
    give_password(client, worker)
    give_code(client, code(SECRET, steps=steps))
    assert is_in(client) is accepted


def test_a_code_that_was_seen_over_a_shoulder_opens_nothing_afterwards(client, worker, app):
    seen = code(SECRET)
    give_password(client, worker)
    give_code(client, seen)
    thief = Client()
    give_password(thief, worker)
    assert "was used before" in give_code(thief, seen).content.decode()
    assert not is_in(thief)


def test_a_used_code_stays_used_when_the_cache_is_emptied_and_the_clock_moves(worker, app, time_machine):
    time_machine.move_to(1_800_000_000, tick=False)
    used = code(SECRET)
    assert second_factor.accept_code(code=used, by=worker) == "totp"
    cache.clear()
    time_machine.move_to(1_800_000_000 + 30, tick=False)
    assert second_factor.accept_code(code=used, by=worker) is None


def test_a_code_before_the_last_one_is_refused_as_well(worker, app, time_machine):
    time_machine.move_to(1_800_000_000, tick=False)
    assert second_factor.accept_code(code=code(SECRET, steps=1), by=worker) == "totp"
    assert second_factor.accept_code(code=code(SECRET), by=worker) is None


def test_one_recovery_code_lets_in_once(client, worker, app):
    second_factor.make_recovery_codes(by=worker)
    kept = second_factor.recovery_codes(worker)
    assert len(set(kept)) == 10
    give_password(client, worker)
    give_code(client, kept[3])
    assert is_in(client)
    again = Client()
    give_password(again, worker)
    give_code(again, kept[3])
    assert not is_in(again)
    assert second_factor.recovery_codes(worker) == kept[:3] + kept[4:]
    assert AuditEvent.objects.filter(event="recovery_code_used").count() == 1


def test_the_password_is_good_for_a_few_minutes_only(client, worker, app, time_machine):
    time_machine.move_to(1_800_000_000, tick=False)
    give_password(client, worker)
    time_machine.move_to(1_800_000_000 + 11 * 60, tick=False)
    assert give_code(client, code(SECRET))["Location"] == reverse("login")
    assert not is_in(client)


def test_a_password_changed_meanwhile_is_asked_for_again(client, worker, app):
    give_password(client, worker)
    worker.set_password("another-one-altogether")
    worker.save()
    assert give_code(client, code(SECRET))["Location"] == reverse("login")


def test_somebody_elses_code_does_not_help(client, worker, app, lead):
    AppFactory(user=lead, secret="KRUGKIDROVUWG2ZAKRUGKIDROVUWG2ZA")
    give_password(client, worker)
    give_code(client, code("KRUGKIDROVUWG2ZAKRUGKIDROVUWG2ZA"))
    assert not is_in(client)


# -- passkeys --------------------------------------------------------------------------------------------


def test_a_passkey_is_set_up_and_signs_in(client, worker):
    give_password(client, worker)
    passkey, response = with_passkey(client)
    assert response["Location"] == reverse("recovery_codes")
    fresh = on_localhost()
    give_password(fresh, worker)
    assert not is_in(fresh)
    question = question_on(fresh.get(reverse("second_factor")))
    fresh.post(reverse("second_factor"), {"answer": passkey.sign(question)})
    assert is_in(fresh)


def test_an_answer_to_an_old_question_or_of_another_passkey_is_refused(client, worker):
    give_password(client, worker)
    passkey, _ = with_passkey(client)
    fresh = on_localhost()
    give_password(fresh, worker)
    old = question_on(fresh.get(reverse("second_factor")))
    question = question_on(fresh.get(reverse("second_factor")))
    for answer in (passkey.sign(old), Passkey().sign(question), "{}", "[]", "null", "1", ""):
        response = fresh.post(reverse("second_factor"), {"answer": answer})
        assert response.status_code == 200
        assert "There is a problem" in response.content.decode()
        assert re.search("did not answer as expected|gave no answer", response.content.decode())
        assert not is_in(fresh)


@pytest.mark.parametrize("answer", ["{}", "[]", "null", '{"id": 1}', "not json", '{"response": {}}'])
def test_a_broken_passkey_is_refused_in_words(client, worker, answer):
    give_password(client, worker)
    client.get(reverse("set_up_passkey"))
    response = client.post(reverse("set_up_passkey"), {"name": "phone", "answer": answer})
    assert response.status_code == 200
    assert "The device" in response.content.decode()
    assert not second_factor.has_factor(worker)


# -- what is kept ----------------------------------------------------------------------------------------


def test_no_seed_and_no_recovery_code_can_be_read_in_the_database(client, worker):
    give_password(client, worker)
    page = client.get(reverse("set_up_app")).content.decode()
    secret = re.search(r'app-code">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    in_session = json.dumps(dict(client.session.items()))
    client.post(reverse("set_up_app"), {"code": code(secret)})
    codes = second_factor.recovery_codes(worker)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        stored = cursor.fetchone()[0] + in_session
    assert stored.count("gAAAA") == 3
    assert not any(kept in stored for kept in [secret, *codes])


def test_a_new_key_takes_over_and_the_old_one_is_then_not_needed(worker, settings):
    settings.MFA_KEYS = ["the old key"]
    AppFactory(user=worker, secret=SECRET)
    settings.MFA_KEYS = ["the new key", "the old key"]
    assert second_factor.accept_code(code=code(SECRET), by=worker) == "totp"
    settings.MFA_KEYS = ["the new key"]
    assert second_factor.accept_code(code=code(SECRET, steps=1), by=worker) == "totp"


def test_a_lost_key_is_a_sentence_and_not_a_fault(client, worker, app, settings):
    settings.MFA_KEYS = ["a key that never sealed anything"]
    give_password(client, worker)
    response = give_code(client, code(SECRET))
    assert "can no longer be read" in response.content.decode()
    assert not is_in(client)


# -- the demonstration -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "demo, email, opens",
    [
        (True, "sam@fenland.example", True),
        (True, "sam@fenland.example.org", False),
        (False, "sam@fenland.example", False),
    ],
)
def test_only_invented_people_of_a_demonstration_get_by_with_a_password(
    client, worker, settings, demo, email, opens
):
    settings.DEMO = demo
    User.objects.filter(pk=worker.pk).update(email=email)
    client.post(reverse("login"), {"username": email, "password": PASSWORD})
    assert is_in(client) is opens


def test_a_session_of_the_demonstration_opens_nothing_once_it_is_none(client, worker, settings):
    settings.DEMO = True
    User.objects.filter(pk=worker.pk).update(email="sam@fenland.example")
    client.post(reverse("login"), {"username": "sam@fenland.example", "password": PASSWORD})
    assert "need no second factor" in client.get(reverse(PAGE)).content.decode()
    settings.DEMO = False
    assert client.get(reverse(PAGE))["Location"] == reverse("set_up")


def test_an_invented_person_with_a_factor_is_asked_for_it(client, worker, app, settings):
    settings.DEMO = True
    User.objects.filter(pk=worker.pk).update(email="sam@fenland.example")
    client.post(reverse("login"), {"username": "sam@fenland.example", "password": PASSWORD})
    assert not is_in(client)
