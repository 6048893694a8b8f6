"""Collects plain rows with ids of their own and writes them table by table, parents first, as fast as a database takes them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Dialect, func, select, Table, text
from sqlalchemy.orm import Session

from matchhub.accounts.enums import Role
from matchhub.core.audit import AuditEvent
from matchhub.core.db import Base

Values = dict[str, Any]
ABSENT = object()


class Rows:
    """Rows by model until `write`. Ids go on from the largest of each table, so that rows can name each other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._next: dict[str, int] = {}
        self._held: dict[type[Base], list[Values]] = defaultdict(list)

    def add(self, model: type[Base], **values: Any) -> int:
        """Hold a row of a table that has an id of its own; the id."""
        values["id"] = identity = self.reserve(model)
        self._held[model].append(values)
        return identity

    def extend(self, model: type[Base], **values: Any) -> None:
        """Hold a row whose key is among the values: the second half of a joined pair, or a row keyed by others."""
        self._held[model].append(values)

    def trace(self, action: str, model: type[Base], identity: int, by: tuple[int, int], at: datetime) -> None:
        """The audit row of one change, by (organization, person)."""
        self._held[AuditEvent].append(
            {
                "id": self.reserve(AuditEvent), "at": at, "action": action, "actor_user_id": by[1],
                "actor_organization_id": by[0], "actor_role": Role.OWNER.value, "object_type": model.__tablename__,
                "object_id": identity, "details": {}, "request_id": "", "ip": "",
            }
        )  # fmt: skip

    def reserve(self, model: type[Base]) -> int:
        """An id for a row that is still to be put together."""
        name = model.__tablename__
        if name not in self._next:
            self._next[name] = (self._session.scalar(select(func.max(model.__table__.c.id))) or 0) + 1
        self._next[name] += 1
        return self._next[name] - 1

    def write(self, session: Session) -> int:
        """Insert all that is held, parents before children; how many rows. Sequences are set where there are any."""
        connection, order = session.connection(), _places()
        written = 0
        for model in sorted(self._held, key=lambda model: order[model.__tablename__]):
            written += _insert(connection, model.__table__, self._held.pop(model))  # type: ignore[arg-type]
        if connection.dialect.name == "postgresql":
            for name, following in self._next.items():
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                    {"name": f'"{name}"', "last": following - 1},
                )
        self._next.clear()  # others may write between two parts
        return written


def _places() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


def _insert(connection: Connection, table: Table, rows: list[Values]) -> int:
    """As SQLAlchemy would bind and default each value, without its work for each row: that was half of the time.

    Rows of one table say the same columns.
    """
    filled = [_filling(c, c.key in rows[0], connection.dialect) for c in table.columns if _is_filled(c, rows[0])]
    lines = (
        [
            absent if (value := row.get(name, ABSENT)) is ABSENT else value if bind is None else bind(value)
            for name, absent, bind in filled
        ]
        for row in rows
    )
    names = ", ".join(f'"{name}"' for name, _, _ in filled)
    if connection.dialect.name == "postgresql":
        _copy(connection, f'COPY "{table.name}" ({names}) FROM STDIN', lines)
    else:
        insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(filled))})'
        connection.exec_driver_sql(insert, [tuple(line) for line in lines])
    return len(rows)


def _copy(connection: Connection, statement: str, lines: Iterator[list[Any]]) -> None:
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for line in lines:
            copy.write_row(line)


def _is_filled(column: Column[Any], row: Values) -> bool:
    return column.key in row or column.default is not None or column.server_default is None


def _filling(column: Column[Any], is_said: bool, dialect: Dialect) -> tuple[str, Any, Callable[[Any], Any] | None]:
    """(name, what the database is given where a row is silent, how it is given what a row says)."""
    bind: Any = column.type.dialect_impl(dialect).bind_processor(dialect)
    default: Any = column.default
    if is_said or default is None:
        return column.name, None, bind
    value = default.arg if default.is_scalar else default.arg(None)
    return column.name, value if bind is None else bind(value), bind
