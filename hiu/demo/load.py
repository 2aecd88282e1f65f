"""Builds the two invented services, quarter by quarter, through the product's own actions."""

import datetime
import io
import random
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from casework.actions import instrument
from casework.models import Capacity, Case, Contact
from cohorts.actions import cohort_list, extract, plan, screening
from cohorts.models import (
    Activity,
    CohortList,
    CohortRule,
    Exclusion,
    ExpectedExtract,
    Extract,
    ExtractStatus,
    Measure,
    Operator,
    Screening,
    ScreeningDecision,
    ScreeningReason,
)
from evaluation import quarters
from evaluation.actions import area_profile, kpi_choice, report, running_cost, unit_cost
from evaluation.money import schedules
from governance import audit
from governance.actions import search_keys
from governance.models import Frequency, Membership, Organisation, OrganisationKind, Person, Service, User
from governance.roles import Role
from hiu.demo import incidents, papers, referrals, safety, sharing, voices, workload
from hiu.demo.access import add_access
from hiu.demo.attendances import People, invent
from hiu.demo.cast import PASSWORD, SERVICES, Cast
from hiu.demo.history import Writer
from hiu.demo.sources import ALLOWED, add_source

# How much less often those who are supported attend; chosen so that a report has something to weigh.
EFFECT = 0.30
MORE_THAN = 5
# The last wave takes few, so that the newest list is worth screening.
LAST_WAVE = 30
# From the start of the set-up to the first list.
SET_UP = datetime.timedelta(days=140)
DUE_AFTER = datetime.timedelta(days=7)
PROFILED_FROM = 20


@dataclass(frozen=True)
class Loaded:
    """What a demo holds."""

    people: int
    activities: int
    cases: int
    contacts: int


