"""Finding one of 100,000 people by a misspelt name, against an exact look-up by index in the same run.

Everybody is on a list, so a lead may find all of them: the worst case. Names are invented and as unevenly
spread as real ones: the commonest first name is that of one in 40, the commonest last name of one in 120.
"""

import random
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from bench import common
from casework.pages import find as page
from cohorts.models import CohortList, CohortRule
from governance import scope
from governance.actions import search_keys
from governance.models import Membership, Person, Service, User
from governance.roles import Role
from tests.syllables import ENDS, ONSETS, VOWELS

_FIRST_NAMES, _LAST_NAMES = 800, 20_000
_SEARCHES = 200
_GOAL_MS = 100


def run(people: int) -> None:
    """Print one JSON line for each kind of search."""
    common.say(f"Inventing {people:,} people ...")
    source = common.fresh_feed()
    service = source.service
    with scope.of(service):
        names = _people(service, people)
        start = time.perf_counter()
        search_keys.refresh(service=service)
        common.say(f"Their words to be found by took {time.perf_counter() - start:.1f} seconds.")
        member = _on_a_list(service)
        with common.owner() as session:
            session.execute("VACUUM (ANALYZE) governance_person, governance_searchkey, cohorts_candidate")
        _measure(member, names)


def _measure(member: Membership, names: list[tuple[str, str]]) -> None:
    draw = random.Random(5)
    wanted = [draw.choice(names) for _ in range(_SEARCHES)]
    common_last = max({last for _, last in names[:5000]}, key=[last for _, last in names[:5000]].count)
    kinds: dict[str, list[str]] = {
        "whole name": [f"{first} {last}" for first, last in wanted],
        "letters exchanged in the last name": [f"{first} {_exchanged(draw, last)}" for first, last in wanted],
        "letter dropped from the first name": [f"{first[:1]}{first[2:]} {last}" for first, last in wanted],
        "last name alone": [last for _, last in wanted],
        "the commonest last name alone": [common_last] * 20,
        "three letters": [last[:3] for _, last in wanted[:50]],
    }
    exact = list(Person.objects.order_by("?").values_list("nhs_number", flat=True)[:_SEARCHES])
    floor = _each(
        lambda number: list(member.service.people.filter(nhs_number=number).values_list("pk")), exact
    )
    for kind, typed in kinds.items():
        taken = _each(lambda words: page.build(member, words), typed)
        worst = sorted(taken)[int(len(taken) * 0.95)]
        common.show(
            {
                "bench": "find",
                "kind": kind,
                "people": len(names),
                "milliseconds": round(1000 * common.median(taken), 1),
                "slowest_in_twenty_milliseconds": round(1000 * worst, 1),
                "exact_milliseconds": round(1000 * sum(floor) / len(floor), 2),
                "ratio": round(common.median(taken) * len(floor) / sum(floor), 1),
                "goal_milliseconds": _GOAL_MS,
            }
        )


def _each(work: Callable[[str], Any], values: list[str]) -> list[float]:
    for value in values[:5]:  # warms the caches
        work(value)
    return [common.seconds(lambda value=value: work(value)) for value in values]  # type: ignore[misc]


def _people(service: Service, number: int) -> list[tuple[str, str]]:
    draw = random.Random(3)
    first_names = [_name(draw, 2) for _ in range(_FIRST_NAMES)]
    last_names = [_name(draw, 3) for _ in range(_LAST_NAMES)]
    firsts = draw.choices(first_names, [1 / (place + 5) for place in range(_FIRST_NAMES)], k=number)
    lasts = draw.choices(last_names, [1 / (place + 15) for place in range(_LAST_NAMES)], k=number)
    names = list(zip(firsts, lasts, strict=True))
    Person.objects.bulk_create(
        (
            Person(service=service, first_name=first, last_name=last, nhs_number=f"{4_000_000_000 + place}",
                   phone=f"07{place:09d}")
            for place, (first, last) in enumerate(names)
        ),
        batch_size=10_000,
    )  # fmt: skip
    return names


def _name(draw: random.Random, syllables: int) -> str:
    word = "".join(draw.choice(ONSETS) + draw.choice(VOWELS) for _ in range(syllables - 1))
    return (word + draw.choice(ONSETS) + draw.choice("aeio") + draw.choice(ENDS)).capitalize()


def _exchanged(draw: random.Random, word: str) -> str:
    place = draw.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _on_a_list(service: Service) -> Membership:
    rule = CohortRule.objects.create(service=service, slug="find", title="Everybody", count=1)
    built = CohortList.objects.create(
        service=service, rule=rule, as_at="2026-06-30", considered=0, selected=0
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cohorts_candidate (service_id, cohort_list_id, person_id, rank, count)"
            " SELECT service_id, %s, id, row_number() OVER (ORDER BY id), 1 FROM governance_person",
            [built.pk],
        )
    user, _ = User.objects.get_or_create(email="find@example.org", defaults={"name": "Find"})
    return Membership.objects.create(service=service, user=user, role=Role.HIU_LEAD, starts_on="2026-01-01")
