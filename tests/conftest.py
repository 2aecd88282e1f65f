"""What every test stands on: a database reached as the application's own role, and four people."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from governance import database, scope
from governance.models import Membership, Service, User
from governance.roles import Role
from tests.factories.governance import MembershipFactory, ServiceFactory
from tests.prepared import copied_from, dropped
from tests.signed_in import signed_in


def _sign_in_as(role: dict[str, Any]) -> None:
    connection.close()
    connection.settings_dict.update(USER=role["USER"], PASSWORD=role["PASSWORD"])


@pytest.fixture(scope="session")
def django_db_modify_db_settings_name(request: pytest.FixtureRequest) -> str:
    """One database for each parallel runner."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    name = os.environ.get("HIU_TEST_DB", "hiu")
    return f"test_{name}_{worker}" if worker else f"test_{name}"


@pytest.fixture(scope="session")
def prepared(django_db_modify_db_settings_name: str) -> str:
    """A database like that of the tests, to copy others from: nobody signs in to it."""
    return f"{django_db_modify_db_settings_name}_prepared"


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_blocker: Any, django_db_modify_db_settings_name: str, prepared: str
) -> Iterator[None]:
    """The owner makes the database; the tests then use it as the role that owns nothing."""
    from django.conf import settings

    application = dict(settings.DATABASES["default"])
    owner = settings.DATABASES["owner"]
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["NAME"] = django_db_modify_db_settings_name
        role = database.ensure_application_role()
        _sign_in_as(owner)
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        database.build_walls(to=role, using="default")
        # That the new tables were emptied is noted too, and nothing here seals it.
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE governance_rowchange")
        connection.close()
        dropped(prepared)
        copied_from(django_db_modify_db_settings_name, prepared)
        _sign_in_as(application)
    yield
    with django_db_blocker.unblock():
        dropped(prepared)
        _sign_in_as(owner)
        connection.creation.destroy_test_db("hiu", verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def _empty_tables_as_owner() -> Iterator[None]:
    """Transactional tests end by emptying the tables, which only their owner may do."""
    from django.conf import settings

    owner = settings.DATABASES["owner"]

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with psycopg.connect(
            host=owner["HOST"],
            port=owner["PORT"],
            user=owner["USER"],
            password=owner["PASSWORD"],
            dbname=self.connection.settings_dict["NAME"],
        ) as as_owner:
            for statement in sql_list:
                as_owner.execute(statement)
            # That tables were emptied is noted too; no test after this one has to answer for it.
            as_owner.execute("TRUNCATE governance_rowchange")

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _arrange_in_every_service() -> Iterator[None]:
    """What a test prepares may belong to any service; requests, commands and tasks narrow it by themselves."""
    with scope.every_service():
        yield


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_the_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.AUDIT_ANCHORS = tmp_path / "audit-anchors.jsonl"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    # Else every new test client reads through all static files.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def service(db: None) -> Service:
    return ServiceFactory(slug="fenland", name="Fenland HIU service")


@pytest.fixture
def neighbour(db: None) -> Service:
    """Another service of the same installation."""
    return ServiceFactory(slug="harbour", name="Harbour HIU service")


def _member(service: Service, role: Role, name: str) -> User:
    membership: Membership = MembershipFactory(service=service, role=role, user__name=name)
    return membership.user


@pytest.fixture
def link_worker(service: Service) -> User:
    return _member(service, Role.LINK_WORKER, "Wendy Worker")


@pytest.fixture
def lead(service: Service) -> User:
    return _member(service, Role.HIU_LEAD, "Leah Lead")


@pytest.fixture
def commissioner(service: Service) -> User:
    return _member(service, Role.COMMISSIONER, "Colin Commissioner")


@pytest.fixture
def ig_lead(service: Service) -> User:
    return _member(service, Role.IG_LEAD, "Ines Governance")


@pytest.fixture
def outsider(neighbour: Service) -> User:
    """The HIU lead of the other service: the right role in the wrong place."""
    return _member(neighbour, Role.HIU_LEAD, "Otto Outsider")


@pytest.fixture
def as_user() -> Any:
    """`as_user(lead)` is a browser in which the lead is signed in."""

    return signed_in
