import datetime
import uuid

import factory
from factory.django import DjangoModelFactory

from cohorts.models import (
    Activity,
    ActivityCount,
    Candidate,
    CodeMeaning,
    CohortList,
    CohortRule,
    Extract,
    SameDecision,
    Screening,
    Source,
    UnmatchedRow,
)
from tests.factories.governance import (
    AgreementFactory,
    OrganisationFactory,
    PersonFactory,
    ServiceFactory,
    UserFactory,
)


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    service = factory.SubFactory(ServiceFactory)
    slug = factory.Sequence(lambda n: f"source-{n}")
    name = factory.Sequence(lambda n: f"Source {n}")
    organisation = factory.SubFactory(OrganisationFactory)
    agreement = factory.SubFactory(AgreementFactory, service=factory.SelfAttribute("..service"))
    columns = {"NHS number": "nhs_number", "Arrival date": "arrived_on"}


class ExtractFactory(DjangoModelFactory):
    class Meta:
        model = Extract

    class Params:
        committed = factory.Trait(
            status="committed",
            progress=100,
            committed_at=datetime.datetime(2026, 7, 1, 9, 30, tzinfo=datetime.UTC),
            committed_by=factory.SubFactory(UserFactory),
            period_from=datetime.date(2025, 7, 1),
            period_to=datetime.date(2026, 6, 30),
        )
        previewed = factory.Trait(status="previewed", progress=100, rows_read=10, rows_kept=10, rows_new=10)

    source = factory.SubFactory(SourceFactory)
    service = factory.SelfAttribute("source.service")
    file = factory.django.FileField(filename="extract.csv", data=b"NHS number,Arrival date\n")
    original_name = "attendances.csv"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    size = 24
    received_by = factory.SubFactory(UserFactory)


class CodeMeaningFactory(DjangoModelFactory):
    class Meta:
        model = CodeMeaning

    service = factory.SubFactory(ServiceFactory)
    code_set = "ecds"
    field = "disposal"
    code = "1066331000000109"
    says = "Short-stay ward"
    means = "Short-stay ward"
    reason = "Agreed with the trust"
    said_by = factory.SubFactory(UserFactory)


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    id = factory.LazyFunction(uuid.uuid4)
    extract = factory.SubFactory(ExtractFactory, committed=True)
    source = factory.SelfAttribute("extract.source")
    service = factory.SelfAttribute("extract.service")
    person = factory.SubFactory(PersonFactory, service=factory.SelfAttribute("..service"))
    measure = "ae"
    started_on = datetime.date(2026, 6, 1)


class ActivityCountFactory(DjangoModelFactory):
    class Meta:
        model = ActivityCount

    extract = factory.SubFactory(ExtractFactory, committed=True, source__shape="people")
    source = factory.SelfAttribute("extract.source")
    service = factory.SelfAttribute("extract.service")
    person = factory.SubFactory(PersonFactory, service=factory.SelfAttribute("..service"))
    measure = "ae"
    window_months = 12
    as_at = datetime.date(2026, 6, 30)
    count = 6


class CohortRuleFactory(DjangoModelFactory):
    class Meta:
        model = CohortRule

    service = factory.SubFactory(ServiceFactory)
    slug = factory.Sequence(lambda n: f"rule-{n}")
    title = factory.Sequence(lambda n: f"Rule {n}")
    operator = ">="
    count = 5
    window_months = 12
    min_age = 18


class CohortListFactory(DjangoModelFactory):
    class Meta:
        model = CohortList

    rule = factory.SubFactory(CohortRuleFactory)
    service = factory.SelfAttribute("rule.service")
    as_at = datetime.date(2026, 6, 30)
    data_to = datetime.date(2026, 6, 30)
    considered = 1
    selected = 1


class CandidateFactory(DjangoModelFactory):
    class Meta:
        model = Candidate

    cohort_list = factory.SubFactory(CohortListFactory)
    service = factory.SelfAttribute("cohort_list.service")
    person = factory.SubFactory(PersonFactory, service=factory.SelfAttribute("..service"))
    rank = factory.Sequence(lambda n: n + 1)
    count = 6
    last_on = datetime.date(2026, 6, 20)
    age = 46


class ScreeningFactory(DjangoModelFactory):
    class Meta:
        model = Screening

    candidate = factory.SubFactory(CandidateFactory)
    service = factory.SelfAttribute("candidate.service")
    decision = "decline"
    reason = "clinically_warranted"
    by = factory.SubFactory(UserFactory)


class SameDecisionFactory(DjangoModelFactory):
    """Rows of a handle were given to a person."""

    class Meta:
        model = SameDecision

    person = factory.SubFactory(PersonFactory)
    service = factory.SelfAttribute("person.service")
    handle = factory.Sequence(lambda n: f"{n:032x}")
    answer = "same"
    by = factory.SubFactory(UserFactory)


class UnmatchedRowFactory(DjangoModelFactory):
    class Meta:
        model = UnmatchedRow

    id = factory.LazyFunction(uuid.uuid4)
    extract = factory.SubFactory(ExtractFactory)
    source = factory.SelfAttribute("extract.source")
    service = factory.SelfAttribute("extract.service")
    row = factory.Sequence(lambda n: n + 2)
    problem = "identifier_missing"
    handle = factory.Sequence(lambda n: f"{n:032x}")
    first_name = "Ann"
    last_name = "Ash"
    birth_date = datetime.date(1980, 5, 6)
    content = factory.LazyAttribute(lambda row: {"key": f"a{row.row}", "started_on": "2026-06-01"})
