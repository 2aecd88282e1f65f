"""What people said of the service in a quarter. Exact, and in their words: nothing here may leave as it is."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd
from django.db.models import OuterRef, Subquery

from casework.experience import Ruling, Who
from casework.models import Case
from evaluation.known.records import whose_then
from evaluation.quarters import Quarter
from governance.models import Service


@dataclass(frozen=True)
class Answer:
    """One answer of the quarter. `person` is empty where it is kept with no case."""

    number: int
    person: str
    who: str
    rating: str
    answered_on: datetime.date
    words: str
    # The person agreed that the words are quoted, and somebody else has read them.
    may_be_quoted: bool


@dataclass(frozen=True)
class Experience:
    """Who was supported in the quarter, and what was answered: of a client, the newest answer that has their name."""

    supported: frozenset[str] = frozenset()
    answers: tuple[Answer, ...] = ()

    @property
    def answered(self) -> frozenset[str]:
        """People supported in the quarter of whom an answer is known."""
        known = {each.person for each in self.answers if each.person and each.who == Who.PERSON}
        return self.supported & known

    def of(self, who: str) -> list[str]:
        """The ratings of those who answered as `who`."""
        return [each.rating for each in self.answers if each.who == who]

    @property
    def quotable(self) -> list[Answer]:
        """Answers whose words may be quoted, newest first."""
        quoted = [each for each in self.answers if each.may_be_quoted]
        return sorted(quoted, key=lambda each: (each.answered_on, each.number), reverse=True)


def gather(
    service: Service, people: pd.DataFrame, spans: pd.DataFrame, quarter: Quarter, *, known: datetime.datetime
) -> Experience:
    """Answers given in the quarter and stored before the moment `known`, with what was decided about them by then.

    Args:
        people: as `evaluation.people` gives them: nobody who opted out or objected is among them. Answers of those who
            said no to the use of their figures are left out as well. Of whom no case tells, nobody can say.
        spans: days of support, as `evaluation.run_charts.months` gives them.
    """
    willing = people.loc[~people["refused"].astype(bool) & people["withdrawn_on"].isna(), "person"]
    counted = frozenset(str(each) for each in willing)
    begin, end = pd.Timestamp(quarter.first_day), pd.Timestamp(quarter.following.first_day)
    here = (spans["first"] < end) & ~(spans["last"] <= begin)
    supported = counted & {str(each) for each in spans.loc[here, "person"]}
    return Experience(supported, tuple(_one_each(_answers(service, counted, quarter, known))))


def _answers(
    service: Service, counted: Collection[str], quarter: Quarter, known: datetime.datetime
) -> list[Answer]:
    """Newest first."""
    rulings = service.experience_rulings.filter(answer=OuterRef("pk"), at__lt=known).order_by("-at", "-pk")
    last = Subquery(rulings.values("ruling")[:1])
    rows = (
        service.experience_answers.annotate(last=last)
        .filter(answered_on__gte=quarter.first_day, answered_on__lte=quarter.last_day, at__lt=known)
        .order_by("-answered_on", "-pk")
    )
    moved = {int(row): person for row, (person, _) in whose_then(service, Case, known=known).items()}
    found = [
        Answer(
            pk,
            "" if person is None else str(moved.get(case, person)),
            who,
            rating,
            day,
            words,
            may_be_quoted=may_quote and ruling == Ruling.MAY_BE_QUOTED,
        )
        for pk, case, person, who, rating, day, words, may_quote, ruling in rows.values_list(
            "pk", "case_id", "case__person_id", "who", "rating", "answered_on", "words", "may_quote", "last"
        )
        if ruling != Ruling.MISTAKE
    ]
    return [each for each in found if not each.person or each.person in counted]


def _one_each(newest_first: Sequence[Answer]) -> list[Answer]:
    """Of each client with a name the newest answer; what carers and others say, and answers without a name, all count."""
    seen: set[str] = set()
    kept = []
    for each in newest_first:
        if each.person and each.who == Who.PERSON:
            if each.person in seen:
                continue
            seen.add(each.person)
        kept.append(each)
    return kept
