"""How long a session lasts, what ends it, and what its cookies are called."""

import os
import subprocess
import sys

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.actions import member
from governance.models import AuditEvent, Membership, SignIn, User
from governance.roles import Role
from governance.tasks import forget_sessions
from tests.factories.casework import CaseFactory
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.test_settings import ROOT

pytestmark = pytest.mark.django_db
PAGE = "casework:today"
START = 1_800_000_000
MINUTE, HOUR = 60, 3600
PHONE = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)


@pytest.fixture
def clock(time_machine):
    """`clock(minutes)` so many minutes after the session began."""

    def at(minutes):
        time_machine.move_to(START + minutes * MINUTE, tick=False)

    at(0)
    return at


def opens(client):
    return client.get(reverse(PAGE)).status_code == 200


def sign_in(user, password="three-odd-lamps", **browser):
    """As a demo sign-in would: by the pages, and without a second factor."""
    client = Client(headers=browser)
    client.post(reverse("login"), {"username": user.email, "password": password})
    return client


@pytest.fixture
def demo_worker(link_worker, settings):
    settings.DEMO = True
    link_worker.email = "sam@fenland.example"
    link_worker.set_password("three-odd-lamps")
    link_worker.save()
    return link_worker


# -- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes, still_in", [(14, True), (15, True), (16, False), (90, False)])
def test_a_session_left_alone_ends_after_a_quarter_of_an_hour(clock, link_worker, minutes, still_in):
    client = signed_in(link_worker)
    clock(minutes)
    assert opens(client) is still_in


def test_the_idle_time_is_a_setting(clock, link_worker, settings):
    settings.SESSION_IDLE = 5 * MINUTE
    client = signed_in(link_worker)
    clock(6)
    assert not opens(client)


def test_a_session_in_use_goes_on_for_ten_hours_and_no_longer(clock, link_worker):
    client = signed_in(link_worker)
    for minutes in range(10, 600, 10):
        clock(minutes)
        assert opens(client), minutes
    clock(600)
    assert not opens(client)
    assert "one working day" in client.get(reverse("login")).content.decode()


def test_after_the_end_one_is_told_why_and_led_back(clock, link_worker):
    client = signed_in(link_worker)
    clock(20)
    response = client.get(reverse(PAGE))
    assert response["Location"] == f"{reverse('login')}?next={reverse(PAGE)}"
    assert "after 15 minutes without use" in client.get(response["Location"]).content.decode()
    assert "without use" not in client.get(response["Location"]).content.decode()


def test_something_sent_after_the_end_leads_back_to_its_page_and_stores_nothing(clock, service, link_worker):
    case = CaseFactory(service=service, worker=link_worker)
    client = signed_in(link_worker)
    page = reverse("casework:log_contact", args=[case.pk])
    clock(20)
    response = client.post(page, {"note": "Typed"}, headers={"referer": f"http://testserver{page}?late=1"})
    assert response["Location"] == f"{reverse('login')}?next={page}%3Flate%3D1"
    elsewhere = client.post(reverse("keep_working"), headers={"referer": "https://elsewhere.example/page"})
    assert elsewhere["Location"] == f"{reverse('login')}?next={reverse('keep_working')}"
    assert not case.contacts.exists()


def test_keep_working_keeps_a_session_alive_and_says_for_how_long(clock, link_worker):
    client = signed_in(link_worker)
    clock(13)
    assert client.post(reverse("keep_working")).json() == {
        "idle": 15 * MINUTE,
        "ends": 10 * HOUR - 13 * MINUTE,
    }
    clock(27)
    assert opens(client)
    assert client.get(reverse("keep_working")).status_code == 405


def test_a_page_that_polls_by_itself_does_not_keep_a_session_alive(clock, link_worker):
    client = signed_in(link_worker)
    for minutes in (5, 10, 15):
        clock(minutes)
        client.get(reverse(PAGE), headers={"accept": "application/json"})
    clock(16)
    assert not opens(client)


def test_the_page_knows_how_long_and_holds_a_key_of_its_own_person(clock, link_worker, lead):
    pages = [signed_in(u).get(reverse(PAGE)).content.decode() for u in (link_worker, link_worker, lead)]
    keys = [page.partition("session-warning")[2].partition('data-key="')[2][:64] for page in pages]
    assert all(len(key) == 64 and key.isalnum() for key in keys)
    assert keys[0] == keys[1] != keys[2]
    assert 'data-idle="900"' in pages[0]
    assert 'data-ends=""' in pages[0]
    assert 'data-warning="120"' in pages[0]
    assert "session-warning" not in Client().get(reverse("login")).content.decode()


def test_the_page_says_so_when_the_working_day_ends_first(clock, link_worker):
    client = signed_in(link_worker)
    for minutes in range(10, 600, 10):
        clock(minutes)
        page = client.get(reverse(PAGE)).content.decode()
    assert 'data-ends="600"' in page


