import datetime
import re

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from governance import audit
from governance.models import AuditEvent, Membership, User
from governance.roles import Role
from tests.factories.casework import CaseFactory
from tests.factories.governance import AgreementFactory, MembershipFactory, ServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(service):
    return MembershipFactory(service=service, role=Role.ADMINISTRATOR).user


def said(response):
    return " ".join(str(m) for m in get_messages(response.wsgi_request))


def test_agreement_that_has_ended_is_marked(service, ig_lead, as_user):
    AgreementFactory(service=service, title="Old one", valid_to=datetime.date(2021, 1, 1))
    body = as_user(ig_lead).get(reverse("governance:overview")).content.decode()
    assert "Stops loads" in body
    assert "ended on 1 January 2021" in body


def test_new_member_can_sign_in_with_the_password_shown_once(service, administrator, as_user, client):
    form = {"name": "Nia New", "email": "Nia@Example.org", "role": "link_worker"}
    response = as_user(administrator).post(reverse("governance:members"), form)
    password = said(response).rpartition(": ")[2]
    user = User.objects.get(email="nia@example.org")
    assert client.login(username="NIA@example.org", password=password)
    assert user.memberships.get().role == Role.LINK_WORKER


def test_second_membership_of_one_service_is_refused_in_words(service, administrator, link_worker, as_user):
    form = {"name": "Again", "email": link_worker.email, "role": "link_worker"}
    response = as_user(administrator).post(reverse("governance:members"), form)
    assert "already has access to this service" in response.content.decode()


def give(client, **told):
    form = {"name": "Nia New", "email": "nia@example.org", "role": "link_worker", **told}
    return client.post(reverse("governance:members"), form)


def end(client, membership, **told):
    told = told or {"now": "on"}
    return client.post(reverse("governance:end_membership", args=[membership.pk]), told)


def on(day):
    return {"last_day_day": day.day, "last_day_month": day.month, "last_day_year": day.year}


def has_access(email):
    return Membership.objects.in_force(timezone.localdate()).filter(user__email=email).exists()


def test_access_given_by_mistake_ends_the_same_day(administrator, as_user):
    client = as_user(administrator)
    give(client)
    end(client, Membership.objects.get(user__email="nia@example.org"))
    assert not has_access("nia@example.org")


def test_access_that_has_ended_can_be_given_again(administrator, as_user):
    client = as_user(administrator)
    give(client)
    end(client, Membership.objects.get(user__email="nia@example.org"))
    give(client, role="hiu_lead")
    assert has_access("nia@example.org")
    assert Membership.objects.get(user__email="nia@example.org").role == Role.HIU_LEAD
    assert AuditEvent.objects.last().changes["role"] == ["link_worker", "hiu_lead"]


def test_a_last_day_that_has_passed_is_refused_in_words(administrator, as_user):
    past = {"ends_on_day": "1", "ends_on_month": "2", "ends_on_year": "2021"}
    body = give(as_user(administrator), **past).content.decode()
    assert "The last day of access has passed." in body
    assert not User.objects.filter(email="nia@example.org").exists()


def test_access_that_ended_long_ago_is_not_prolonged_by_ending_it_again(administrator, link_worker, as_user):
    link_worker.memberships.update(ends_on="2021-01-01")
    end(as_user(administrator), link_worker.memberships.get())
    assert link_worker.memberships.get().ends_on == datetime.date(2021, 1, 1)
    assert AuditEvent.objects.count() == 0


def test_one_s_own_access_has_no_button_to_end_it(administrator, link_worker, as_user):
    body = as_user(administrator).get(reverse("governance:members")).content.decode()
    ends = [
        reverse("governance:end_membership", args=[u.memberships.get().pk])
        for u in (administrator, link_worker)
    ]
    assert [url in body for url in ends] == [False, True]


def test_ended_access_ends_now(service, administrator, link_worker, as_user):
    client, worker = as_user(administrator), as_user(link_worker)
    end(client, link_worker.memberships.get())
    assert not has_access(link_worker.email)
    assert worker.get(reverse("casework:today")).status_code in (302, 403)
    body = client.get(reverse("governance:members")).content.decode()
    assert f"no access since {timezone.localdate():%-d %B %Y}" in body
    assert "ended on" not in body


def test_access_can_end_with_a_later_day(service, administrator, link_worker, as_user):
    client, worker = as_user(administrator), as_user(link_worker)
    today = timezone.localdate()
    address = reverse("governance:end_membership", args=[link_worker.memberships.get().pk])
    assert f'value="{today.day}"' in client.get(address).content.decode()
    end(client, link_worker.memberships.get(), **on(today))
    assert link_worker.memberships.get().ends_on == today
    assert worker.get(reverse("casework:today")).status_code == 200


