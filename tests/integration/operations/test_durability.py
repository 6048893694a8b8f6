"""What was acknowledged survives a kill; nothing of the database is open before a process forks."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from matchhub.core import ledger
from matchhub.core.db import begin_write, db, finish, unit_of_work
from matchhub.core.ledger import SecurityEvent
from matchhub.core.policy import ANONYMOUS
from matchhub.core.web import App
from tests.databases import make_app, SqliteDatabase

KILLS = 20
WRITER = """
import sys
from flask import Flask
from sqlalchemy import text
from matchhub.core.db import db, unit_of_work
from matchhub.core.engine import prepare_engine

app, turn = Flask("probe"), int(sys.argv[2])
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{sys.argv[1]}"
db.init_app(app)
insert = text("INSERT INTO kill_probe VALUES (:turn, :number, :half)")
with app.app_context():
    prepare_engine(db.engine, wait_seconds=5)
    for number in range(10**9):
        with unit_of_work() as session:
            for half in ("a", "b"):
                session.execute(insert, {"turn": turn, "number": number, "half": half})
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "probe.db"
    with closing(sqlite3.connect(file)) as probe:
        probe.execute("CREATE TABLE kill_probe (round INTEGER, number INTEGER, half TEXT)")
    acknowledged: dict[int, int] = {}
    for turn in range(KILLS):
        start = [sys.executable, "-c", WRITER, str(file), str(turn)]
        writer = subprocess.Popen(start, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
        assert writer.stdout is not None
        for _ in range(3 + turn % 7):
            line = writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.wait()
        acknowledged[turn] = int(rest[-1] if rest else line)

    with closing(sqlite3.connect(file)) as probe:
        rows = set(probe.execute("SELECT round, number, half FROM kill_probe"))
        assert probe.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    lost = [(turn, n) for turn, last in acknowledged.items() for n in range(last + 1) if (turn, n, "a") not in rows]
    halves = {(turn, n) for turn, n, _ in rows if ((turn, n, "a") in rows) != ((turn, n, "b") in rows)}
    assert lost == []
    assert halves == set()


def open_files(folder: Path) -> list[str]:
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(os.readlink(descriptor))
        except OSError:
            continue
    return [link for link in links if link.startswith(str(folder))]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_creating_the_application_opens_nothing(tmp_path: Path) -> None:
    SqliteDatabase(tmp_path)

    app = make_app(tmp_path)
    assert open_files(tmp_path) == []

    with app.app_context():  # the control: a query does open it
        db.session.connection()
        assert open_files(tmp_path) != []
        db.session.remove()
        db.engine.dispose()


def test_the_ledger_refuses_to_write_inside_a_write(app: App) -> None:
    begin_write()
    try:
        with pytest.raises(RuntimeError, match="end the write phase"):
            ledger.write_now(lambda session: session.add(SecurityEvent(kind="x")))
    finally:
        finish(commit=False)


def test_the_ledger_survives_the_refusal_that_it_is_about(app: App) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        ledger.security_event(ANONYMOUS, "forbidden")
        raise RuntimeError
    ledger.flush()

    assert [row.kind for row in db.session.query(SecurityEvent)] == ["forbidden"]
