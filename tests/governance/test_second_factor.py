"""Password and second factor: what opens the door, what does not, and what is kept of it."""

import json
import re
import time
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.actions import second_factor
from governance.models import AuditEvent, User
from governance.roles import Role
from tests.factories.governance import AppFactory, MembershipFactory
from tests.factors import Passkey, code
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "three-odd-lamps"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PAGE = "casework:today"


@pytest.fixture
def worker(link_worker) -> User:
    """The link worker with a password; no second factor yet."""
    link_worker.set_password(PASSWORD)
    link_worker.save()
    return link_worker


@pytest.fixture
def app(worker):
    return AppFactory(user=worker, secret=SECRET)


@pytest.fixture
def client():
    """On localhost, where passkeys work without HTTPS."""
    return Client(headers={"host": "localhost"})


def give_password(client, user, password=PASSWORD, **query):
    return client.post(reverse("login", query=query), {"username": user.email, "password": password})


def give_code(client, typed):
    return client.post(reverse("second_factor"), {"code": typed})


def is_in(client):
    return client.get(reverse(PAGE)).status_code == 200


def question_on(response):
    return json.loads(unescape(re.search(r'data-passkey-question="([^"]+)"', response.content.decode())[1]))


def with_passkey(client, passkey=None):
    """Set up a passkey in a session that is signed in."""
    passkey = passkey or Passkey()
    question = question_on(client.get(reverse("set_up_passkey")))
    told = {"name": "work phone", "answer": passkey.register(question)}
    return passkey, client.post(reverse("set_up_passkey"), told)


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
    from django.core.cache import cache

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
    fresh = Client(headers={"host": "localhost"})
    give_password(fresh, worker)
    assert not is_in(fresh)
    question = question_on(fresh.get(reverse("second_factor")))
    fresh.post(reverse("second_factor"), {"answer": passkey.sign(question)})
    assert is_in(fresh)


def test_an_answer_to_an_old_question_or_of_another_passkey_is_refused(client, worker):
    give_password(client, worker)
    passkey, _ = with_passkey(client)
    fresh = Client(headers={"host": "localhost"})
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


# -- without a factor ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_without_a_second_factor_every_role_reaches_the_set_up_pages_alone(service, role):
    client = Client()
    client.force_login(MembershipFactory(service=service, role=role).user)
    for name in ("home", "governance:members", "evaluation:reports", PAGE, "security", "recovery_codes"):
        for response in (client.get(reverse(name)), client.post(reverse(name))):
            assert (response.status_code, response["Location"]) == (302, reverse("set_up"))
    for name in ("set_up", "set_up_app", "set_up_passkey"):
        assert client.get(reverse(name)).status_code == 200


