"""Fills a prepared database with one of everything."""

from django.db import transaction

from governance import audit, scope
from tests.factories.governance import ConsentFactory, ServiceFactory
from tests.world import build_world


def fill_world() -> None:
    """The rows of a database that has its tables."""
    service = ServiceFactory(slug="kept", name="Kept HIU service")
    with scope.every_service():
        world = build_world(service)
        ConsentFactory(service=service, person=world.rows["case"].person, words="Zephyrine said yes")
        for event in ("case_opened", "case_moved", "consent_given"):
            with transaction.atomic():
                audit.record(event, service=service, by=world.rows["membership"].user)
