import datetime
from collections.abc import Iterator

import factory
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.utils import timezone
from factory.django import DjangoModelFactory

from governance.models import (
    Agreement,
    BreakGlass,
    Consent,
    Correction,
    FactorReset,
    FreeText,
    ImpactAssessment,
    KeepingTime,
    LegalHold,
    Membership,
    NoticeDelay,
    NoticeGiven,
    Objection,
    OptOut,
    Organisation,
    Partner,
    Person,
    PersonMerge,
    PrivacyNotice,
    PurgeRun,
    Seal,
    SealName,
    Service,
    SetUpPlan,
    SignIn,
    SubjectRequest,
    Team,
    TeamMember,
    User,
)
from governance.roles import Role

# Never issued to anyone (NHS number range 999 000 0000 to 999 999 9999). Tests write the first ones out, so
# nobody made here is one of those people.
_STEMS = range(999_000_100, 1_000_000_000)


def _valid_numbers() -> Iterator[str]:
    for stem in map(str, _STEMS):
        remainder = 11 - sum(int(d) * w for d, w in zip(stem, range(10, 1, -1), strict=True)) % 11
        if remainder != 10:
            yield f"{stem}{0 if remainder == 11 else remainder}"


_numbers = _valid_numbers()
_made: list[str] = []


def never_issued_nhs_number(index: int) -> str:
    """The index-th NHS number of those that are valid by check digit and were never issued."""
    while len(_made) <= index:
        _made.append(next(_numbers))
    return _made[index]


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
        skip_postgeneration_save = True

    service = factory.SubFactory(ServiceFactory)
    title = factory.Sequence(lambda n: f"Agreement {n}")
    sharer = factory.SubFactory(OrganisationFactory)
    recipient = factory.SubFactory(OrganisationFactory)
    purpose = "To find the people who attend A&E most often and offer them support."
    allowed_fields = ["nhs_number", "arrived_on"]
    valid_from = datetime.date(2020, 1, 1)
    standing = "signed"

    @factory.post_generation
    def first_version(self, create, extracted, **kwargs):
        if create:
            self.versions.create(service=self.service, number=1, **self.terms())


class ImpactAssessmentFactory(DjangoModelFactory):
    class Meta:
        model = ImpactAssessment
        skip_postgeneration_save = True

    service = factory.SubFactory(ServiceFactory)
    kind = "dpia"
    title = factory.Sequence(lambda n: f"Assessment {n}")
    started_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def first_version(self, create, extracted, **kwargs):
        if create:
            self.versions.create(service=self.service, number=1, edition=1, begun_by=self.started_by)


class SetUpPlanFactory(DjangoModelFactory):
    class Meta:
        model = SetUpPlan

    service = factory.SubFactory(ServiceFactory)
    starts_on = datetime.date(2026, 1, 5)
    begun_by = factory.SubFactory(UserFactory)


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner

    service = factory.SubFactory(ServiceFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    added_by = factory.SubFactory(UserFactory)


class PrivacyNoticeFactory(DjangoModelFactory):
    class Meta:
        model = PrivacyNotice

    service = factory.SubFactory(ServiceFactory)
    version = factory.Sequence(lambda n: n + 1)
    text = "We are told who goes to A&E most often, so that we can offer help."
    easy_read = "We offer help. The hospital gave us your name. You can say no."
    published_on = datetime.date(2026, 1, 1)
    published_by = factory.SubFactory(UserFactory)


class NoticeGivenFactory(DjangoModelFactory):
    class Meta:
        model = NoticeGiven

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    notice = factory.SubFactory(PrivacyNoticeFactory, service=factory.SelfAttribute("..service"))
    channel = "read_out"
    given_by = factory.SubFactory(UserFactory)


class NoticeDelayFactory(DjangoModelFactory):
    class Meta:
        model = NoticeDelay

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    reason = "Too upset to listen"
    noted_by = factory.SubFactory(UserFactory)


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    scope = "support"
    decision = "given"
    method = "phone"
    decided_at = datetime.datetime(2026, 1, 5, 10, tzinfo=datetime.UTC)
    recorded_at = factory.SelfAttribute("decided_at")
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


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team

    service = factory.SubFactory(ServiceFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class TeamMemberFactory(DjangoModelFactory):
    class Meta:
        model = TeamMember

    service = factory.SubFactory(ServiceFactory)
    team = factory.SubFactory(TeamFactory, service=factory.SelfAttribute("..service"))
    user = factory.SubFactory(UserFactory)
    starts_on = datetime.date(2020, 1, 1)


class SealFactory(DjangoModelFactory):
    """A seal in force that names nobody, unless `names` are given."""

    class Meta:
        model = Seal
        skip_postgeneration_save = True

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    sealed = True
    reason = "A member of staff is family"
    by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def names(self, create: bool, extracted: list[User] | None, **kwargs: object) -> None:
        for user in extracted or []:
            SealName.objects.create(service=self.service, seal=self, user=user)


class BreakGlassFactory(DjangoModelFactory):
    """A reason given just now, good for four hours."""

    class Meta:
        model = BreakGlass

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    reason = "cover"
    words = "Their worker is away"
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(timezone.now)
    until = factory.LazyAttribute(lambda o: o.at + datetime.timedelta(hours=4))


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


class PersonMergeFactory(DjangoModelFactory):
    class Meta:
        model = PersonMerge

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    merged = factory.SubFactory(PersonFactory, service=factory.SelfAttribute("..service"))
    by = factory.SubFactory(UserFactory)
