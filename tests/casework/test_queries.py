"""Pages ask the database the same number of questions however much there is to show."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Case, Contact, Risk
from cohorts.models import Activity
from governance.models import Person
from tests.factories.casework import (
    CapacityFactory,
    CaseFactory,
    ContactFactory,
    RecallNoticeFactory,
    RiskFactory,
    StageChangeFactory,
)
from tests.factories.cohorts import ExtractFactory, SourceFactory
from tests.factories.governance import ConsentFactory
from tests.queries import LOOK

NOW = timezone.now()
LONGEST_LIST = 6
LONGEST_CASE = 8


def fill(service, users, cases):
    """Cases in every state: with and without worker, risk, contact and day."""
    people = Person.objects.bulk_create(
        Person(service=service, first_name=f"F{i}", last_name=f"L{i}", phone="07700 900000")
        for i in range(cases)
    )
    workers = [*users, None]
    rows = Case.objects.bulk_create(
        Case(
            service=service,
            person=person,
            worker=workers[i % len(workers)] if i % 5 else users[0],
            stage=("offered", "engaging", "active")[i % 3],
            chaos_total=i % 49,
            next_contact_on=None
            if i % 4 == 0
            else timezone.localdate() + datetime.timedelta(days=i % 20 - 5),
            last_contact_at=NOW - datetime.timedelta(days=i % 40),
        )
        for i, person in enumerate(people)
    )
    Contact.objects.bulk_create(
        Contact(
            service=service,
            case=case,
            key=uuid.uuid4(),
            happened_at=NOW,
            kind="call",
            outcome="reached",
            by=users[0],
        )
        for case in rows
    )
    Risk.objects.bulk_create(
        Risk(
            service=service,
            case=case,
            level="note",
            detail="Dog",
            source="GP",
            review_on=NOW.date(),
            noted_by=users[0],
        )
        for case in rows[::3]
    )


@pytest.fixture
def team(service, link_worker, lead):
    for worker in (link_worker, lead):
        CapacityFactory(service=service, worker=worker, by=lead)
    return [lead, link_worker]


@pytest.mark.parametrize("name", ["today", "board", "caseload", "cases", "choose_client"])
def test_a_list_page_asks_as_much_for_ten_as_for_a_thousand(service, team, lead, as_user, queries, name):
    client = as_user(lead)
    asked = []
    for cases in (10, 990):
        fill(service, team, cases)
        with queries() as found:
            assert client.get(reverse(f"casework:{name}")).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= LONGEST_LIST, [sql[:120] for sql in found.page]
    assert found.looks == (name == "cases")


def test_today_with_a_receipt_stays_within_the_budget(case, link_worker, as_user, queries):
    contact = ContactFactory(case=case, by=link_worker)
    RiskFactory(case=case)
    client = as_user(link_worker)
    with queries() as found:
        assert b"Logged" in client.get(reverse("casework:today"), {"logged": contact.pk}).content
    assert len(found.page) <= LONGEST_LIST, found.page


@pytest.mark.parametrize(
    "name",
    [
        "case",
        "log_contact",
        "move_stage",
        "score",
        "scores",
        "risk",
        "consent",
        "allocate",
        "needs",
        "roles",
        "notice",
        "sharing",
        "share_otherwise",
    ],
)
def test_a_clients_page_asks_as_much_for_ten_entries_as_for_a_thousand(
    service, team, lead, chaos, as_user, queries, name
):
    case = CaseFactory(service=service, stage="active", worker=lead)
    client = as_user(lead)
    source = SourceFactory(service=service)
    extract = ExtractFactory(service=service, source=source)
    asked = []
    for entries in (10, 990):
        Contact.objects.bulk_create(
            Contact(
                service=service,
                case=case,
                key=uuid.uuid4(),
                happened_at=NOW,
                kind="call",
                outcome="reached",
                by=lead,
            )
            for _ in range(entries)
        )
        Activity.objects.bulk_create(
            Activity(
                id=uuid.uuid4(),
                service=service,
                source=source,
                extract=extract,
                person=case.person,
                measure="ae",
                started_on=NOW.date(),
            )
            for _ in range(entries)
        )
        for _ in range(min(entries, 20)):
            RiskFactory(case=case)
            ConsentFactory(person=case.person, by=lead)
            StageChangeFactory(case=case, stage="active", by=lead)
            RecallNoticeFactory(disclosure__case=case)
        with queries() as found:
            assert client.get(reverse(f"casework:{name}", args=[case.pk])).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= LONGEST_CASE, [sql[:120] for sql in found.page]
    assert found.looks == 1
    assert len(found) == len(found.page) + LOOK


@pytest.mark.parametrize("name", ["visit", "risk_form", "communication", "boundaries", "review", "reopen"])
def test_a_form_about_a_client_stays_within_the_budget(service, lead, as_user, queries, name):
    stage = "open_door" if name == "reopen" else "active"
    case = CaseFactory(service=service, stage=stage, worker=lead)
    StageChangeFactory(case=case, stage="engaging", by=lead)
    for _ in range(3):
        RiskFactory(case=case)
        ContactFactory(case=case, by=lead, kind="rang")
        ConsentFactory(person=case.person, by=lead)
    client = as_user(lead)
    with queries() as found:
        assert client.get(reverse(f"casework:{name}", args=[case.pk])).status_code == 200
    assert len(found.page) <= LONGEST_CASE, [sql[:120] for sql in found.page]
    assert found.looks == 1


def test_pages_of_a_lead_about_the_service_stay_within_the_budget(chaos, lead, as_user, queries):
    client = as_user(lead)
    for name in ("instruments", "wording", "way_of_working"):
        with queries() as found:
            assert client.get(reverse(f"casework:{name}")).status_code == 200
        assert len(found.page) <= LONGEST_LIST, found.page
