import datetime
import uuid

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from casework.models import Reappearance
from cohorts.models import Referral, ReferralLink, ReferralStep
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import ExtractFactory
from tests.factories.governance import OrganisationFactory, PersonFactory, ServiceFactory, UserFactory


class ReferralLinkFactory(DjangoModelFactory):
    """A link in force; its token is made by the action only."""

    class Meta:
        model = ReferralLink

    service = factory.SubFactory(ServiceFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    source = "psychiatric_liaison"
    token_hash = factory.Sequence(lambda n: f"{n:064x}")
    expires_on = factory.LazyFunction(lambda: timezone.localdate() + datetime.timedelta(days=90))
    made_by = factory.SubFactory(UserFactory)


class ReferralFactory(DjangoModelFactory):
    """A referral taken by phone, of somebody who agreed, that nobody has decided on."""

    class Meta:
        model = Referral

    service = factory.SubFactory(ServiceFactory)
    person = factory.SubFactory(
        PersonFactory,
        service=factory.SelfAttribute("..service"),
        first_name=factory.SelfAttribute("..first_name"),
        last_name=factory.SelfAttribute("..last_name"),
    )
    key = factory.LazyFunction(uuid.uuid4)
    by = factory.SubFactory(UserFactory)
    source = "gp"
    first_name = "Rosa"
    last_name = "Marsh"
    phone = "07700 900123"
    reason = "Lost her flat"
    urgency = "days"
    agreed = "yes"
    agreed_on = factory.LazyFunction(timezone.localdate)
    agreed_method = "in_person"


class ReferralStepFactory(DjangoModelFactory):
    class Meta:
        model = ReferralStep

    referral = factory.SubFactory(ReferralFactory)
    service = factory.SelfAttribute("referral.service")
    kind = "accepted"
    by = factory.SubFactory(UserFactory)


class ReappearanceFactory(DjangoModelFactory):
    class Meta:
        model = Reappearance

    case = factory.SubFactory(CaseFactory, stage="open_door")
    service = factory.SelfAttribute("case.service")
    extract = factory.SubFactory(
        ExtractFactory, committed=True, source__service=factory.SelfAttribute("...service")
    )
    attendances = 2
    first_on = datetime.date(2026, 5, 3)
    last_on = datetime.date(2026, 5, 20)