# -- what ends it ----------------------------------------------------------------------------------------


def test_the_id_of_a_session_changes_at_sign_in(demo_worker):
    client = Client()
    session = client.session
    session["before"] = "sign-in"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post(reverse("login"), {"username": demo_worker.email, "password": "three-odd-lamps"})
    assert opens(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_new_password_ends_the_other_sessions(demo_worker):
    here, elsewhere = sign_in(demo_worker), signed_in(demo_worker)
    own = "four-green-kites"
    typed = {"old_password": "three-odd-lamps", "new_password1": own, "new_password2": own}
    here.post(reverse("new_password"), typed)
    assert opens(here)
    assert not opens(elsewhere)
    assert AuditEvent.objects.filter(event="password_changed").count() == 1


def test_switching_an_account_off_ends_its_sessions(link_worker):
    client = signed_in(link_worker)
    assert opens(client)
    User.objects.filter(pk=link_worker.pk).update(is_active=False)
    assert client.get(reverse(PAGE))["Location"].startswith(reverse("login"))


def test_leaving_ends_every_session(service, link_worker, lead):
    client = signed_in(link_worker)
    membership = link_worker.memberships.get()
    member.end(membership=membership, on=membership.starts_on, by=lead)
    assert client.get(reverse(PAGE))["Location"].startswith(reverse("login"))
    assert opens(signed_in(lead))


def test_another_role_ends_every_session(service, link_worker, lead):
    Membership.objects.filter(user=link_worker).update(ends_on="2021-01-01")
    client = signed_in(link_worker)
    told = {"name": "", "email": link_worker.email, "role": Role.COMMISSIONER, "ends_on": None}
    member.add(service=service, starts_on=lead.joined_at.date(), by=lead, **told)
    assert client.get(reverse("home"))["Location"].startswith(reverse("login"))


def test_signing_out_ends_the_session_and_not_only_the_cookie(demo_worker):
    client = sign_in(demo_worker)
    key = client.session.session_key
    client.post(reverse("logout"))
    copied = Client()
    copied.cookies["sessionid"] = key
    assert not opens(copied)
    assert not SignIn.objects.exists()


# -- the list --------------------------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_ends_the_others(demo_worker, lead):
    phone, desk = sign_in(demo_worker, **{"user-agent": PHONE}), sign_in(demo_worker)
    somebody_else = signed_in(lead)
    body = desk.get(reverse("security")).content.decode()
    assert "Chrome on Android" in body
    assert body.count("This one") == 1
    response = desk.post(reverse("end_other_sessions"), follow=True)
    assert "Signed out of 1 other session." in response.content.decode()
    assert "Chrome on Android" not in response.content.decode()
    assert [opens(phone), opens(desk), opens(somebody_else)] == [False, True, True]


def test_rows_of_sessions_and_tries_that_are_over_are_thrown_away(clock, demo_worker):
    sign_in(demo_worker)
    cache.set("old", 1, 60)
    clock(11 * 60)
    here = sign_in(demo_worker)
    cache.set("new", 1, 60)
    forget_sessions()
    assert opens(here)
    assert (Session.objects.count(), SignIn.objects.count()) == (1, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(cache_key) FROM hiu_cache")
        assert cursor.fetchone()[0] == [":1:new"]


def test_a_session_that_is_over_is_not_listed(clock, demo_worker):
    sign_in(demo_worker, **{"user-agent": PHONE})
    clock(20)
    assert "Android" not in sign_in(demo_worker).get(reverse("security")).content.decode()
    assert SignIn.objects.count() == 1


def test_the_list_asks_as_much_for_two_sessions_as_for_twenty(demo_worker, django_assert_max_num_queries):
    for _ in range(20):
        desk = sign_in(demo_worker)
    with django_assert_max_num_queries(12):
        body = desk.get(reverse("security")).content.decode()
    assert body.count('class="app-row"') == 20


# -- cookies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("https, prefix", [("1", "__Host-"), ("0", "")])
def test_cookies_carry_the_host_prefix_where_https_is_on(https, prefix):
    ask = "from hiu import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    environment = {**os.environ, "HIU_HTTPS": https}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [f"{prefix}sessionid", f"{prefix}csrftoken", str(https == "1")]


def test_the_session_cookie_is_for_the_whole_host_and_out_of_reach_of_scripts(demo_worker, settings):
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-sessionid", True
    cookie = sign_in(demo_worker).cookies["__Host-sessionid"]
    assert (cookie["path"], cookie["domain"], cookie["secure"], cookie["httponly"]) == ("/", "", True, True)


def test_a_member_of_two_services_reaches_their_own_account_before_choosing(service, neighbour, lead):
    MembershipFactory(user=lead, service=neighbour)
    assert signed_in(lead).get(reverse("security")).status_code == 200
