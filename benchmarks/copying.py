"""A city that was built on SQLite, brought to PostgreSQL: table by table, its indexes made afterwards, its foreign keys set aside
meanwhile (SQLite has checked them)."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Connection, create_engine, Table, text
from sqlalchemy.pool import NullPool

from matchhub.core.db import Base, UtcDateTime

BESIDE = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
"""
NUMBERS = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"


def copy_city(source: Path, url: str) -> None:
    """All rows of the file `source` into a migrated database of the same version, whose own rows go. The user of `url` must be
    allowed to set foreign keys aside (`session_replication_role`)."""
    held = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        indexes = connection.execute(text(BESIDE)).all()
        for name, _ in indexes:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')
        for table in Base.metadata.sorted_tables:
            connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
            _copy(held, connection, table)
        for _, statement in indexes:
            connection.exec_driver_sql(statement)
        for name in connection.scalars(text(NUMBERS)).all():
            last = f'(SELECT max(id) FROM "{name.removesuffix("_id_seq")}")'
            connection.exec_driver_sql(f"SELECT setval('\"{name}\"', coalesce({last}, 1), {last} IS NOT NULL)")
    held.close()


def _copy(held: sqlite3.Connection, connection: Connection, table: Table) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    readings = [_reading(column) for column in table.columns]
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in _rows(held, f'SELECT {names} FROM "{table.name}"', readings):
            copy.write_row(row)


def _rows(held: sqlite3.Connection, statement: str, readings: list[Callable[[Any], Any] | None]) -> Iterator[list[Any]]:
    for row in held.execute(statement):
        yield [
            value if value is None or read is None else read(value) for value, read in zip(row, readings, strict=True)
        ]


def _reading(column: Column[Any]) -> Callable[[Any], Any] | None:
    """What PostgreSQL takes for a value that SQLite holds; None where it is the same."""
    if isinstance(column.type, Boolean):
        return bool
    return (lambda moment: f"{moment}+00") if isinstance(column.type, UtcDateTime) else None
