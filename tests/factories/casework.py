import datetime
import uuid

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from casework.models import (
    Allocation,
    Assessment,
    Calibration,
    Capacity,
    Case,
    Contact,
    Disclosure,
    ExperienceAnswer,
    ExperienceRuling,
    HeldContact,
    Instrument,
    InstrumentItem,
    RecallNotice,
    Risk,
    StageChange,
    Visit,
)
from casework.rules import OPEN_STAGES, silent_after
from tests.factories.governance import (
    ConsentFactory,
    PartnerFactory,
    PersonFactory,
    ServiceFactory,
    UserFactory,
)


class CaseFactory(DjangoModelFactory):
    """An open case that nobody carries yet. Its history rows are not made: actions do that."""

    class Meta:
        model = Case

    service = factory.SubFactory(ServiceFactory)
    person = factory.SubFactory(PersonFactory, service=factory.SelfAttribute("..service"))
    stage = "offered"
    opened_at = factory.LazyFunction(timezone.now)
    last_contact_at = None
    silent_after = factory.LazyAttribute(
        lambda case: _silent_after(case) if case.stage in OPEN_STAGES else None
    )


def _silent_after(case):
    """As casework.actions.silence has it for a case without contacts and agreements."""
    last = case.last_contact_at
    return silent_after(
        case.stage,
        last_contact_on=timezone.localdate(last) if last else None,
        last_seen_on=None,
        opened_on=timezone.localdate(case.opened_at),
        rhythm_days=None,
    )


class StageChangeFactory(DjangoModelFactory):
    class Meta:
        model = StageChange

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    stage = "offered"
    by = factory.SubFactory(UserFactory)


class AllocationFactory(DjangoModelFactory):
    class Meta:
        model = Allocation

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    worker = factory.SubFactory(UserFactory)
    by = factory.SubFactory(UserFactory)


class HeldContactFactory(DjangoModelFactory):
    class Meta:
        model = HeldContact

    service = factory.SubFactory(ServiceFactory)
    by = factory.SubFactory(UserFactory)
    key = factory.LazyFunction(uuid.uuid4)
    written_at = factory.LazyFunction(timezone.now)
    reason = "Choose how it went."
    content = "kind=call&note=Something"


class CapacityFactory(DjangoModelFactory):
    class Meta:
        model = Capacity

    service = factory.SubFactory(ServiceFactory)
    worker = factory.SubFactory(UserFactory)
    by = factory.SubFactory(UserFactory)


class CalibrationFactory(DjangoModelFactory):
    """A comparison that nobody has decided on."""

    class Meta:
        model = Calibration

    service = factory.SubFactory(ServiceFactory)
    starts_on = datetime.date(2026, 1, 1)
    ends_on = datetime.date(2026, 3, 31)
    weights_version = 0
    cases = 40
    case_weeks = 400
    minutes = 20_000
    without_minutes = 0


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    key = factory.LazyFunction(uuid.uuid4)
    happened_at = datetime.datetime(2026, 3, 2, 10, 30, tzinfo=datetime.UTC)
    kind = "call"
    outcome = "reached"
    by = factory.SubFactory(UserFactory)


class RiskFactory(DjangoModelFactory):
    class Meta:
        model = Risk

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    level = "pair"
    detail = "A large dog is loose in the yard"
    source = "Ambulance crew"
    review_on = datetime.date(2099, 1, 1)
    noted_by = factory.SubFactory(UserFactory)


class VisitFactory(DjangoModelFactory):
    """A visit at somebody's home that has begun."""

    class Meta:
        model = Visit

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    worker = factory.SubFactory(UserFactory)
    planned_by = factory.SelfAttribute("worker")
    starts_at = factory.LazyFunction(timezone.now)
    went_in_at = factory.SelfAttribute("starts_at")
    due_back_at = factory.LazyAttribute(lambda o: o.starts_at + datetime.timedelta(hours=1))


class InstrumentFactory(DjangoModelFactory):
    """Two questions, 0 to 4 and 0 to 8 in steps of two."""

    class Meta:
        model = Instrument
        skip_postgeneration_save = True

    service = factory.SubFactory(ServiceFactory)
    slug = factory.Sequence(lambda n: f"instrument-{n}")
    title = "Two questions"
    attribution = "Made for tests"
    licence = "None needed"

    @factory.post_generation
    def items(self, create: bool, extracted: object, **kwargs: object) -> None:
        for number, (code, values) in enumerate([("first", [0, 1, 2, 3, 4]), ("second", [0, 2, 4, 6, 8])], 1):
            InstrumentItem.objects.create(
                instrument=self,
                number=number,
                code=code,
                label=f"The {code} question",
                low_anchor="Low",
                high_anchor="High",
                values=values,
            )


class AssessmentFactory(DjangoModelFactory):
    class Meta:
        model = Assessment

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    instrument = factory.SubFactory(InstrumentFactory, service=factory.SelfAttribute("..case.service"))
    scored_on = datetime.date(2026, 3, 2)
    by = factory.SubFactory(UserFactory)


class ExperienceAnswerFactory(DjangoModelFactory):
    """A client found the service very good, and agreed to be quoted."""

    class Meta:
        model = ExperienceAnswer

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    rating = "very_good"
    answered_on = datetime.date(2026, 8, 3)
    words = "They kept their word."
    may_quote = True
    by = factory.SubFactory(UserFactory)
    at = factory.LazyAttribute(
        lambda o: datetime.datetime.combine(o.answered_on, datetime.time(12), tzinfo=datetime.UTC)
    )


class ExperienceRulingFactory(DjangoModelFactory):
    class Meta:
        model = ExperienceRuling

    answer = factory.SubFactory(ExperienceAnswerFactory)
    service = factory.SelfAttribute("answer.service")
    ruling = "may_be_quoted"
    by = factory.SubFactory(UserFactory)
    at = factory.SelfAttribute("answer.at")


class YesToShareFactory(ConsentFactory):
    """A yes that stands, to one partner, for care."""

    scope = "share"
    partner = factory.SubFactory(PartnerFactory, service=factory.SelfAttribute("..service"))
    purpose = "care"
    items = ["contact", "helps", "needs"]


class DisclosureFactory(DjangoModelFactory):
    """Something shared under a yes. Its seal fits no content: actions seal what they share."""

    class Meta:
        model = Disclosure

    case = factory.SubFactory(CaseFactory)
    service = factory.SelfAttribute("case.service")
    key = factory.LazyFunction(uuid.uuid4)
    consent = factory.SubFactory(YesToShareFactory, person=factory.SelfAttribute("..case.person"))
    partner = factory.SelfAttribute("consent.partner")
    basis = "consent"
    purpose = factory.SelfAttribute("consent.purpose")
    items = ["contact"]
    fields = ["person.first_name", "person.last_name", "person.birth_date", "person.phone"]
    content_hash = "0" * 64
    channel = "secure_mail"
    made_by = factory.SubFactory(UserFactory)


class RecallNoticeFactory(DjangoModelFactory):
    class Meta:
        model = RecallNotice

    disclosure = factory.SubFactory(DisclosureFactory)
    service = factory.SelfAttribute("disclosure.service")
    consent = factory.SelfAttribute("disclosure.consent")
