"""Lists of governance ask the database the same number of questions however long they are."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import audit
from governance.models import FreeText, LegalHold, Membership, Person, SubjectRequest, User
from governance.roles import Role
from tests.factories.governance import (
    AgreementFactory,
    ImpactAssessmentFactory,
    MembershipFactory,
    SubjectRequestFactory,
)
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
LONGEST_LIST = 6


def fill(service, rows):
    known = User.objects.count()
    users = User.objects.bulk_create(
        User(email=f"new{i}@example.org", name=f"New {i}") for i in range(known, known + rows)
    )
    Membership.objects.bulk_create(
        Membership(user=user, service=service, role=Role.LINK_WORKER, starts_on="2020-01-01")
        for user in users
    )
    for _ in range(rows // 10):
        AgreementFactory(service=service)
        ImpactAssessmentFactory(service=service)
        with transaction.atomic():
            audit.record("list_built", service=service, by=users[0])


@pytest.mark.parametrize(
    "role, name",
    [
        (Role.ADMINISTRATOR, "members"),
        (Role.AUDITOR, "overview"),
        (Role.AUDITOR, "access_log"),
        (Role.AUDITOR, "assessments"),
    ],
)
def test_a_list_asks_as_much_for_ten_as_for_a_thousand(service, as_user, role, name):
    client = as_user(MembershipFactory(service=service, role=role).user)
    asked = []
    for rows in (10, 990):
        fill(service, rows)
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(f"governance:{name}")).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= LONGEST_LIST, [q["sql"][:120] for q in found]


def fill_rights(service, request, rows):
    by = request.opened_by
    people = Person.objects.bulk_create(Person(service=service, last_name=f"Ash {i}") for i in range(rows))
    SubjectRequest.objects.bulk_create(
        SubjectRequest(
            service=service,
            person=p,
            received_on="2026-01-05",
            due_on="2026-02-05",
            identity="x",
            opened_by=by,
        )
        for p in people
    )
    LegalHold.objects.bulk_create(
        LegalHold(service=service, person=p, reason="x", held_from="2026-01-05", placed_by=by) for p in people
    )
    FreeText.objects.bulk_create(
        FreeText(
            service=service,
            request=request,
            row_model="casework.contact",
            row_id=str(p.pk),
            row_field="note",
            digest=f"{p.pk:064x}",
        )
        for p in people
    )


@pytest.mark.parametrize("name", ["rights", "holds", "retention", "subject_request"])
def test_a_list_of_rights_asks_as_much_for_ten_as_for_a_thousand(service, as_user, name):
    client = as_user(MembershipFactory(service=service, role=Role.IG_LEAD).user)
    request = SubjectRequestFactory(person__service=service)
    address = reverse(f"governance:{name}", args=[request.pk] if name == "subject_request" else [])
    asked = []
    for rows in (10, 990):
        fill_rights(service, request, rows)
        with PageQueries() as found:
            assert client.get(address).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= LONGEST_LIST, found.page
