"""Two years of casework for invented clients: stages, contacts, scores, consents.

Rows of history are written with the times they would have had, which no action may do; hence this
file writes them itself, and one audit event says that a demo was loaded.
"""

import datetime
import random
import uuid
from dataclasses import dataclass, field

from django.utils import timezone

from casework.models import (
    Allocation,
    Assessment,
    AssessmentAnswer,
    Case,
    Contact,
    ContactKind,
    ContactOutcome,
    Instrument,
    Risk,
    RiskLevel,
    StageChange,
)
from casework.rules import OPEN_STAGES, Stage
from cohorts.models import Candidate
from governance.models import Consent, NoticeGiven, Service, User
from hiu.demo.sharing import Sharing

ENDINGS = (
    (Stage.ACTIVE, 0.52),
    (Stage.DECLINED, 0.36),
    (Stage.NOT_REACHED, 0.08),
    (Stage.MOVED_AWAY, 0.04),
)
KINDS = (
    (ContactKind.CALL, 0.46),
    (ContactKind.TEXT, 0.16),
    (ContactKind.HOME, 0.14),
    (ContactKind.ELSEWHERE, 0.10),
    (ContactKind.ON_BEHALF, 0.10),
    (ContactKind.ACCOMPANIED, 0.04),
)
MINUTES = {ContactKind.CALL: 20, ContactKind.TEXT: 5, ContactKind.ON_BEHALF: 25, ContactKind.LETTER: 10}
VISIT_MINUTES = 75
SILENT_SHARE = 0.12  # of open cases: nobody has been in touch for a while
NOTES = (
    "Talked about the week. Sleeping a little better.",
    "Wants help with the letter from the council.",
    "Went through who to ring at night before 999.",
    "Rent arrears are the main worry. Agreed to ring the housing office together.",
    "Sister visited at the weekend. In good spirits.",
    "Would like to try the Tuesday lunch club.",
    "Pain is bad this week. Has a GP appointment on Thursday.",
    "",
    "",
)
RISKS = (
    (RiskLevel.PAIR, "Neighbour has threatened visitors. Go in twos.", "Police liaison"),
    (RiskLevel.NOTE, "Large dog in the hall. Ring first so that it is shut away.", "the client"),
    (RiskLevel.NO_VISIT, "Ex-partner may be at the flat. Meet at the library.", "GP practice"),
)


@dataclass
class History:
    """Rows waiting to be stored together."""

    stages: list[StageChange] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    answers: list[AssessmentAnswer] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    notices: list[NoticeGiven] = field(default_factory=list)
    risks: list[Risk] = field(default_factory=list)

    def store(self) -> None:
        """One insert for each kind of row."""
        for rows in vars(self).values():
            if rows:
                type(rows[0]).objects.bulk_create(rows)


