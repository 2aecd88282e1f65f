import datetime

import factory
from factory.django import DjangoModelFactory

from governance.models import (
    Agreement,
    Consent,
    Correction,
    FreeText,
    KeepingTime,
    LegalHold,
    Membership,
    Objection,
    OptOut,
    Organisation,
    Person,
    PurgeRun,
    Service,
    SubjectRequest,
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


class SubjectRequestFactory(DjangoModelFactory):
    class Meta:
        model = SubjectRequest

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    received_on = datetime.date(2026, 1, 31)
    due_on = datetime.date(2026, 2, 28)
    identity = "Known to their link worker"
    opened_by = factory.SubFactory(UserFactory)


class FreeTextFactory(DjangoModelFactory):
    """A text that waits for a decision; what it points at is up to the test."""

    class Meta:
        model = FreeText

    request = factory.SubFactory(SubjectRequestFactory)
    service = factory.SelfAttribute("request.service")
    row_model = "governance.person"
    row_id = factory.LazyAttribute(lambda text: str(text.request.person_id))
    row_field = "communication_needs"
    digest = factory.Sequence(lambda n: f"{n:064x}")


class CorrectionFactory(DjangoModelFactory):
    class Meta:
        model = Correction

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    field = "phone"
    before = "01234 567890"
    after = "01234 567891"
    reason = "They told us"
    by = factory.SubFactory(UserFactory)


class ObjectionFactory(DjangoModelFactory):
    class Meta:
        model = Objection

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    scope = "contact"
    decision = "upheld"
    by = factory.SubFactory(UserFactory)


class OptOutFactory(DjangoModelFactory):
    class Meta:
        model = OptOut

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    opted_out = True
    source = "mesh"
    checked_on = datetime.date(2026, 1, 5)
    by = factory.SubFactory(UserFactory)


class LegalHoldFactory(DjangoModelFactory):
    class Meta:
        model = LegalHold

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    reason = "A complaint is looked into"
    held_from = datetime.date(2026, 1, 5)
    placed_by = factory.SubFactory(UserFactory)


class KeepingTimeFactory(DjangoModelFactory):
    class Meta:
        model = KeepingTime

    service = factory.SubFactory(ServiceFactory)
    record_class = "cases"
    number = 20
    reason = "Part of the mental health trust"
    by = factory.SubFactory(UserFactory)


class PurgeRunFactory(DjangoModelFactory):
    class Meta:
        model = PurgeRun

    service = factory.SubFactory(ServiceFactory)
    record_class = "cases"
    due = 3
    purged = 2
    held = 1
