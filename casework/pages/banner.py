"""What stands above every page about a person: risks, communication needs, consent at a glance."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from casework.models import Case, Risk
from casework.outbox.codes import code_of
from governance.actions.consent import latest
from governance.models import Consent, ConsentDecision, ConsentScope
from governance.rights import stop_sentences
from governance.rules import format_nhs_number
from governance.standing import Matter, stands, why_not

SUPPORT = Matter(ConsentScope.SUPPORT)


@dataclass(frozen=True)
class Banner:
    """Values for templates/components/person_banner.html."""

    name: str
    code: str
    risks: list[str]
    needs: list[str]
    consent: str
    stops: list[str]


def of(case: Case, *, today: datetime.date) -> Banner:
    """The banner of a case from `CaseQuerySet.for_banner`: two queries, three for a person who objected."""
    return from_rows(case, standing_risks(case), latest(case.person), today=today)


def from_rows(
    case: Case,
    risks: Iterable[Risk],
    consents: dict[Matter, Consent],
    *,
    today: datetime.date,
) -> Banner:
    """The banner from rows that are there already."""
    person = case.person
    return Banner(
        name=person.full_name,
        code=_code(case),
        risks=[risk_words(risk, today=today) for risk in risks],
        needs=[person.communication_needs] if person.communication_needs else [],
        consent=consent_words(consents.get(SUPPORT), today=today),
        stops=_stops(case),
    )


def _code(case: Case) -> str:
    code, number = code_of(case.pk), case.person.nhs_number
    return f"NHS number {format_nhs_number(number)}, case code {code}" if number else f"Case code {code}"


def _stops(case: Case) -> list[str]:
    """What the person objects to now. Asked only where they ever did, which `for_banner` knows."""
    return stop_sentences(case.person) if getattr(case, "ever_objected", True) else []


def standing_risks(case: Case) -> list[Risk]:
    """Risks that nobody has ended. One past its review day still stands."""
    return list(case.risks.filter(ended_at=None))


def risk_words(risk: Risk, *, today: datetime.date) -> str:
    """A risk in a sentence; once its review day has come, with the question whether it still stands."""
    words = f"{risk.get_level_display()}: {risk.detail} (said by: {risk.source})."
    if risk.review_on > today:
        return words
    return f"{words} Review was due on {risk.review_on:%-d %B %Y}: does this still stand?"


def consent_words(row: Consent | None, *, today: datetime.date) -> str:
    """What the person decided about being supported, in a sentence."""
    if row is None:
        return "Nothing recorded yet about support from this service."
    how = f"{row.get_method_display().lower()}, {row.decided_at:%-d %B %Y}"
    words = f"{row.subject}: {row.answer.lower()} ({how})."
    if row.decision == ConsentDecision.GIVEN and not stands(row, on=today):
        words += f" {why_not(row, on=today)}"
    return words
