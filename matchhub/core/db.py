"""The database: one declarative base, read-only until a service writes, and one place that commits.

Every session starts read-only. A service (see `writes`) ends the read, takes the write lock, begins a write transaction
and works on reloaded rows. `finish` is the only function that commits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, UTC
from enum import StrEnum
from functools import wraps
from typing import Any, cast, ParamSpec, TypeVar

from flask_sqlalchemy import session as flask_session  # these two lines alone know Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Select,
    text,
    TypeDecorator,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, declared_attr, Mapped, mapped_column, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from matchhub.core.engine import busy, is_lock_timeout, WRITE

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=StrEnum)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of MatchHub."""

    metadata = MetaData(naming_convention=NAMES)


class QuickSession(flask_session.Session):
    """A session that hands what only reads columns to the connection: the steps on the way to objects are a third of such a
    query, and lists ask up to ten. What loads objects, and all that a write does, goes the whole way."""

    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Engine | Connection | None = None, **more: Any
    ) -> Engine | Connection:
        """The one database that there is."""
        return self._db.engine if bind is None else bind

    def execute(self, statement: Any, params: Any = None, **more: Any) -> Any:
        if more or not self._only_reads(statement):
            return super().execute(statement, params, **more)
        return self.connection().execute(statement, params)

    def scalars(self, statement: Any, params: Any = None, **more: Any) -> Any:
        if more or not self._only_reads(statement):
            return super().scalars(statement, params, **more)
        return self.connection().execute(statement, params).scalars()

    def scalar(self, statement: Any, params: Any = None, **more: Any) -> Any:
        if more or not self._only_reads(statement):
            return super().scalar(statement, params, **more)
        return self.connection().execute(statement, params).scalar()

    def _only_reads(self, statement: Any) -> bool:
        """Whether there is nothing to write first, and nothing but columns to read."""
        if type(statement) is not Select or self.info.get("writing"):
            return False
        return all(isinstance(column, ColumnElement) for column in statement._raw_columns)


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": True, "class_": QuickSession})


def _utc_of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


def _utc_of_moment(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC; naive values are refused (SQLite would hand them back naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Straight from what the driver gives: a list reads hundreds of times, so no step may stand between."""
        return _utc_of_text if dialect.name == "sqlite" else _utc_of_moment


def enum_type(kind: type[E]) -> Enum:
    """Values, not names, as short text: PostgreSQL's own enumerations cannot be migrated back."""
    return Enum(
        kind,
        native_enum=False,
        length=32,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
    )


def state_column(default: E, *, is_indexed: bool = True) -> Mapped[E]:
    """The column of a state machine, starting at `default`; not indexed alone where a longer index begins with it."""
    return mapped_column(enum_type(type(default)), default=default, index=is_indexed)


class unindexed(FunctionElement[Any]):  # noqa: N801 -- called as a function
    """A column of which SQLite does not ask an index: it keeps no statistics and would begin with the many rows that share a
    value, not with the few that are asked for or in the order in which a page shows them. PostgreSQL knows how many there are."""

    inherit_cache = True

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed)
def _as_it_is(element: unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(unindexed, "sqlite")
def _without_index(element: unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"


def only_where(condition: str) -> dict[str, Any]:
    """Arguments that make an index partial on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Timestamped:
    """When the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=lambda: datetime.now(UTC), onupdate=lambda: datetime.now(UTC)
    )


class Versioned:
    """A row that two people may change at once: the second finds its version gone and is told politely."""

    version: Mapped[int] = mapped_column(Integer, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def begin_write() -> None:
    """End the read, take the write lock, begin a write transaction; a no-op when one is open already."""
    session = db.session()
    if session.info.get("writing"):
        return
    session.rollback()
    session.expire_all()
    session.info["writing"] = True
    try:
        session.connection(execution_options={WRITE: True})
    except OperationalError as error:
        finish(commit=False)
        raise busy() from error
    except Exception:
        finish(commit=False)
        raise


def writes(service: Callable[P, R]) -> Callable[P, R]:
    """A service that changes rows: runs in the write phase, on reloaded rows.

    What it was given was read before the lock; ending the read expires it, so every attribute is read again.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        begin_write()
        return service(*args, **kwargs)

    run.__writes__ = True  # type: ignore[attr-defined]  # read by the architecture tests
    return run


def hold(row: Base) -> None:
    """Inside a write: read the row again and keep it until the end, so that who comes second sees what the first did.

    Of this row alone: what is read along with it belongs to others, who take their locks in an order of their own. (SQLite
    has one writer anyway.) Without it the version column still refuses the second, but cannot say what happened.
    """
    db.session.flush()  # what this write has changed already must not be read over
    db.session.refresh(row, with_for_update={"of": type(row)})


def writing() -> bool:
    """Whether the write phase is open."""
    return bool(db.session().info.get("writing"))


def finish(*, commit: bool) -> None:
    """End the transaction, for good or for nothing. The one place that commits."""
    session = db.session()
    try:
        if commit and session.info.get("writing"):
            session.commit()
        else:
            session.rollback()
    except OperationalError as error:
        session.rollback()
        if is_lock_timeout(error):
            raise busy() from error
        raise
    except Exception:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A write outside a request (worker, command line, tests): committed at the end, rolled back on any error."""
    begin_write()
    try:
        yield cast(Session, db.session())
    except BaseException:
        finish(commit=False)
        raise
    finish(commit=True)
