import datetime

import factory
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from factory.django import DjangoModelFactory

from governance.models import (
    Agreement,
    Consent,
    FactorReset,
    Membership,
    Organisation,
    Person,
    Service,
    SignIn,
    User,
)
from governance.roles import Role

# Valid by check digit and never issued to anyone (NHS number range 999 000 0000 to 999 999 9999).
_NEVER_ISSUED = range(999_000_000, 1_000_000_000)


def never_issued_nhs_number(index: int) -> str:
    """The index-th valid NHS number of the never-issued range."""
    found = -1
    for stem in _NEVER_ISSUED:
        digits = str(stem)
        remainder = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if remainder != 10:
            found += 1
        if found == index:
            return f"{digits}{0 if remainder == 11 else remainder}"
    raise ValueError("The never-issued range has no number left.")


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Trust {n}")


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    slug = factory.Sequence(lambda n: f"service-{n}")
    name = factory.Sequence(lambda n: f"Service {n}")
    host = factory.SubFactory(OrganisationFactory)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    name = factory.Sequence(lambda n: f"User {n}")
    password = "!"  # signs in by force_login only


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    service = factory.SubFactory(ServiceFactory)
    role = Role.LINK_WORKER
    starts_on = datetime.date(2020, 1, 1)


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    service = factory.SubFactory(ServiceFactory)
    nhs_number = factory.Sequence(never_issued_nhs_number)
    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")
    birth_date = datetime.date(1980, 5, 17)


class AgreementFactory(DjangoModelFactory):
    class Meta:
        model = Agreement

    service = factory.SubFactory(ServiceFactory)
    title = factory.Sequence(lambda n: f"Agreement {n}")
    sharer = factory.SubFactory(OrganisationFactory)
    recipient = factory.SubFactory(OrganisationFactory)
    purpose = "To find the people who attend A&E most often and offer them support."
    allowed_fields = ["nhs_number", "arrived_on"]
    valid_from = datetime.date(2020, 1, 1)


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    scope = "support"
    decision = "given"
    method = "phone"
    decided_at = datetime.datetime(2026, 1, 5, 10, tzinfo=datetime.UTC)
    by = factory.SubFactory(UserFactory)


class FactorResetFactory(DjangoModelFactory):
    class Meta:
        model = FactorReset

    service = factory.SubFactory(ServiceFactory)
    user = factory.SubFactory(UserFactory)
    asked_by = factory.SelfAttribute("user")
    reason = "My phone was stolen."


class SignInFactory(DjangoModelFactory):
    class Meta:
        model = SignIn

    user = factory.SubFactory(UserFactory)
    session_key = factory.Sequence(lambda n: f"session{n}")
    device = "Chrome on Android"


class AppFactory(DjangoModelFactory):
    """An authenticator app; `secret` is its seed."""

    class Meta:
        model = Authenticator

    class Params:
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.TOTP
    data = factory.LazyAttribute(lambda o: {"secret": encrypt(o.secret)})
