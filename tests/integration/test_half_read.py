"""What SQLite's connections must keep straight: cursors left half-read, and which of them may write."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import CursorResult, Engine
from sqlalchemy.exc import OperationalError

from matchhub.core.engine import engine_options, prepare_engine, WRITE


def busy_after_a_half_read(engine: Engine) -> bool:
    """Read one row of many and drop the connection; write elsewhere; then begin a write on the first connection."""
    with engine.connect().execution_options(**{WRITE: True}) as setup:
        setup.execute(text("CREATE TABLE t (n INTEGER)"))
        setup.execute(
            text(
                "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000) SELECT n FROM c"
            )
        )
        setup.commit()
    first = engine.connect()
    second = engine.connect()
    kept: CursorResult[int] = first.execute(text("SELECT n FROM t ORDER BY n"))
    cursor = kept.cursor
    assert cursor is not None
    cursor.fetchone()
    kept._soft_close = lambda hard=False: None  # type: ignore[method-assign, assignment]  # the careless caller
    first.close()
    with second.execution_options(**{WRITE: True}) as other:
        other.execute(text("INSERT INTO t VALUES (0)"))
        other.commit()
    again = [engine.connect().execution_options(**{WRITE: True}) for _ in range(2)]
    try:
        for connection in again:
            connection.execute(text("SELECT 1"))
            connection.rollback()
            connection.close()
    except OperationalError as error:
        return "locked" in str(error)
    return False


@pytest.mark.parametrize(("tidy", "expected"), [(True, False), (False, True)], ids=["guarded", "control"])
def test_a_half_read_cursor_does_not_block_the_next_write(tmp_path: Path, tidy: bool, expected: bool) -> None:
    url = f"sqlite:///{tmp_path / 'half.db'}"
    options = engine_options(url) if tidy else {}
    engine = create_engine(url, **options)
    prepare_engine(engine, wait_seconds=2)

    assert busy_after_a_half_read(engine) is expected


def test_reads_say_only_once_that_they_are_reads(tmp_path: Path) -> None:
    """The pragma makes SQLite prepare every statement of the connection anew, so it is said where it changes."""
    url = f"sqlite:///{tmp_path / 'reads.db'}"
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine, wait_seconds=2)
    said: list[str] = []
    event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(said.append))

    for write in (False, False, True, False):
        with engine.connect().execution_options(**{WRITE: write}) as connection:
            connection.execute(text("SELECT 1"))

    pragmas = [statement for statement in said if "query_only" in statement]
    assert pragmas == ["PRAGMA query_only=ON", "PRAGMA query_only=OFF", "PRAGMA query_only=ON"]


def test_a_read_after_a_write_on_the_same_connection_cannot_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'guard.db'}"
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine, wait_seconds=2)
    with engine.connect().execution_options(**{WRITE: True}) as writer:
        writer.execute(text("CREATE TABLE t (n INTEGER)"))
        writer.commit()

    with engine.connect() as reader, pytest.raises(OperationalError, match="readonly"):
        reader.execute(text("INSERT INTO t VALUES (1)"))