@transaction.atomic
def load(*, people: int, years: int, seed: int, today: datetime.date | None = None) -> Loaded:
    """Load two services with `people` people between them and `years` years of attendances.

    Raises:
        AlreadyLoaded: one of the services exists; a demo is never mixed with what is there.
    """
    day = today or timezone.localdate()
    if Service.objects.filter(slug__in=[cast.slug for cast in SERVICES]).exists():
        raise AlreadyLoaded("The demo is loaded already. Nothing was changed.")
    ended = quarter_ends(day, years * 4)
    for position, cast in enumerate(SERVICES):
        share = people // 2 + (people % 2 if position == 0 else 0)
        _Builder(cast, seed + position, day, ended).build(share, first_number=position * (people // 2 + 1))
    return Loaded(
        Person.objects.count(), Activity.objects.count(), Case.objects.count(), Contact.objects.count()
    )


class AlreadyLoaded(Exception):
    """Raised with a sentence when the demo's services exist."""


def quarter_ends(day: datetime.date, count: int) -> list[datetime.date]:
    """The last days of the `count` quarters that ended before `day`, oldest first."""
    ends = pd.date_range(end=day - datetime.timedelta(days=1), periods=count, freq="QE")
    return [end.date() for end in ends]


class _Builder:
    def __init__(self, cast: Cast, seed: int, today: datetime.date, ended: list[datetime.date]) -> None:
        self.cast, self.seed, self.today, self.ended = cast, seed, today, ended
        self.chance = random.Random(seed)  # noqa: S311  a demo must repeat itself

    def build(self, people: int, *, first_number: int) -> None:
        """Fill one service."""
        self._open_service()
        first_day = (self.ended[0] - pd.offsets.QuarterEnd()).date() + datetime.timedelta(days=1)
        self.world = invent(
            people=people,
            site=self.cast.site,
            first_day=first_day,
            last_day=self.today - datetime.timedelta(days=3),
            seed=self.seed,
            first_number=first_number,
        )
        # A year of attendances comes before the first list; the newest list is left to be screened.
        count = len(self.ended)
        most_decided = {count // 2 - 1: None, count * 3 // 4 - 1: 6, count - 2: LAST_WAVE}
        for position, end in enumerate(self.ended):
            begin = self.ended[position - 1] + datetime.timedelta(days=1) if position else first_day
            self._load_quarter(begin, end)
            if position in most_decided:
                self._support_from(end, most_decided[position])
        self._leave_list_to_screen(self.ended[-1])
        self._leave_one_waiting()
        sharing.share_some(self.service, by=self.lead)
        link_workers = [self.users[w.email] for w in self.cast.workers if w.role == Role.LINK_WORKER]
        add_access(self.service, link_workers, lead=self.lead, today=self.today)
        safety.tell(self.service, lead=self.lead, chance=self.chance, today=self.today)
        ended = self.ended[-1]
        voices.tell(self.service, lead=self.lead, quarter_ends=ended, today=self.today, seed=self.seed)
        self._costs_and_report()
        self._incidents()
        referrals.answer_all_but_the_newest(self.service, by=self.lead)
        referrals.tell(self.service, self.trust, lead=self.lead, worker=link_workers[0])
        workload.leave_nobody_idle(self.service, link_workers[0], lead=self.lead)
        workload.fill(self.service, self.carriers, lead=self.lead, today=self.today, chance=self.chance)
        # No worker may be there yet to do it.
        search_keys.refresh(service=self.service)

    def _open_service(self) -> None:
        cast = self.cast
        host = Organisation.objects.create(name=cast.host, kind=OrganisationKind.CHARITY)
        self.trust = Organisation.objects.create(name=cast.trust, kind=OrganisationKind.TRUST)
        self.service = Service.objects.create(slug=cast.slug, name=cast.name, host=host)
        # One password for everybody, so it is hashed once.
        self.password = make_password(PASSWORD)
        self.users = {w.email: self._member(w.name, w.email, w.role) for w in cast.workers}
        self.lead = next(self.users[w.email] for w in cast.workers if w.role == Role.HIU_LEAD)
        workers = [w for w in cast.workers if w.hours is not None]
        Capacity.objects.bulk_create(
            Capacity(
                service=self.service,
                worker=self.users[w.email],
                target_points=w.target_points,
                contracted_hours=Decimal(str(w.hours)),
                by=self.lead,
            )
            for w in workers
        )
        self._sign_papers(host)
        chaos, _ = instrument.load()
        self.sharing = sharing.open_for(self.service, cast, self.ended[0], by=self.lead)
        self.carriers = [self.users[w.email] for w in workers]
        self.writer = Writer(
            self.service, self.lead, self.carriers, chaos, self.sharing, self.today, self.chance
        )
        self.rule = self._rule()
        with transaction.atomic():
            audit.record("demo_loaded", service=self.service, by=None, on=self.service)

    def _sign_papers(self, host: Organisation) -> None:
        keepers = (self.users[w.email] for w in self.cast.workers if w.role == Role.IG_LEAD)
        keeper, since = next(keepers, self.lead), self.ended[0]
        agreement = papers.agree(
            self.service, self.trust, host, since, fields=ALLOWED, today=self.today, by=keeper
        )
        self.source = add_source(self.service, self.trust, agreement, by=self.lead)
        self._expect_files()
        first_list = self.ended[len(self.ended) // 2 - 1]
        papers.set_up_done(self.service, agreement, first_list - SET_UP, by=keeper)

    def _expect_files(self) -> None:
        """A file a week after each quarter: those of the past, as the calendar would have written them down."""
        days = [end + DUE_AFTER for end in self.ended]
        plan.change(
            source=self.source,
            by=self.lead,
            first_due=days[0],
            frequency=Frequency.QUARTERLY,
            days_of_grace=3,
        )
        past = [day for day in days if day < self.today]
        ExpectedExtract.objects.bulk_create(
            ExpectedExtract(service=self.service, source=self.source, due_on=day) for day in past
        )

    def _member(self, name: str, email: str, role: Role) -> User:
        user = User.objects.create(email=email, name=name, password=self.password)
        Membership.objects.create(user=user, service=self.service, role=role, starts_on=self.ended[0])
        return user

    def _rule(self) -> CohortRule:
        return CohortRule.objects.create(
            service=self.service,
            slug="over-5-in-a-year",
            title="More than five in a year, and still attending",
            measure=Measure.AE,
            operator=Operator.MORE_THAN,
            count=MORE_THAN,
            window_months=12,
            recent_count=1,
            recent_months=3,
            min_age=18,
            top_n=250,
            exclusions=[
                Exclusion.ALREADY_CLIENT,
                Exclusion.DIED,
                Exclusion.MOVED,
                Exclusion.SCREENED_OUT,
            ],
            made_by=self.lead,
        )

    def _rows(self, begin: datetime.date, end: datetime.date) -> pd.DataFrame:
        rows = self.world.attendances
        return rows[rows["Arrival date"].between(begin.isoformat(), end.isoformat())]

    def _upload(self, rows: pd.DataFrame, name: str) -> ContentFile:
        text = io.StringIO()
        rows.to_csv(text, index=False)
        return ContentFile(text.getvalue().encode(), name=name)

    def _load_quarter(self, begin: datetime.date, end: datetime.date) -> None:
        name = f"{self.cast.slug}-attendances-{quarters.of(end)}.csv"
        upload = self._upload(self._rows(begin, end), name)
        loaded = extract.load(service=self.service, source=self.source, upload=upload, by=self.lead)
        assert loaded.status == ExtractStatus.COMMITTED, loaded.problem
        arrived = self.writer.at(end + datetime.timedelta(days=6))
        Extract.objects.filter(pk=loaded.pk).update(received_at=arrived, committed_at=arrived)

    def _list(self, as_at: datetime.date) -> CohortList:
        return cohort_list.build(service=self.service, rule=self.rule, as_at=as_at, by=self.lead)

    def _support_from(self, as_at: datetime.date, most: int | None) -> None:
        built = self._list(as_at)
        CohortList.objects.filter(pk=built.pk).update(
            built_at=self.writer.at(as_at + datetime.timedelta(days=9))
        )
        new = built.candidates.filter(person__cases=None)
        candidates = list(new.select_related("person")[:most])
        accepted = [c for c in candidates if self.chance.random() < 0.9]
        taken = {c.pk for c in accepted}
        Screening.objects.bulk_create(
            Screening(
                service=self.service,
                candidate=c,
                decision=ScreeningDecision.ACCEPT if c.pk in taken else ScreeningDecision.DECLINE,
                reason="" if c.pk in taken else self.chance.choice(ScreeningReason.values),
                by=self.lead,
                at=self.writer.at(as_at + datetime.timedelta(days=12)),
            )
            for c in candidates
        )
        taken_on = Person.objects.filter(pk__in=[c.person_id for c in accepted])
        taken_on.update(gp_practice="Mill Road Surgery (invented)")
        cases = self.writer.take_on(accepted, as_at + datetime.timedelta(days=14))
        self._attend_less([c for c in cases if c.stage not in ("declined", "not_reached")])

    def _leave_list_to_screen(self, as_at: datetime.date) -> None:
        """The newest list, with a few people taken on whom nobody carries yet."""
        for candidate in self._list(as_at).candidates.all()[2:5]:
            screening.decide(candidate=candidate, decision=ScreeningDecision.ACCEPT, by=self.lead)

    def _attend_less(self, cases: list[Case]) -> None:
        since = {c.person.nhs_number: c.index_date.isoformat() for c in cases if c.index_date}
        rows = self.world.attendances
        after = rows["Arrival date"] > rows["NHS number"].map(lambda number: since.get(number, "9999"))
        spared = after & pd.Series([self.chance.random() < EFFECT for _ in range(len(rows))])
        self.world = People(self.world.people, rows[~spared].reset_index(drop=True))

    def _leave_one_waiting(self) -> None:
        """The quarter to date, with the faults a real file has, checked and waiting for the lead."""
        rows = self._rows(self.ended[-1] + datetime.timedelta(days=1), self.today).copy()
        if len(rows) < 8:
            return
        spoilt = rows.iloc[:5].copy()
        spoilt["Attendance number"] += "X"
        spoilt.iloc[0, spoilt.columns.get_loc("NHS number")] = "9990000019"
        spoilt.iloc[1, spoilt.columns.get_loc("NHS number")] = "0000000000"
        spoilt.iloc[2, spoilt.columns.get_loc("Arrival date")] = "2026-02-31"
        spoilt.iloc[3, spoilt.columns.get_loc("NHS number")] = ""
        spoilt.iloc[4, spoilt.columns.get_loc("Arrival date")] = "yesterday"
        sent = pd.concat([rows, spoilt, rows.iloc[5:8]])
        upload = self._upload(sent, f"{self.cast.slug}-attendances-to-date.csv")
        waiting = extract.receive(
            service=self.service, source=self.source, upload=upload, by=self.lead, ring=False
        )
        extract.check(extract=waiting)

    def _incidents(self) -> None:
        """Only where somebody answers for the data and can look at them."""
        by_role = {w.role: self.users[w.email] for w in self.cast.workers}
        if Role.IG_LEAD in by_role:
            incidents.tell(self.service, by_role[Role.LINK_WORKER], by_role[Role.IG_LEAD])

    def _costs_and_report(self) -> None:
        start = self.ended[0]
        unit_cost.take_over(
            service=self.service, schedule=schedules.shipped("ncc_2023_24"), valid_from=start, by=self.lead
        )
        running_cost.add(
            service=self.service,
            name="Lead and link workers",
            amount=Decimal(100_000),
            source="Invented for the demonstration",
            valid_from=start,
            by=self.lead,
        )
        kpi_choice.choose(
            service=self.service, kpi_set="red_cross", first_quarter=quarters.of(start), by=self.lead
        )
        draft = report.freeze(service=self.service, quarter=quarters.of(self.ended[-1]), by=None)
        report.release(report=draft, by=self.lead)
        newest = self.service.cohort_lists.filter(selected__gte=PROFILED_FROM).order_by("-as_at").first()
        if newest:
            area_profile.freeze(service=self.service, cohort_list=newest, by=self.lead)
