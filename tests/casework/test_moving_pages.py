"""Cases of somebody who leaves or has left, with whoever goes along."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Reduction
from tests.factories.casework import CaseFactory

TODAY = timezone.localdate()


@pytest.fixture
def leader(lead, as_user):
    return as_user(lead)


def page(response):
    return BeautifulSoup(response.content, "html.parser").select_one("main")


def text(response):
    return page(response).get_text(" ", strip=True)


def address(name, user):
    return reverse(f"casework:{name}", args=[user.memberships.get().pk])


def wait(service, **told):
    return CaseFactory(service=service, stage="active", **told)


@pytest.mark.parametrize(
    "ended", [{"ends_on": TODAY - datetime.timedelta(days=1)}, {"role": "service_manager"}]
)
def test_cases_of_somebody_who_has_left_are_handed_over_too(
    service, half_time, link_worker, lead, leader, ended
):
    cases = [wait(service, worker=link_worker) for _ in range(2)]
    link_worker.memberships.update(**ended)
    found = page(leader.get(reverse("casework:caseload")))
    hrefs = {a["href"] for a in found.select(".app-row__actions a")}
    assert {address("leaver", link_worker), address("move_cases", link_worker)} <= hrefs
    assert address("capacity", link_worker) not in hrefs
    assert "Wendy Worker has left" in text(leader.get(address("leaver", link_worker)))
    chosen = {"to": lead.pk, "case": cases[0].pk}
    assert "8 points now, 4 then." in text(leader.get(address("move_cases", link_worker), chosen))
    told = {"reason": "Left", **{f"case-{case.pk}": lead.pk for case in cases}}
    assert leader.post(address("leaver", link_worker), told).status_code == 302
    assert Case.objects.filter(worker=lead).count() == 2
    assert Reduction.objects.count() == 0
    assert leader.get(address("leaver", link_worker)).status_code == (200 if "ends_on" in ended else 404)
