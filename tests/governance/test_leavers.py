"""Access that ends by itself, and who hears of it."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone

from governance.actions import member
from governance.models import AuditEvent, Membership
from governance.roles import Role
from governance.rules import RuleBroken, last_day_of_access
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def administrator(service):
    return MembershipFactory(service=service, role=Role.ADMINISTRATOR).user


@pytest.mark.parametrize("field", ["ends_on", "contract_ends_on", "training_valid_to"])
@pytest.mark.parametrize("days, lasts", [(-1, False), (0, True), (1, True)])
def test_access_lasts_to_the_first_of_its_last_days(service, field, days, lasts):
    today = timezone.localdate()
    MembershipFactory(service=service, **{field: today + days * DAY})
    assert Membership.objects.in_force(today).exists() is lasts


def test_the_earliest_day_and_its_reason_are_what_is_told():
    one, two = datetime.date(2026, 5, 1), datetime.date(2026, 6, 1)
    ends = last_day_of_access(ends_on=None, contract_ends_on=two, training_valid_to=one)
    assert (ends.on, ends.because) == (one, "training")
    assert last_day_of_access(ends_on=None, contract_ends_on=None, training_valid_to=None) is None


@pytest.mark.parametrize("days, told", [(0, True), (30, True), (31, False)])
def test_a_member_hears_in_time_that_their_training_lapses(link_worker, days, told):
    until = timezone.localdate() + days * DAY
    link_worker.memberships.update(training_valid_to=until)
    body = signed_in(link_worker).get(reverse("casework:today")).content.decode()
    assert ("Renew your data security training" in body) is told
    assert (f"ends after {until:%-d %B %Y}" in body) is told


def test_training_that_has_lapsed_ends_access_and_a_new_date_brings_it_back(link_worker, administrator):
    client = signed_in(link_worker)
    membership = link_worker.memberships.get()
    link_worker.memberships.update(training_valid_to=timezone.localdate() - DAY)
    assert client.get(reverse("casework:today")).status_code == 403
    until = timezone.localdate() + 365 * DAY
    parts = {f"training_valid_to_{part}": getattr(until, part) for part in ("day", "month", "year")}
    url = reverse("governance:end_dates", args=[membership.pk])
    body = signed_in(administrator).post(url, parts, follow=True).content.decode()
    assert f"Training valid to {until:%-d %B %Y}" in body
    assert client.get(reverse("casework:today")).status_code == 200
    changes = AuditEvent.objects.get(event="member_dates_set").changes
    assert changes == {"training_valid_to": [str(timezone.localdate() - DAY), str(until)]}


def test_the_form_shows_the_dates_there_are(service, administrator, link_worker):
    link_worker.memberships.update(contract_ends_on="2031-05-07")
    url = reverse("governance:end_dates", args=[link_worker.memberships.get().pk])
    body = signed_in(administrator).get(url).content.decode()
    assert 'value="2031"' in body


def test_nobody_prolongs_their_own_access(administrator):
    told = {"contract_ends_on": None, "training_valid_to": datetime.date(2040, 1, 1)}
    with pytest.raises(RuleBroken, match="your own dates"):
        member.set_end_dates(membership=administrator.memberships.get(), by=administrator, **told)


def test_the_same_dates_again_are_no_event(administrator, link_worker):
    told = {"contract_ends_on": None, "training_valid_to": None}
    member.set_end_dates(membership=link_worker.memberships.get(), by=administrator, **told)
    assert not AuditEvent.objects.exists()


def leavers(*arguments, capsys):
    call_command("leavers", *arguments)
    return capsys.readouterr().out


def test_leavers_of_every_service_are_listed_with_day_and_reason(service, neighbour, capsys):
    today = timezone.localdate()
    MembershipFactory(service=service, user__email="gone@example.org", ends_on=today - 3 * DAY)
    MembershipFactory(service=neighbour, user__email="soon@example.org", training_valid_to=today + 9 * DAY)
    MembershipFactory(service=service, user__email="later@example.org", contract_ends_on=today + 99 * DAY)
    MembershipFactory(service=service, user__email="stays@example.org")
    found = json.loads(leavers("--days", "14", "--json", capsys=capsys))
    assert found["days"] == 14
    assert [(r["email"], r["service"], r["because"]) for r in found["lost"]] == [
        ("gone@example.org", "fenland", "last day of access")
    ]
    assert [(r["email"], r["last_day"]) for r in found["will_lose"]] == [
        ("soon@example.org", str(today + 9 * DAY))
    ]
    assert "soon@example.org (training)" in leavers("--days", "14", capsys=capsys)
    assert "soon@" not in leavers("--days", "14", "--service", "fenland", capsys=capsys)
    assert AuditEvent.objects.filter(event="leavers_listed").count() == 5


@pytest.mark.parametrize("arguments, code", [(["--days", "-1"], 2), (["--service", "nowhere"], 1)])
def test_wrong_arguments_are_told_apart_from_refusals(arguments, code):
    with pytest.raises(CommandError) as refused:
        call_command("leavers", *arguments)
    assert refused.value.returncode == code
