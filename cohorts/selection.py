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
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from cohorts.models import (
    Activity,
    ActivityCount,
    CohortList,
    CohortRule,
    Coverage,
    ExtractStatus,
    IdentifierKind,
    Measure,
    Source,
)
from cohorts.rules import LATEST_ROW_DAYS, PASSING_REASONS, SCREENED_OUT_MONTHS, Window, window
from cohorts.signals import people_with_open_case
from governance.models import Service
from governance.rights import not_to_be_contacted


@dataclass(frozen=True)
class Outcome:
    """How many people had activity in the window, and what became of them; the parts add up."""

    considered: int
    selected: int
    excluded: dict[str, int]


_OPERATORS = {">=": ">=", ">": ">"}

# Everyone is counted in one pass over the covering index, and only those who reach the count leave it
# (as arrays: a CTE read twice would be written out for everyone). "known" adds what is known of them,
# "judged" gives the first reason against them, "placed" the rank among those with none.
_SELECT = """
WITH counted AS MATERIALIZED (
    SELECT count(*) AS people,
           array_agg(person_id) FILTER (WHERE n {operator} %(count)s) AS person_ids,
           array_agg(n) FILTER (WHERE n {operator} %(count)s) AS ns,
           array_agg(last_on) FILTER (WHERE n {operator} %(count)s) AS last_ons,
           array_agg(recent) FILTER (WHERE n {operator} %(count)s) AS recents,
           array_agg(admitted) FILTER (WHERE n {operator} %(count)s) AS admitteds
      FROM (SELECT person_id, count(*)::int AS n, max(started_on) AS last_on,
                   {recent_of_rows} AS recent, {admitted_of_rows} AS admitted
              FROM cohorts_activity
             WHERE service_id = %(service)s AND measure = %(measure)s
               AND started_on BETWEEN %(first)s AND %(last)s
             GROUP BY person_id) person
), stated AS MATERIALIZED (
    {stated}
), reached AS (
    SELECT person_id, n, recent, last_on, admissions, true AS from_rows
      FROM counted, unnest(person_ids, ns, last_ons, recents, admitteds)
                    AS person (person_id, n, last_on, recent, admissions)
     UNION ALL
    SELECT person_id, n, recent, NULL, admissions, false FROM stated WHERE n {operator} %(count)s
), known AS (
    SELECT reached.person_id, n, recent, last_on, {admissions} AS admissions, died_on, moved_on,
           CASE WHEN birth_date IS NOT NULL THEN date_part('year', age(%(last)s::date, birth_date))
                WHEN stated_age IS NOT NULL
                THEN stated_age + trunc((%(last)s::date - stated_age_on) / 365.0)
                ELSE newest.age + floor((%(last)s::date - newest.started_on) / 365.0) END::int AS age
      FROM reached
      JOIN governance_person person ON person.id = reached.person_id
      {join_admissions}
      LEFT JOIN LATERAL (
           SELECT activity.age, activity.started_on FROM cohorts_activity activity
            WHERE birth_date IS NULL AND stated_age IS NULL
              AND activity.person_id = reached.person_id AND activity.age IS NOT NULL
              AND activity.started_on <= %(last)s
            ORDER BY activity.started_on DESC LIMIT 1
      ) newest ON true
), judged AS (
    SELECT person_id, n, recent, last_on, admissions, age,
           CASE WHEN recent < %(recent_count)s THEN 'not_recent'
                WHEN admissions < %(min_admissions)s THEN 'too_few_admissions'
                WHEN age < %(min_age)s THEN 'too_young'
                WHEN age > %(max_age)s THEN 'too_old'
                WHEN 'died' = ANY(%(exclusions)s) AND died_on <= %(last)s THEN 'died'
                WHEN 'moved' = ANY(%(exclusions)s) AND moved_on <= %(last)s THEN 'moved'
                WHEN person_id = ANY(%(objected)s) THEN 'objected'
                WHEN person_id = ANY(%(clients)s) THEN 'already_client'
                WHEN person_id = ANY(%(screened_out)s) THEN 'screened_out' END AS reason
      FROM known
), placed AS MATERIALIZED (
    SELECT *, row_number() OVER (
                  PARTITION BY reason ORDER BY n DESC, last_on DESC NULLS LAST, person_id) AS rank
      FROM judged
), stored AS (
    INSERT INTO cohorts_candidate
           (service_id, cohort_list_id, person_id, rank, count, recent_count, admissions, last_on, age)
    SELECT %(service)s, %(list)s, person_id, rank, n, recent, admissions, last_on, age
      FROM placed
     WHERE reason IS NULL AND (%(top_n)s::int IS NULL OR rank <= %(top_n)s)
)
SELECT 'considered', (SELECT people FROM counted) + (SELECT count(*) FROM stated)
 UNION ALL
SELECT coalesce(reason, CASE WHEN rank > %(top_n)s THEN 'beyond_first' ELSE 'selected' END), count(*)
  FROM placed GROUP BY 1
"""

