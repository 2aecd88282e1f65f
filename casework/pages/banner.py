"""What stands above every page about a person: risks, communication needs, consent at a glance."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject

from casework.models import Case, Risk
from casework.models.case import CaseQuerySet
from casework.outbox.codes import code_of
from governance.actions.consent import latest
from governance.models import Consent, ConsentDecision, ConsentScope, Service
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
    # Risks whose review day has come: they stand, and are said louder.
    late: list[str]
    # What nobody has asked or filled in yet.
    missing: list[str]
    needs: list[str]
    consent: str
    stops: list[str]


def annotated(cases: CaseQuerySet, service: Service) -> CaseQuerySet:
    """Cases with what `of` reads of them, so that a banner costs one query more."""
    of_person = {"case__person": OuterRef("person_id")}
    asked = service.access_needs.filter(**of_person).order_by("-at", "-pk")
    told = asked.values(found=JSONObject(**{name: name for name in _NEEDS}))[:1]
    return cases.for_banner().annotate(
        standing=risks_of("person_id", service),
        has_risk_form=Exists(service.risk_checks.filter(**of_person)),
        asked_needs=Subquery(told, output_field=JSONField()),
    )


def risks_of(person: str, service: Service) -> ArraySubquery:
    """Risks that nobody has ended, of every episode of the person: a new one does not make them vanish."""
    standing = service.risks.filter(case__person=OuterRef(person), ended_at=None).order_by("-noted_at", "-pk")
    return ArraySubquery(standing.values(found=JSONObject(pk="pk", **{name: name for name in _RISK})))


_NEEDS = ("at", "review_on", "met")
_RISK = ("level", "area", "detail", "source", "review_on", "noted_at")


def of(case: Case, *, today: datetime.date) -> Banner:
    """The banner of a case from `annotated`: one query, two for a person who objected."""
    return from_rows(case, standing_risks(case), latest(case.person), today=today)


def from_rows(
    case: Case,
    risks: Iterable[Risk],
    consents: dict[Matter, Consent],
    *,
    today: datetime.date,
) -> Banner:
    """The banner from rows that are there already."""
    person, standing = case.person, list(risks)
    return Banner(
        name=person.full_name,
        code=_code(case),
        risks=[risk_words(risk, today=today) for risk in standing if risk.review_on > today],
        late=[risk_words(risk, today=today) for risk in standing if risk.review_on <= today],
        missing=_missing(case),
        needs=_needs(case, today),
        consent=consent_words(consents.get(SUPPORT), today=today),
        stops=_stops(case),
    )


def _code(case: Case) -> str:
    code, number = code_of(case.pk), case.person.nhs_number
    return f"NHS number {format_nhs_number(number)}, case code {code}" if number else f"Case code {code}"


def _missing(case: Case) -> list[str]:
    """What to do before a first visit, of a case from `annotated`."""
    if not case.is_open:
        return []
    found = []
    if not getattr(case, "has_risk_form", True):
        found.append("The risk form is not filled in yet. Fill it in before the first visit.")
    if not case.person.communication_needs and getattr(case, "asked_needs", {}) is None:
        found.append("Nobody has asked yet what they need to read, hear or be understood.")
    return found


def _needs(case: Case, today: datetime.date) -> list[str]:
    """What they need, how it is met, and once its day has come that it should be asked again."""
    words, asked = case.person.communication_needs, getattr(case, "asked_needs", None)
    if not words and not asked:
        return []
    said = [words or "Asked: they need nothing special."]
    if asked and asked["met"]:
        said.append(f"How we meet it: {asked['met']}")
    if asked and (review_on := datetime.date.fromisoformat(asked["review_on"])) <= today:
        said.append(f"Ask again: it was due on {review_on:%-d %B %Y}.")
    return [" ".join(f"{part.rstrip('.')}." for part in said)]


def _stops(case: Case) -> list[str]:
    """What the person objects to now. Asked only where they ever did, which `for_banner` knows."""
    return stop_sentences(case.person) if getattr(case, "ever_objected", True) else []


def standing_risks(case: Case) -> list[Risk]:
    """Risks that nobody has ended, of a case from `annotated`. One past its review day still stands."""
    return [_risk(found) for found in case.standing]  # type: ignore[attr-defined]


def _risk(found: dict[str, str]) -> Risk:
    days = {
        "review_on": datetime.date.fromisoformat(found["review_on"]),
        "noted_at": datetime.datetime.fromisoformat(found["noted_at"]),
    }
    return Risk(**{**found, **days})


def risk_words(risk: Risk, *, today: datetime.date) -> str:
    """A risk in a sentence with who said it; once its review day has come, whether it still stands is asked."""
    words = f"{risk.get_level_display()}: {risk.detail} (said by: {risk.source}"
    if risk.review_on > today:
        return f"{words}; review on {risk.review_on:%-d %B %Y})."
    return f"{words}). Review was due on {risk.review_on:%-d %B %Y}: does this still stand?"


def consent_words(row: Consent | None, *, today: datetime.date) -> str:
    """What the person decided about being supported, in a sentence."""
    if row is None:
        return "Nothing recorded yet about support from this service."
    how = f"{row.get_method_display().lower()}, {row.decided_at:%-d %B %Y}"
    words = f"{row.subject}: {row.answer.lower()} ({how})."
    if row.decision == ConsentDecision.GIVEN and not stands(row, on=today):
        words += f" {why_not(row, on=today)}"
    return words
