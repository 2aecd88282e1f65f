import datetime
import sys

import pytest
from django.urls import reverse
from django.utils import timezone

from governance import printing
from governance.models import Agreement, AuditEvent
from governance.roles import Role
from tests.factories.governance import (
    AgreementFactory,
    ImpactAssessmentFactory,
    MembershipFactory,
    OrganisationFactory,
    PartnerFactory,
)

pytestmark = pytest.mark.django_db


def date(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def form(service, **changes):
    trust = OrganisationFactory(name="St Brannoc's")
    return {
        "title": "Quarterly list",
        "sharer": trust.pk,
        "recipient": service.host.pk,
        "sharer_department": "Business Intelligence Team",
        "purpose": "To find people and offer support.",
        "article_6": "e",
        "article_9": "h",
        "confidentiality": "implied",
        "allowed_fields": ["nhs_number", "ae_count"],
        "threshold_operator": ">",
        "threshold": 5,
        "threshold_months": 12,
        "recent_months": 3,
        "top_n": 250,
        "frequency": "quarterly",
        "no_dpia_reason": "Covered by the trust's own.",
        "rights": "rights@example.org",
        **date("valid_from", datetime.date(2026, 1, 1)),
        **date("valid_to", datetime.date(2027, 1, 1)),
        **date("review_on", datetime.date(2026, 12, 1)),
        **changes,
    }


def page(client, name, *args):
    return client.get(reverse(f"governance:{name}", args=args)).content.decode()


def test_ig_lead_writes_the_form_of_the_starter_pack_and_it_is_a_draft(service, ig_lead, as_user):
    client = as_user(ig_lead)
    response = client.post(reverse("governance:agreement_new"), form(service))
    agreement = service.agreements.get()
    assert response["Location"] == reverse("governance:agreement", args=[agreement.pk])
    body = page(client, "agreement", agreement.pk)
    assert "both parties have to sign it first" in body
    assert "attended more than 5 times in the last 12 months and attended in the last 3 months" in body
    assert "at most 250 people in each extract" in body
    assert "Number of A&amp;E attendances" in body


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"allowed_fields": []}, "Tick at least one data item."),
        ({"article_6": ""}, "Choose a lawful basis."),
        ({"confidentiality": ""}, "Choose what sets the duty of confidentiality aside."),
        ({"no_dpia_reason": ""}, "Choose an assessment, say where it is kept, or say why there is none."),
        ({"threshold_months": ""}, "Enter both how many times and in how many months"),
        (date("valid_to", datetime.date(2025, 1, 1)), "The last day cannot be before the first."),
        ({"title": ""}, "Enter a title for the agreement."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(service, ig_lead, as_user, changes, sentence):
    response = as_user(ig_lead).post(reverse("governance:agreement_new"), form(service, **changes))
    body = response.content.decode()
    assert sentence in body
    assert "Business Intelligence Team" in body
    assert not service.agreements.exists()


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"allowed_fields": ["ae_count"]}, "without either no row says who it is about"),
        (
            date("review_on", datetime.date(2025, 12, 31)),
            "Enter 1 January 2026, the first day of the agreement, or later.",
        ),
        ({"top_n": -3}, "Enter how many people there are at most in each extract as a whole number from 1"),
        ({"top_n": 0}, "Enter how many people there are at most in each extract as a whole number from 1"),
        ({"threshold": "many"}, "Enter how many times people attended as a whole number from 1 to 1,000"),
    ],
)
def test_terms_that_make_no_sense_are_refused(service, ig_lead, as_user, changes, sentence):
    body = as_user(ig_lead).post(reverse("governance:agreement_new"), form(service, **changes))
    assert sentence in body.content.decode()
    assert "Ensure this value" not in body.content.decode()
    assert not service.agreements.exists()


def test_nobody_makes_an_agreement_with_themselves(service, ig_lead, as_user):
    given = form(service, sharer=service.host.pk)
    body = as_user(ig_lead).post(reverse("governance:agreement_new"), given).content.decode()
    assert f"{service.host} cannot be both." in body
    assert not service.agreements.exists()


def test_what_is_wrong_is_listed_in_the_order_of_the_page(service, ig_lead, as_user):
    given = form(service, title="", article_6="", rights="", sharer="")
    body = as_user(ig_lead).post(reverse("governance:agreement_new"), given).content.decode()
    summary = body[body.index("There is a problem") :]
    sentences = ("Enter a title", "Choose who sends", "Choose a lawful basis", "Enter how people use")
    assert [summary.index(said) for said in sentences] == sorted(summary.index(said) for said in sentences)


def test_the_form_offers_organisations_of_the_service_and_public_bodies(service, neighbour, ig_lead, as_user):
    PartnerFactory(service=service, organisation=OrganisationFactory(name="Our Charity", kind="charity"))
    PartnerFactory(service=neighbour, organisation=OrganisationFactory(name="Their Refuge", kind="charity"))
    OrganisationFactory(name="County Council", kind="council")
    body = page(as_user(ig_lead), "agreement_new")
    assert "Our Charity" in body
    assert "County Council" in body
    assert "Their Refuge" not in body
    assert f'<option value="{service.host.pk}" selected>' in body
    assert reverse("governance:partners") in body


def test_a_draft_says_one_thing_and_does_not_act(service, ig_lead, as_user):
    client = as_user(ig_lead)
    client.post(reverse("governance:agreement_new"), form(service))
    agreement = service.agreements.get()
    for body in (
        page(client, "agreement", agreement.pk),
        page(client, "agreement_version", agreement.versions.get().pk),
        page(client, "overview"),
    ):
        assert "Loads go through" not in body
        assert "Acts" not in body
        assert "Ask the IG lead" not in body


