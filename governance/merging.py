"""What a merge of two records of one person moves, in every app: the one list of it, and what stands in its way.

Reads only; governance/actions/merge.py does it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection
from django.db.models import Field, ForeignKey, UniqueConstraint
from psycopg import sql

from governance.holdings import Model
from governance.models import Person, Seal, Service

# Every column that points at a person, as app.Model.field. Its rows go to the record that stays ...
MOVES = frozenset(
    {
        "casework.Case.person",
        "cohorts.Activity.person",
        "cohorts.ActivityCount.person",
        "cohorts.Candidate.person",
        "cohorts.DataRequestPerson.person",
        "cohorts.LocalNumber.person",
        "cohorts.Referral.person",
        "cohorts.SameDecision.other",
        "cohorts.SameDecision.person",
        "cohorts.UnmatchedRow.person",
        "governance.BreakGlass.person",
        "governance.Consent.person",
        "governance.LegalHold.person",
        "governance.NoticeDelay.person",
        "governance.NoticeGiven.person",
        "governance.Objection.person",
        "governance.OptOut.person",
        "governance.Person.merged_into",
        "governance.SubjectRequest.person",
    }
)
# ... or they stay where they are, for a reason.
STAYS: dict[str, str] = {
    "cohorts.ReplacedRow.person": "what an undo of an extract would put back on that record itself",
    "governance.Correction.person": "says which details of that record were put right",
    "governance.PersonMerge.person": "history of the records themselves",
    "governance.PersonMerge.merged": "history of the records themselves",
    "governance.Seal.person": "a sealed record is not merged; an old seal that was lifted says nothing of the other",
    "governance.SearchKey.person": "the search goes on to the record that stays by itself",
}
# What becomes of rows that stay because the other record has the same, in words.
LATER = {"cohorts.ActivityCount.person": "the next file of the same sender adds both up"}
# Details that the record which stays takes over where it has none. Its identifiers are its own.
FILLS = ("first_name", "last_name", "birth_date", "sex", "ethnicity", "address", "postcode", "phone",
         "gp_practice", "communication_needs", "died_on", "moved_on")  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column that points at a person."""

    model: Model
    field: str

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def column(self) -> str:
        return _column(self.model, self.field)

    @property
    def words(self) -> str:
        """What its rows are called, such as "consents"."""
        return "records merged into it" if self.model is Person else str(self.model._meta.verbose_name_plural)


@dataclass(frozen=True)
class Kind:
    """Rows of one kind: how many go along, and how many stay because the other record has the same already."""

    words: str
    moves: int
    stays: int
    later: str = ""


