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
import psycopg.errors
import psycopg.sql
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections
from django.db.models import QuerySet

P = ParamSpec("P")
# Marks lie far apart, and far from all else: what is reckoned from one is seen to be none of them.
_FIRST_MARK, _APART = -7_000_000_000, 1_000_003
_TYPES = {int: "bigint", datetime.date: "date", datetime.datetime: "timestamptz"}


def asked_once(build: Callable[P, QuerySet[Any, Any]]) -> Callable[P, list[Any]]:
    """A function that answers with the rows of the query set that `build` makes, which it makes only once.

    Rows, whole numbers, days and moments among the arguments are values: each call has its own. A yes or no, None, or
    a function may change the question, so each has a question of its own.

    Raises TypeError for any other argument, and ImproperlyConfigured where something of the first visit would stay in
    the question for ever: a day or moment that is none of the arguments, something reckoned from an argument, or
    what was read from the database while the question was put together.
    """
    questions: dict[tuple[Any, ...], _Question] = {}

    @functools.wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[Any]:
        given = [*args, *kwargs.values()]
        shape = (len(args), *kwargs, *(each if _is_of_the_question(each) else type(each) for each in given))
        if shape not in questions:
            marks = [_mark(each, number) for number, each in enumerate(given)]
            named = dict(zip(kwargs, marks[len(args) :], strict=True))
            with connection.execute_wrapper(_refuse):
                queryset = build(*marks[: len(args)], **named)
            questions[shape] = _Question(queryset, marks, build.__qualname__)
        return questions[shape].rows(given)

    return rows


def _refuse(*args: Any) -> None:
    raise ImproperlyConfigured("A question that is put together once may not read the database meanwhile.")


def _is_of_the_question(argument: object) -> bool:
    return argument is None or isinstance(argument, bool | FunctionType)


def _mark(argument: Any, number: int) -> Any:
    """What stands for an argument while the question is put together."""
    if _is_of_the_question(argument):
        return argument
    if isinstance(argument, datetime.datetime):
        return datetime.datetime(1000, 1, 1, microsecond=number, tzinfo=datetime.UTC)
    if isinstance(argument, datetime.date):
        return datetime.date(1000 + 13 * number, 3, 7)
    if isinstance(argument, int):
        return _FIRST_MARK - _APART * number
    if hasattr(argument, "_meta"):
        # Nothing else of it is there to be read: the question would depend on whose it was first.
        model = argument._meta.model
        return model.from_db("default", [model._meta.pk.attname], [_FIRST_MARK - _APART * number])
    raise TypeError(f"{argument!r} cannot be a value of a question that is put together once.")


# Under which name each session of the database has prepared a question.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], dict["_Question", str]] = WeakKeyDictionary()
_numbers = itertools.count(1)
# The table was changed under a prepared question, or the session has dropped it.
_OUT_OF_STEP = (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidSqlStatementName)


class _Question:
    """One question: prepared once in each session, with the arguments as its parameters."""

    def __init__(self, queryset: QuerySet[Any, Any], marks: list[Any], asks: str) -> None:
        self._queryset = queryset
        self._compiler = queryset.query.get_compiler(queryset.db)
        sql, params = self._compiler.as_sql()
        places = {_value(mark): number for number, mark in enumerate(marks) if not _is_of_the_question(mark)}
        self._places: list[int] = []
        written = []
        for param in params:
            place = places.get(param) if isinstance(param, int | datetime.date) else None
            if place is None and _is_of_a_visit(param):
                raise ImproperlyConfigured(f"{asks} asks with {param}, which is none of its arguments.")
            written.append(self._literal(param) if place is None else self._parameter(place))
        types = [_TYPES[type(_value(marks[place]))] for place in self._places]
        told = f" ({', '.join(types)})" if types else ""
        self._prepare = f"{told} AS {sql % tuple(written)}"
        self._execute = f" ({', '.join(['%s'] * len(types))})" if types else ""

    def _literal(self, value: Any) -> str:
        return str(psycopg.sql.Literal(value).as_string(self._session()))

    def _parameter(self, place: int) -> str:
        if place not in self._places:
            self._places.append(place)
        return f"${self._places.index(place) + 1}"

    def _session(self) -> psycopg.Connection[Any]:
        connection = connections[self._queryset.db]
        connection.close_if_health_check_failed()  # as Django does before a query
        connection.ensure_connection()
        session: psycopg.Connection[Any] = connection.connection
        return session

    def _name(self) -> str:
        names = _prepared.setdefault(self._session(), {})
        if self not in names:
            # Another name each time: what was left half done stands in nobody's way.
            name = f"asked_{next(_numbers)}"
            with connections[self._queryset.db].wrap_database_errors, self._session().cursor() as cursor:
                cursor.execute(f"PREPARE {name}{self._prepare}")  # a state of the session, no query of a page
            names[self] = name
        return names[self]

    def rows(self, given: list[Any]) -> list[Any]:
        try:
            return self._rows(given)
        except DatabaseError as problem:
            if not isinstance(problem.__cause__, _OUT_OF_STEP):
                raise
            _prepared[self._session()].pop(self, None)
            if connections[self._queryset.db].in_atomic_block:
                raise
        return self._rows(given)

    def _rows(self, given: list[Any]) -> list[Any]:
        asked = f"EXECUTE {self._name()}{self._execute}"
        values = [_value(given[place]) for place in self._places]
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[self._queryset.db]
        compiler.as_sql = lambda *args, **kwargs: (asked, values)
        queryset = self._queryset._clone()  # type: ignore[attr-defined]
        queryset.query.get_compiler = lambda *args, **kwargs: compiler
        queryset._known_related_objects = {
            field: {each.pk: each for each in given if isinstance(each, field.related_model)}
            for field in queryset._known_related_objects
        }
        return list(queryset)


def _is_of_a_visit(param: Any) -> bool:
    """Whether a parameter comes, or may come, from the first visit."""
    if isinstance(param, list | tuple | set):
        return any(map(_is_of_a_visit, param))
    if isinstance(param, int) and not isinstance(param, bool):
        return bool(param < _FIRST_MARK // 2)
    return isinstance(param, datetime.date)


def _value(argument: Any) -> Any:
    return argument.pk if hasattr(argument, "_meta") else argument
