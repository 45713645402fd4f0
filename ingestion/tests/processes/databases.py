"""A migrated database for each test: migrated once, then copied."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from ingestion.tests.processes.programs import REPOSITORY


def as_owner(database: str) -> str:
    """The URL by which the owner of the tables reaches this database."""
    return _in(os.environ["DATABASE_OWNER_URL"], database)


def as_application(database: str) -> str:
    """The URL by which the product reaches it: the tests themselves run as the owner."""
    run_dir = REPOSITORY / (os.environ.get("RUN_DIR") or ".run/test")
    pairs = shlex.split((run_dir / "env").read_text())
    return _in(dict(pair.split("=", 1) for pair in pairs)["DATABASE_URL"], database)


@contextmanager
def new_database(name: str, *, template: str = "template1") -> Iterator[str]:
    """A database by this name, made as a copy of `template` and dropped in the end."""
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    _execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
    try:
        yield name
    finally:
        _execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


def _execute(statement: sql.Composed) -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(statement)


def _in(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()
