"""Building a list, as the product does, against the same question written by hand in SQL.

The product's side has everything a list needs: the rule as data, ages, exclusions, ranks, the candidates
stored, the audit, the wall between services. The floor only answers who is on the list, in which order.
"""

import datetime
import time
from typing import Any

from psycopg import Connection

from bench import common, load
from cohorts.actions import cohort_list
from cohorts.models import CohortRule, Source
from cohorts.rules import window
from governance import scope
from governance.models import Service

RULES: dict[str, dict[str, Any]] = {
    "more than 5 in 12 months and 1 in 3, first 250": {
        "operator": ">", "count": 5, "recent_count": 1, "recent_months": 3, "top_n": 250,
    },
    "5 or more in 12 months": {"operator": ">=", "count": 5},
    "4 or more and 2 admissions in 12 months": {"operator": ">=", "count": 4, "min_admissions": 2},
    "more than 5 in 3 months": {"operator": ">", "count": 5, "window_months": 3},
}  # fmt: skip

_BY_HAND = """
SELECT counted.person_id, n, last_on
  FROM (SELECT person_id, count(*) AS n, max(started_on) AS last_on, count(*) FILTER (WHERE admitted) AS admissions
          FROM cohorts_activity
         WHERE service_id = %(service)s AND measure = 'ae' AND started_on BETWEEN %(first)s AND %(last)s
         GROUP BY person_id
        HAVING count(*) {operator} %(count)s) counted
  JOIN governance_person person ON person.id = counted.person_id AND person.birth_date <= %(adult)s
 WHERE (%(recent_first)s::date IS NULL OR last_on >= %(recent_first)s)
   AND (%(admissions)s::int IS NULL OR admissions >= %(admissions)s)
 ORDER BY n DESC, last_on DESC, counted.person_id
 LIMIT %(top)s
"""


def run(rows: int, times: int) -> None:
    """Load an extract, build each list and print one JSON line for each rule."""
    common.say(f"Loading {rows:,} rows for the lists ...")
    load.one_load(common.extract_file(rows))
    with common.owner() as session:
        session.execute("VACUUM (ANALYZE) cohorts_activity, governance_person")
    for number, (name, terms) in enumerate(RULES.items()):
        _measure(f"rule-{number}", name, terms, rows, times)


def _measure(slug: str, name: str, terms: dict[str, Any], rows: int, times: int) -> None:
    with scope.every_service():
        service = Source.objects.select_related("service").get().service
    with scope.of(service), common.owner() as by_hand:
        _compare(service, by_hand, slug, name, terms, rows, times)


def _compare(
    service: Service, by_hand: Connection, slug: str, name: str, terms: dict[str, Any], rows: int, times: int
) -> None:
    rule = CohortRule.objects.create(service=service, slug=slug, title=name, min_age=18, **terms)
    as_at = datetime.date.fromisoformat(str(service.activities.latest("started_on").started_on))
    ours, floors, sizes = [], [], set()
    for _ in range(times + 1):  # the first, which warms the caches, is left out
        start = time.perf_counter()
        built = cohort_list.build(service=service, rule=rule, as_at=as_at, by=None)
        half = time.perf_counter()
        found = _by_hand(by_hand, rule, as_at)
        floors.append(time.perf_counter() - half)
        ours.append(half - start)
        people = list(built.candidates.order_by("rank").values_list("person_id", flat=True))
        assert people == [row[0] for row in found], "the list and the statement by hand disagree"
        sizes.add(len(people))
    mine, floor = common.median(ours[1:]), common.median(floors[1:])
    common.show(
        {
            "bench": "list",
            "rule": name,
            "rows": rows,
            "selected": sizes.pop(),
            "list_seconds": mine,
            "by_hand_seconds": floor,
            "ratio": round(mine / floor, 2),
            "goal": 2,
        }
    )


def _by_hand(session: Connection, rule: CohortRule, as_at: datetime.date) -> list[tuple[Any, ...]]:
    span = window(as_at, rule.window_months)
    recent = window(as_at, rule.recent_months).first if rule.recent_months else None
    values = {
        "service": rule.service_id,
        "first": span.first,
        "last": span.last,
        "adult": as_at.replace(year=as_at.year - 18),
        "count": rule.count,
        "recent_first": recent,
        "admissions": rule.min_admissions,
        "top": rule.top_n,
    }
    return session.execute(_BY_HAND.format(operator=rule.operator), values).fetchall()
