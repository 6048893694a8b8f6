"""A simulated past: what happens is laid on a line and then played in order, each thing at its own moment."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from matchhub.core.audit import AuditEvent
from matchhub.core.db import db, Timestamped, unit_of_work

Action = Callable[..., None]  # takes its arguments and `now`
EVENTS_A_TRANSACTION = 1000


class Timeline:
    """Actions by moment. What would lie after the present is simply not played: it is still to come."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Action, tuple[Any, ...]]] = []
        self._number = count()
        self.moment: datetime | None = None

    def at(self, moment: datetime, action: Action, *given: Any) -> None:
        """Let `action(*given, now=moment)` happen at `moment`; an action may lay down further ones."""
        heapq.heappush(self._waiting, (moment, next(self._number), action, given))

    def play(self, *, until: datetime) -> int:
        """Everything up to `until`, in order, many actions a transaction; how many there were."""
        played = 0
        while self._waiting and self._waiting[0][0] <= until:
            with unit_of_work() as session, self._past(session):
                for _ in range(EVENTS_A_TRANSACTION):
                    if not self._waiting or self._waiting[0][0] > until:
                        break
                    self.moment, _, action, given = heapq.heappop(self._waiting)
                    action(*given, now=self.moment)
                    session.flush()
                    played += 1
        return played

    @contextmanager
    def _past(self, session: Session) -> Iterator[None]:
        """Rows made or changed meanwhile bear the simulated moment; what was read once stays in memory.

        The session forgets what nobody holds: without `held` each action would read its rows anew (three times slower).
        """
        held: list[object] = []

        def hold(_: Session, row: object) -> None:
            held.append(row)

        listeners = (("before_flush", self._stamp), ("loaded_as_persistent", hold), ("pending_to_persistent", hold))
        for name, listener in listeners:
            event.listen(session, name, listener)
        try:
            yield
            db.session.flush()
        finally:
            for name, listener in listeners:
                event.remove(session, name, listener)

    def _stamp(self, session: Session, *_: Any) -> None:
        moment = self.moment
        assert moment is not None
        for row in session.new:
            if isinstance(row, AuditEvent):
                row.at = row.at or moment
            elif isinstance(row, Timestamped):
                row.created_at, row.updated_at = row.created_at or moment, row.updated_at or moment
        for row in session.dirty:
            if isinstance(row, Timestamped) and session.is_modified(row):
                row.updated_at = moment
