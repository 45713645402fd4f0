"""Many rows at once: binary COPY on Django's own connection, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model
from psycopg import sql
from psycopg.types.json import set_json_dumps

from reconciliation.json_text import dumps


def copy_rows(model: type[Model], rows: Collection[Sequence[Any]]) -> None:
    """Insert `rows`, each with a value for every column of `written_columns(model)`, in order.

    Values are what psycopg adapts to the column's type: a number to a
    `DecimalField` must be a Decimal, a value of a `JSONField` is what JSON can
    say. Raises django.db.IntegrityError when a row breaks a constraint.
    """
    if rows:
        _copy(model, sql.Identifier(model._meta.db_table), rows)


def upsert_rows(model: type[Model], rows: Collection[Sequence[Any]]) -> None:
    """Insert `rows` or, where the primary key is there already, overwrite them."""
    if not rows:
        return
    columns = [sql.Identifier(name) for name in written_columns(model)]
    table = sql.Identifier(model._meta.db_table)
    incoming = sql.Identifier(f"incoming_{model._meta.db_table}")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DELETE ROWS"
            ).format(incoming, table)
        )
        _copy(model, incoming, rows)
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM {incoming} "
                "ON CONFLICT ({key}) DO UPDATE SET {changes}"
            ).format(
                table=table,
                columns=sql.SQL(", ").join(columns),
                incoming=incoming,
                key=_key(model),
                changes=sql.SQL(", ").join(
                    sql.SQL("{0} = excluded.{0}").format(column) for column in columns
                ),
            )
        )
        cursor.execute(sql.SQL("TRUNCATE {}").format(incoming))


def delete_rows(model: type[Model], keys: Collection[Any]) -> None:
    """Delete the rows of these primary keys; a key without a row is fine."""
    if not keys:
        return
    delete = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)")
    with connection.cursor() as cursor:
        cursor.execute(
            delete.format(sql.Identifier(model._meta.db_table), _key(model)), [list(keys)]
        )


def _key(model: type[Model]) -> sql.Identifier:
    assert model._meta.pk is not None and model._meta.pk.column is not None
    return sql.Identifier(model._meta.pk.column)


@cache
def written_columns(model: type[Model]) -> tuple[str, ...]:
    """The columns that a row is given for: all but numbers made by the database and generated."""
    return tuple(str(field.column) for field in _written_fields(model))


def _written_fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, AutoField) and not field.generated
    ]


@cache
def _types(model: type[Model]) -> tuple[str, ...]:
    return tuple(_type_name(field) for field in _written_fields(model))


def _type_name(field: Field[Any, Any]) -> str:
    """Without its size: `numeric` of `numeric(19, 4)`, `bytea[]` of `bytea[2][]`."""
    name = field.db_type(connection)
    assert name is not None
    return name.split("(")[0].split("[")[0] + ("[]" if "[" in name else "")


def _copy(model: type[Model], table: sql.Identifier, rows: Iterable[Sequence[Any]]) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in written_columns(model))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, columns)
    # `copy` is psycopg's own: Django translates its errors only when told to.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        set_json_dumps(dumps, cursor.cursor)
        with cursor.copy(statement) as copy:
            copy.set_types(_types(model))
            write_row = copy.write_row
            for row in rows:
                write_row(row)