def test_a_new_member_sets_a_password_then_an_app_and_keeps_the_codes(client, worker):
    User.objects.filter(pk=worker.pk).update(has_first_password=True)
    give_password(client, worker)
    assert client.get(reverse("home"))["Location"] == reverse("new_password")
    assert client.get(reverse("set_up"))["Location"] == reverse("new_password")
    own = "four-green-kites"
    typed = {"old_password": PASSWORD, "new_password1": own, "new_password2": own}
    client.post(reverse("new_password"), typed)
    assert client.get(reverse("home"))["Location"] == reverse("set_up")
    page = client.get(reverse("set_up_app")).content.decode()
    secret = re.search(r'app-code">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    response = client.post(reverse("set_up_app"), {"code": code(secret)}, follow=True)
    assert all(kept in response.content.decode() for kept in second_factor.recovery_codes(worker))
    client.post(reverse("recovery_codes"), {"made": "kept"})
    assert (
        second_factor.recovery_codes(worker)[0] not in client.get(reverse("recovery_codes")).content.decode()
    )
    assert is_in(client)


def test_the_first_password_does_not_serve_as_the_new_one(client, worker):
    User.objects.filter(pk=worker.pk).update(has_first_password=True)
    give_password(client, worker)
    typed = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "not the one you have now" in client.post(reverse("new_password"), typed).content.decode()
    assert User.objects.get(pk=worker.pk).has_first_password


def test_the_code_that_set_an_app_up_does_not_sign_in(client, worker):
    give_password(client, worker)
    page = client.get(reverse("set_up_app")).content.decode()
    secret = re.search(r'app-code">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    typed = code(secret)
    client.post(reverse("set_up_app"), {"code": typed})
    assert second_factor.accept_code(code=typed, by=worker) is None


def test_a_wrong_code_sets_up_nothing(client, worker):
    give_password(client, worker)
    response = client.post(reverse("set_up_app"), {"code": "000000"})
    assert "not right" in response.content.decode()
    assert not Authenticator.objects.exists()


def test_a_session_from_before_cannot_add_a_factor_beside_the_first(client, worker):
    """Somebody with the password signs in first and waits until the owner has set up a factor."""
    give_password(client, worker)
    AppFactory(user=worker, secret=SECRET)
    for name in ("set_up", "set_up_app", "set_up_passkey"):
        assert client.get(reverse(name))["Location"].startswith(reverse("second_factor"))
    assert client.post(reverse("set_up_app"), {"code": "1"}).status_code == 302
    give_code(client, code(SECRET))
    assert is_in(client)


def test_whoever_has_no_access_today_sets_nothing_up(client, worker):
    worker.memberships.update(ends_on="2021-01-01")
    give_password(client, worker)
    response = client.get(reverse("set_up"))
    assert response.status_code == 403
    assert "Ask your service manager" in response.content.decode()


# -- roles that are asked for a passkey ------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_who_can_change_what_others_see_is_asked_for_a_passkey(service, role):
    user = MembershipFactory(service=service, role=role).user
    AppFactory(user=user, secret=SECRET)
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    give_password(client, user)
    give_code(client, code(SECRET))
    body = client.get(reverse("security")).content.decode()
    assert ("please add a passkey" in body) is (role in {Role.IG_LEAD, Role.ADMINISTRATOR})


# -- changing factors ------------------------------------------------------------------------------------


def test_factors_are_changed_only_by_somebody_who_has_just_shown_one(worker, app):
    client = signed_in(worker)
    session = client.session
    session["second_factor"] = {"kind": "totp", "at": int(time.time()) - 16 * 60}
    session.save()
    for name, args in (("set_up_passkey", []), ("recovery_codes", []), ("remove_factor", [app.pk])):
        response = client.post(reverse(name, args=args))
        assert response["Location"].startswith(reverse("second_factor"))
    old_id = client.session.session_key
    give_code(client, code(SECRET))
    assert client.session.session_key != old_id
    assert client.get(reverse("set_up_passkey")).status_code == 200


def test_the_last_factor_cannot_be_removed_and_nobody_elses_can(client, worker, app, lead):
    client = signed_in(worker, client)
    other = AppFactory(user=lead)
    assert client.post(reverse("remove_factor", args=[other.pk])).status_code == 404
    client.post(reverse("remove_factor", args=[app.pk]))
    assert Authenticator.objects.filter(pk=app.pk).exists()
    with_passkey(client)
    client.post(reverse("remove_factor", args=[app.pk]))
    assert not Authenticator.objects.filter(pk=app.pk).exists()
    assert Authenticator.objects.filter(pk=other.pk).exists()
    assert second_factor.has_factor(worker)


def test_new_recovery_codes_replace_those_of_before(worker, app):
    second_factor.make_recovery_codes(by=worker)
    old = second_factor.recovery_codes(worker)
    signed_in(worker).post(reverse("recovery_codes"), {"made": "new"})
    assert set(old).isdisjoint(second_factor.recovery_codes(worker))
    assert second_factor.accept_code(code=old[0], by=worker) is None


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
