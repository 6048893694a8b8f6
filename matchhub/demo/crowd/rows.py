"""Collects plain rows with ids of their own and writes them table by table, parents first."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from matchhub.accounts.enums import Role
from matchhub.core.audit import AuditEvent
from matchhub.core.db import Base

AT_ONCE = 5000
Values = dict[str, Any]


class Rows:
    """Rows by model until `write`. Ids go on from the largest of each table, so that rows can name each other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._next: dict[str, int] = {}
        self._held: dict[type[Base], list[Values]] = defaultdict(list)

    def add(self, model: type[Base], **values: Any) -> int:
        """Hold a row of a table that has an id of its own; the id."""
        identity = self.reserve(model)
        self._held[model].append({"id": identity, **values})
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
        order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
        written = 0
        for model in sorted(self._held, key=lambda model: order[model.__tablename__]):
            rows = self._held[model]
            for first in range(0, len(rows), AT_ONCE):
                session.connection().execute(insert(model), rows[first : first + AT_ONCE])
            written += len(rows)
        self._held.clear()
        if session.get_bind().dialect.name == "postgresql":
            for name, following in self._next.items():
                session.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                    {"name": f'"{name}"', "last": following - 1},
                )
        self._next.clear()  # others may write between two parts
        return written