@cache
def columns() -> tuple[Column, ...]:
    """Every column of the models that points at a person, by name."""
    found = [
        Column(model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is Person
    ]
    return tuple(sorted(found, key=lambda column: column.name))


def moving() -> list[Column]:
    """The columns whose rows a merge moves. One that nobody has decided on is moved; a test asks for a decision."""
    return [column for column in columns() if column.name not in STAYS]


def movable() -> list[tuple[str, str]]:
    """(table, column) of everything a merge may write to."""
    return [(column.table, column.column) for column in moving()]


def rows_to_move(column: Column) -> sql.Composed:
    """A query for the ids of rows to move, with %(merged)s and %(person)s; without those of which both have one."""
    clash = sql.SQL("").join(_clash(column, fields) for fields in _once(column))
    return sql.SQL(
        "SELECT row.{key}::text AS id FROM {table} row WHERE row.{column} = %(merged)s{clash}"
    ).format(
        key=sql.Identifier(str(column.model._meta.pk.column)),
        table=sql.Identifier(column.table),
        column=sql.Identifier(column.column),
        clash=clash,
    )


def preview(person: Person, merged: Person) -> list[Kind]:
    """How many rows of each kind a merge would move, and how many would stay. One query."""
    parts = [
        sql.SQL(
            "SELECT {place}, (SELECT count(*) FROM ({moves}) movable),"
            " (SELECT count(*) FROM {table} WHERE {column} = %(merged)s)"
        ).format(
            place=sql.Literal(place),
            moves=rows_to_move(column),
            table=sql.Identifier(column.table),
            column=sql.Identifier(column.column),
        )
        for place, column in enumerate(moving())
    ]
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        query = sql.SQL(" UNION ALL ").join(parts)
        cursor.execute(query.as_string(cursor.connection), {"person": person.pk, "merged": merged.pk})
        for place, moves, all_of_them in cursor.fetchall():
            counts = found.setdefault(moving()[place].words, [0, 0])
            counts[0] += moves
            counts[1] += all_of_them - moves
    later = {column.words: LATER.get(column.name, "") for column in moving()}
    return [
        Kind(words, moves, stays, later[words])
        for words, (moves, stays) in sorted(found.items())
        if moves or stays
    ]


def fills(person: Person, merged: Person) -> list[str]:
    """The details that the record which stays lacks and the other has."""
    return [name for name in FILLS if not getattr(person, name) and getattr(merged, name)]


def obstacles(service: Service, person: Person, merged: Person) -> list[str]:
    """Why the two cannot be merged now, in sentences."""
    found = []
    if person.pk == merged.pk:
        found.append("This is one record, not two.")
    if person.merged_into_id or merged.merged_into_id:
        found.append("One of the two was merged already. Go on with the record that stands for it.")
    if Seal.objects.standing().filter(person__in=[person, merged]).exists():
        found.append("A record is sealed. Somebody named on it has to lift the seal before.")
    if person.pseudonym and merged.pseudonym and person.pseudonym_issuer_id == merged.pseudonym_issuer_id:
        found.append("The same sender gives them two pseudonyms. Ask the sender whether it is one person.")
    for column, constraint in _one_at_a_time():
        rows = column.model._base_manager.filter(constraint.condition, service=service)
        others = [name for name in constraint.fields if name != column.field]
        has, also = (
            set(rows.filter(**{column.field: each}).values_list(*others)) for each in (person, merged)
        )
        if has & also:
            found.append(
                f"Each record has one of the {column.words} of which a person can have only one at a time. "
                "Bring one of them to its end, then merge."
            )
    return found


def which_stays(one: Person, other: Person) -> tuple[Person, Person]:
    """The record that stays and the one merged into it: extracts find the one with an NHS number, else the older."""
    first, second = sorted((one, other), key=lambda each: (each.nhs_number is None, each.pk))
    return first, second


def merged_into(ids: Sequence[int]) -> list[int]:
    """Ids of the records that were merged into these: they are part of them."""
    return list(Person.objects.filter(merged_into__in=ids).order_by("pk").values_list("pk", flat=True))


def _column(model: Model, name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return str(field.column)


def _unique(model: Model) -> list[UniqueConstraint]:
    return [each for each in model._meta.constraints if isinstance(each, UniqueConstraint)]


def _once(column: Column) -> list[list[str]]:
    """The other columns of each unique constraint that the column is part of."""
    return [
        [_column(column.model, name) for name in each.fields if name != column.field]
        for each in _unique(column.model)
        if column.field in each.fields and each.condition is None
    ]


def _one_at_a_time() -> list[tuple[Column, UniqueConstraint]]:
    """Constraints by which a person has one row at a time, such as one open case."""
    return [
        (column, each)
        for column in moving()
        for each in _unique(column.model)
        if column.field in each.fields and each.condition is not None
    ]


def _clash(column: Column, fields: list[str]) -> sql.Composed:
    same = [sql.SQL("has.{0} IS NOT DISTINCT FROM row.{0}").format(sql.Identifier(each)) for each in fields]
    own = sql.SQL("has.{} = %(person)s").format(sql.Identifier(column.column))
    return sql.SQL(" AND NOT EXISTS (SELECT FROM {} has WHERE {})").format(
        sql.Identifier(column.table), sql.SQL(" AND ").join([own, *same])
    )
