"""What an area profile counts: exact numbers, which do not leave before disclosure control."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Q

from cohorts.areas import living
from cohorts.areas.editions import DECILES, EDITIONS, in_words
from cohorts.lists.equity import SEX_WORDS
from cohorts.models import ArrivalMode, CohortList, Measure
from cohorts.rules import age_band, counted_window
from evaluation.area.figures import Facts
from governance.rights import left_out_of_evaluation

NOT_KNOWN = "Not known"
# The night of an emergency department: 20:00 to 07:59, by the clock on the wall.
NIGHT_FROM, NIGHT_TO = datetime.time(20), datetime.time(8)
AGES = tuple(dict.fromkeys(age_band(age) for age in range(120)))


def gather(cohort_list: CohortList, loaded: living.Loaded) -> Facts:
    """Count the people of a list, but those who opted out of uses beyond their care or objected; six questions."""
    service = cohort_list.service
    candidates = cohort_list.candidates.filter(person__merged_into=None).exclude(
        person__in=left_out_of_evaluation(service)
    )
    rows = list(candidates.values_list("person_id", "age", "person__sex", "person__postcode"))
    deciles = living.deciles_by_postcode({postcode for *_, postcode in rows})
    of_people: dict[str, dict[str, int] | None] = {
        each.kind: _divided(
            [in_words(decile) for decile in DECILES],
            (_decile(deciles.get(postcode, {}).get(each.kind)) for *_, postcode in rows),
        )
        if loaded.knows(each)
        else None
        for each in EDITIONS
    }
    of_people["age"] = _divided(AGES, (age_band(age) for _, age, *_ in rows))
    of_people["sex"] = _divided(SEX_WORDS.values(), (SEX_WORDS.get(sex, "") for _, _, sex, _ in rows))
    return Facts(len(rows), of_people, **_events(cohort_list, [person for person, *_ in rows]))


def _decile(value: int | None) -> str:
    return "" if value is None else in_words(value)


def _divided(names: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    counted = Counter(found)
    return {name: counted[name] for name in names} | {NOT_KNOWN: counted[""]}


def _events(cohort_list: CohortList, people: list[int]) -> dict[str, Any]:
    """A&E attendances in the days the rule counts, whatever it asks of them."""
    span = counted_window(cohort_list.rule, cohort_list.as_at)
    rows = cohort_list.service.activities.filter(
        person__in=people, measure=Measure.AE, started_on__range=(span.first, span.last)
    )
    at_night = Q(started_at_time__gte=NIGHT_FROM) | Q(started_at_time__lt=NIGHT_TO)
    by_ambulance = Q(arrival_mode=ArrivalMode.AMBULANCE)
    found = rows.aggregate(
        events=Count("pk"),
        attending=Count("person", distinct=True),
        night=Count("pk", filter=at_night),
        no_time=Count("pk", filter=Q(started_at_time=None)),
        ambulance=Count("pk", filter=by_ambulance),
        no_mode=Count("pk", filter=Q(arrival_mode="")),
    )
    divide = _rest(found["events"])
    return {
        "events": found["events"] or None,
        "attending": found["attending"],
        "of_events": {
            "night": divide("At night", found["night"], "By day", found["no_time"]),
            "ambulance": divide("By ambulance", found["ambulance"], "In another way", found["no_mode"]),
        },
    }


def _rest(total: int) -> Callable[[str, int, str, int], dict[str, int]]:
    return lambda name, number, other, unknown: {
        name: number,
        other: total - number - unknown,
        NOT_KNOWN: unknown,
    }
