"""The organisations a service may share information with."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from governance.actions import partner as partners
from governance.models import AuditEvent, Organisation, Partner
from governance.rules import RuleBroken
from tests.factories.governance import OrganisationFactory, PartnerFactory

URL = reverse("governance:partners")
SURGERY = {"name": "Mill Road Surgery", "kind": "practice"}


def test_a_lead_adds_a_partner_and_it_is_listed(service, lead, as_user):
    client = as_user(lead)
    assert client.post(URL, SURGERY).status_code == 302
    assert b"Mill Road Surgery" in client.get(URL).content
    assert AuditEvent.objects.last().event == "partner_added"


def test_an_organisation_that_is_known_is_used_as_it_is(service, lead):
    known = OrganisationFactory(name="Mill Road", kind="practice", ods_code="D81001")
    added = partners.add(service=service, by=lead, name="Other name", kind="practice", ods_code="D81001")
    assert added.organisation == known
    again = OrganisationFactory(name="Fen Police", kind="police")
    assert partners.add(service=service, by=lead, name="fen police", kind="police").organisation == again


def test_the_same_partner_twice_is_refused_in_a_sentence(service, lead, as_user):
    client = as_user(lead)
    client.post(URL, SURGERY)
    response = client.post(URL, SURGERY)
    assert b"Mill Road Surgery is a partner already." in response.content
    assert Partner.objects.count() == Organisation.objects.filter(name="Mill Road Surgery").count() == 1


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"name": ""}, b"Enter the name of the organisation."),
        ({"kind": ""}, b"Choose what kind of organisation it is."),
        ({"ods_code": "d8"}, b"An ODS code is 3 to 8 capital letters and digits."),
    ],
)
def test_a_partner_that_lacks_something_is_refused(service, lead, as_user, told, sentence):
    assert sentence in as_user(lead).post(URL, {**SURGERY, **told}).content
    assert Partner.objects.count() == 0


def test_a_partner_that_has_ended_is_listed_no_more_and_may_come_back(service, ig_lead, as_user):
    client = as_user(ig_lead)
    partner = PartnerFactory(
        service=service, organisation__name="Mill Road Surgery", organisation__kind="practice"
    )
    client.post(reverse("governance:end_partner", args=[partner.pk]))
    assert "Mill Road Surgery" not in [str(p) for p in service.partners.in_use()]
    client.post(URL, SURGERY)
    assert service.partners.in_use().count() == 1


def test_ending_twice_keeps_who_ended_it_first(service, lead, ig_lead):
    partner = partners.end(partner=PartnerFactory(service=service), by=lead)
    assert partners.end(partner=partner, by=ig_lead).ended_by == lead


def test_two_services_may_have_one_organisation_as_partner(service, neighbour, lead):
    organisation = OrganisationFactory()
    PartnerFactory(service=service, organisation=organisation)
    PartnerFactory(service=neighbour, organisation=organisation)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerFactory(service=service, organisation=organisation)


def test_nothing_is_saved_when_the_audit_fails(service, lead, monkeypatch):
    monkeypatch.setattr("governance.audit.sign", lambda row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        partners.add(service=service, by=lead, **SURGERY)
    assert Partner.objects.count() == 0


def test_a_refusal_names_the_organisation(service, lead):
    partners.add(service=service, by=lead, **SURGERY)
    with pytest.raises(RuleBroken, match="Mill Road Surgery"):
        partners.add(service=service, by=lead, **SURGERY)
