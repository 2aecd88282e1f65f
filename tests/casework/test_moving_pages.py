"""Cases of somebody who leaves or has left, with whoever goes along."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.actions import allocation, case_role, needs, proposal
from casework.actions import capacity as capacities
from casework.actions import weights as weight_actions
from casework.models import Case, CaseRole, Reduction
from casework.rules import FIRST_VISITS
from tests.factories.casework import CapacityFactory, CaseFactory, RiskFactory
from tests.factories.governance import MembershipFactory

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


@pytest.fixture
def third(service, lead):
    """Somebody else with hours."""
    user = MembershipFactory(service=service, user__name="Theo Third").user
    CapacityFactory(service=service, worker=user, by=lead)
    return user


def seconds(case):
    """Who goes along, with the last day."""
    rows = CaseRole.objects.filter(case=case).exclude(starts_on__lte=TODAY, ends_on__lte=TODAY)
    return [(row.worker.name, row.starts_on, row.ends_on) for row in rows]


def test_a_leaver_hands_over_with_somebody_who_goes_along(
    service, half_time, link_worker, lead, third, leader
):
    case = wait(service, worker=link_worker)
    RiskFactory(case=case)
    url = address("leaver", link_worker)
    chosen = {
        s["name"]: s.select_one("option[selected]")["value"] for s in page(leader.get(url)).select("select")
    }
    assert set(chosen) == {f"case-{case.pk}", f"along-{case.pk}"}
    assert set(chosen.values()) == {str(lead.pk), str(third.pk)}
    leader.post(url, {"reason": "New job", f"case-{case.pk}": lead.pk, f"along-{case.pk}": third.pk})
    assert seconds(case) == [("Theo Third", TODAY, None)]


def test_whoever_goes_along_with_a_leavers_client_stays(service, half_time, link_worker, lead, third, leader):
    case = wait(service, worker=link_worker)
    RiskFactory(case=case)
    case_role.start(case=case, worker=third, role="second", by=lead)
    url = address("leaver", link_worker)
    found = leader.get(url)
    assert "Theo Third already goes along." in text(found)
    assert "Theo Third, as now" in text(found)
    assert page(found).select_one(f"[name=case-{case.pk}] option[selected]")["value"] == str(lead.pk)
    leader.post(url, {"reason": "New job", f"case-{case.pk}": lead.pk, f"along-{case.pk}": ""})
    assert seconds(case) == [("Theo Third", TODAY, None)]


def test_a_lead_reads_whom_a_leaver_helps_with(service, half_time, link_worker, lead, leader):
    case = wait(service, worker=lead, person__first_name="Marigold", person__last_name="Featherstone")
    case_role.start(case=case, worker=link_worker, role="second", by=lead)
    found = leader.get(address("leaver", link_worker))
    assert "Marigold F. , second worker" in text(found)
    assert page(found).find("a", href=reverse("casework:roles", args=[case.pk]))


def test_a_case_that_goes_to_another_worker_keeps_one_second(
    service, half_time, link_worker, lead, third, leader
):
    case = wait(service, worker=link_worker)
    RiskFactory(case=case)
    case_role.start(case=case, worker=third, role="second", by=lead)
    url = reverse("casework:allocate", args=[case.pk])
    assert "Theo Third, as now" in text(leader.get(url))
    told = {"worker": lead.pk, "second": "", "instead_of": link_worker.pk, "reason": ""}
    assert leader.post(url, told).status_code == 302
    assert seconds(case) == [("Theo Third", TODAY, None)]
    # Another second comes in place of the first, and whoever leads does not also go along.
    allocation.allocate(case=case, worker=link_worker, instead_of=lead.pk, second=lead, by=lead)
    assert seconds(case) == [("Leah Lead", TODAY, None)]
    told = {"worker": lead.pk, "second": "", "instead_of": link_worker.pk, "reason": ""}
    assert "Two are needed for this client." in text(leader.post(url, told))


def test_a_second_who_would_begin_later_goes_along_from_today(service, half_time, link_worker, lead, third):
    case = wait(service, worker=link_worker)
    later = TODAY + datetime.timedelta(days=5)
    case_role.start(case=case, worker=third, role="second", starts_on=later, by=lead)
    allocation.allocate(case=case, worker=lead, instead_of=link_worker.pk, second=third, by=lead)
    assert seconds(case) == [("Theo Third", TODAY, None)]


def test_a_second_for_first_visits_has_a_last_day(service, half_time, lead, third):
    weight_actions.change(
        service=service, values={}, first_visits_in_pairs=True, reason="Safer", seen=0, by=lead
    )
    first, always = wait(service), wait(service)
    needs.set(case=always, two=True, by=lead)
    asked = proposal.ask(service=service, by=lead)
    proposal.follow(lines=asked.lines.all(), service=service, by=lead)
    assert [row.ends_on for row in CaseRole.objects.order_by("case")] == [TODAY + FIRST_VISITS, None]
    assert first.pk < always.pk


def test_somebody_away_is_said_to_be_and_is_not_over(service, half_time, link_worker, lead, third, leader):
    until = TODAY + datetime.timedelta(days=9)
    case = wait(service, worker=link_worker)
    capacities.reduce(
        service=service, worker=link_worker, kind="leave", hours=40, starts_on=TODAY, ends_on=until, by=lead
    )
    caseload, board = reverse("casework:caseload"), reverse("casework:board")
    assert f"4 points. Away until {until:%-d %B %Y}. 1 case without cover." in text(leader.get(caseload))
    found = text(leader.get(board))
    assert "Over capacity" not in found
    assert "Wendy Worker is away, and nobody covers 1 case." in found
    case_role.start(case=case, worker=third, role="cover", ends_on=until, by=lead)
    assert "Somebody covers." in text(leader.get(caseload))
    found = text(leader.get(board))
    assert "Away, and not covered" not in found
    assert "carries more than they can" not in found
    waits = wait(service)
    page_of = text(leader.get(reverse("casework:allocate", args=[waits.pk])))
    assert f"8 with this case. Away until {until:%-d %B %Y}." in page_of
    assert "999%" not in page_of
