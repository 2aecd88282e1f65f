"""Questions to the database that are put together once a process, and asked again with other values.

A page of a case asks for thirty facts at once. Django takes longer to write that question down than PostgreSQL to
answer it, and PostgreSQL longer to plan it; both would do the same work on every visit (ADR 0023).
"""

import copy
import datetime
import functools
import itertools
from collections.abc import Callable
from types import FunctionType
from typing import Any, ParamSpec
from weakref import WeakKeyDictionary

import psycopg
import psycopg.sql
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.models import QuerySet

P = ParamSpec("P")
_FIRST_MARK = -7_000_000_000
_TYPES = {int: "bigint", datetime.date: "date", datetime.datetime: "timestamptz"}


def asked_once(build: Callable[P, QuerySet[Any, Any]]) -> Callable[P, list[Any]]:
    """A function that answers with the rows of the query set that `build` makes, which it makes only once.

    Rows, whole numbers, days and moments among the arguments are values: each call has its own. A yes or no, None, or
    a function may change the question, so each has a question of its own.

    Raises TypeError for any other argument, and ImproperlyConfigured where a day or moment in the question is none of
    the arguments: it would be that of the first visit for ever.
    """
    questions: dict[tuple[Any, ...], _Question] = {}

    @functools.wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[Any]:
        given = [*args, *kwargs.values()]
        shape = (len(args), *kwargs, *(each if _is_of_the_question(each) else type(each) for each in given))
        if shape not in questions:
            marks = [_mark(each, number) for number, each in enumerate(given)]
            named = dict(zip(kwargs, marks[len(args) :], strict=True))
            queryset = build(*marks[: len(args)], **named)
            questions[shape] = _Question(queryset, marks, build.__qualname__)
        return questions[shape].rows(given)

    return rows


def _is_of_the_question(argument: object) -> bool:
    return argument is None or isinstance(argument, bool | FunctionType)


def _mark(argument: Any, number: int) -> Any:
    """What stands for an argument while the question is put together."""
    if _is_of_the_question(argument):
        return argument
    if isinstance(argument, datetime.datetime):
        return datetime.datetime(1000, 1, 1, microsecond=number, tzinfo=datetime.UTC)
    if isinstance(argument, datetime.date):
        # So far apart that one counted on from another is none of them.
        return datetime.date(1000 + 13 * number, 3, 7)
    if isinstance(argument, int):
        return _FIRST_MARK - number
    if hasattr(argument, "_meta"):
        # Nothing else of it is there to be read: the question would depend on whose it was first.
        model = argument._meta.model
        return model.from_db("default", [model._meta.pk.attname], [_FIRST_MARK - number])
    raise TypeError(f"{argument!r} cannot be a value of a question that is put together once.")


# Which questions each session of the database has prepared.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[str]] = WeakKeyDictionary()
_numbers = itertools.count(1)


class _Question:
    """One question: prepared once in each session, with the arguments as its parameters."""

    def __init__(self, queryset: QuerySet[Any, Any], marks: list[Any], asks: str) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(queryset.db)
        self._name = f"asked_{next(_numbers)}"
        sql, params = self._compiler.as_sql()
        places = {_value(mark): number for number, mark in enumerate(marks) if not _is_of_the_question(mark)}
        self._places: list[int] = []
        written = []
        for param in params:
            place = places.get(param) if isinstance(param, int | datetime.date) else None
            if place is None and isinstance(param, datetime.date):
                raise ImproperlyConfigured(f"{asks} asks with {param}, which is none of its arguments.")
            written.append(self._literal(param) if place is None else self._parameter(place))
        types = [_TYPES[type(_value(marks[place]))] for place in self._places]
        told = f" ({', '.join(types)})" if types else ""
        self._prepare = f"PREPARE {self._name}{told} AS {sql % tuple(written)}"
        self._execute = f"EXECUTE {self._name}" + (f" ({', '.join(['%s'] * len(types))})" if types else "")

    def _literal(self, value: Any) -> str:
        return str(psycopg.sql.Literal(value).as_string(self._session()))

    def _parameter(self, place: int) -> str:
        if place not in self._places:
            self._places.append(place)
        return f"${self._places.index(place) + 1}"

    def _session(self) -> psycopg.Connection[Any]:
        connection = connections[self._queryset.db]
        connection.ensure_connection()
        session: psycopg.Connection[Any] = connection.connection
        return session

    def _be_prepared(self) -> None:
        session = self._session()
        if self._name not in (names := _prepared.setdefault(session, set())):
            with session.cursor() as cursor:  # no query of a page, but a state of the session
                cursor.execute(self._prepare)
            names.add(self._name)

    def rows(self, given: list[Any]) -> list[Any]:
        self._be_prepared()
        values = [_value(given[place]) for place in self._places]
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[self._queryset.db]
        compiler.as_sql = lambda *args, **kwargs: (self._execute, values)
        queryset = self._queryset._clone()  # type: ignore[attr-defined]
        queryset.query.get_compiler = lambda *args, **kwargs: compiler
        queryset._known_related_objects = {
            field: {each.pk: each for each in given if isinstance(each, field.related_model)}
            for field in queryset._known_related_objects
        }
        return list(queryset)


def _value(argument: Any) -> Any:
    return argument.pk if hasattr(argument, "_meta") else argument
