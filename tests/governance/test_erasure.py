"""Rows of history leave through one function of the owner's, which checks whose they are."""

import pytest
from django.db import ProgrammingError, connection, transaction

from casework.models import AssessmentAnswer, Case, Contact, Risk
from governance import scope
from governance.erasure import erase
from governance.models import AuditEvent, Consent, Person
from tests.factories.casework import AssessmentFactory, CaseFactory, ContactFactory, RiskFactory
from tests.factories.governance import ConsentFactory, PersonFactory

pytestmark = pytest.mark.django_db


def call(table, ids):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT governance_erase(%s, %s)", [table, [str(pk) for pk in ids]])
        return cursor.fetchone()[0]


def test_history_cannot_be_deleted_without_the_function(service):
    consent = ConsentFactory(person__service=service)
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_consent WHERE id = %s", [consent.pk])


def test_the_function_deletes_rows_of_the_sessions_service(service):
    gone, stays = ConsentFactory(person__service=service), ConsentFactory(person__service=service)
    with scope.of(service):
        assert call("governance_consent", [gone.pk]) == 1
    assert list(Consent.objects.all()) == [stays]


def test_it_refuses_rows_of_another_service(service, neighbour):
    theirs = ConsentFactory(person__service=neighbour)
    with scope.of(service), pytest.raises(ProgrammingError, match="do not belong to the service"):
        call("governance_consent", [theirs.pk])
    assert Consent.objects.count() == 1


def test_it_refuses_where_the_session_is_in_no_service(service):
    consent = ConsentFactory(person__service=service)
    with scope.nothing(), pytest.raises(ProgrammingError, match="do not belong to the service"):
        call("governance_consent", [consent.pk])


@pytest.mark.parametrize(
    "table", ["governance_auditevent", "governance_person", "pg_class", "x; DROP TABLE y"]
)
def test_it_refuses_tables_that_are_not_on_the_list(service, table):
    with scope.of(service), pytest.raises(ProgrammingError, match="nothing may be deleted"):
        call(table, [1])
    assert AuditEvent.objects.count() == 0


def test_a_row_that_names_no_service_belongs_to_the_one_it_hangs_on(service, neighbour):
    answers = []
    for place in (service, neighbour):
        assessment = AssessmentFactory(case__service=place, case__person__service=place)
        item = assessment.instrument.items.first()
        answers.append(AssessmentAnswer.objects.create(assessment=assessment, item=item, value=1))
    with scope.of(service):
        with pytest.raises(ProgrammingError, match="do not belong"):
            call("casework_assessmentanswer", [answers[1].pk])
        assert call("casework_assessmentanswer", [answers[0].pk]) == 1


def test_a_person_goes_with_everything_that_hangs_on_them_and_nobody_else_does(service):
    gone, stays = (CaseFactory(service=service, person=PersonFactory(service=service)) for _ in range(2))
    for case in (gone, stays):
        ContactFactory(case=case)
        RiskFactory(case=case)
        ConsentFactory(person=case.person)
    with scope.of(service), transaction.atomic():
        counts = erase(Person, [gone.person_id])
    assert counts == {
        "casework.Contact": 1,
        "casework.Risk": 1,
        "governance.Consent": 1,
        "casework.Case": 1,
        "governance.Person": 1,
    }
    assert [m.objects.count() for m in (Person, Case, Contact, Risk, Consent)] == [1] * 5


def test_what_is_to_stay_stays(service):
    case = CaseFactory(service=service, person=PersonFactory(service=service))
    ConsentFactory(person=case.person)
    with scope.of(service), transaction.atomic():
        erase(Person, [case.person_id], but={Person, Consent})
    assert (Person.objects.count(), Consent.objects.count(), Case.objects.count()) == (1, 1, 0)
