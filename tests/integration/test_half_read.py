"""A cursor that somebody left half-read must not keep an old snapshot of the database alive."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
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
