import datetime
import uuid

import factory
from factory.django import DjangoModelFactory

from governance.models import Incident, IncidentStep, IncidentTriage
from tests.factories.governance import ServiceFactory, UserFactory


class IncidentFactory(DjangoModelFactory):
    """Told on 2 March 2026 and not looked at yet."""

    class Meta:
        model = Incident

    service = factory.SubFactory(ServiceFactory)
    key = factory.LazyFunction(uuid.uuid4)
    kind = "data"
    words = "A letter went to the house next door"
    happened_on = datetime.date(2026, 3, 2)
    aware_at = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)
    reported_by = factory.SubFactory(UserFactory)
    reported_at = datetime.datetime(2026, 3, 2, 10, 5, tzinfo=datetime.UTC)


class IncidentTriageFactory(DjangoModelFactory):
    class Meta:
        model = IncidentTriage

    incident = factory.SubFactory(IncidentFactory)
    service = factory.SelfAttribute("incident.service")
    breach = "notify"
    reason = "A stranger read about somebody's health"
    harm = "low"
    aware_at = factory.SelfAttribute("incident.aware_at")
    by = factory.SubFactory(UserFactory)


class IncidentStepFactory(DjangoModelFactory):
    class Meta:
        model = IncidentStep

    incident = factory.SubFactory(IncidentFactory)
    service = factory.SelfAttribute("incident.service")
    kind = "action"
    words = "The letter was fetched back"
    by = factory.SubFactory(UserFactory)
