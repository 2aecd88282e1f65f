"""What the screening page shows, put together in three queries."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.utils import timezone

from cohorts import rules
from cohorts.lists import gaps as not_supplied
from cohorts.lists import under_18
from cohorts.lists.explain import explain
from cohorts.lists.tiers import tier_of
from cohorts.models import Candidate, CohortList
from cohorts.models.shortlist import with_benefit
from cohorts.pages import timeline
from cohorts.pages.place import ACCEPTED, ALL, DECLINED, UNDECIDED, Place
from governance.models import Service, User
from governance.pages.paging import KnownPaginator

# As many as a phone loads at once with a drawing each: the page stays under 70 kB.
A_PAGE = 20

SHOWN_BEFORE_MONTHS = 12


@dataclass(frozen=True)
class Card:
    """One candidate: the row, the attendances drawn, and how old what is known of them is."""

    candidate: Candidate
    timeline: timeline.Timeline
    has_days: bool
    tier: str
    # Days since the newest attendance on the list, and whether that is too long ago to call by.
    days: int | None
    is_old: bool


def filters(cohort_list: CohortList, place: Place) -> list[dict[str, Any]]:
    """The four ways to look at a list, each with how many it holds. Needs `with_decisions`."""
    accepted, declined = cohort_list.accepted, cohort_list.declined  # type: ignore[attr-defined]
    on_it = cohort_list.selected - cohort_list.removed - cohort_list.merged  # type: ignore[attr-defined]
    numbers = {
        UNDECIDED: ("To decide", on_it - accepted - declined),
        ACCEPTED: ("Taken on", accepted),
        DECLINED: ("Not taken on", declined),
        ALL: ("Everyone", on_it),
    }
    return [
        {
            "query": replace(place, show=name, page="").query,
            "label": label,
            "count": count,
            "current": name == place.show,
        }
        for name, (label, count) in numbers.items()
    ]


def with_seal(
    service: Service, user: User, candidates: QuerySet, at: datetime.datetime
) -> QuerySet[Candidate]:
    """Candidates, each with whether their record is sealed from the user, who may have given a reason."""
    sealed = service.seals.hiding_from(user).filter(person=OuterRef("person"))
    reasons = service.break_glasses.valid(user, at).filter(person=OuterRef("person"), sealed=True)
    return candidates.annotate(is_hidden=Exists(sealed), gave_reason=Exists(reasons))


def cards(service: Service, user: User, cohort_list: CohortList, place: Place, count: int) -> Page:
    """One page of candidates as cards; of a sealed record it says no more than that it is one.

    `count` is how many have the decision that is shown; it is asked again only where fewer are shown.
    """
    rule, now = cohort_list.rule, timezone.now()
    found = place.find(with_benefit(cohort_list.candidates.all()), rule)
    chosen = with_seal(service, user, found.select_related("person", "screening__by"), now)
    page = _page(chosen, place, count)
    days = _days(service, cohort_list, [candidate.person_id for candidate in page.object_list])
    today = timezone.localdate(now)
    page.object_list = [
        Card(
            candidate,
            _drawn(cohort_list, days[candidate.person_id]),
            bool(days[candidate.person_id]),
            tier_of(rule.tiers, candidate.count),
            (today - candidate.last_on).days if candidate.last_on else None,
            candidate.last_on is not None and rules.is_stale(candidate.last_on, today),
        )
        for candidate in page.object_list
    ]
    return page


def _page(chosen: QuerySet[Candidate], place: Place, count: int) -> Page:
    """The page in one query, also where only the rows themselves know how many of them there are."""
    if not place.narrows:
        return KnownPaginator(chosen, A_PAGE, count).get_page(place.page)
    start = A_PAGE * (int(place.page or 1) - 1)
    rows = list(chosen.annotate(found=Window(Count("pk")))[max(start, 0) : max(start, 0) + A_PAGE])
    found = rows[0].found if rows else chosen.count()
    page = KnownPaginator(chosen, A_PAGE, found).get_page(place.page)
    if rows:
        page.object_list = rows
    return page


def gaps(cohort_list: CohortList) -> list[str]:
    """What no source supplied for some of the list, in sentences. Needs `with_gaps`."""
    rule, found = cohort_list.rule, []
    ages = under_18.of_unknown_age(rule, cohort_list.no_age)  # type: ignore[attr-defined]
    if rule.recent_count and cohort_list.no_recent:  # type: ignore[attr-defined]
        found.append(("Recent attendances are", cohort_list.no_recent))  # type: ignore[attr-defined]
    if rule.min_admissions is not None and cohort_list.no_admissions:  # type: ignore[attr-defined]
        found.append(("Admissions are", cohort_list.no_admissions))  # type: ignore[attr-defined]
    said = [
        f"{what} not supplied for {number:,} of the people on this list. "
        "They are on it all the same, because unknown is not no. Check before you decide."
        for what, number in found
    ]
    return [ages] * bool(ages) + said + not_supplied.sentences(rule, cohort_list.not_supplied)


def left_out(cohort_list: CohortList) -> list[tuple[int, str]]:
    """How many people are not on the list, and why."""
    reasons = rules.LEFT_OUT_WORDS.items()
    return [(cohort_list.excluded[why], words) for why, words in reasons if cohort_list.excluded.get(why)]


def staleness(cohort_list: CohortList, today: datetime.date) -> dict[str, Any]:
    """How old the newest data of the list is; `stale` warns, in words, or is empty."""
    data_to = cohort_list.data_to
    days = (today - data_to).days if data_to else None
    warning = ""
    if data_to and rules.is_stale(data_to, today):
        warning = (
            f"The newest attendance reported to us is of {data_to:%-d %B %Y}, {days:,} days ago. Things may "
            "have changed for the people on this list. Ask the sender for a newer extract."
        )
    return {"data_to": data_to, "days": days, "stale": warning}


def of_candidate(service: Service, candidate: Candidate) -> dict[str, Any]:
    """Why somebody is on the list: what counted, what did not and why, or the count a sender stated."""
    cohort_list, rule = candidate.cohort_list, candidate.cohort_list.rule
    span = rules.counted_window(rule, cohort_list.as_at)
    # A year before the first day that counts, and all since: what a lead would otherwise miss and ask about.
    rows = (
        service.activities.filter(
            person=candidate.person,
            measure=rule.measure,
            started_on__gte=rules.months_before(span.first, SHOWN_BEFORE_MONTHS),
        )
        .select_related("source")
        .order_by("-started_on", "-started_at_time", "pk")
    )
    silent = not_supplied.silent_sources(service, rule, cohort_list.as_at)
    explained = explain(rule, cohort_list.as_at, rows, silent)
    events = [each.row for each in explained if each.counts]
    stated = None if events else _stated(service, candidate, span)
    return {
        "span": span,
        "events": events,
        "others": [each for each in explained if not each.counts],
        "newest": explained[0].row.started_on if explained else None,
        "several_sources": len({event.source_id for event in events}) > 1,
        "stated": stated,
        "axis": timeline.axis(cohort_list.as_at),
        "recent": rules.recent_window(rule, cohort_list.as_at),
        "timeline": _drawn(cohort_list, [event.started_on for event in events]),
    }


def _stated(service: Service, candidate: Candidate, span: rules.Window) -> Any:
    rule = candidate.cohort_list.rule
    return (
        service.activity_counts.filter(
            person=candidate.person,
            measure=rule.measure,
            window_months=rule.window_months,
            as_at__range=(span.first, span.last),
            count=candidate.count,
        )
        .select_related("source")
        .order_by("-as_at")
        .first()
    )


def _days(service: Service, cohort_list: CohortList, people: list[int]) -> dict[int, list[datetime.date]]:
    span = rules.window(cohort_list.as_at, timeline.MONTHS)
    found: dict[int, list[datetime.date]] = defaultdict(list)
    if people:
        rows = service.activities.filter(
            person__in=people,
            measure=cohort_list.rule.measure,
            started_on__range=(span.first, span.last),
        )
        for person, day in rows.values_list("person", "started_on"):
            found[person].append(day)
    return found


def _drawn(cohort_list: CohortList, days: list[datetime.date]) -> timeline.Timeline:
    return timeline.draw(days, as_at=cohort_list.as_at, measure=cohort_list.rule.measure)
