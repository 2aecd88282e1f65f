"""Two records of one person become one, in every app; and two again, exactly as they were."""

import datetime

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from cohorts.actions import identity
from cohorts.models import LocalNumber
from governance import audit, holdings, merging, scope
from governance.actions import merge as actions
from governance.actions import search_keys
from governance.database import changes
from governance.identity.compare import Likeness
from governance.models import MovedRow, Person, PersonMerge, PersonSeparation, SearchKey
from governance.rules import RuleBroken
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import (
    ActivityCountFactory,
    ActivityFactory,
    CandidateFactory,
    UnmatchedRowFactory,
)
from tests.factories.governance import (
    ConsentFactory,
    CorrectionFactory,
    LegalHoldFactory,
    ObjectionFactory,
    PersonFactory,
    SealFactory,
    UserFactory,
)
from tests.world import build_world

pytestmark = pytest.mark.django_db
# What a merge writes of itself; all else must be as it was once it is taken back.
OF_ITSELF = {
    "governance_personmerge", "governance_personseparation", "governance_movedrow", "governance_filleddetail",
    "governance_auditevent", "governance_auditchain", "governance_rowchange", "cohorts_samedecision",
    # Made anew: they are compared without their ids.
    "governance_searchkey",
}  # fmt: skip


def tables():
    """Every row of every table of ours, as text."""
    found = {"words": sorted(SearchKey.objects.values_list("person", "word", "is_former"))}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            name = model._meta.db_table
            if name not in OF_ITSELF:
                cursor.execute(f'SELECT line::text FROM "{name}" line ORDER BY 1')
                found[name] = [row for (row,) in cursor.fetchall()]
    return found


def test_every_column_that_points_at_a_person_is_moved_or_stays_for_a_reason():
    """A new one has to be decided on: add it to MOVES or to STAYS in governance/merging.py."""
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Person and isinstance(field, models.ForeignKey)
    }
    assert pointing == merging.MOVES | set(merging.STAYS)
    assert not merging.MOVES & set(merging.STAYS)
    assert all(merging.STAYS.values())
    assert {f"{c.name}" for c in merging.moving()} == merging.MOVES


def test_what_a_person_can_have_one_of_at_a_time_is_known():
    found = {f"{column.name}: {each.name}" for column, each in merging._one_at_a_time()}
    assert found == {
        "casework.Case.person: case_one_open_episode",
        "governance.LegalHold.person: legal_hold_once",
        "governance.SubjectRequest.person: subject_request_one_open",
    }
    for column in merging.moving():
        assert not column.model._meta.unique_together
        assert not column.model._meta.get_field(column.field).unique


def test_every_model_about_a_person_is_reached_by_what_moves():
    """What does not point at a person hangs on what does, and goes along with it."""
    direct = {column.model for column in merging.columns()}
    for model, ways in holdings.paths(Person).items():
        assert model in direct | {Person} or any("__" in way for way in ways)


@pytest.fixture(autouse=True)
def inside(service):
    """As a request is: in the scope of the service."""
    with scope.of(service):
        yield


@pytest.fixture
def lead():
    return UserFactory()


@pytest.fixture
def pair(service):
    """A record with a row of everything, and a bare one with an NHS number that is older."""
    stays = PersonFactory(service=service, first_name="", phone="", nhs_number="9990000042")
    world = build_world(service)
    person = world.rows["person"]
    ObjectionFactory(person=person)
    CorrectionFactory(person=person)
    ActivityFactory(extract=world.rows["extract"], person=person)
    UnmatchedRowFactory(extract=world.rows["extract"], person=person, matched_at=timezone.now())
    LocalNumber.objects.create(
        service=service, issuer=world.rows["source"].organisation, number="H7", person=person
    )
    search_keys.refresh(service=service)
    return stays, person


def test_a_merge_moves_a_row_of_everything_and_the_preview_says_so(service, pair, lead):
    stays, person = pair
    told = {kind.words: kind.moves for kind in merging.preview(stays, person)}
    assert {"cases", "candidates", "consents", "objections", "legal holds", "activities"} <= set(told)
    done = actions.merge(service=service, person=stays, merged=person, by=lead)
    assert sum(told.values()) == MovedRow.objects.filter(merge=done).count() > 6
    person.refresh_from_db()
    assert person.merged_into == stays
    for column in merging.moving():
        if column.model is not Person:
            assert not column.model._base_manager.filter(**{column.field: person}).exists(), column.name
    assert person.corrections.count() == 1
    assert service.cases.get().person == stays


