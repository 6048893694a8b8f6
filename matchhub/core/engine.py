"""How the database is spoken to: pragmas, read-only by default, and a fair queue before SQLite's one writer."""

import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from matchhub.core import errors
from matchhub.core.labels import N_

WRITE = "matchhub_write"
MAPPED_BYTES = 2**31 - 65_536  # what is read of a large city is looked at where the system keeps it, not copied
BUSY_TIMEOUT_MS = 10_000
ASK_AFTER_SECONDS = 30.0  # a connection may have been closed by what stands between us and the server
STATEMENTS_KEPT = 2_000  # more than all pages have, so that none is put together or prepared twice


def busy() -> errors.Busy:
    """The polite answer when a write could not start in time."""
    return errors.Busy(N_("人多，几秒后再试，内容还在"))


def is_lock_timeout(error: OperationalError) -> bool:
    """Whether the database gave up waiting for a lock (SQLite: busy; PostgreSQL: lock timeout, deadlock)."""
    return "database is locked" in str(error.orig) or getattr(error.orig, "sqlstate", "") in ("55P03", "40P01")


def is_disconnect(error: BaseException) -> bool:
    """Whether the server went away under the statement: the connection, and all older ones of the pool, are given up."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


class TidyConnection(sqlite3.Connection):
    """Knows its cursors, so that none outlives the transaction: a half-read cursor keeps an old snapshot, and on an old
    snapshot SQLite refuses to begin a write (SQLITE_BUSY_SNAPSHOT), whatever the timeout."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:  # as its parent: the caller may name a factory
        found = super().cursor(*args, **kwargs)
        self._cursors.add(found)
        return found

    def close_cursors(self) -> None:
        """Close what a caller left open."""
        for found in list(self._cursors):
            found.close()


class FairLock:
    """A lock that is handed over in the order of arrival, with a limit to the wait (`threading.Lock` is not fair)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def acquire(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds; False when it was not handed over in time."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout):
            return True
        with self._guard:
            if turn.is_set():
                return True
            self._waiting.remove(turn)
        return False

    def release(self) -> None:
        """Hand the lock to whoever has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def engine_options(url: str) -> dict[str, Any]:
    """How an engine for `url` is created."""
    shared: dict[str, Any] = {"pool_size": 20, "query_cache_size": STATEMENTS_KEPT}
    if url.startswith("sqlite"):
        kept = {"factory": TidyConnection, "cached_statements": STATEMENTS_KEPT}
        return {**shared, "connect_args": kept}
    return shared


def prepare_engine(engine: Engine, *, wait_seconds: float) -> None:
    """Make `engine` read-only by default, and writes immediate, fair and durable. Call once, before the first connect."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, FairLock(), wait_seconds)
    else:
        _prepare_postgresql(engine, wait_seconds)


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "cache_size=-32000",
    "temp_store=MEMORY",
    f"mmap_size={MAPPED_BYTES}",
)


def _connected_to_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_query_only(connection: Connection, value: str) -> None:
    """Say it only where it changes: this pragma makes SQLite prepare every statement of the connection anew."""
    driver = connection.connection.driver_connection
    if driver is not None and connection.info.get("query_only") != value:
        driver.execute(f"PRAGMA query_only={value}")  # no query of anybody's, so no listener counts it
        connection.info["query_only"] = value


def _prepare_sqlite(engine: Engine, lock: FairLock, wait_seconds: float) -> None:
    def begun(connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITE):
            _set_query_only(connection, "ON")
            connection.exec_driver_sql("BEGIN")
            return
        if not lock.acquire(wait_seconds):
            raise busy()
        connection.info["write_lock"] = lock
        _set_query_only(connection, "OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def returned(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if isinstance(connection, TidyConnection):
            connection.close_cursors()
        held = record.info.pop("write_lock", None)
        if held is not None:
            held.release()

    event.listen(engine, "connect", _connected_to_sqlite)
    event.listen(engine, "begin", begun)
    event.listen(engine, "checkin", returned)


def _ask_after_rest(engine: Engine) -> None:
    """Ask a pooled connection whether it still lives only when it has rested: to ask each time is a query a page."""

    def lent(connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("rested_since", 0.0) < ASK_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another

    def returned(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["rested_since"] = time.monotonic()

    event.listen(engine, "checkout", lent)
    event.listen(engine, "checkin", returned)


class ColumnsIfAsked(Sequence[Any]):
    """What the driver tells of a result's columns, found when somebody looks: of a statement that ran before nobody does."""

    def __init__(self, find: Callable[[], Sequence[Any]]) -> None:
        self._find = find

    def __len__(self) -> int:
        return len(self._find())

    def __getitem__(self, place: Any) -> Any:
        return self._find()[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._find())


def _quick_cursor() -> type[Any]:
    """The driver's cursor, which describes forty columns only to who asks for one."""
    from psycopg import Cursor  # noqa: PLC0415 -- only where there is a PostgreSQL
    from psycopg.pq import ExecStatus  # noqa: PLC0415

    class QuickCursor(Cursor[Any]):
        @property
        def description(self) -> Any:
            found = self.pgresult
            if found is None or found.status != ExecStatus.TUPLES_OK:
                return super().description
            return ColumnsIfAsked(lambda: super(QuickCursor, self).description or ())

    return QuickCursor


def _let_go_of_old_plans(engine: Engine) -> None:
    """What was prepared before a column changed its type is refused for as long as its connection lives (SQLSTATE 0A000: cached
    plan must not change result type): such a connection counts as lost, so that a read asks again on a new one."""

    def failed(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", "") == "0A000":
            context.is_disconnect = True

    event.listen(engine, "handle_error", failed)


def _prepare_postgresql(engine: Engine, wait_seconds: float) -> None:
    """A read says neither BEGIN nor ROLLBACK: each query sees what is committed when it begins, as it would between them, and
    after a ROLLBACK the driver forgets what it has prepared. The session refuses to write; only BEGIN READ WRITE may."""
    quick = _quick_cursor()

    def connected(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rested_since"] = time.monotonic()
        connection.prepared_max = STATEMENTS_KEPT  # its own 100 are fewer than a role's pages have
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {int(wait_seconds * 1000)}")
        cursor.execute("SET idle_in_transaction_session_timeout = 60000")
        cursor.execute("SET default_transaction_read_only = on")
        cursor.close()
        connection.commit()
        connection.read_only = False  # of what begins with BEGIN: writes alone
        connection.cursor_factory = quick

    def begun(connection: Connection) -> None:
        """The driver says BEGIN READ WRITE with the first query of a write, and nothing before those of a read."""
        driver: Any = connection.connection.driver_connection
        reads = not connection.get_execution_options().get(WRITE)
        if driver is not None and driver.autocommit is not reads:
            driver.autocommit = reads

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    _ask_after_rest(engine)
    _let_go_of_old_plans(engine)