def test_two_presses_write_one_agreement(service, ig_lead, as_user):
    client, given = as_user(ig_lead), form(service)
    client.post(reverse("governance:agreement_new"), given)
    again = client.post(reverse("governance:agreement_new"), given)
    assert "There is an agreement called" in again.content.decode()
    assert Agreement.objects.count() == 1


def test_another_services_assessment_cannot_be_named(service, neighbour, ig_lead, as_user):
    theirs = ImpactAssessmentFactory(service=neighbour, title="Theirs")
    response = as_user(ig_lead).post(reverse("governance:agreement_new"), form(service, dpia=theirs.pk))
    assert response.status_code == 200
    assert "Theirs" not in response.content.decode()


def change(client, agreement, **changes):
    given = form(agreement.service) | {"why": "Renewed for a year"} | changes
    return client.post(reverse("governance:agreement_change", args=[agreement.pk]), given)


def test_a_renewal_waits_for_signatures_and_shows_what_it_changed(service, ig_lead, as_user):
    client = as_user(ig_lead)
    agreement = AgreementFactory(service=service)
    change(client, agreement)
    body = page(client, "agreement", agreement.pk)
    assert "Version 2 waits for the signature" in body
    assert "Until then version 1 acts" in body
    body = page(client, "agreement_version", agreement.versions.first().pk)
    assert "Data items added" in body
    assert "Renewed for a year" in body


def test_signatures_on_the_page_bring_a_version_into_force(service, ig_lead, as_user):
    client = as_user(ig_lead)
    agreement = AgreementFactory(service=service, standing="draft")
    address = reverse("governance:agreement_sign", args=[agreement.pk])
    for party in (agreement.sharer, agreement.recipient):
        given = {"organisation": party.pk, "name": "Sam", "role": "SIRO"}
        client.post(address, given | date("signed_on", datetime.date(2026, 1, 5)))
    agreement.refresh_from_db()
    assert agreement.standing == "signed"
    assert "Signed 5 January 2026 by Sam, SIRO" in page(client, "agreement", agreement.pk)


def test_a_second_press_on_stop_does_not_lift(service, ig_lead, as_user):
    client = as_user(ig_lead)
    agreement = AgreementFactory(service=service)
    address = reverse("governance:agreement_stop", args=[agreement.pk])
    for _ in range(2):
        client.post(address, {"act": "suspend", "why": "A breach"})
    agreement.refresh_from_db()
    assert agreement.suspended_why == "A breach"
    assert "A breach" in page(client, "overview")
    client.post(address, {"act": "lift", "why": "Done"})
    agreement.refresh_from_db()
    assert agreement.suspended_at is None


def test_a_review_that_is_due_shows_on_the_overview_and_where_files_are_handed_in(
    service, ig_lead, lead, as_user
):
    from tests.factories.cohorts import SourceFactory

    SourceFactory(
        service=service, agreement=AgreementFactory(service=service, review_on=timezone.localdate())
    )
    assert "was due for review" in page(as_user(ig_lead), "overview")
    assert "was due for review" in as_user(lead).get(reverse("cohorts:upload")).content.decode()


def test_an_auditor_reads_and_is_offered_nothing_to_change(service, as_user):
    client = as_user(MembershipFactory(service=service, role=Role.AUDITOR).user)
    agreement = AgreementFactory(service=service)
    for body in (page(client, "overview"), page(client, "agreement", agreement.pk)):
        assert "agreements/new/" not in body
        assert "/change/" not in body
        assert "/stop/" not in body


def test_the_agreement_leads_to_its_assessment(service, ig_lead, as_user):
    dpia = ImpactAssessmentFactory(service=service, title="Attendances and outreach")
    agreement = AgreementFactory(service=service, dpia=dpia)
    body = page(as_user(ig_lead), "agreement", agreement.pk)
    assert "Attendances and outreach" in body
    assert reverse("governance:assessment", args=[dpia.pk]) in body


def test_the_form_prints_every_section_and_leaves_room_for_signatures(service, ig_lead, as_user):
    agreement = AgreementFactory(service=service, top_n=250, rights="Ask rights@example.org")
    body = page(as_user(ig_lead), "agreement_form", agreement.versions.get().pk)
    for words in ("1. Data protection impact", "2. Title", "4. Who receives it", "at most 250 people"):
        assert words in body
    assert agreement.recipient.name in body.split("10. Signatures")[1]


def test_the_form_is_a_pdf_and_who_took_it_is_on_record(service, ig_lead, as_user):
    if printing.why_not():
        pytest.skip(printing.why_not())
    version = AgreementFactory(service=service).versions.get()
    response = as_user(ig_lead).get(reverse("governance:agreement_pdf", args=[version.pk]))
    assert response.content.startswith(b"%PDF")
    assert AuditEvent.objects.filter(event="agreement_printed", actor=ig_lead.email).exists()


def test_where_no_pdf_can_be_made_the_page_says_so(service, ig_lead, as_user, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    printing.why_not.cache_clear()
    try:
        client, version = as_user(ig_lead), AgreementFactory(service=service).versions.get()
        assert "the Pango library is not installed" in page(client, "agreement_form", version.pk)
        response = client.get(reverse("governance:agreement_pdf", args=[version.pk]), follow=True)
        assert "the Pango library is not installed" in response.content.decode()
    finally:
        printing.why_not.cache_clear()
