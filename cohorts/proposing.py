"""Who may be the same person: pairs that share enough to be held against each other. Reads only.

The database gathers pairs that agree in a date of birth and something of a name, in a name and a postcode, or
in a whole name, or of which one number is a slip away from the other; governance.identity.compare says what speaks for each.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import nhs_number
from django.db import connection

from cohorts import intake
from cohorts.models import SameAnswer, Shape
from governance.identity.compare import Described, Likeness, compare
from governance.models import Person, Service, User

# Pairs that are looked at, those first that share the most; a service has far fewer, unless a sender leaves out the numbers of everybody.
MOST_PAIRS = 5_000

HAS_COUNTS = (
    "This person already has counts in the same list. Counts of one list are never added up or replaced, so "
    "these rows are kept and count for nobody. Choose “Decide later” to put them at the end."
)
# What two must share to be looked at; `one` is who is asked about, `other` a person.
_SHARED = (
    "other.birth_date = one.birth_date AND (lower(left(other.last_name, 1)) = lower(left(one.last_name, 1))"
    " OR lower(other.first_name) = lower(one.first_name) AND one.first_name <> '')",
    "lower(other.last_name) = lower(one.last_name) AND one.last_name <> '' AND one.postcode <> ''"
    " AND replace(upper(other.postcode), ' ', '') = replace(upper(one.postcode), ' ', '')",
    "lower(other.first_name) = lower(one.first_name) AND lower(other.last_name) = lower(one.last_name)"
    " AND one.first_name <> '' AND one.last_name <> ''",
    "lower(other.first_name) = lower(one.last_name) AND lower(other.last_name) = lower(one.first_name)"
    " AND one.first_name <> '' AND one.last_name <> ''",
)
_ANYBODY = "governance_person other ON other.service_id = %(service)s AND other.merged_into_id IS NULL"
_OPEN = f"{_ANYBODY} AND NOT other.id = ANY(%(hidden)s)"
# Sealed people are held against rows as well, and first: whose the rows may be is not for everybody to see.
_ROWS = """
WITH one AS MATERIALIZED (
    SELECT DISTINCT ON (handle) handle, first_name, last_name, birth_date, postcode
      FROM cohorts_unmatchedrow
     WHERE service_id = %(service)s AND person_id IS NULL AND (%(handle)s = '' OR handle = %(handle)s)
     ORDER BY handle, extract_id DESC, row DESC)
"""
_SHARING = _ROWS + "SELECT DISTINCT handle FROM ({shared}) pair"  # noqa: S608 - our own names
_OF_ROWS = f"""{_ROWS}
SELECT handle, other
  FROM ({{shared}} UNION ALL
        SELECT -1, said.handle, other.id FROM unnest(%(handles)s::text[], %(numbers)s::text[]) said (handle, number)
          JOIN {{person}} AND other.nhs_number = said.number) pair
 WHERE NOT EXISTS (SELECT FROM cohorts_samedecision decided
                    WHERE decided.handle = pair.handle AND decided.person_id = pair.other
                      AND decided.answer = 'different')
 GROUP BY handle, other ORDER BY other = ANY(%(hidden)s) DESC, count(DISTINCT way) DESC, handle, other
 LIMIT %(most)s
"""  # noqa: S608 - our own names
_ROWS_SHARE = "SELECT {way} AS way, one.handle, other.id AS other FROM one JOIN {person} AND {share}"
# Somebody without an NHS number beside anybody; of two with a number only those who are the same in name and
# date of birth.
_OF_RECORDS = """
WITH one AS MATERIALIZED (
    SELECT * FROM governance_person
     WHERE service_id = %(service)s AND merged_into_id IS NULL AND nhs_number IS NULL AND last_name <> ''
       AND NOT id = ANY(%(hidden)s))
SELECT least(this, that), greatest(this, that)
  FROM ({shared} UNION ALL
        SELECT -1, one.id, other.id FROM governance_person one
          JOIN {person} AND other.id > one.id AND other.birth_date = one.birth_date AND {same_name}
         WHERE one.service_id = %(service)s AND one.merged_into_id IS NULL
           AND NOT one.id = ANY(%(hidden)s)) pair
 WHERE NOT EXISTS (SELECT FROM cohorts_samedecision decided
                    WHERE decided.answer = 'different' AND decided.person_id IN (this, that)
                      AND decided.other_id IN (this, that))
 GROUP BY 1, 2 ORDER BY count(DISTINCT way) DESC, 1, 2
 LIMIT %(most)s
