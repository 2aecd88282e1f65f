"""The list of one year earlier: who would have been listed before the service began, to learn from what came next.

Nobody could be approached then, so what followed is what comes without the service. The day, who is in it and who is
not: ADR 27.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from django.db import connection
from django.utils import timezone

from cohorts.lists.selection import Before, would_have_listed
from cohorts.models import CohortList, CohortRule
from cohorts.retention import UNLISTED
from cohorts.rules import counted_window, months_before, or_window, recent_window
from evaluation.coverage import Covered
from evaluation.impact.tables import LAST_YEAR
from evaluation.known import offers
from evaluation.known.rows import Rows
from evaluation.measures import BY_KEY
from evaluation.people import EVALUATION, PEOPLE_COLUMNS, SEEN, known_people
from governance import retention
from governance.models import Service

YEAR_MONTHS = 12
# Whoever is taken off a list that is out of date attended less, or more, than who is left: one in twenty moves a rate
# ratio by about as much as may be overlooked.
MOST_GONE = 0.05
NO_LIST = "No list was made."
# One list day for all; approached at any time, by whichever case.
WHO = f"""
{SEEN}, offer AS MATERIALIZED ({offers.FIRST_OFFERS}), approached AS (
    SELECT c.person_id, min(CASE WHEN o.case_id IS NULL THEN c.index_date ELSE o.index_date END) AS day
    FROM cases c LEFT JOIN offer o ON o.case_id = c.id
    WHERE c.person_id = ANY(%(people)s)
    GROUP BY c.person_id
), evaluation AS ({EVALUATION})
SELECT p.id, %(group)s, %(list_date)s::date, CASE WHEN a.day <= %(cut)s THEN a.day END,
       p.died_on,
       p.moved_on,
       CASE WHEN e.decision = 'withdrawn' THEN (e.decided_at AT TIME ZONE 'Europe/London')::date END,
       coalesce(e.decision = 'refused', false),
       CASE WHEN p.nhs_number IS NOT NULL THEN 0 ELSE p.pseudonym_issuer_id END
FROM governance_person p
LEFT JOIN approached a ON a.person_id = p.id
LEFT JOIN evaluation e ON e.person_id = p.id
WHERE p.service_id = %(service)s AND p.id = ANY(%(people)s)
ORDER BY p.id
"""  # noqa: S608 - statements of our own inside another; values are parameters


def nobody() -> pd.DataFrame:
    """The table without a row."""
    return pd.DataFrame(columns=[*PEOPLE_COLUMNS, "refused", "known_by"])


@dataclass(frozen=True)
class LastYear:
    """Who would have been listed on a day by a rule, as a people table, or why that cannot be known."""

    people: pd.DataFrame = field(default_factory=nobody)
    as_at: datetime.date | None = None
    rule: CohortRule | None = None
    why_not: str = NO_LIST
    # Whether more of the people on the service's own lists are gone than may be overlooked.
    thinned: bool = False

    @property
    def words(self) -> str | None:
        """Which list it is, for the plan."""
        return f"{self.rule}, as at {self.as_at.isoformat()}" if self.as_at else None


def last_year(
    service: Service,
    covered: Mapping[str, Covered],
    rows: Rows,
    *,
    cut: datetime.date,
    after: datetime.datetime,
    known: datetime.datetime,
    left_out: Sequence[int],
) -> LastYear:
    """Whom the first list of the service would have named a year before, as activity known before `known` has it.

    The first one whose days, a year before, are covered, if that was before there was any list. Of each the day of the
    first approach is in `approach_date`: nobody is followed beyond it. At most ten questions, however many people.
    """
    lists = list(
        service.cohort_lists.filter(as_at__lte=cut, built_at__lt=known)
        .select_related("rule")
        .order_by("as_at", "pk")
    )
    if not lists:
        return LastYear()
    gone, selected = (sum(getattr(each, name) for each in lists) for name in ("removed", "selected"))
    if gone > MOST_GONE * selected:
        return LastYear(why_not=GONE, thinned=True)
    chosen = next((each for each in lists if _reached(each, lists[0], covered)), None)
    if chosen is None:
        return LastYear(why_not=_not_reached(lists[0], covered))
    rule, as_at = chosen.rule, _a_year_before(chosen)
    years = retention.numbers(service)[UNLISTED]
    if retention.cutoff(retention.Unit.YEARS, timezone.localdate(known), years) >= _first_day(rule, as_at):
        return LastYear(why_not=FORGOTTEN.format(years="a year" if years == 1 else f"{years} years"))
    people = _met(service, rule, as_at, covered, rows, left_out)
    values = {**offers.values(service, known=known), "group": LAST_YEAR, "list_date": as_at}
    with connection.cursor() as cursor:
        cursor.execute(WHO, {**values, "people": people, "cut": cut, "after": after})
        who = cursor.fetchall()
    found = known_people(service, who, cut=cut, known=known)
    return LastYear(found.assign(index_date=None), as_at, rule, "")


GONE = (
    "More than one in twenty of the people on the lists are not kept any more: those who were not taken on and came off the "
    "lists again. Those who are left attend more often than all of them did, so nothing can be learnt from them. The service "
    "decides in its retention schedule how long they are kept."
)
FORGOTTEN = (
    "Whoever has not attended for {years} is not kept, as the retention schedule has it, so those who are left cannot "
    "stand for all."
)


def _a_year_before(cohort_list: CohortList) -> datetime.date:
    return months_before(cohort_list.as_at, YEAR_MONTHS)


def _first_day(rule: CohortRule, as_at: datetime.date) -> datetime.date:
    windows = (each(rule, as_at) for each in (counted_window, recent_window, or_window))
    return min(each.first for each in windows if each)


def _reached(each: CohortList, first: CohortList, covered: Mapping[str, Covered]) -> bool:
    as_at = _a_year_before(each)
    known = covered[each.rule.measure].includes(_first_day(each.rule, as_at), as_at)
    return known and as_at < first.as_at


def _not_reached(first: CohortList, covered: Mapping[str, Covered]) -> str:
    rule, as_at = first.rule, _a_year_before(first)
    known, name = covered[rule.measure], BY_KEY[rule.measure].name
    needed = f"{name} would have to be covered from {_first_day(rule, as_at):%-d %B %Y}"
    if known.start is None:
        return f"{needed}. {known.why_not}"
    return f"{needed}, and are from {known.start:%-d %B %Y}."


def _met(
    service: Service,
    rule: CohortRule,
    as_at: datetime.date,
    covered: Mapping[str, Covered],
    rows: Rows,
    left_out: Sequence[int],
) -> list[int]:
    nel, span = covered["nel"], counted_window(rule, as_at)
    before = Before(
        rows=rows.sql,
        first=rows.first,
        values=rows.values,
        admissions_by=nel.known_by if nel.includes(span.first, span.last) else None,
        left_out=left_out,
    )
    return would_have_listed(service, rule, as_at, before)