_RECENT_OF_ROWS = "count(*) FILTER (WHERE started_on >= %(recent_first)s)::int"
_ADMITTED_OF_ROWS = "CASE WHEN count(admitted) > 0 THEN count(*) FILTER (WHERE admitted) END::int"

_NOBODY_STATED = """
    SELECT NULL::bigint AS person_id, 0 AS n, NULL::int AS recent, NULL::int AS admissions WHERE false"""

# The newest list of each source; counts of several sources may be of the same events, so they are
# never added up: the newest counts, then the highest.
_STATED = """
    SELECT DISTINCT ON (c.person_id) c.person_id, c.count AS n, r.count AS recent, a.count AS admissions
      FROM cohorts_activitycount c
      JOIN (SELECT source_id, max(as_at) AS as_at FROM cohorts_activitycount
             WHERE service_id = %(service)s AND measure = %(measure)s AND window_months = %(window_months)s
               AND as_at BETWEEN %(first)s AND %(last)s
             GROUP BY source_id) newest USING (source_id, as_at)
      LEFT JOIN cohorts_activitycount r
             ON (r.source_id, r.person_id, r.as_at) = (c.source_id, c.person_id, c.as_at)
            AND r.measure = c.measure AND r.window_months = %(recent_months)s
      LEFT JOIN cohorts_activitycount a
             ON (a.source_id, a.person_id, a.as_at) = (c.source_id, c.person_id, c.as_at)
            AND a.measure = 'nel' AND a.window_months = %(window_months)s
     WHERE c.service_id = %(service)s AND c.measure = %(measure)s AND c.window_months = %(window_months)s
       AND NOT EXISTS (SELECT FROM cohorts_activity covered
                        WHERE covered.person_id = c.person_id AND covered.service_id = c.service_id
                          AND covered.measure = c.measure
                          AND covered.started_on BETWEEN %(first)s AND %(last)s)
     ORDER BY c.person_id, c.as_at DESC, c.count DESC
"""

_ADMISSIONS_OF_NEL = """CASE WHEN from_rows AND ((%(nel_by_number)s AND nhs_number IS NOT NULL)
                                             OR pseudonym_issuer_id = ANY(%(nel_issuers)s))
                THEN coalesce(times, 0) ELSE coalesce(times, admissions) END"""
_JOIN_NEL = """
      LEFT JOIN (SELECT person_id, count(*)::int AS times FROM cohorts_activity
                  WHERE service_id = %(service)s AND measure = 'nel'
                    AND started_on BETWEEN %(first)s AND %(last)s
                  GROUP BY person_id) nel ON nel.person_id = reached.person_id"""
_JOIN_AE = """
      LEFT JOIN (SELECT person_id, {admitted} AS times FROM cohorts_activity
                  WHERE service_id = %(service)s AND measure = 'ae'
                    AND started_on BETWEEN %(first)s AND %(last)s
                  GROUP BY person_id) ae ON ae.person_id = reached.person_id"""


def newest_day(service: Service, measure: str) -> datetime.date | None:
    """The newest day any source has reported for the measure, or None where none has."""
    rows = Activity.objects.filter(service=service, measure=measure)
    counts = ActivityCount.objects.filter(service=service, measure=measure)
    days = [rows.aggregate(day=Max("started_on"))["day"], counts.aggregate(day=Max("as_at"))["day"]]
    return max((day for day in days if day), default=None)