@pytest.mark.parametrize(
    "days, sentence",
    [(-1, "This day has passed."), (40, "Enter that day or an earlier one."), (None, "Enter the last day")],
)
def test_a_last_day_that_cannot_be_is_refused_in_words(administrator, link_worker, as_user, days, sentence):
    today = timezone.localdate()
    link_worker.memberships.update(ends_on=today + datetime.timedelta(days=30))
    told = on(today + datetime.timedelta(days=days)) if days is not None else {"last_day_day": ""}
    body = end(as_user(administrator), link_worker.memberships.get(), **told).content.decode()
    assert sentence in body
    assert link_worker.memberships.get().ends_on == today + datetime.timedelta(days=30)


def test_before_access_ends_the_page_says_who_is_left_without_a_worker(
    service, administrator, lead, link_worker, as_user
):
    client = as_user(administrator)
    address = reverse("governance:end_membership", args=[link_worker.memberships.get().pk])
    assert "has no open case" in client.get(address).content.decode()
    for stage in ("active", "active", "open_door"):
        CaseFactory(service=service, worker=link_worker, stage=stage)
    CaseFactory(service=service, worker=lead, person__first_name="Marigold")
    body = client.get(address).content.decode()
    assert "<strong>2 open cases</strong>" in body
    assert "the Board tells Leah Lead" in body
    assert "Marigold" not in body
    assert has_access(link_worker.email)


def test_nobody_ends_their_own_access(service, administrator, as_user):
    membership = administrator.memberships.get()
    response = as_user(administrator).post(reverse("governance:end_membership", args=[membership.pk]))
    assert "cannot end your own access" in said(response)
    assert Membership.objects.get(pk=membership.pk).ends_on is None


def test_member_of_two_services_chooses_one(service, neighbour, lead, as_user):
    MembershipFactory(user=lead, service=neighbour, role=Role.COMMISSIONER)
    client = as_user(lead)
    assert client.get(reverse("home"))["Location"] == reverse("governance:choose_service")
    client.post(reverse("governance:choose_service"), {"service": neighbour.pk})
    assert client.get(reverse("home"))["Location"] == reverse("evaluation:reports")


@pytest.mark.parametrize("name", ["home", "governance:choose_service"])
def test_whoever_has_no_access_any_more_reads_whom_to_ask(link_worker, as_user, name):
    link_worker.memberships.update(ends_on="2021-01-01")
    response = as_user(link_worker).get(reverse(name))
    assert response.status_code == 403
    assert response.content.decode().count("Ask your service manager") == 1


def test_a_service_one_is_no_member_of_cannot_be_chosen(service, neighbour, lead, as_user):
    client = as_user(lead)
    response = client.post(reverse("governance:choose_service"), {"service": neighbour.pk})
    assert response.status_code == 404


def test_wrong_password_says_what_to_do_and_not_which_was_wrong(client, link_worker):
    bodies = [
        client.post(reverse("login"), {"username": name, "password": "wrong"}).content.decode()
        for name in (link_worker.email, "nobody@example.org")
    ]
    assert all("Check both and try again" in body for body in bodies)


def test_pages_of_signed_in_people_are_not_kept(service, ig_lead, as_user):
    response = as_user(ig_lead).get(reverse("governance:overview"))
    assert response["Cache-Control"] == "no-store"
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_log_names_a_member_of_staff(service, ig_lead, lead, as_user):
    with transaction.atomic():
        audit.record("signed_in", service=service, by=lead, on=lead)
    client = as_user(ig_lead)
    for name in ("access_log", "overview"):
        body = client.get(reverse(f"governance:{name}")).content.decode()
        assert "Leah Lead" in body
        assert f"User {lead.pk}" not in body


def test_the_log_speaks_of_things_by_kind_and_number(service, ig_lead, lead, as_user):
    with transaction.atomic():
        audit.record("list_built", service=service, by=None, on=ServiceFactory())
        audit.record("signed_out", service=service, by=lead)
    body = as_user(ig_lead).get(reverse("governance:access_log")).content.decode()
    assert "List built" in body
    assert "the system" in body
    assert re.search(r"Service \d+", body)


def test_a_first_password_is_replaced_by_ones_own(service, administrator, as_user, client):
    form = {"name": "Nia New", "email": "nia@example.org", "role": "link_worker"}
    first = said(as_user(administrator).post(reverse("governance:members"), form)).rpartition(": ")[2]
    client.post(reverse("login"), {"username": "nia@example.org", "password": first})
    own = "three-odd-lamps"
    typed = {"old_password": first, "new_password1": own, "new_password2": own}
    assert client.post(reverse("new_password"), typed)["Location"] == reverse("home")
    assert not client.login(username="nia@example.org", password=first)
    assert client.login(username="nia@example.org", password=own)


def test_a_first_password_is_in_no_cookie(service, administrator, as_user):
    form = {"name": "Nia New", "email": "nia@example.org", "role": "link_worker"}
    response = as_user(administrator).post(reverse("governance:members"), form)
    assert "messages" not in response.cookies
