"""Who is on a list: one set-based question from stored activity to candidates.

Attendances are counted from Activity. A person no attendance row covers is taken from the newest
list of counts (ActivityCount) that a source sent for the same window. What no source supplies (age,
admissions, recent count) is null, shown as "not supplied", and never puts a person out.

Admissions of a person in the window are, by what the service receives:
  1. the count of emergency admissions (measure nel), where any source sends them; somebody without
     one has none where a source covers everyone, reaches through the window and knows people by the
     same identifier, and is unknown elsewhere;
  2. else the A&E attendances that ended in admission (Activity.admitted).

How many attendances are recent is unknown, too, where nothing at all was reported for the recent months.

Age is the age on the list's day: from the date of birth, else the stated age moved on by whole years,
else the age on the person's newest activity moved on in the same way.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from cohorts.lists import gaps, selection_sql
from cohorts.models import (
    Activity,
    ActivityCount,
    CohortList,
    Coverage,
    ExtractStatus,
    IdentifierKind,
    Measure,
    Source,
)
from cohorts.rules import (
    ACUTE_EPISODE_MONTHS,
    LATEST_ROW_DAYS,
    PASSING_REASONS,
    SCREENED_OUT_MONTHS,
    UNKNOWN,
    RuleTerms,
    Window,
    counted_window,
    or_window,
    postcode_pattern,
    recent_window,
    takes_stated_counts,
    window,
)
from cohorts.signals import people_with_open_case
from governance.models import Service
from governance.rights import not_to_be_contacted

# What a source knows people by: NHS numbers, or the pseudonyms of the organisation with this key.
BY_NHS_NUMBER = 0


@dataclass(frozen=True)
class Outcome:
    """How many people had activity in the window, and what became of them; the parts add up."""

    considered: int
    selected: int
    excluded: dict[str, int]


@dataclass(frozen=True)
class Bar:
    """How many people have so many attendances; `by_shorter`: enough of them in the shorter stretch."""

    count: int
    by_shorter: bool
    people: int
    # Of those, people whose age nobody supplied.
    no_age: int


def newest_day(service: Service, measure: str) -> datetime.date | None:
    """The newest day any source has reported for the measure, or None where none has."""
    rows = Activity.objects.filter(service=service, measure=measure)
    counts = ActivityCount.objects.filter(service=service, measure=measure)
    days = [rows.aggregate(day=Max("started_on"))["day"], counts.aggregate(day=Max("as_at"))["day"]]
    return max((day for day in days if day), default=None)


def fill(cohort_list: CohortList) -> Outcome:
    """Add the candidates of the list's rule as at the list's day. Call inside a transaction."""
    rule, service = cohort_list.rule, cohort_list.service
    values = _values(service, rule, cohort_list.as_at) | {"list": cohort_list.pk}
    with connection.cursor() as cursor:
        cursor.execute(selection_sql.store(rule, _data(service, rule, values)), values)
        numbers: dict[str, int] = dict(cursor.fetchall())
    considered, selected = numbers.pop("considered"), numbers.pop("selected", 0)
    too_few = considered - selected - sum(numbers.values())
    return Outcome(considered, selected, {"too_few": too_few, **numbers} if too_few else numbers)


def histogram(service: Service, rule: RuleTerms, as_at: datetime.date, *, at_least: int) -> list[Bar]:
    """How many people would be on a list, by number of attendances from `at_least` on; stores nothing.

    The limit of the first so many is left aside.
    """
    values = _values(service, rule, as_at) | {"count": at_least - (rule.operator == ">")}
    with connection.cursor() as cursor:
        cursor.execute(selection_sql.histogram(rule, _data(service, rule, values)), values)
        return [Bar(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Before:
    """What a list of a day before a service began is worked out from, in place of what is stored and decided by now.

    `rows` and `first` are SQL as in `selection_sql.Data`, `values` what it is asked with. `admissions_by`: what the sources that
    cover admissions know people by, `BY_NHS_NUMBER` or the key of an organisation; None where none covers the days.
    """

    rows: str
    first: str
    values: Mapping[str, Any]
    admissions_by: Collection[int] | None
    left_out: Collection[int]


def would_have_listed(service: Service, rule: RuleTerms, as_at: datetime.date, before: Before) -> list[int]:
    """Ids of the people whom the rule would have put on a list as at a day, by rank; nothing is stored.

    Nobody was a client, or screened out, by then, whatever became of them since. Counts that a sender stated are left
    aside: only rows can be followed. Two questions, however many people.
    """
    by = before.admissions_by
    values = {
        **_terms(rule, as_at),
        **{each: [] for each in ("clients", "screened_out", "end_of_life", "acute_episode")},
        **before.values,
        "service": service.pk,
        "nel_by_number": BY_NHS_NUMBER in (by or ()),
        "nel_issuers": [each for each in by or () if each != BY_NHS_NUMBER],
        "silent": [],
        "objected": [*before.left_out],
    }
    data = selection_sql.Data(
        states_counts=False,
        has_admissions=by is not None,
        reported_lately=bool(rule.recent_months),
        rows=before.rows,
        first=before.first,
    )
    with connection.cursor() as cursor:
        if rule.attendance_categories:
            cursor.execute(selection_sql.silent(data), values)
            values["silent"] = [source for (source,) in cursor.fetchall()]
        cursor.execute(selection_sql.named(rule, data), values)
        return [person for (person,) in cursor.fetchall()]


def _values(service: Service, rule: RuleTerms, as_at: datetime.date) -> dict[str, Any]:
    by_number, issuers = _identifiers_of_full_feeds(service, counted_window(rule, as_at))
    return {
        **_terms(rule, as_at),
        "service": service.pk,
        "nel_by_number": by_number,
        "nel_issuers": issuers,
        "silent": gaps.silent_sources(service, rule, as_at),
        "objected": not_to_be_contacted(service),
        **_kept_off(service, rule, as_at),
    }


def _terms(rule: RuleTerms, as_at: datetime.date) -> dict[str, Any]:
    """What the rule itself says, for the list of a day."""
    span = counted_window(rule, as_at)
    recent, shorter = recent_window(rule, as_at), or_window(rule, as_at)
    return {
        "measure": rule.measure,
        "as_at": as_at,
        "first": span.first,
        "last": span.last,
        "recent_first": recent and recent.first,
        "or_first": shorter and shorter.first,
        "count": rule.count,
        "or_count": rule.or_count,
        "window_months": rule.window_months,
        "recent_months": rule.recent_months,
        "or_months": rule.or_months,
        "recent_count": rule.recent_count,
        "min_admissions": rule.min_admissions,
        "min_age": rule.min_age,
        "max_age": rule.max_age,
        "categories": ["" if kind == UNKNOWN else kind for kind in rule.attendance_categories],
        "arrival_modes": rule.arrival_modes,
        "department_types": rule.department_types,
        "sites": [site.upper() for site in rule.sites],
        "areas": [postcode_pattern(area) for area in rule.postcode_areas],
        "practices": [practice.upper() for practice in rule.gp_practices],
        "top_n": rule.top_n,
        "exclusions": list(rule.exclusions),
    }


def _kept_off(service: Service, rule: RuleTerms, as_at: datetime.date) -> dict[str, list[int]]:
    """Who is left out by what this service knows: clients, and people decided on before."""
    found: dict[str, list[int]] = {
        "clients": _clients(service) if "already_client" in rule.exclusions else []
    }
    declined = service.screenings.filter(decision="decline")
    for name, rows in (
        ("screened_out", _within(declined, as_at, SCREENED_OUT_MONTHS).exclude(reason__in=PASSING_REASONS)),
        ("end_of_life", declined.filter(reason="end_of_life")),
        ("acute_episode", _within(declined, as_at, ACUTE_EPISODE_MONTHS).filter(reason="acute_episode")),
    ):
        people = rows.values_list("candidate__person", flat=True)
        found[name] = list(people) if name in rule.exclusions else []
    return found


def _within(screenings: QuerySet, as_at: datetime.date, months: int) -> QuerySet:
    return screenings.filter(at__date__gte=window(as_at, months).first)


def _data(service: Service, rule: RuleTerms, values: dict[str, Any]) -> selection_sql.Data:
    rows = Activity.objects.filter(service=service, started_on__range=(values["first"], values["last"]))
    counts = ActivityCount.objects.filter(
        service=service, measure=rule.measure, window_months=rule.window_months
    )
    return selection_sql.Data(
        states_counts=takes_stated_counts(rule) and counts.exists(),
        has_admissions=rows.filter(measure=Measure.NEL).exists(),
        reported_lately=bool(rule.recent_months)
        and rows.filter(measure=rule.measure, started_on__gte=values["recent_first"]).exists(),
    )


def _identifiers_of_full_feeds(service: Service, span: Window) -> tuple[bool, list[int]]:
    """By what the full feeds of emergency admissions know people: NHS numbers, and whose pseudonyms.

    Full: everyone who was admitted is in it, from the first day of the window to its last few.
    """
    stored = Q(extracts__status=ExtractStatus.COMMITTED, extracts__answers=None)
    sends_them = Activity.objects.filter(
        service=service, measure=Measure.NEL, started_on__range=(span.first, span.last), source=OuterRef("pk")
    )
    full = (
        Source.objects.filter(Exists(sends_them), service=service, coverage=Coverage.EVERYONE)
        .annotate(
            first=Min("extracts__period_from", filter=stored), last=Max("extracts__period_to", filter=stored)
        )
        .filter(first__lte=span.first, last__gte=span.last - datetime.timedelta(days=LATEST_ROW_DAYS))
        .values_list("identifier", "organisation")
    )
    issuers = [issuer for identifier, issuer in full if identifier == IdentifierKind.PSEUDONYM]
    return len(issuers) < len(full), issuers


def _clients(service: Service) -> list[int]:
    answers = people_with_open_case.send(sender=Service, service=service)
    return sorted(set().union(*(cast(set[int], people) for _, people in answers)))
