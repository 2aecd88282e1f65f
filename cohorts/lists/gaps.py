"""What a rule asks and no source supplied: counted when a list is built, and said in sentences."""

import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cohorts.models import Activity, CohortList
from cohorts.rules import MEASURE_NOUNS, UNKNOWN, RuleTerms, counted_window
from governance.models import Service

# Nothing that is stored says these: the note is the same on every list.
_NOWHERE = {
    "end_of_life": (
        "No source says who is on an end-of-life pathway: only earlier decisions here left people out. "
        "Ask before you call."
    ),
    "acute_episode": (
        "No source says who is in an acute mental health episode: only decisions here of the last "
        "3 months left people out. Ask before you call."
    ),
}
_OF_ROWS = {
    "attendance_categories": ("attendance_category", "the kind of attendance"),
    "arrival_modes": ("arrival_mode", "how the person arrived"),
    "department_types": ("department_type", "the type of the department"),
    "sites": ("site", "the site"),
}
AREA = "area"


def of_rows(service: Service, rule: RuleTerms, as_at: datetime.date) -> QuerySet[Activity]:
    """The rows in the days of a rule, whatever kind they are."""
    span = counted_window(rule, as_at)
    return service.activities.filter(measure=rule.measure, started_on__range=(span.first, span.last))


def silent_sources(service: Service, rule: RuleTerms, as_at: datetime.date) -> list[int]:
    """Ids of the sources that never say the kind of an attendance; asked only where the rule chooses kinds."""
    if not rule.attendance_categories:
        return []
    says = of_rows(service, rule, as_at).filter(source=OuterRef("pk")).exclude(attendance_category="")
    return list(service.sources.filter(~Exists(says)).values_list("pk", flat=True))


def of_list(cohort_list: CohortList) -> dict[str, int]:
    """For each setting that a list needs: how many attendances of its people, or people, have no value."""
    rule, candidates = cohort_list.rule, cohort_list.candidates.all()
    rows = of_rows(cohort_list.service, rule, cohort_list.as_at)
    silent = silent_sources(cohort_list.service, rule, cohort_list.as_at)
    found = counts(rule, rows.filter(person__in=candidates.values("person")), silent)
    if rule.postcode_areas or rule.gp_practices:
        found[AREA] = candidates.filter(~_says_where(rule)).count()
    return {name: number for name, number in found.items() if number}


def counts(rule: RuleTerms, rows: QuerySet[Activity], silent: list[int]) -> dict[str, int]:
    """How many of the rows were counted although they say nothing of a setting that the rule has."""
    asked = {name: Q(**{column: ""}) for name, (column, _) in _OF_ROWS.items() if getattr(rule, name)}
    if UNKNOWN not in rule.attendance_categories and "attendance_categories" in asked:
        asked["attendance_categories"] &= Q(source__in=silent)
    if not asked:
        return {}
    return rows.aggregate(**{f"no_{name}": Count("pk", filter=blank) for name, blank in asked.items()})


def sentences(rule: RuleTerms, found: dict[str, int]) -> list[str]:
    """What could not be judged, as sentences."""
    said = []
    for name, (_, words) in _OF_ROWS.items():
        if number := found.get(f"no_{name}"):
            noun = MEASURE_NOUNS[rule.measure][number != 1]
            said.append(f"Of {number:,} {noun} {words} is not supplied. They were counted all the same.")
    if number := found.get(AREA):
        people = "person" if number == 1 else "people"
        said.append(f"Of {number:,} {people} it is not supplied where they live. They are on the list.")
    return said + [_NOWHERE[each] for each in ("end_of_life", "acute_episode") if each in rule.exclusions]


def _says_where(rule: RuleTerms) -> Q:
    """A postcode of ZZ and a practice of V8199 stand for none."""
    lives = ~Q(person__postcode="") & ~Q(person__postcode__istartswith="ZZ")
    practice = ~Q(person__gp_practice="") & ~Q(person__gp_practice__istartswith="V8199")
    asked: Any = Q(pk__in=[])
    if rule.postcode_areas:
        asked |= lives
    if rule.gp_practices:
        asked |= practice
    return asked