def test_taking_it_back_leaves_every_table_as_it_was(service, pair, lead):
    stays, person = pair
    before = tables()
    done = actions.merge(service=service, person=stays, merged=person, by=lead)
    assert tables() != before
    stays.refresh_from_db()
    assert stays.first_name == "Zephyrine"
    actions.separate(merge=done, by=lead)
    assert tables() == before
    assert changes.differences() == []
    with pytest.raises(RuleBroken, match="separated before"):
        actions.separate(merge=done, by=lead)


def test_what_came_since_and_what_was_changed_since_stays(service, pair, lead):
    stays, person = pair
    done = actions.merge(service=service, person=stays, merged=person, by=lead)
    later = ConsentFactory(person=stays)
    Person.objects.filter(pk=stays.pk).update(first_name="Ann")
    actions.separate(merge=done, by=lead)
    later.refresh_from_db()
    stays.refresh_from_db()
    assert (later.person, stays.first_name) == (stays, "Ann")


def test_rows_of_which_both_have_one_stay(service, pair, lead):
    stays, person = pair
    same_list = service.candidates.get().cohort_list
    CandidateFactory(service=service, cohort_list=same_list, person=stays, rank=99)
    [kind] = [kind for kind in merging.preview(stays, person) if kind.words == "candidates"]
    assert (kind.moves, kind.stays) == (0, 1)
    actions.merge(service=service, person=stays, merged=person, by=lead)
    assert sorted(service.candidates.values_list("person", flat=True)) == sorted([stays.pk, person.pk])


def test_counts_of_which_both_have_one_stay_until_the_next_file(service, pair):
    stays, person = pair
    has = ActivityCountFactory(extract__source__service=service, person=person)
    ActivityCountFactory(extract=has.extract, person=stays)
    [kind] = [kind for kind in merging.preview(stays, person) if kind.words == "activity counts"]
    assert (kind.moves, kind.stays, kind.later) == (0, 1, "the next file of the same sender adds both up")


def test_two_open_cases_are_not_merged(service, pair, lead):
    stays, person = pair
    CaseFactory(service=service, person=stays)
    with pytest.raises(RuleBroken, match="cases of which a person can have only one"):
        actions.merge(service=service, person=stays, merged=person, by=lead)
    assert not PersonMerge.objects.filter(person=stays).exists()


def test_two_holds_are_not_merged_and_one_goes_along(service, pair, lead):
    stays, person = pair
    [kind] = [kind for kind in merging.preview(stays, person) if kind.words == "legal holds"]
    assert (kind.moves, kind.stays) == (1, 0)
    LegalHoldFactory(service=service, person=stays)
    assert any("legal holds" in why for why in merging.obstacles(service, stays, person))


def test_a_sealed_record_is_not_merged(service, pair, lead):
    stays, person = pair
    SealFactory(person=stays)
    with pytest.raises(RuleBroken, match="sealed"):
        actions.merge(service=service, person=stays, merged=person, by=lead)


@pytest.mark.parametrize("which", [0, 1])
def test_nothing_is_carried_out_from_under_a_seal(service, pair, lead, which):
    stays, person = pair
    done = actions.merge(service=service, person=stays, merged=person, by=lead)
    SealFactory(person=pair[which])
    with pytest.raises(RuleBroken, match="A record is sealed"):
        actions.separate(merge=done, by=lead)
    assert MovedRow.objects.filter(merge=done).exists()
    assert not PersonSeparation.objects.exists()


def test_a_name_that_a_merge_lent_is_not_kept_as_a_former_one(service, pair, lead):
    stays, person = pair
    done = actions.merge(service=service, person=stays, merged=person, by=lead)
    search_keys.refresh(service=service)
    assert stays.search_keys.filter(word="zephyrine").exists()
    actions.separate(merge=done, by=lead)
    search_keys.refresh(service=service)
    assert not stays.search_keys.filter(word="zephyrine").exists()
    assert not stays.search_keys.filter(is_former=True).exists()
    assert person.search_keys.filter(word="zephyrine", is_former=False).exists()