def fill(cohort_list: CohortList) -> Outcome:
    """Add the candidates of the list's rule as at the list's day. Call inside a transaction."""
    rule = cohort_list.rule
    values = _values(cohort_list, rule)
    with connection.cursor() as cursor:
        cursor.execute(_statement(cohort_list.service, rule, values), values)
        numbers: dict[str, int] = dict(cursor.fetchall())
    considered, selected = numbers.pop("considered"), numbers.pop("selected", 0)
    too_few = considered - selected - sum(numbers.values())
    return Outcome(considered, selected, {"too_few": too_few, **numbers} if too_few else numbers)


def _values(cohort_list: CohortList, rule: CohortRule) -> dict[str, Any]:
    span = window(cohort_list.as_at, rule.window_months)
    recent = window(cohort_list.as_at, rule.recent_months) if rule.recent_months else None
    by_number, issuers = _identifiers_of_full_feeds(cohort_list.service, span)
    return {
        "service": cohort_list.service_id,
        "list": cohort_list.pk,
        "measure": rule.measure,
        "first": span.first,
        "last": span.last,
        "recent_first": recent and recent.first,
        "count": rule.count,
        "window_months": rule.window_months,
        "recent_months": rule.recent_months,
        "recent_count": rule.recent_count,
        "min_admissions": rule.min_admissions,
        "nel_by_number": by_number,
        "nel_issuers": issuers,
        "min_age": rule.min_age,
        "max_age": rule.max_age,
        "top_n": rule.top_n,
        "exclusions": list(rule.exclusions),
        "objected": not_to_be_contacted(cohort_list.service),
        "clients": _clients(cohort_list.service) if "already_client" in rule.exclusions else [],
        "screened_out": _screened_out(cohort_list) if "screened_out" in rule.exclusions else [],
    }


def _statement(service: Service, rule: CohortRule, values: dict[str, Any]) -> str:
    """The statement for this rule, with only the parts that the service's data calls for."""
    rows = Activity.objects.filter(service=service, started_on__range=(values["first"], values["last"]))
    counts = ActivityCount.objects.filter(
        service=service, measure=rule.measure, window_months=rule.window_months
    )
    admissions, join = _admissions(rule, rows.filter(measure=Measure.NEL))
    reported_lately = (
        bool(rule.recent_months)
        and rows.filter(measure=rule.measure, started_on__gte=values["recent_first"]).exists()
    )
    return _SELECT.format(
        operator=_OPERATORS[rule.operator],
        recent_of_rows=_RECENT_OF_ROWS if reported_lately else "NULL::int",
        admitted_of_rows=_ADMITTED_OF_ROWS if admissions == "admissions" else "NULL::int",
        stated=_STATED if counts.exists() else _NOBODY_STATED,
        admissions=admissions,
        join_admissions=join,
    )


def _admissions(rule: CohortRule, nel: QuerySet[Activity]) -> tuple[str, str]:
    """The SQL of a person's admissions, and the join it needs (see the top of this file)."""
    if rule.measure == Measure.NEL:
        return "n", ""
    if nel.exists():
        return _ADMISSIONS_OF_NEL, _JOIN_NEL
    if rule.measure == Measure.AE:
        return "admissions", ""
    return "coalesce(admissions, times)", _JOIN_AE.format(admitted=_ADMITTED_OF_ROWS)


def _identifiers_of_full_feeds(service: Service, span: Window) -> tuple[bool, list[int]]:
    """By what the full feeds of emergency admissions know people: NHS numbers, and whose pseudonyms.

    Full: everyone who was admitted is in it, from the first day of the window to its last few.
    """
    stored = Q(extracts__status=ExtractStatus.COMMITTED)
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


def _screened_out(cohort_list: CohortList) -> list[int]:
    since = window(cohort_list.as_at, SCREENED_OUT_MONTHS).first
    declined = cohort_list.service.screenings.filter(decision="decline", at__date__gte=since)
    return list(declined.exclude(reason__in=PASSING_REASONS).values_list("candidate__person", flat=True))
