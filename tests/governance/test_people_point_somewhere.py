"""What stands in for the foreign keys of people: one look for each statement."""

import pytest
from django.db import IntegrityError, connection, transaction

from governance.models import Person
from tests.factories.governance import OrganisationFactory, PersonFactory, ServiceFactory

pytestmark = pytest.mark.django_db
NOBODY = 2**40


def test_a_person_of_no_service_is_refused():
    person = PersonFactory.build(service=ServiceFactory())
    person.service_id = NOBODY
    with pytest.raises(IntegrityError, match="must belong to a service"), transaction.atomic():
        person.save()


def test_a_pseudonym_of_no_organisation_is_refused():
    person = PersonFactory()
    wrong = Person.objects.filter(pk=person.pk)
    with pytest.raises(IntegrityError, match="a pseudonym to an organisation"), transaction.atomic():
        wrong.update(pseudonym="7", pseudonym_issuer_id=NOBODY)


@pytest.mark.parametrize("what", ["service", "issuer"])
def test_what_people_belong_to_is_not_deleted(what):
    issuer = OrganisationFactory()
    person = PersonFactory(nhs_number=None, pseudonym="7", pseudonym_issuer=issuer)
    table, key = {
        "service": ("governance_service", person.service_id),
        "issuer": ("governance_organisation", issuer.pk),
    }[what]
    refused = pytest.raises(IntegrityError, match="people belong to what was to be deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key])
