"""Guessing passwords and codes."""

import os
import re
import subprocess
import sys

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.actions import second_factor
from governance.models import User
from tests.factories.governance import AppFactory, MembershipFactory, UserFactory
from tests.factors import code
from tests.races import at_once
from tests.test_settings import ROOT

PASSWORD = "three-odd-lamps"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOO_MANY = "too many tries"
# Guesses from each kind of address: a thousand in all in a drill.
MANY = 334 if "HIU_ATTEMPTS" in os.environ else 34


@pytest.fixture
def worker(link_worker) -> User:
    link_worker.set_password(PASSWORD)
    link_worker.save()
    return link_worker


def guess(email, password="wrong", **sent):
    return Client(**sent).post(reverse("login"), {"username": email, "password": password}).content.decode()


@pytest.fixture
def quick_passwords(settings):
    """A thousand guesses at Argon2 would take a minute."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.django_db
@pytest.mark.parametrize("known, thirds", [(True, MANY), (False, 7)])
def test_of_many_guesses_ten_are_looked_at(quick_passwords, worker, known, thirds):
    """From one address, from a thousand, and from a thousand invented ones: the account is what counts."""
    email = worker.email if known else "nobody@example.org"
    answers = []
    for n in range(thirds):
        address = f"10.0.{n // 250}.{n % 250}"
        answers.append(guess(email))
        answers.append(guess(email.upper() + " ", REMOTE_ADDR=address))
        answers.append(guess(email, headers={"x-forwarded-for": address, "x-real-ip": address}))
    looked_at = [a for a in answers if TOO_MANY not in a]
    assert len(looked_at) == 10
    assert all("Check both and try again" in a for a in looked_at)


@pytest.mark.django_db
def test_after_ten_wrong_guesses_the_right_password_has_to_wait_too(worker, time_machine):
    time_machine.move_to(1_800_000_000, tick=False)
    for _ in range(10):
        guess(worker.email)
    assert TOO_MANY in guess(worker.email, PASSWORD)
    time_machine.move_to(1_800_000_000 + 301, tick=False)
    assert guess(worker.email, PASSWORD) == ""


@pytest.mark.django_db
def test_an_office_behind_one_address_is_not_locked_out(quick_passwords, worker, service):
    colleagues = [MembershipFactory(service=service).user for _ in range(12)]
    for colleague in colleagues:
        for _ in range(10):
            guess(colleague.email)
    assert guess(worker.email, PASSWORD) == ""


@pytest.mark.django_db
def test_a_right_password_starts_the_count_anew(worker):
    for _ in range(3):
        for _ in range(9):
            guess(worker.email)
        assert guess(worker.email, PASSWORD) == ""


@pytest.mark.django_db
def test_codes_are_counted_too_and_for_all_sessions_together(worker):
    AppFactory(user=worker, secret=SECRET)
    answers = []
    for _ in range(12):
        client = Client()
        client.post(reverse("login"), {"username": worker.email, "password": PASSWORD})
        answers.append(client.post(reverse("second_factor"), {"code": "000000"}).content.decode())
    assert [TOO_MANY in a for a in answers] == [False] * 10 + [True] * 2
    assert TOO_MANY in client.post(reverse("second_factor"), {"code": code(SECRET)}).content.decode()


@pytest.mark.django_db
def test_an_unknown_account_takes_as_long_as_a_known_one_and_reads_the_same(worker, monkeypatch):
    """Nearly all of the time is the one hash of the password, which is made for each of them alike."""
    hashed = []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(
        Argon2PasswordHasher, "encode", lambda self, *told: hashed.append(1) or encode(self, *told)
    )
    monkeypatch.setattr(
        Argon2PasswordHasher, "verify", lambda self, *told: hashed.append(1) or verify(self, *told)
    )
    switched_off = UserFactory(is_active=False)
    switched_off.set_password(PASSWORD)
    switched_off.save()
    told, taken = {}, {}
    for email in (worker.email, "nobody@example.org", switched_off.email):
        cache.clear()
        hashed.clear()
        answer = Client().post(reverse("login"), {"username": email, "password": "wrong"})
        told[email] = answer.content.decode().replace(email, "")
        taken[email] = len(hashed)
    assert len({without_token(body) for body in told.values()}) == 1
    assert set(taken.values()) == {1}, taken


def without_token(body):
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", body)


# -- several processes at once ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_five_connections_with_one_code_and_one_of_them_gets_in():
    user = MembershipFactory().user
    AppFactory(user=user, secret=SECRET)
    typed = code(SECRET)
    found = at_once(lambda: second_factor.accept_code(code=typed, by=user))
    assert sorted(map(str, found)) == ["None"] * 4 + ["totp"]


@pytest.mark.django_db(transaction=True)
def test_five_connections_with_one_recovery_code_and_one_of_them_gets_in():
    user = MembershipFactory().user
    AppFactory(user=user)
    second_factor.make_recovery_codes(by=user)
    typed = second_factor.recovery_codes(user)[0]
    found = at_once(lambda: second_factor.accept_code(code=typed, by=user))
    assert sorted(map(str, found)) == ["None"] * 4 + ["recovery_codes"]


@pytest.mark.django_db(transaction=True)
def test_fifty_guesses_at_the_same_moment_are_counted_one_by_one(quick_passwords):
    user = MembershipFactory().user
    cache.clear()
    found = at_once(lambda: [guess(user.email) for _ in range(10)])
    assert sum(TOO_MANY not in answer for answers in found for answer in answers) <= 10
    cache.clear()


ACCEPT = """
import sys, django
django.setup()
from governance.actions import second_factor
from governance.models import User
user = User.objects.get(email=sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(second_factor.accept_code(code=sys.argv[2], by=user), flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_with_one_code_and_no_redis(settings):
    user = MembershipFactory().user
    AppFactory(user=user, secret=SECRET)
    role = connection.settings_dict
    environment = {
        "DJANGO_SETTINGS_MODULE": "hiu.settings",
        "DEBUG": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"postgres://{role['USER']}:{role['PASSWORD']}@{role['HOST']}:{role['PORT']}/{role['NAME']}",
        "DATABASE_OWNER_URL": "postgres://nobody@127.0.0.1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    typed = code(SECRET)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", ACCEPT, user.email, typed],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [p.stdout.readline().strip() for p in both] == ["ready", "ready"]
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    assert sorted(p.communicate(timeout=30)[0].strip() for p in both) == ["None", "totp"]


def test_counts_and_sessions_live_in_the_database(settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
