"""One box to find a person by: only those whom the reader may see, and nothing that was typed on record."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.actions import search_keys
from governance.models import AuditEvent
from governance.roles import Role
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory
from tests.factories.governance import (
    MembershipFactory,
    PersonFactory,
    SealFactory,
    TeamFactory,
    TeamMemberFactory,
)
from tests.factories.referrals import ReferralFactory
from tests.queries import PageQueries
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = reverse("casework:find")
MARLOWE = {"first_name": "Philippa", "last_name": "Marlowe", "birth_date": datetime.date(1980, 5, 6)}


def browser(service, role=Role.LINK_WORKER):
    return signed_in(MembershipFactory(service=service, role=role).user)


def days_ago(days):
    return timezone.now() - datetime.timedelta(days=days)


def found(client, typed):
    return client.post(PAGE, {"q": typed}).content.decode()


@pytest.fixture
def marlowe(service):
    person = PersonFactory(service=service, **MARLOWE)
    search_keys.refresh(service=service)
    return person


def test_a_misspelt_client_is_found(service, marlowe):
    case = CaseFactory(service=service, person=marlowe)
    page = found(browser(service), "Filipa Marlow")
    assert case.get_absolute_url() in page
    assert "Philippa Marlowe" in page
    assert "Born 1980" in page


def test_the_newest_episode_is_shown_and_an_ended_one_is_found_too(service, marlowe):
    ended = CaseFactory(service=service, person=marlowe, stage="open_door")
    assert ended.get_absolute_url() in found(browser(service), "Marlowe")
    case = CaseFactory(service=service, person=marlowe)
    page = found(browser(service), "Marlowe")
    assert case.get_absolute_url() in page
    assert ended.get_absolute_url() not in page


def test_candidates_are_found_by_who_screens_and_by_nobody_else(service, marlowe):
    a_list = CohortListFactory(service=service, rule=CohortRuleFactory(service=service))
    candidate = CandidateFactory(service=service, person=marlowe, cohort_list=a_list)
    address = reverse("cohorts:candidate", args=[candidate.pk])
    assert address in found(browser(service, Role.HIU_LEAD), "Marlowe")
    assert "Nobody found" in found(browser(service), "Marlowe")


def test_somebody_who_is_only_referred_is_found_by_their_referral(service, marlowe):
    referral = ReferralFactory(service=service, person=marlowe)
    page = found(browser(service, Role.HIU_LEAD), "Filipa Marlow")
    assert referral.get_absolute_url() in page
    assert "Philippa Marlowe" in page
    assert "Referred" in page


def test_the_newest_referral_is_shown_and_a_place_on_a_list_comes_first(service, marlowe):
    older = ReferralFactory(service=service, person=marlowe, received_at=days_ago(9))
    newest = ReferralFactory(service=service, person=marlowe, received_at=days_ago(2))
    page = found(browser(service, Role.HIU_LEAD), "Marlowe")
    assert newest.get_absolute_url() in page
    assert f'"{older.get_absolute_url()}"' not in page
    a_list = CohortListFactory(service=service, rule=CohortRuleFactory(service=service))
    candidate = CandidateFactory(service=service, person=marlowe, cohort_list=a_list)
    page = found(browser(service, Role.HIU_LEAD), "Marlowe")
    assert reverse("cohorts:candidate", args=[candidate.pk]) in page
    assert newest.get_absolute_url() not in page


def test_a_referral_is_found_by_who_took_it_and_not_by_who_does_not_open_it(service, marlowe):
    own, other = MembershipFactory(service=service), MembershipFactory(service=service)
    TeamMemberFactory(service=service, team=TeamFactory(service=service), user=own.user)
    referral = ReferralFactory(service=service, person=marlowe, by=own.user)
    assert referral.get_absolute_url() in found(signed_in(own.user), "Marlowe")
    assert "Nobody found" in found(signed_in(other.user), "Marlowe")


def test_a_sealed_person_who_was_referred_is_not_found(service, marlowe):
    ReferralFactory(service=service, person=marlowe)
    SealFactory(person=marlowe, service=service)
    assert "Nobody found" in found(browser(service, Role.HIU_LEAD), "Marlowe")


def test_people_known_only_from_extracts_are_found_by_nobody(service, marlowe):
    for role in (Role.LINK_WORKER, Role.HIU_LEAD):
        assert "Nobody found" in found(browser(service, role), "Marlowe")


def test_a_sealed_record_is_not_found_by_who_is_not_named(service, marlowe):
    CaseFactory(service=service, person=marlowe)
    SealFactory(person=marlowe, service=service)
    for typed in ("Marlowe", marlowe.nhs_number):
        assert "Nobody found" in found(browser(service, Role.HIU_LEAD), typed)


def test_of_a_case_that_needs_a_reason_no_more_is_told_than_a_list_tells(service, marlowe):
    CaseFactory(service=service, person=marlowe)
    other = MembershipFactory(service=service)
    team = TeamFactory(service=service)
    TeamMemberFactory(service=service, team=team, user=other.user)
    page = found(browser(service), "Marlowe")
    assert "Philippa M." in page
    assert "Reason needed" in page
    assert "Born" not in page


def test_a_neighbour_finds_nobody(service, neighbour, marlowe):
    CaseFactory(service=service, person=marlowe)
    assert "Nobody found" in found(browser(neighbour, Role.HIU_LEAD), "Marlowe")


def test_what_was_typed_is_not_on_record(service, marlowe):
    found(browser(service), "Filipa Marlow")
    [event] = AuditEvent.objects.filter(event="people_searched")
    assert event.changes == {"page": "casework:find", "letters": 13, "found": 0}


def test_a_search_asks_as_many_queries_for_many_as_for_one(service):
    client = browser(service, Role.HIU_LEAD)

    def asks(number):
        a_list = CohortListFactory(service=service, rule=CohortRuleFactory(service=service))
        for _ in range(number):
            CaseFactory(service=service, person=PersonFactory(service=service, **MARLOWE))
            CandidateFactory(person=PersonFactory(service=service, **MARLOWE), cohort_list=a_list)
            ReferralFactory(service=service, person=PersonFactory(service=service, **MARLOWE))
        search_keys.refresh(service=service)
        with PageQueries() as queries:
            assert "Marlowe" in found(client, "Marlow")
        return len(queries.page)

    assert asks(1) == asks(30)
