"""The Governance page: what waits for whoever answers for the data, and where a new service begins."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from governance.roles import Role
from tests.factories.casework import CaseFactory, DisclosureFactory, RecallNoticeFactory
from tests.factories.governance import (
    AgreementFactory,
    BreakGlassFactory,
    ImpactAssessmentFactory,
    LegalHoldFactory,
    MembershipFactory,
    PurgeRunFactory,
    SubjectRequestFactory,
)
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
# Session, user and membership, which every page asks for, and six of its own.
MOST = 3 + 6


def waits(client):
    body = client.get(reverse("governance:overview"))
    rows = BeautifulSoup(body.content, "html.parser").select(".nhsuk-summary-list__row")
    said = {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in rows}
    return {key: said[key] for key in said if key in SECTIONS}


SECTIONS = ("Agreements", "Openings to review", "Rights", "Shared", "Retention")


def test_a_new_service_is_told_where_to_begin(service, ig_lead, as_user):
    client = as_user(ig_lead)
    assert waits(client) == {
        "Agreements": "None yet",
        "Openings to review": "No opening of a record waits for your review",
        "Rights": "No request for a copy waits, none is due",
        "Shared": "Nothing was shared in the last 30 days, nothing waits to be taken back",
        "Retention": "Nothing was deleted under the schedule yet",
    }
    body = client.get(reverse("governance:overview")).content.decode()
    order = [
        body.index(said) for said in ("data protection assessment", "Write the agreement", "add a source")
    ]
    assert order == sorted(order)
    AgreementFactory(service=service)
    ImpactAssessmentFactory(service=service, kind="dpia")
    assert "Where to begin" not in client.get(reverse("governance:overview")).content.decode()


def test_it_says_what_the_schedule_deleted_last(service, neighbour, ig_lead, as_user):
    day = datetime.datetime(2026, 3, 29, 2, 40, tzinfo=datetime.UTC)
    for days, purged in ((1, 40), (0, 1_200), (0, 34)):
        PurgeRunFactory(service=service, at=day - datetime.timedelta(days=days), purged=purged)
    PurgeRunFactory(service=neighbour, purged=7)
    LegalHoldFactory(person__service=service)
    assert waits(as_user(ig_lead))["Retention"] == "1,234 rows were deleted on 29 March 2026, 1 hold stands"


def fill(service, lead, number):
    today = timezone.localdate()
    for _ in range(number):
        AgreementFactory(service=service, valid_to=today + datetime.timedelta(days=5))
        BreakGlassFactory(person__service=service, by=lead)
        SubjectRequestFactory(person__service=service, due_on=today + datetime.timedelta(days=3))
        SubjectRequestFactory(person__service=service, due_on=today + datetime.timedelta(days=25))
        shared = DisclosureFactory(case=CaseFactory(service=service, worker=lead))
        RecallNoticeFactory(disclosure=shared)


def test_what_waits_is_counted_in_few_questions(service, neighbour, lead, ig_lead, as_user):
    client, asked = as_user(ig_lead), []
    SubjectRequestFactory(person__service=neighbour)
    for _ in range(2):
        fill(service, lead, 2)
        with PageQueries() as found:
            assert client.get(reverse("governance:overview")).status_code == 200
        asked.append(len(found.page))
    said = waits(client)
    assert said["Agreements"].startswith("4 stop loads, end soon or need you otherwise")
    assert said["Openings to review"] == "4 openings of records wait for your review"
    assert said["Rights"] == "8 requests for a copy wait, 4 are due within 14 days or late"
    assert said["Shared"] == "Shared 4 times in the last 30 days, 4 were taken back and not answered yet"
    assert asked[0] == asked[1] <= MOST, found.page


def test_an_auditor_is_told_nothing_that_they_cannot_see(service, lead, as_user):
    fill(service, lead, 1)
    assert list(waits(as_user(MembershipFactory(service=service, role=Role.AUDITOR).user))) == ["Agreements"]


def test_the_links_are_called_as_in_the_menu(service, ig_lead, as_user):
    page = BeautifulSoup(as_user(ig_lead).get(reverse("governance:overview")).content, "html.parser")
    menu = {a["href"]: a.get_text(strip=True) for a in page.select("nav a")}
    for row in page.select("main .nhsuk-summary-list__row"):
        for link in row.select("a"):
            assert menu.get(link["href"], row.dt.get_text(strip=True)) == row.dt.get_text(strip=True)
