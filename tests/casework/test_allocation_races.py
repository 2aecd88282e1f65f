"""Two leads on one case, two editors of one record: one wins, the other is told, nothing is silent."""

import os
from decimal import Decimal
from itertools import count

import pytest

from casework.actions import allocation, capacity, case_role, needs, proposal
from casework.actions import weights as weight_actions
from casework.models import Allocation, CalibrationDecision, Case, CaseNeeds, CaseRole, WeightTable
from governance import verification
from governance.rules import RuleBroken
from tests.factories.casework import CalibrationFactory, CapacityFactory, CaseFactory
from tests.factories.governance import MembershipFactory, ServiceFactory
from tests.races import AT_ONCE, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
# Five people race in each; `make drill` asks for 200.
RACES = int(os.environ.get("HIU_ATTEMPTS", 3))


@pytest.fixture
def lead(transactional_db):
    return MembershipFactory(service=ServiceFactory(), role="hiu_lead").user


@pytest.fixture
def place(lead):
    return lead.memberships.get().service


@pytest.fixture
def team(place):
    return [MembershipFactory(service=place).user for _ in range(AT_ONCE)]


def told(found, number, words):
    """Everybody else was told, in these words."""
    assert len(refusals(found)) == number, found
    assert {words in sentence for sentence in refusals(found)} <= {True}, refusals(found)


def test_leads_who_allocate_one_case_at_once(place, lead, team):
    for _ in range(RACES):
        case, turn = CaseFactory(service=place), count()
        found = at_once(
            lambda case=case, turn=turn: allocation.allocate(
                case=case, worker=team[next(turn)], instead_of=None, by=lead
            )
        )
        told(found, AT_ONCE - 1, "Somebody allocated this case after you opened the page.")
        assert Allocation.objects.get(case=case).worker_id == Case.objects.get(pk=case.pk).worker_id
    assert verification.verify().ok


def test_leads_who_follow_one_proposal_at_once(place, lead, team):
    CapacityFactory(service=place, worker=team[0], by=lead, target_points=5000)
    for _ in range(RACES):
        CaseFactory(service=place)
        CaseFactory(service=place)
        asked = proposal.ask(service=place, by=lead)
        found = at_once(lambda asked=asked: proposal.follow(lines=asked.lines.all(), service=place, by=lead))
        assert len(refusals(found)) == AT_ONCE - 1
        assert Allocation.objects.filter(case__proposed__proposal=asked).count() == 2
    assert verification.verify().ok


def test_a_case_given_to_somebody_who_is_handed_over_at_that_moment_is_not_left_with_nobody(
    place, lead, team
):
    for _ in range(RACES):
        leaver = MembershipFactory(service=place).user
        case, turn = CaseFactory(service=place), count()

        def one(leaver=leaver, case=case, turn=turn):
            if next(turn):
                return allocation.allocate(case=case, worker=leaver, instead_of=None, by=lead)
            return allocation.hand_over(service=place, leaver=leaver, to={}, reason="New job", by=lead)

        at_once(one)
        carried = Case.objects.get(pk=case.pk).worker_id == leaver.pk
        leaving = place.reductions.filter(worker=leaver).exists()
        # Either the case came first and the leaver was kept, or the leaver was first and the case waits.
        assert carried != leaving


def test_editors_of_the_needs_of_one_client_at_once(place, lead, team):
    for _ in range(RACES):
        case = CaseFactory(service=place)
        found = at_once(lambda case=case: needs.set(case=case, language="Polish", seen=None, by=lead))
        told(found, AT_ONCE - 1, "Somebody else changed this while you were writing.")
        assert CaseNeeds.objects.filter(case=case).count() == 1


@pytest.mark.parametrize("what", ["hours", "profile"])
def test_editors_of_one_worker_at_once(place, lead, team, what):
    for turn in range(RACES):
        worker = team[turn % len(team)]
        on = {"service": place, "worker": worker, "by": lead}
        if what == "hours":
            rows, action = place.capacities, lambda on=on, seen=None: capacity.set(seen=seen, **on)
        else:
            rows, action = place.worker_profiles, lambda on=on, seen=None: needs.set_profile(seen=seen, **on)
        newest = rows.filter(worker=worker).first()
        before = rows.filter(worker=worker).count()
        found = at_once(lambda action=action, newest=newest: action(seen=newest.pk if newest else None))
        told(found, AT_ONCE - 1, "Somebody else changed this while you were writing.")
        assert rows.filter(worker=worker).count() == before + 1


def test_one_worker_asked_to_help_five_times_at_once_helps_once(place, lead, team):
    for _ in range(RACES):
        case = CaseFactory(service=place, worker=team[0])
        found = at_once(lambda case=case: case_role.start(case=case, worker=team[1], role="second", by=lead))
        told(found, AT_ONCE - 1, "helps with this case already")
        assert CaseRole.objects.filter(case=case).count() == 1


def test_editors_of_the_weights_at_once(place, lead, team):
    for version in range(RACES):
        found = at_once(
            lambda version=version: weight_actions.change(
                service=place,
                values={("chaos", "1"): Decimal(3)},
                first_visits_in_pairs=False,
                reason="x",
                seen=version,
                by=lead,
            )
        )
        told(found, AT_ONCE - 1, "Somebody changed the weights after you opened the page.")
        assert WeightTable.objects.count() == version + 1


def test_two_answers_to_one_comparison(place, lead, team):
    for _ in range(RACES):
        row = CalibrationFactory(service=place)
        found = at_once(
            lambda row=row: weight_actions.decide(calibration=row, approve=False, reason="x", seen=0, by=lead)
        )
        told(found, AT_ONCE - 1, "Somebody decided on this comparison before.")
        assert CalibrationDecision.objects.filter(calibration=row).count() == 1


def test_nothing_is_stored_when_the_audit_fails(place, lead, team, audit_fails):
    case = CaseFactory(service=place)
    CapacityFactory(service=place, worker=team[0], by=lead)
    for action in (
        lambda: allocation.allocate(case=case, worker=team[0], second=team[1], instead_of=None, by=lead),
        lambda: proposal.ask(service=place, by=lead),
        lambda: needs.set(case=case, language="Polish", by=lead),
        lambda: allocation.hand_over(service=place, leaver=team[0], to={}, reason="x", by=lead),
        lambda: weight_actions.decide(
            calibration=CalibrationFactory(service=place), approve=False, reason="x", seen=0, by=lead
        ),
    ):
        with pytest.raises(audit_fails):
            action()
    assert Case.objects.get(pk=case.pk).worker is None
    for rows in (place.allocations, place.proposals, place.case_needs, place.reductions, place.case_roles):
        assert rows.count() == 0


def test_hand_over_names_what_would_be_left(place, lead, team):
    case = CaseFactory(service=place, worker=team[0])
    with pytest.raises(RuleBroken, match=f"would be left with nobody: case {case.pk}"):
        allocation.hand_over(service=place, leaver=team[0], to={}, reason="x", by=lead)
    with pytest.raises(RuleBroken, match="somebody else for each"):
        allocation.hand_over(service=place, leaver=team[0], to={case.pk: team[0].pk}, reason="x", by=lead)
