"""The words that people are found by, brought up to date with who they are. Set-based; safe to run again."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from governance import locks
from governance.identity import names
from governance.models import Service

AT_ONCE = 5_000
MADE_FROM = ("first_name", "last_name", "phone")
# What the keys are made from. People without a name and a telephone number cannot be found by one.
_SAID = "md5(concat_ws('|', person.first_name, person.last_name, person.phone))::uuid"
_STALE = f"""
SELECT person.id, person.first_name, person.last_name, person.phone, {_SAID}
  FROM governance_person person
 WHERE person.service_id = %(service)s AND (%(people)s::bigint[] IS NULL OR person.id = ANY(%(people)s::bigint[]))
   AND NOT EXISTS (SELECT FROM governance_searchkey own
                    WHERE own.person_id = person.id AND own.made_from = {_SAID})
   AND (EXISTS (SELECT FROM governance_searchkey own WHERE own.person_id = person.id)
        OR person.first_name <> '' OR person.last_name <> '' OR person.phone <> '')
   AND person.id > %(after)s AND (%(up_to)s::bigint IS NULL OR person.id <= %(up_to)s)
 ORDER BY person.id LIMIT %(most)s
"""  # noqa: S608 - names of our own columns
# What is not said any more: a name is kept as a former one, a telephone number is not kept.
_NOT_ANY_MORE = """
UPDATE governance_searchkey SET is_former = true WHERE person_id = ANY(%(people)s) AND NOT is_former
"""
_WAS_WRONG = "DELETE FROM governance_searchkey WHERE person_id = ANY(%(people)s) AND NOT is_former"
_NO_PHONE = "DELETE FROM governance_searchkey WHERE person_id = ANY(%(people)s) AND word LIKE '+%%'"
_ADD = """
INSERT INTO governance_searchkey (service_id, person_id, word, sound, made_from, is_former)
SELECT %(service)s, * , false
  FROM unnest(%(of)s::bigint[], %(words)s::text[], %(sounds)s::text[], %(made_from)s::uuid[])
    ON CONFLICT (person_id, word) DO UPDATE SET is_former = false, made_from = excluded.made_from
"""


def refresh(
    *,
    service: Service,
    people: Sequence[int] | None = None,
    above: int = 0,
    up_to: int | None = None,
    forget: bool = False,
) -> int:
    """Make the keys of people whose names or telephone number are new; returns how many people those are.

    Args:
        people: only of these, by id.
        above, up_to: only of people whose id is between; without any of these, everybody is looked at.
        forget: do not keep the name as a former one: it was wrong, and was put right.
    """
    told = {
        "service": service.pk,
        "people": None if people is None else list(people),
        "after": above,
        "up_to": up_to,
        "most": AT_ONCE,
    }
    number = 0
    while made := _some(service, told, forget=forget):
        number += len(made)
        told["after"] = made[-1]
    return number


def hold(service_id: int) -> None:
    """Keep others from making words until the transaction ends, and nobody is removed while they are made.

    Whoever locks a person and then refreshes calls this before: others hold this, and then wait for the person.
    """
    locks.hold_off_purge(service_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('governance.search_keys'), %s)", [service_id])


@transaction.atomic
def _some(service: Service, told: dict[str, Any], *, forget: bool) -> list[int]:
    """The next few thousand people, in a transaction of their own; returns their ids in order."""
    hold(service.pk)
    with connection.cursor() as cursor:
        cursor.execute(_STALE, told)
        stale = cursor.fetchall()
        if stale:
            _make(cursor, service, stale, forget=forget)
    return [row[0] for row in stale]


def _make(cursor: Any, service: Service, people: list[Any], *, forget: bool) -> None:
    keys = [
        (person, word, names.sound(word), made_from)
        for person, first, last, phone, made_from in people
        for word in _words(first, last, phone)
    ]
    told = {
        "service": service.pk,
        "people": [row[0] for row in people],
        **dict(zip(("of", "words", "sounds", "made_from"), map(list, zip(*keys, strict=True)), strict=True)),
    }
    for statement in (_NO_PHONE, _WAS_WRONG if forget else _NOT_ANY_MORE, _ADD):
        cursor.execute(statement, told)


def _words(first: str, last: str, phone: str) -> list[str]:
    """Each word once; a name that has none leaves a key that nobody types, so that it counts as looked at."""
    found = dict.fromkeys([*names.words(f"{first} {last}"), names.phone(phone)])
    found.pop("", None)
    return list(found) or ["+"]