"""
_RECORDS_SHARE = (
    "SELECT {way} AS way, one.id AS this, other.id AS that"
    " FROM one JOIN {person} AND other.id <> one.id AND {share}"
)


@dataclass(frozen=True)
class Rows:
    """Waiting rows that describe the same somebody."""

    handle: str
    number: int
    described: Described
    local_number: str

    @property
    def name(self) -> str:
        """The name as sent; empty where there is none."""
        return f"{self.described.first_name} {self.described.last_name}".strip()


@dataclass(frozen=True)
class Question:
    """Is this the same person? Either rows and a record, or two records."""

    person: Person
    likeness: Likeness
    rows: Rows | None = None
    other: Person | None = None
    is_put_off: bool = False


@dataclass(frozen=True)
class Asked:
    """All questions, likeliest first, and the rows that wait without anybody here who is like them."""

    questions: list[Question]
    without: list[Rows]

    @property
    def rows_without(self) -> int:
        """How many rows those are."""
        return sum(each.number for each in self.without)


def questions(service: Service, user: User) -> Asked:
    """Everything to decide in a service, without records sealed from the user and rows like them. Six queries."""
    hidden = sealed_from(service, user)
    rows = {each.handle: each for each in _waiting(service)}
    of_rows = _pairs_of_rows(service, list(rows.values()), hidden)
    of_records = _ask(_OF_RECORDS, _RECORDS_SHARE, _OPEN, {"service": service.pk, "hidden": hidden})
    ids = {person for _, person in of_rows} | {pk for pair in of_records for pk in pair}
    people = service.people.in_bulk(list(ids))
    later = set(
        service.same_decisions.filter(answer=SameAnswer.LATER).values_list("handle", "person", "other")
    )
    best = _best_of_rows(
        rows, [(handle, people[pk]) for handle, pk in of_rows if pk in people], later, hidden
    )
    met = {each.rows.handle for each in best if each.rows}
    if len(of_rows) >= MOST_PAIRS:
        # Of some not all pairs were looked at, so only who shares nothing with anybody is like nobody.
        met.update(
            handle
            for (handle,) in _ask(_SHARING, _ROWS_SHARE, _ANYBODY, {"service": service.pk, "handle": ""})
        )
    found = [each for each in best if each.person.pk not in hidden]
    found += _of_records(
        [(people[a], people[b]) for a, b in of_records if a in people and b in people], later
    )
    found.sort(key=lambda each: (each.is_put_off, -each.likeness.score, each.person.pk))
    return Asked(found, [each for handle, each in rows.items() if handle not in met])


def like_rows(service: Service, handle: str) -> Person | None:
    """The person the waiting rows of a handle are most like, and nobody has said yet that it is not them.

    It may be somebody whose record is sealed: see `sealed_from` before naming them.
    """
    rows = {each.handle: each for each in _waiting(service, handle)}
    pairs = _pairs_of_rows(service, list(rows.values()), [], handle)
    people = service.people.in_bulk([pk for _, pk in pairs])
    found = _best_of_rows(rows, [(handle, people[pk]) for _, pk in pairs if pk in people], set(), [])
    return found[0].person if found else None


def rows_of(service: Service, user: User, handle: str) -> Rows | None:
    """The waiting rows of one handle; none where they were matched, or are like a record sealed from the user."""
    like = like_rows(service, handle)
    if like is not None and like.pk in sealed_from(service, user):
        return None
    return next((each for each in _waiting(service, handle)), None)


def sealed_from(service: Service, user: User) -> list[int]:
    """Ids of the people whose records are sealed from a user."""
    return list(service.seals.hiding_from(user).values_list("person", flat=True))


def obstacles_of_rows(person: Person, handle: str) -> list[str]:
    """Why none of the waiting rows of a handle can be given to a person, in sentences."""
    rows = person.service.unmatched_rows.waiting().filter(handle=handle)
    extracts = person.service.extracts.filter(pk__in=rows.values("extract")).select_related("source")
    has = set(person.activity_counts.values_list("source", "as_at"))
    can = any(
        each.source.shape != Shape.PEOPLE or (each.source_id, intake.feed_of(each).as_at) not in has
        for each in extracts
    )
    return [] if can else [HAS_COUNTS]


def of_person(person: Person) -> Described:
    """A record as it is compared."""
    return Described(
        first_name=person.first_name,
        last_name=person.last_name,
        birth_date=person.birth_date,
        sex=person.sex,
        postcode=person.postcode,
        phone=person.phone,
        nhs_number=person.nhs_number or "",
    )


def between(person: Person, other: Described) -> Likeness:
    """What speaks for and against a record being of whom is described."""
    return compare(of_person(person), other)


def near_numbers(sent: str) -> list[str]:
    """NHS numbers that can exist and are one mistaken digit, or two exchanged ones, away from one that cannot."""
    slips = {sent[:place] + digit + sent[place + 1 :] for place in range(len(sent)) for digit in "0123456789"}
    slips |= {
        sent[:place] + sent[place + 1] + sent[place] + sent[place + 2 :] for place in range(len(sent) - 1)
    }
    return sorted(slip for slip in slips - {sent} if nhs_number.is_valid(slip))


def _waiting(service: Service, handle: str | None = None) -> list[Rows]:
    rows = service.unmatched_rows.waiting()
    if handle is not None:
        rows = rows.filter(handle=handle)
    found: dict[str, Rows] = {}
    names = ("first_name", "last_name", "birth_date", "sex", "postcode", "sent_number")
    for row in rows.values("handle", "local_number", *names).order_by("-extract", "-row"):
        handle, local_number = row.pop("handle"), row.pop("local_number")
        known = found.get(handle)
        found[handle] = (
            replace(known, number=known.number + 1)
            if known
            else Rows(handle, 1, Described(**row), local_number)
        )
    return list(found.values())


def _pairs_of_rows(
    service: Service, rows: list[Rows], hidden: list[int], handle: str = ""
) -> list[tuple[str, int]]:
    """Handles, or the one handle, beside people who share enough with them."""
    near = [
        (each.handle, number)
        for each in rows
        if each.described.sent_number
        for number in near_numbers(each.described.sent_number)
    ]
    told: dict[str, Any] = {
        "service": service.pk,
        "hidden": hidden,
        "handle": handle,
        "handles": [each for each, _ in near],
        "numbers": [number for _, number in near],
    }
    return _ask(_OF_ROWS, _ROWS_SHARE, _ANYBODY, told)


def _ask(whole: str, each: str, person: str, told: dict[str, Any]) -> list[Any]:
    """A way for each of the things two can share: one `OR` of them could use no index and no hash."""
    shared = " UNION ALL ".join(
        each.format(way=way, person=person, share=share) for way, share in enumerate(_SHARED)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            whole.format(shared=shared, person=person, same_name=_SHARED[2]), {**told, "most": MOST_PAIRS}
        )
        return cursor.fetchall()


def _best_of_rows(
    rows: dict[str, Rows], pairs: list[tuple[str, Person]], later: set[Any], hidden: list[int]
) -> list[Question]:
    """For each handle the record most like it; the next one comes up when that was somebody else."""
    by_handle: dict[str, list[Question]] = defaultdict(list)
    for handle, person in pairs:
        likeness = between(person, rows[handle].described)
        if likeness.is_proposed:
            put_off = (handle, person.pk, None) in later
            by_handle[handle].append(Question(person, likeness, rows=rows[handle], is_put_off=put_off))
    return [
        max(each, key=lambda q: (q.likeness.score, q.person.pk in hidden, -q.person.pk))
        for each in by_handle.values()
    ]


def _of_records(pairs: list[tuple[Person, Person]], later: set[Any]) -> list[Question]:
    found = []
    for one, other in pairs:
        likeness = between(one, of_person(other))
        if likeness.is_proposed:
            put_off = bool({("", one.pk, other.pk), ("", other.pk, one.pk)} & later)
            found.append(Question(one, likeness, other=other, is_put_off=put_off))
    return found
