"""A service planted in the database with the attendances of years before its first list, and the same as two tables."""

import datetime
import uuid
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casework.models import Case, StageChange
from cohorts.lists import selection
from cohorts.models import Activity, CohortList, Extract
from evaluation.impact.tables import PEOPLE_DATES
from governance.models import Person, Service
from tests.evaluation.conftest import COVERED_TO, FROZEN, at
from tests.factories.cohorts import CohortListFactory, CohortRuleFactory, ExtractFactory, SourceFactory
from tests.factories.governance import AgreementFactory, UserFactory, never_issued_nhs_number

LISTED_ON = datetime.date(2025, 6, 1)
A_YEAR_BEFORE = datetime.date(2024, 6, 1)
COVERED_FROM = datetime.date(2023, 5, 1)
DAY = datetime.timedelta(days=1)
AT_LEAST = 5
# Of those listed, this many are left when everybody else was approached.
LEFT = 25
COMPLAINTS = ("Chest pain", "Low mood", "Broken wrist", "Abdominal pain", "127279002")


@dataclass
class Planted:
    """What is in the database, and the events as they were planted: columns person, on, complaint."""

    service: Service
    extract: Extract
    cohort_list: CohortList
    events: pd.DataFrame

    def met(self, as_at: datetime.date) -> set[str]:
        """Who had enough in the 12 months up to a day, counted from the table of events."""
        first = (pd.Timestamp(as_at) - pd.DateOffset(years=1)).date() + DAY
        inside = self.events[self.events["on"].between(first, as_at)]
        sizes = inside.groupby("person").size()
        return set(sizes.index[sizes >= AT_LEAST])

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """People and activity as an analyst would write them down for the estimators."""
        cases = {str(c.person_id): c for c in self.service.cases.all()}
        answers = {"tapering": "accepted", "declined": "declined"}
        rows = []
        for person in sorted(self.met(LISTED_ON), key=int):
            case = cases.get(person)
            row = dict.fromkeys(PEOPLE_DATES) | {"person": person, "list_date": LISTED_ON}
            row["group"] = answers[case.stage] if case else "not_approached"
            row["approach_date"] = row["index_date"] = case and case.index_date
            rows.append(row)
        for person in sorted(self.met(A_YEAR_BEFORE), key=int):
            rows.append(
                dict.fromkeys(PEOPLE_DATES)
                | {"person": person, "group": "last_year", "list_date": A_YEAR_BEFORE}
            )
        activity = self.events.assign(measure="ae")[["person", "measure", "on"]]
        return pd.DataFrame(rows), activity


def plant(service: Service, *, people: int = 330, seed: int = 6, complaints: bool = True) -> Planted:
    """A list of everybody with enough attendances, of whom all but a few were approached and every second accepted."""
    rng = np.random.default_rng(seed)
    source = SourceFactory(service=service, agreement=AgreementFactory(service=service), measure="ae")
    extract = ExtractFactory(
        source=source,
        committed=True,
        period_from=COVERED_FROM,
        period_to=COVERED_TO,
        committed_at=FROZEN - 2 * DAY,
    )
    persons = Person.objects.bulk_create(
        Person(service=service, first_name="A", last_name="B", nhs_number=never_issued_nhs_number(2000 + n))
        for n in range(people)
    )
    events = _attend(extract, persons, rng, complaints=complaints)
    rule = CohortRuleFactory(service=service, title="Five or more in a year", count=AT_LEAST, min_age=None)
    cohort_list = CohortListFactory(rule=rule, as_at=LISTED_ON, built_at=at(LISTED_ON + 9 * DAY))
    found = selection.fill(cohort_list)
    CohortList.objects.filter(pk=cohort_list.pk).update(selected=found.selected)
    listed = list(cohort_list.candidates.select_related("person").order_by("person_id"))
    chosen = rng.permutation(len(listed))[: len(listed) - LEFT]
    _approach(service, [listed[each] for each in chosen], rng)
    return Planted(service, extract, cohort_list, events)


def _attend(extract, persons, rng, *, complaints: bool) -> pd.DataFrame:
    days = (COVERED_TO - COVERED_FROM).days + 1
    years = days // 365 + 1
    rate = rng.gamma(2, 3.2, (len(persons), years))
    # About half keep the rate of the year before.
    for year in range(1, years):
        same = rng.random(len(persons)) < 0.5
        rate[same, year] = rate[same, year - 1]
    who, day = np.nonzero(rng.random((len(persons), days)) < np.repeat(rate, 365, axis=1)[:, :days] / 365)
    said = rng.choice(COMPLAINTS, len(who)) if complaints else np.full(len(who), "")
    rows = [
        Activity(
            id=uuid.UUID(int=int(n) + 1),
            service=extract.service,
            source=extract.source,
            extract=extract,
            person=persons[person],
            measure="ae",
            started_on=COVERED_FROM + int(on) * DAY,
            complaint=complaint,
        )
        for n, (person, on, complaint) in enumerate(zip(who, day, said, strict=True))
    ]
    Activity.objects.bulk_create(rows, batch_size=5000)
    return pd.DataFrame(
        [(str(r.person_id), r.started_on, r.complaint) for r in rows], columns=["person", "on", "complaint"]
    )


def _approach(service, candidates, rng) -> None:
    user = UserFactory()
    index = [LISTED_ON + int(wait) * DAY for wait in rng.integers(1, 80, len(candidates))]
    cases = Case.objects.bulk_create(
        Case(
            service=service,
            person=candidate.person,
            candidate=candidate,
            opened_at=at(day - DAY),
            index_date=day,
            stage="declined" if n % 2 else "tapering",
        )
        for n, (candidate, day) in enumerate(zip(candidates, index, strict=True))
    )
    StageChange.objects.bulk_create(
        StageChange(service=service, case=case, stage=stage, by=user, at=at(case.index_date))
        for case in cases
        for stage in ("offered", "declined" if case.stage == "declined" else "engaging")
    )
