"""Whoever covers or goes along finds the case; nobody gets one they cannot open, or keeps one that has ended."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.actions import allocation, case_role, proposal, weights
from casework.actions import case as case_actions
from casework.models import CaseRole, ProposalLine
from casework.pages import queue
from governance.models import Service
from governance.rules import RuleBroken
from tests.factories.casework import CalibrationFactory, CaseFactory, RiskFactory
from tests.factories.governance import MembershipFactory, SealFactory

TODAY = timezone.localdate()


@pytest.fixture
def helper(service):
    return MembershipFactory(service=service, user__name="Hetty Helper").user


@pytest.fixture
def covered(case, helper, lead):
    last = TODAY + datetime.timedelta(days=3)
    return case_role.start(case=case, worker=helper, role="cover", ends_on=last, by=lead)


def test_whoever_covers_finds_the_case_on_today_and_in_lists(service, covered, helper, as_user):
    Service.objects.update(need_to_know="caseload")
    browser = as_user(helper)
    today = browser.get(reverse("casework:today")).content.decode()
    assert "Marigold F." in today
    assert "You help Wendy Worker with this case." in today
    assert "Marigold F." in browser.get(reverse("casework:cases")).content.decode()
    assert "Marigold F." in browser.get(reverse("casework:choose_client")).content.decode()


def test_the_end_of_an_episode_ends_what_others_helped_with(case, helper, lead):
    case_role.start(case=case, worker=helper, role="second", by=lead)
    case_actions.move(case=case, to="declined", by=lead)
    assert CaseRole.objects.get().ends_on == TODAY


def test_a_sealed_case_goes_only_to_somebody_named_on_the_seal(service, case, helper, lead):
    SealFactory(person=case.person, names=[lead])
    told = {"case": case, "instead_of": case.worker_id, "by": lead}
    with pytest.raises(RuleBroken, match="named on the seal first"):
        allocation.allocate(worker=helper, **told)
    with pytest.raises(RuleBroken, match="named on the seal first"):
        allocation.allocate(worker=lead, second=helper, **told)
    allocation.allocate(worker=lead, **told)


def test_only_those_named_are_proposed_for_a_sealed_case(service, half_time, lead, link_worker):
    case = CaseFactory(service=service, stage="active")
    for named in (link_worker, lead):
        SealFactory(person=case.person, names=[named])
        proposal.ask(service=service, by=lead)
        assert ProposalLine.objects.latest("pk").worker == named


def test_a_risk_noted_in_an_earlier_episode_asks_for_two(service, half_time, lead):
    case = CaseFactory(service=service, stage="active")
    RiskFactory(case=CaseFactory(service=service, person=case.person, stage="open_door"))
    proposal.ask(service=service, by=lead)
    assert ProposalLine.objects.get().second is not None


def test_a_case_that_ended_while_it_waited_leaves_the_proposal(service, half_time, lead):
    case = CaseFactory(service=service)
    CaseFactory(service=service)
    proposal.ask(service=service, by=lead)
    case_actions.move(case=case, to="declined", by=lead)
    assert case.pk not in [line.case_id for line in queue.build(service, lead, page=1).to_follow]


def test_a_second_who_is_to_help_later_anyway_is_not_added_twice(case, helper, lead):
    later = TODAY + datetime.timedelta(days=3)
    case_role.start(case=case, worker=helper, role="second", starts_on=later, by=lead)
    allocation.allocate(case=case, worker=lead, second=helper, instead_of=case.worker_id, by=lead)
    assert CaseRole.objects.count() == 1


def test_a_second_without_a_caseload_is_told_apart_from_the_worker(case, commissioner, lead):
    with pytest.raises(RuleBroken, match="Whoever goes along carries no caseload"):
        allocation.allocate(case=case, worker=lead, second=commissioner, instead_of=case.worker_id, by=lead)


def test_a_comparison_of_an_earlier_table_is_not_taken_over_by_whoever_saw_the_newest(service, lead):
    row = CalibrationFactory(service=service)
    weights.change(service=service, values={}, first_visits_in_pairs=False, reason="x", seen=0, by=lead)
    with pytest.raises(RuleBroken, match="changed since this comparison"):
        weights.decide(calibration=row, approve=True, reason="x", seen=1, by=lead)
