"""Setting up second factors, and changing them: who may, when, and who is asked for a passkey."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from governance.actions import second_factor
from governance.models import User
from governance.roles import Role
from tests.factories.governance import AppFactory, MembershipFactory
from tests.factors import (
    PAGE,
    PASSWORD,
    SECRET,
    code,
    give_code,
    give_password,
    is_in,
    on_localhost,
    with_passkey,
)
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return on_localhost()


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
