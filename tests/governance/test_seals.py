"""Sealing a record to a few people by name, changing the names, and lifting the seal."""

import pytest
from django.urls import reverse

from governance.actions import seal as seals
from governance.models import AuditEvent, Seal
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory
from tests.factories.governance import BreakGlassFactory, MembershipFactory, PersonFactory, SealFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(service):
    return PersonFactory(service=service, first_name="Marigold", last_name="Featherstone")


def seal(person, names, by, reason="Family of a colleague"):
    return seals.seal(service=person.service, person=person, names=names, reason=reason, by=by)


def lift(person, by, reason="The colleague has left"):
    return seals.lift(service=person.service, person=person, reason=reason, by=by)


def page_of(person):
    return reverse("governance:seal", args=[person.pk])


def test_a_record_is_sealed_by_name_and_each_change_is_a_row(person, lead, link_worker):
    seal(person, [lead], lead)
    second = seal(person, [lead, link_worker], lead)
    assert Seal.objects.standing().get() == second
    lift(person, lead)
    assert not Seal.objects.standing().exists()
    assert Seal.objects.count() == 3
    names = [event.changes["names"] for event in AuditEvent.objects.order_by("number")]
    assert names == [[[], [lead.pk]], [[lead.pk], [lead.pk, link_worker.pk]], [[lead.pk, link_worker.pk], []]]
    assert "Family" not in str(AuditEvent.objects.order_by("number").first().changes)


def test_the_seal_hides_from_all_but_those_named_now(person, lead, link_worker):
    seal(person, [lead, link_worker], lead)
    assert not Seal.objects.hiding_from(link_worker).exists()
    seal(person, [lead], lead)
    assert Seal.objects.hiding_from(link_worker).exists()
    assert not Seal.objects.hiding_from(lead).exists()


def test_a_seal_names_people_who_work_with_cases_here(service, person, lead, commissioner, outsider):
    for names in ([], [commissioner], [outsider], [lead, outsider]):
        with pytest.raises(RuleBroken, match="at least one person who works with cases"):
            seal(person, names, lead)
    assert not Seal.objects.exists()


def test_who_is_not_named_neither_changes_nor_lifts_a_seal_except_the_ig_lead(
    service, person, lead, link_worker, ig_lead
):
    other_lead = MembershipFactory(service=service, role=Role.HIU_LEAD).user
    seal(person, [other_lead], lead)
    for refused in (lambda: seal(person, [lead], lead), lambda: lift(person, lead)):
        with pytest.raises(RuleBroken, match="not named"):
            refused()
    seal(person, [link_worker], ig_lead)
    lift(person, ig_lead)


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_seal_says_why(person, lead, reason):
    with pytest.raises(RuleBroken, match="Say why"):
        seal(person, [lead], lead, reason)


def test_the_same_seal_sent_twice_is_one_row(person, lead):
    seal(person, [lead], lead)
    with pytest.raises(RuleBroken, match="sealed to these people already"):
        seal(person, [lead], lead)
    assert Seal.objects.count() == 1


def test_what_is_not_sealed_cannot_be_unsealed(person, lead):
    with pytest.raises(RuleBroken, match="not sealed"):
        lift(person, lead)


def test_a_neighbours_record_cannot_be_sealed(neighbour, service, lead):
    theirs = PersonFactory(service=neighbour)
    with pytest.raises(RuleBroken, match="another service"):
        seals.seal(service=service, person=theirs, names=[lead], reason="x", by=lead)


def test_nothing_is_sealed_when_the_audit_fails(person, lead, monkeypatch):
    def fail(row):
        raise OSError

    monkeypatch.setattr("governance.audit.sign", fail)
    with pytest.raises(OSError):
        seal(person, [lead], lead)
    assert not Seal.objects.exists()


def test_a_lead_seals_on_the_page_and_an_unnamed_lead_reads_nothing_there(service, person, lead, as_user):
    other = MembershipFactory(service=service, role=Role.HIU_LEAD).user
    client = as_user(lead)
    body = client.get(page_of(person)).content.decode()
    assert "Marigold F." in body
    assert "One exception: the search of your IG lead under Rights finds it" in body
    assert client.post(page_of(person), {"names": [lead.pk], "reason": "Family"}).status_code == 302
    answer = as_user(other).get(page_of(person))
    assert answer.status_code == 403
    assert "Marigold" not in answer.content.decode()
    assert "A sealed record" in client.get(page_of(person)).content.decode()
    client.post(page_of(person), {"reason": "Not any more", "lift": "1"})
    assert not Seal.objects.standing().exists()


def test_the_ig_lead_seals_by_number_without_reading_the_name(person, lead, ig_lead, as_user):
    client = as_user(ig_lead)
    body = client.get(page_of(person)).content.decode()
    assert f"Person {person.pk}" in body
    assert "Marigold" not in body
    client.post(page_of(person), {"names": [lead.pk], "reason": "Asked for by the person"})
    listed = client.get(reverse("governance:records")).content.decode()
    assert f"Person {person.pk}" in listed
    assert "Leah Lead" in listed


def test_a_mistake_on_the_page_is_said_in_words(person, lead, as_user):
    body = as_user(lead).post(page_of(person), {"names": [], "reason": "Family"}).content.decode()
    assert "Name at least one person" in body
    assert "Say why in a few words" in as_user(lead).post(page_of(person), {"reason": ""}).content.decode()


# On a cohort list


@pytest.fixture
def candidate(person):
    rule = CohortRuleFactory(service=person.service)
    return CandidateFactory(cohort_list=CohortListFactory(rule=rule), person=person)


def test_a_sealed_candidate_is_not_named_on_a_list(person, candidate, lead, as_user):
    SealFactory(person=person)
    body = as_user(lead).get(reverse("cohorts:list", args=[candidate.cohort_list_id])).content.decode()
    assert "A sealed record" in body
    assert "Marigold" not in body


@pytest.mark.parametrize("name, method", [("candidate", "get"), ("screen", "post")])
def test_a_sealed_candidate_opens_to_those_named_only(person, candidate, lead, as_user, name, method):
    row = SealFactory(person=person)
    address = reverse(f"cohorts:{name}", args=[candidate.pk])
    answer = getattr(as_user(lead), method)(address)
    assert answer.status_code == 403
    assert "Marigold" not in answer.content.decode()
    row = SealFactory(person=person, names=[lead])
    assert getattr(as_user(lead), method)(address).status_code == 200
    assert row.names.get().user == lead


def test_a_reason_given_for_the_seal_opens_the_candidate(person, candidate, lead, as_user):
    SealFactory(person=person)
    BreakGlassFactory(person=person, by=lead, sealed=True)
    assert as_user(lead).get(reverse("cohorts:candidate", args=[candidate.pk])).status_code == 200
    assert AuditEvent.objects.get(event="record_opened").changes["why"] == "break_glass"
