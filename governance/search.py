"""Finding people by what somebody typed: a name however spelt, an NHS number, a telephone number.

The database gathers a bounded number of people who share a word, or a neighbour of it, with what was typed;
`governance.identity.names` says how alike they are. Behind row-level security an index is only used for what
cannot leak a row (equality, order), so neighbours are asked for by equality: see ADR 19.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import nhs_number
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from governance.identity import names
from governance.models import Person, SearchKey, Service

# Words of a search that are looked at, and people who are compared with it.
MOST_WORDS = 4
MOST_COMPARED = 200
NHS_NUMBER_DIGITS = 10
_FORMER_COSTS = 0.03
# Less alike than this on the whole is somebody else.
_ALIKE_ENOUGH = 0.6

# Of each typed word (`place`) the people who have it (0), one that sounds so or begins so (1), or one a slip
# away (2). OFFSET 0 keeps the look-up by index, word by word. Whoever has most of the words comes first.
_GATHER = """
WITH hit AS MATERIALIZED (
    SELECT asked.place, asked.cost, key.person_id FROM unnest(string_to_array(%(words)s, ' '), string_to_array(%(places)s, ' ')::int[],
                  string_to_array(%(costs)s, ' ')::int[]) asked (word, place, cost)
      CROSS JOIN LATERAL (SELECT person_id FROM governance_searchkey
                           WHERE service_id = %(service)s AND word = asked.word OFFSET 0) key
    UNION ALL
    SELECT asked.place, 1, key.person_id FROM unnest(%(sounds)s::text[], %(of)s::int[]) asked (sound, place)
      CROSS JOIN LATERAL (SELECT person_id FROM governance_searchkey
                           WHERE service_id = %(service)s AND sound = asked.sound OFFSET 0) key
    UNION ALL
    SELECT asked.place, 1, key.person_id FROM unnest(%(from)s::text[], %(to)s::text[], %(begun)s::int[])
           asked (first, last, place)
      CROSS JOIN LATERAL (SELECT person_id FROM governance_searchkey
                           WHERE service_id = %(service)s AND word >= asked.first AND word < asked.last OFFSET 0) key
), nearest AS (
    SELECT coalesce(gone.merged_into_id, hit.person_id) AS person_id, place, min(cost) AS cost
      FROM hit LEFT JOIN governance_person gone ON gone.id = hit.person_id AND gone.merged_into_id IS NOT NULL
     GROUP BY 1, 2
), person AS (
    SELECT person_id, count(*) AS had, sum(cost) AS cost FROM nearest GROUP BY person_id
)
SELECT person.person_id FROM person
 WHERE person_id IN ({among})
 ORDER BY had DESC, cost, person_id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Found:
    """Somebody a search found: how alike, from 0 to 1, and whether by a name they had before."""

    person: int
    likeness: float
    by_former_name: bool = False


def find(service: Service, typed: str, among: QuerySet[Person]) -> list[Found]:
    """The people of `among` whom somebody may have meant, likeliest first. Three queries.

    Args:
        among: whom this user may find; merged records are found as the one that stands for them.
    """
    if len(number := names.digits(typed)) == NHS_NUMBER_DIGITS and nhs_number.is_valid(number):
        return _standing(service.people.filter(nhs_number=number), among)
    if names.is_number(typed):
        keys = service.search_keys.filter(word=names.phone(typed)).values("person")
        return _standing(service.people.filter(pk__in=keys), among)
    words = list(dict.fromkeys(names.words(typed)))[:MOST_WORDS]
    if not words:
        return []
    return _ranked(words, _gather(service, words, among))


def _standing(people: QuerySet[Person], among: QuerySet[Person]) -> list[Found]:
    """Those of `among` who are these people, or whom these were merged into."""
    ids = people.values_list(Coalesce("merged_into", "pk"), flat=True)
    return [
        Found(pk, 1.0) for pk in among.filter(pk__in=list(ids[:MOST_COMPARED])).values_list("pk", flat=True)
    ]


def _gather(service: Service, words: list[str], among: QuerySet[Person]) -> list[int]:
    exact = [(word, place, 0) for place, word in enumerate(words)]
    near = [(slip, place, 2) for place, word in enumerate(words) for slip in names.edits(word)]
    told: dict[str, Any] = {"service": service.pk, "most": MOST_COMPARED}
    # A thousand words are one text: as a list each would be quoted by itself, which took as long as the question.
    columns = zip(*exact, *near, strict=True)
    told["words"], told["places"], told["costs"] = (" ".join(map(str, column)) for column in columns)
    sounds = [(names.sound(word), place) for place, word in enumerate(words)]
    told["sounds"] = [sound for sound, _ in sounds if sound]
    told["of"] = [place for sound, place in sounds if sound]
    told["from"] = words
    told["to"] = [word[:-1] + chr(ord(word[-1]) + 1) for word in words]
    told["begun"] = list(range(len(words)))
    with connection.cursor() as cursor:
        inner, params = among.order_by().values_list("pk").query.sql_with_params()
        told |= {f"among{place}": value for place, value in enumerate(params)}
        inner = inner % tuple(f"%(among{place})s" for place in range(len(params)))
        cursor.execute(_GATHER.format(among=inner), told)
        return [pk for (pk,) in cursor.fetchall()]


def _ranked(words: list[str], people: list[int]) -> list[Found]:
    rows = _keys_of(people)
    found = [_likeness(words, pk, rows[pk]) for pk in people]
    alike = [each for each in found if each.likeness >= _ALIKE_ENOUGH]
    return sorted(alike, key=lambda each: (-each.likeness, each.person))


def _keys_of(people: list[int]) -> dict[int, list[tuple[str, bool]]]:
    rows: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    # Asked apart: in one question with an "or" across both tables, PostgreSQL would read all of them.
    stands_for = dict(Person.objects.filter(merged_into__in=people).values_list("pk", "merged_into"))
    keys = SearchKey.objects.filter(person__in=[*people, *stands_for]).order_by("pk")
    for person, word, is_former in keys.values_list("person", "word", "is_former"):
        rows[stands_for.get(person) or person].append((word, is_former))
    return rows


def _likeness(words: list[str], person: int, own: list[tuple[str, bool]]) -> Found:
    """Each typed word is held against the nearest of the person's words that is not taken yet."""
    pairs = sorted(
        ((names.likeness(word, other), not former, word, other) for word in words for other, former in own),
        reverse=True,
    )
    taken: set[str] = set()
    total, former = 0.0, False
    met: set[str] = set()
    for likeness, is_now, word, other in pairs:
        if word not in met and other not in taken:
            met.add(word)
            taken.add(other)
            total += likeness - (0 if is_now else _FORMER_COSTS)
            former |= not is_now
    return Found(person, total / len(words), former)
