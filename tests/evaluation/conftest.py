"""A service with enough behind it for a report: people who accepted, declined, or were not reached."""

import datetime
import random
import uuid
from dataclasses import dataclass, field

import pytest
import time_machine

from casework.models import Case, Contact, StageChange
from cohorts.models import Activity, Candidate
from governance.models import Person, Service
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CohortListFactory, CohortRuleFactory, ExtractFactory, SourceFactory
from tests.factories.evaluation import UnitCostFactory
from tests.factories.governance import AgreementFactory, UserFactory, never_issued_nhs_number

COVERED_FROM = datetime.date(2024, 1, 1)
COVERED_TO = datetime.date(2026, 9, 30)
LISTED_ON = datetime.date(2025, 6, 1)
FROZEN = datetime.datetime(2026, 10, 5, 9, 30, tzinfo=datetime.UTC)
LATER = datetime.datetime(2027, 10, 5, 9, 30, tzinfo=datetime.UTC)
DAYS = (COVERED_TO - COVERED_FROM).days + 1
YEAR = 365

PATHS = {
    "accepted": ["offered", "engaging", "active", "tapering"],
    "declined": ["offered", "declined"],
    "not_reached": ["offered", "not_reached"],
    "no_answer": ["offered"],
}
# Visits a year before and after the index date: a fall in everybody, a larger one in those who accepted.
RATES = {"accepted": (14, 6), "declined": (14, 10)}
WAITING = (14, 10)


@dataclass
class Grown:
    """A service and what was planted in it."""

    service: Service
    extract: object
    cases: dict[str, list[Case]] = field(default_factory=dict)

    @property
    def people(self) -> list[Person]:
        return [case.person for cases in self.cases.values() for case in cases]


def at(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(10, 30), tzinfo=datetime.UTC)


def grow(
    service: Service,
    *,
    seed: int = 1,
    # Out of the way of the people whom factories number.
    first: int = 50_000,
    only_listed: int = 20,
    attending: bool = False,
    **sizes: int,
) -> Grown:
    """Fill a service: `accepted=60` makes sixty people who accepted, and so on; with `attending` those who were
    only listed attend too."""
    rng = random.Random(seed)
    user = UserFactory()
    source = SourceFactory(
        service=service, name="Fenland A&E feed", agreement=AgreementFactory(service=service), measure="ae"
    )
    extract = ExtractFactory(
        source=source,
        committed=True,
        period_from=COVERED_FROM,
        period_to=COVERED_TO,
        rows_kept=9_120,
        rows_rejected=3,
        committed_at=FROZEN - datetime.timedelta(days=2),
    )
    grown = Grown(service, extract)
    groups = [name for name, size in sizes.items() for _ in range(size)]
    people = _people(service, len(groups) + only_listed, first)
    candidates = _candidates(service, people)
    for person, candidate, group in zip(people, candidates, groups, strict=False):
        grown.cases.setdefault(group, []).append(_case(person, candidate, group, user, rng))
    _activity(grown, source, rng, people[len(groups) :] if attending else [])
    return grown


def _people(service: Service, size: int, first: int) -> list[Person]:
    return Person.objects.bulk_create(
        Person(service=service, first_name=f"Zephyrine{i}", last_name=f"Quagmire{i}", nhs_number=number)
        for i, number in enumerate(never_issued_nhs_number(first + i) for i in range(size))
    )


def _candidates(service: Service, people: list[Person]) -> list[Candidate]:
    rule = CohortRuleFactory(service=service, title="Five or more in a year")
    cohort_list = CohortListFactory(service=service, rule=rule, as_at=LISTED_ON)
    return Candidate.objects.bulk_create(
        Candidate(service=service, cohort_list=cohort_list, person=person, rank=rank, count=6)
        for rank, person in enumerate(people, start=1)
    )


def _case(person, candidate, group, user, rng) -> Case:
    index = LISTED_ON + datetime.timedelta(days=rng.randrange(100))
    case = CaseFactory(
        service=person.service,
        person=person,
        candidate=candidate,
        opened_at=at(index - datetime.timedelta(days=3)),
        index_date=index,
        stage=PATHS[group][-1],
        worker=user,
    )
    StageChange.objects.bulk_create(
        StageChange(
            service=case.service, case=case, stage=stage, by=user, at=at(index + datetime.timedelta(days=i))
        )
        for i, stage in enumerate(PATHS[group])
    )
    Contact.objects.bulk_create(
        Contact(
            service=case.service,
            case=case,
            key=uuid.uuid4(),
            happened_at=at(index + datetime.timedelta(days=30 * i)),
            kind=rng.choice(["call", "call", "home", "text"]),
            outcome="reached",
            by=user,
            note=f"{person.first_name} was in",
        )
        for i in range(14 if group == "accepted" else 1)
    )
    return case


def _activity(grown: Grown, source, rng: random.Random, waiting: list[Person]) -> None:
    whom = [
        (case.person, case.index_date, RATES.get(group, (10, 9)))
        for group, cases in grown.cases.items()
        for case in cases
    ]
    rows = []
    for person, index, (before, after) in [*whom, *((each, LISTED_ON, WAITING) for each in waiting)]:
        own = rng.gammavariate(3, 1 / 3)
        for n in range(DAYS):
            day = COVERED_FROM + datetime.timedelta(days=n)
            if rng.random() < own * (before if day < index else after) / YEAR:
                rows.append(_event(grown, source, person, day))
    Activity.objects.bulk_create(rows)


def _event(grown: Grown, source, person: Person, day: datetime.date) -> Activity:
    return Activity(
        id=uuid.uuid4(),
        service=grown.service,
        source=source,
        extract=grown.extract,
        person=person,
        measure="ae",
        started_on=day,
    )


@pytest.fixture
def october():
    """A few days after the quarter that the tests report on."""
    with time_machine.travel(FROZEN, tick=False):
        yield


@pytest.fixture
def grown(service, october) -> Grown:
    """Enough people for a comparison, and a unit cost."""
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2025, 1, 1))
    return grow(service, accepted=60, declined=55, not_reached=12, no_answer=9)
