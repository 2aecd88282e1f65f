"""The second wall: with every filter of ours left out, PostgreSQL itself keeps services and people apart."""

import ast
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, models, transaction

from governance import database, scope
from governance.database import changes, policies
from governance.middleware import ServiceMiddleware
from governance.models import Organisation, Person
from governance.roles import ROLES, Role
from tests.factories.governance import MembershipFactory, PersonFactory
from tests.world import build_world

pytestmark = pytest.mark.django_db
WALLS = {wall.table: wall for wall in policies.walls()}


def seen(table):
    """How many rows a question without any filter brings back, by service."""
    column = "service_id" if "service_id" in columns(table) else "NULL::bigint"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}, count(*) FROM {table} GROUP BY 1")
        return dict(cursor.fetchall())


def columns(table):
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def as_role(service, role, rf, look):
    """What `look` finds inside a request of that role."""
    request = rf.get("/")
    request.user = MembershipFactory(service=service, role=role).user if role else AnonymousUser()
    request.session, found = {"second_factor": {"kind": "totp", "at": 0}}, []
    ServiceMiddleware(lambda _: found.append(look()))(request)
    return found[0]


@pytest.fixture
def two_worlds(service, neighbour):
    build_world(service)
    other = build_world(neighbour)
    assert seen("governance_person") == {service.pk: 2, neighbour.pk: 2}
    return other


@pytest.mark.parametrize("role", list(Role))
def test_no_question_of_any_role_brings_back_a_row_of_the_other_service(
    service, neighbour, two_worlds, rf, role
):
    found = as_role(service, role, rf, lambda: {table: seen(table) for table in WALLS})
    assert [table for table, rows in found.items() if neighbour.pk in rows] == []
    assert found["governance_agreement"] == {service.pk: 1}


@pytest.mark.parametrize("role", list(Role))
def test_people_are_there_only_for_roles_that_work_with_them(service, two_worlds, rf, role):
    found = as_role(
        service, role, rf, lambda: {t: sum(seen(t).values()) for t, w in WALLS.items() if w.leads_to_person}
    )
    assert {"governance_person", "casework_contact", "cohorts_candidate"} <= set(found)
    assert (sum(found.values()) > 0) == ROLES[role].reaches_people


def test_a_commissioner_an_auditor_and_an_administrator_are_out_of_reach_of_people():
    assert not any(
        ROLES[role].reaches_people for role in (Role.COMMISSIONER, Role.AUDITOR, Role.ADMINISTRATOR)
    )


def test_who_is_not_signed_in_finds_an_empty_database(service, two_worlds, rf):
    found = as_role(service, None, rf, lambda: {table: seen(table) for table in WALLS})
    assert {table for table, rows in found.items() if any(rows)} == set()


def test_rows_hanging_on_rows_of_another_service_are_not_there_either(service, neighbour, two_worlds):
    from tests.factories.casework import AssessmentFactory

    AssessmentFactory(service=neighbour)
    with scope.of(service):
        assert seen("casework_assessmentanswer") == {}


def test_nothing_can_be_written_into_or_moved_to_another_service(service, neighbour, two_worlds):
    with scope.of(service):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            PersonFactory(service=neighbour)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Person.objects.update(service=neighbour)
        assert Person.objects.filter(service=neighbour).update(first_name="X") == 0


def test_every_model_is_behind_a_wall_or_open_for_a_reason():
    tables = {model._meta.db_table for model in policies.own_models()}
    open_to_all = {model._meta.db_table for model in policies.own_models() if policies.is_open(model)}
    assert tables == set(WALLS) | open_to_all
    assert not open_to_all & set(WALLS)


def test_a_model_that_leads_to_no_service_is_refused():
    class Stray(models.Model):
        organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)

        class Meta:
            app_label = "governance"
            managed = False

    try:
        with pytest.raises(LookupError, match="Stray leads to no service"):
            policies._wall(Stray)
    finally:
        from django.apps import apps

        del apps.all_models["governance"]["stray"]
        apps.clear_cache()


def as_owner():
    """What the owner does, undone again at the end."""
    import psycopg

    owner = settings.DATABASES["owner"]
    return psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=connection.settings_dict["NAME"],
    )


def test_the_application_starts_as_its_own_role():
    assert database.problem() is None


def test_a_role_that_owns_the_tables_may_not_start(transactional_db):
    before, owner = dict(connection.settings_dict), settings.DATABASES["owner"]
    connection.close()
    connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])
    try:
        assert "owns tables or is a superuser" in database.problem()
    finally:
        connection.close()
        connection.settings_dict.update(USER=before["USER"], PASSWORD=before["PASSWORD"])


@pytest.mark.parametrize(
    "down, up, said",
    [
        (
            "DISABLE ROW LEVEL SECURITY",
            "ENABLE ROW LEVEL SECURITY",
            "casework_contact has no row-level security",
        ),
        ("DISABLE TRIGGER note_update", "ENABLE TRIGGER note_update", "note_update of casework_contact"),
    ],
)
def test_a_table_without_a_wall_stops_the_start(transactional_db, down, up, said):
    with as_owner() as owner:
        owner.execute(f"ALTER TABLE casework_contact {down}")
    try:
        assert said in database.problem()
    finally:
        with as_owner() as owner:
            owner.execute(f"ALTER TABLE casework_contact {up}")


def test_a_table_without_its_wall_around_people_stops_the_start(transactional_db):
    with as_owner() as owner:
        owner.execute("ALTER POLICY people_in_reach ON casework_contact RENAME TO gone")
    try:
        assert "casework_contact has no row-level security" in database.problem()
    finally:
        with as_owner() as owner:
            owner.execute("ALTER POLICY gone ON casework_contact RENAME TO people_in_reach")


# Who may open the wall to all services at once, and why.
WIDE = {
    "governance/tasks.py": "sealing and anchoring are about the whole installation",
    "governance/management/commands/verify_audit.py": "so is checking",
    "cohorts/management/commands/load_extract.py": "finds the one source of a name where no service is given",
    "cohorts/management/commands/undo_extract.py": "finds the extract of a number, and then its service",
    "cohorts/actions/mesh.py": "one mailbox serves every service; a message shows whose it is",
    "hiu/management/commands/load_demo.py": "makes two services",
}


def test_only_named_places_work_across_services():
    from tests.test_architecture import APPS, ROOT, sources

    used = {
        str(path.relative_to(ROOT))
        for path in sources(*APPS, "hiu")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("every_service")
    }
    assert used == set(WIDE)


def test_every_table_is_noted_or_quiet_for_a_reason():
    from django.apps import apps

    noted = {noted.table for noted in changes.noted_tables()}
    quiet = {apps.get_model(label)._meta.db_table for label in changes.QUIET}
    assert noted | quiet == {m._meta.db_table for m in apps.get_models() if m._meta.managed}
    assert changes.problems() == []


@pytest.mark.parametrize(
    "program",
    [["-c", "import hiu.wsgi"], ["-m", "celery", "--app", "hiu", "--quiet", "worker", "--pool", "solo"]],
    ids=["web", "worker"],
)
def test_web_and_worker_refuse_to_start_as_the_owner(program, transactional_db):
    owner = os.environ["DATABASE_OWNER_URL"].rsplit("/", 1)[0] + "/" + connection.settings_dict["NAME"]
    environment = {**os.environ, "DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}
    ended = subprocess.run(
        [sys.executable, *program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert "owns tables or is a superuser" in ended.stdout + ended.stderr
