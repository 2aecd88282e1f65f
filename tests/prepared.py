"""A database with every table and wall, made once for each runner, from which others are copied in a moment."""

import os

import psycopg
from psycopg import sql


def copied_from(template: str, name: str) -> None:
    """Make the database `name`, as the owner. Nobody may be signed in to the template."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _as_owner(statement.format(sql.Identifier(name), sql.Identifier(template)))


def dropped(name: str) -> None:
    """There is no database `name` any more."""
    _as_owner(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _as_owner(statement: sql.Composed) -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(statement)
