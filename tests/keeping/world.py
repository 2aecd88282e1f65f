"""Fills an empty database as prepare_database would, then with one of everything."""

from django.core.management import call_command
from django.db import connection, transaction

from governance import audit, database, scope
from tests.conftest import _sign_in_as
from tests.factories.governance import ConsentFactory, ServiceFactory
from tests.world import build_world


def fill_world() -> None:
    """The tables as the owner, the rows as the application."""
    from django.conf import settings

    application = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    _sign_in_as(settings.DATABASES["owner"])
    call_command("migrate", verbosity=0, interactive=False)
    database.build_walls(to=application["USER"], using="default")
    _sign_in_as(application)
    service = ServiceFactory(slug="kept", name="Kept HIU service")
    with scope.every_service():
        world = build_world(service)
        ConsentFactory(service=service, person=world.rows["case"].person, words="Zephyrine said yes")
        for event in ("case_opened", "case_moved", "consent_given"):
            with transaction.atomic():
                audit.record(event, service=service, by=world.rows["membership"].user)