def test_nobody_waits_on_a_page_for_a_file_that_is_being_stored(service, pair, lead):
    stays, person = pair
    with psycopg.connect(
        **{
            ours: connection.settings_dict[name]
            for ours, name in (
                ("host", "HOST"),
                ("port", "PORT"),
                ("user", "USER"),
                ("password", "PASSWORD"),
                ("dbname", "NAME"),
            )
        }
    ) as load:
        load.execute("SELECT pg_advisory_xact_lock(hashtext('cohorts.store'), %s)", [service.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
        with pytest.raises(RuleBroken, match="A file is being stored"):
            actions.merge(service=service, person=stays, merged=person, by=lead)
        with pytest.raises(RuleBroken, match="A file is being stored"):
            identity.rows_are_of(service=service, handle="x", person=stays, likeness=Likeness(), by=lead)
    actions.merge(service=service, person=stays, merged=person, by=lead)


def test_merges_in_a_row_are_taken_back_from_the_last(service, lead):
    one, two, three = (PersonFactory(service=service) for _ in range(3))
    first = actions.merge(service=service, person=two, merged=three, by=lead)
    second = actions.merge(service=service, person=one, merged=two, by=lead)
    assert Person.objects.get(pk=three.pk).merged_into == one
    with pytest.raises(RuleBroken, match="later merge first"):
        actions.separate(merge=first, by=lead)
    with pytest.raises(RuleBroken, match="merged already"):
        actions.merge(service=service, person=one, merged=three, by=lead)
    actions.separate(merge=second, by=lead)
    assert Person.objects.get(pk=three.pk).merged_into == two
    actions.separate(merge=first, by=lead)
    assert not Person.objects.exclude(merged_into=None).exists()


def test_people_of_another_service_are_not_moved(service, neighbour, lead):
    one = PersonFactory(service=service)
    with scope.of(neighbour):
        stranger = PersonFactory(service=neighbour)
    with pytest.raises(RuleBroken, match="not there any more"):
        actions.merge(service=service, person=one, merged=stranger, by=lead)
    with (
        pytest.raises(DatabaseError, match="do not belong"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT governance_move('governance_consent', 'person_id', '{}', %s, %s)", [one.pk, stranger.pk]
        )


@pytest.mark.parametrize(
    ("table", "column"), [("governance_consent", "by_id"), ("governance_auditevent", "target_id")]
)
def test_nothing_but_these_columns_can_be_moved(service, table, column):
    one, two = PersonFactory(service=service), PersonFactory(service=service)
    with (
        pytest.raises(DatabaseError, match="nothing may be moved"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT governance_move(%s, %s, '{}', %s, %s)", [table, column, one.pk, two.pk])


def test_nothing_is_moved_when_the_audit_fails(service, pair, lead, monkeypatch):
    stays, person = pair

    def fail(*args, **options):
        raise RuntimeError

    monkeypatch.setattr(audit, "record", fail)
    before = tables()
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.merge(service=service, person=stays, merged=person, by=lead)
    assert tables() == before


def test_the_record_with_an_nhs_number_stays_else_the_older(service):
    old, new = PersonFactory(service=service, nhs_number=None), PersonFactory(service=service)
    assert merging.which_stays(old, new) == (new, old)
    new.nhs_number = None
    assert merging.which_stays(new, old) == (old, new)


def test_a_merged_record_goes_with_the_person_and_is_in_their_copy(service, pair, lead):
    from governance import erasure, leftovers
    from governance.copy.gather import gather

    stays, person = pair
    actions.merge(service=service, person=stays, merged=person, by=lead)
    sections = {section.key: section for section in gather(stays).sections}
    # The one of the world that was merged into her before is hers too.
    assert len(sections["governance.person"].rows) == 3
    assert len(sections["governance.correction"].rows) == 1
    assert {each.nhs_number for each in leftovers.identities([stays.pk])} == {
        None,
        stays.nhs_number,
        person.nhs_number,
    }
    erasure.erase(Person, [stays.pk])
    assert not Person.objects.filter(pk__in=[stays.pk, person.pk]).exists()


def test_dates_of_death_come_along(service, lead):
    one = PersonFactory(service=service)
    other = PersonFactory(service=service, died_on=datetime.date(2026, 5, 1))
    actions.merge(service=service, person=one, merged=other, by=lead)
    one.refresh_from_db()
    assert one.died_on == datetime.date(2026, 5, 1)