@dataclass
class Writer:
    """Writes what happened in one service up to a day."""

    service: Service
    lead: User
    workers: list[User]
    instrument: Instrument
    sharing: Sharing
    today: datetime.date
    chance: random.Random

    def at(self, day: datetime.date) -> datetime.datetime:
        """Some working hour of the day, never later than now."""
        hour = datetime.time(self.chance.randint(9, 16), self.chance.choice((0, 10, 20, 35, 50)))
        return min(timezone.make_aware(datetime.datetime.combine(day, hour)), timezone.now())

    def take_on(self, candidates: list[Candidate], offered_from: datetime.date) -> list[Case]:
        """Open a case for each candidate within seven weeks, and live it until today."""
        cases, history = [], History()
        for position, candidate in enumerate(candidates, start=1):
            day = offered_from + datetime.timedelta(days=self.chance.randint(7, 50))
            case = Case(
                service=self.service,
                person=candidate.person,
                candidate=candidate,
                opened_at=self.at(day - datetime.timedelta(days=2)),
                worker=self.workers[position % len(self.workers)],
                index_date=day,
            )
            cases.append(case)
        Case.objects.bulk_create(cases)
        for case in cases:
            self._live(case, history)
        Case.objects.bulk_update(
            cases, ["stage", "chaos_total", "next_contact_on", "last_contact_at"], batch_size=200
        )
        history.store()
        return cases

    def _live(self, case: Case, history: History) -> None:
        assert case.worker is not None
        assert case.index_date is not None
        day = case.index_date
        opened = case.opened_at
        history.allocations.append(
            Allocation(service=self.service, case=case, worker=case.worker, by=self.lead, at=opened)
        )
        history.stages.append(
            StageChange(service=self.service, case=case, stage=Stage.OFFERED, by=self.lead, at=opened)
        )
        day = self._attempts(case, day, history)
        ending = self.chance.choices([e for e, _ in ENDINGS], [w for _, w in ENDINGS])[0]
        if day > self.today:
            return
        if ending in (Stage.DECLINED, Stage.NOT_REACHED):
            outcome = ContactOutcome.SAID_NO if ending == Stage.DECLINED else ContactOutcome.NO_ANSWER
            self._contact(case, day, ContactKind.CALL, outcome, history)
            self._stage(case, ending, day, history)
            return
        self._support(case, day, ending, history)

    def _attempts(self, case: Case, day: datetime.date, history: History) -> datetime.date:
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 3))):
            if day <= self.today:
                self._contact(case, day, ContactKind.CALL, ContactOutcome.NO_ANSWER, history)
            day += datetime.timedelta(days=self.chance.randint(1, 4))
        return day

    def _support(self, case: Case, day: datetime.date, ending: Stage, history: History) -> None:
        self._contact(case, day, ContactKind.CALL, ContactOutcome.REACHED, history)
        self._stage(case, Stage.ENGAGING, day, history)
        self._consent(case, day, history)
        self._score(case, day, history, settled=0)
        if self.chance.random() < 0.12:
            self._risk(case, day, history)
        weeks = self.chance.randint(16, 30)
        path = [
            (Stage.ACTIVE, day + datetime.timedelta(weeks=2)),
            (Stage.TAPERING, day + datetime.timedelta(weeks=weeks)),
            (Stage.LIGHT_TOUCH, day + datetime.timedelta(weeks=weeks + 5)),
            (Stage.OPEN_DOOR, day + datetime.timedelta(weeks=weeks + 14)),
        ]
        if ending == Stage.MOVED_AWAY:
            path = [*path[:1], (Stage.MOVED_AWAY, path[1][1])]
        for stage, when in path:
            if when <= self.today:
                self._stage(case, stage, when, history)
        if path[1][1] <= self.today and ending == Stage.ACTIVE:
            self._score(case, path[1][1], history, settled=2)
        self._rhythm(case, day, path[-1][1], history)

    def _rhythm(self, case: Case, day: datetime.date, last: datetime.date, history: History) -> None:
        gap, last = 3, min(last, self.today)
        if case.stage in OPEN_STAGES and self.chance.random() < SILENT_SHARE:
            last = min(last, self.today - datetime.timedelta(days=25))
        while (day := day + datetime.timedelta(days=gap + self.chance.randint(0, 3))) <= last:
            kind = self.chance.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
            reached = ContactOutcome.REACHED if self.chance.random() < 0.8 else ContactOutcome.NO_ANSWER
            if kind == ContactKind.ON_BEHALF:
                reached = ContactOutcome.DONE
            self._contact(case, day, kind, reached, history)
            gap = min(gap + self.chance.choice((0, 0, 1)), 21)
        if case.stage in OPEN_STAGES:
            soon = self.chance.choice((-3, -1, 0, 0, 1, 2, 4, 6, 9))
            case.next_contact_on = self.today + datetime.timedelta(days=soon)

    def _contact(
        self, case: Case, day: datetime.date, kind: ContactKind, outcome: ContactOutcome, history: History
    ) -> None:
        assert case.worker is not None
        at = self.at(day)
        history.contacts.append(
            Contact(
                service=self.service,
                case=case,
                key=uuid.UUID(int=self.chance.getrandbits(128), version=4),
                happened_at=at,
                logged_at=at,
                kind=kind,
                outcome=outcome,
                minutes=MINUTES.get(kind, VISIT_MINUTES) if outcome != ContactOutcome.NO_ANSWER else 3,
                note=self.chance.choice(NOTES) if outcome == ContactOutcome.REACHED else "",
                by=case.worker,
            )
        )
        case.last_contact_at = at

    def _stage(self, case: Case, stage: Stage, day: datetime.date, history: History) -> None:
        case.stage = stage
        history.stages.append(
            StageChange(
                service=self.service, case=case, stage=stage, by=case.worker or self.lead, at=self.at(day)
            )
        )

    def _consent(self, case: Case, day: datetime.date, history: History) -> None:
        by = case.worker or self.lead
        decided = self.sharing.decisions(case.person, at=self.at(day), by=by, chance=self.chance)
        history.consents += decided
        history.notices += self.sharing.told(case.person, at=self.at(day), by=by, chance=self.chance)

    def _score(self, case: Case, day: datetime.date, history: History, *, settled: int) -> None:
        level = self.chance.randint(1, 4)
        assessment = Assessment(
            service=self.service,
            case=case,
            instrument=self.instrument,
            scored_on=day,
            by=case.worker or self.lead,
            at=self.at(day),
        )
        answers = []
        for item in self.instrument.items.all():
            step = min(4, max(0, level + self.chance.randint(-1, 1) - settled))
            answers.append(AssessmentAnswer(assessment=assessment, item=item, value=item.values[step]))
        assessment.total = case.chaos_total = sum(
            answer.value for answer in answers if answer.value is not None
        )
        history.assessments.append(assessment)
        history.answers += answers

    def _risk(self, case: Case, day: datetime.date, history: History) -> None:
        level, detail, source = self.chance.choice(RISKS)
        history.risks.append(
            Risk(
                service=self.service,
                case=case,
                level=level,
                detail=detail,
                source=source,
                review_on=self.today + datetime.timedelta(days=self.chance.randint(-5, 60)),
                noted_at=self.at(day),
                noted_by=case.worker or self.lead,
            )
        )
