"""Logging from the menu: the client is chosen first, among open cases the reader may see."""

import pytest
from django.urls import reverse

from governance.actions import search_keys
from tests.factories.casework import CaseFactory
from tests.queries import PageQueries


@pytest.fixture
def worker(link_worker, as_user):
    return as_user(link_worker)


def test_nobody_is_sought_before_anything_is_typed(worker):
    body = worker.get(reverse("casework:choose_client")).content.decode()
    assert "You have no cases yet" in body
    assert "Nobody found" not in body


def choosing(worker, typed):
    return worker.post(reverse("casework:choose_client"), {"q": typed}).content.decode()


def test_the_client_is_chosen_by_first_letters_or_by_a_name_misspelt(service, case, worker):
    CaseFactory(service=service, person__first_name="Peregrine")
    CaseFactory(service=service, person__first_name="Maria", stage="open_door")
    search_keys.refresh(service=service)
    for words in ("mari", "FEATH", "  mari   feath ", "Marygold Fetherston"):
        body = choosing(worker, words)
        assert "Marigold F." in body
        assert "Peregrine" not in body
        assert "Maria " not in body
    assert "Nobody found" in choosing(worker, "zzz")


def test_the_client_is_chosen_by_a_former_name_a_number_or_a_telephone(service, case, worker):
    person = case.person
    search_keys.refresh(service=service)
    type(person).objects.filter(pk=person.pk).update(last_name="Nightingale", phone="07700 900456")
    search_keys.refresh(service=service)
    for typed in ("Featherstone", person.nhs_number, "+44 7700 900456"):
        assert "Marigold N." in choosing(worker, typed)


def test_ones_own_clients_come_first_however_they_are_found(service, case, worker):
    CaseFactory(service=service, person__first_name="Marigold", person__last_name="Fenner")
    search_keys.refresh(service=service)
    body = choosing(worker, "Marigold Fenner")
    assert body.index("Your clients") < body.index("Marigold F.") < body.index("Clients of your colleagues")


def test_choosing_asks_as_many_queries_for_many_as_for_one(service, case, worker):
    def asks(number):
        CaseFactory.create_batch(number, service=service, person__first_name="Marigold")
        search_keys.refresh(service=service)
        with PageQueries() as queries:
            assert "Marigold F." in choosing(worker, "Marygold")
        return len(queries.page)

    assert asks(1) == asks(30)


def test_letters_of_a_name_do_not_stand_in_an_address(worker, case):
    CaseFactory(service=case.service, person__first_name="Peregrine")
    body = worker.get(reverse("casework:choose_client"), {"q": "mari"}).content.decode()
    assert "Peregrine" in body
    assert 'method="post" role="search"' in body
