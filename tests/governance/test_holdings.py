"""Nothing that is kept about a person is forgotten: neither in their copy nor when they are removed."""

import pytest
from django.apps import apps
from django.db import connection

from governance import holdings
from governance.copy.gather import gather, models_in_a_copy
from governance.database import insert_only_tables
from governance.models import Person, Service, User
from tests.factories.governance import PersonFactory

OURS = ["governance", "cohorts", "casework", "evaluation"]


def own_models():
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def points_at(model):
    return {f.related_model for f in model._meta.concrete_fields if f.related_model}


def models_that_lead_to_a_person():
    """Found by another way than holdings does: in rounds, from the person outwards."""
    found, size = {Person}, 0
    while size != len(found):
        size = len(found)
        found |= {model for model in own_models() if points_at(model) & found}
    return found


def test_every_model_that_leads_to_a_person_is_in_the_copy_or_left_out_for_a_reason():
    left_out = {apps.get_model(label) for label in holdings.NOT_IN_A_COPY}
    assert set(models_in_a_copy()) | left_out == models_that_lead_to_a_person()
    assert all(holdings.NOT_IN_A_COPY.values())


@pytest.mark.django_db
def test_a_copy_has_a_section_for_each_kind_of_row_also_where_there_is_none():
    keys = [section.key for section in gather(PersonFactory()).sections]
    assert {model._meta.label_lower for model in models_in_a_copy()} <= set(keys)


def test_every_model_with_personal_fields_leads_to_a_person_or_is_listed_with_a_reason():
    personal = {m._meta.label for m in own_models() if m.privacy.withheld} - {"governance.Person"}
    led = {model._meta.label for model in models_that_lead_to_a_person()}
    assert personal - led == set(holdings.ABOUT_NO_ONE_PERSON)


def test_children_come_before_what_they_point_at():
    order = list(holdings.children_first())
    assert set(order) == set(holdings.paths())
    assert all(
        order.index(model) < order.index(target)
        for model in order
        for target in points_at(model)
        if target in order and target is not model
    )


def test_a_contact_is_found_through_its_case():
    contact = apps.get_model("casework.Contact")
    assert "case__person" in holdings.paths()[contact]
    assert not {Service, User} & set(holdings.paths())


def test_a_note_is_free_text_and_a_kind_is_not():
    contact = apps.get_model("casework.Contact")
    assert holdings.free_text_fields(contact) == ["partners", "note", "late_reason"]


@pytest.mark.django_db
def test_the_owner_lets_retention_delete_history_of_people_and_nothing_else():
    tables = {table for table, *_ in holdings.erasable_tables()}
    assert tables < set(insert_only_tables())
    assert not tables & {
        "governance_auditevent",
        "evaluation_report",
        "cohorts_cohortrule",
        "governance_purgerun",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('governance_erasable', 'SELECT, INSERT, UPDATE, DELETE')")
        assert cursor.fetchone()[0] is False
