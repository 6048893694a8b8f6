"""The write phase: read-only until a service writes, one commit, lost races told politely."""

from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from matchhub.accounts.models import Organization
from matchhub.accounts.views import notices as views
from matchhub.core import engine
from matchhub.core.db import db, finish, hold, unit_of_work
from matchhub.core.engine import WRITE
from matchhub.core.web import App
from matchhub.listings.models import EquityNeed
from tests.cast import browser, Cast, stored
from tests.integration.pairs import need_of


def test_a_session_is_read_only_until_a_service_writes(app: App) -> None:
    with pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE installation SET city_name = 'x'"))


def test_a_unit_of_work_commits(app: App, people: Cast) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).short_name = "新星河"

    assert stored(Organization, people.xinghe.organization_id, lambda o: o.short_name) == "新星河"


def test_an_error_in_a_unit_of_work_leaves_nothing_behind(app: App, people: Cast) -> None:
    with pytest.raises(RuntimeError), unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).short_name = "新星河"
        session.flush()
        raise RuntimeError

    assert stored(Organization, people.xinghe.organization_id, lambda o: o.short_name) == "星河科技"


def test_after_a_write_the_session_reads_only_again(app: App, people: Cast) -> None:
    with unit_of_work():
        pass
    with pytest.raises(DBAPIError):
        db.session.execute(text("DELETE FROM membership"))


def test_holding_a_row_keeps_what_the_same_write_has_changed(app: App, people: Cast) -> None:
    with unit_of_work() as session, session.no_autoflush:
        row = session.get_one(Organization, people.xinghe.organization_id)
        row.short_name = "新星河"
        hold(row)

    assert stored(Organization, people.xinghe.organization_id, lambda o: o.short_name) == "新星河"


def test_holding_a_row_leaves_alone_what_is_read_along_with_it(app: App, people: Cast) -> None:
    """Else two people who hold their own rows of one parent wait for each other, and cross with who holds the parent first."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a file has one writer")
    with unit_of_work():
        need = need_of(people.xinghe.organization_id, "新材料-0007")
        db.session.add(need)
        db.session.flush()
        identity, owner = need.id, need.organization_id
    free = text("SELECT id FROM organization WHERE id = :id FOR UPDATE NOWAIT")
    held = text("SELECT id FROM need WHERE id = :id FOR UPDATE NOWAIT")
    with unit_of_work() as session:
        hold(session.get_one(EquityNeed, identity))
        with db.engine.connect().execution_options(**{WRITE: True}) as other:
            assert other.scalar(free, {"id": owner}) == owner
        with db.engine.connect().execution_options(**{WRITE: True}) as other, pytest.raises(OperationalError):
            other.scalar(held, {"id": identity})


def test_a_connection_that_died_while_it_rested_is_replaced(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a file does not hang up")
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        held = connection.connection.driver_connection
    assert held is not None
    held.close()  # as a server does that restarts
    monkeypatch.setattr(engine, "ASK_AFTER_SECONDS", 0.0)

    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_request_right_after_a_restart_is_answered(app: App, people: Cast) -> None:
    member, stranger = browser(app, people.xinghe.id), app.test_client()
    asked = (
        lambda: member.get("/account"),  # the restart is met before the view
        lambda: stranger.get("/events"),  # in the view
        lambda: member.post("/notices/readings"),  # before anything was written
    )
    answers = []
    for ask in asked:
        ask()
        hang_up(app)
        answers.append(ask().status_code)

    assert answers == [200, 200, 302]


def test_the_statement_that_meets_a_restart_fails_without_the_second_try(app: App, people: Cast) -> None:
    with db.engine.connect() as connection:
        connection.scalar(text("SELECT 1"))
    db.session.remove()
    hang_up(app)

    with pytest.raises(DBAPIError) as failed, db.engine.connect() as connection:
        connection.scalar(text("SELECT 1"))

    assert engine.is_disconnect(failed.value)


def test_a_write_that_meets_a_restart_says_to_look_first(
    app: App, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = browser(app, people.xinghe.id)
    before = views.services.read_all_notices

    def cut_off(**given: object) -> None:
        before(**given)
        hang_up(app)

    monkeypatch.setattr(views.services, "read_all_notices", cut_off)
    answer = member.post("/notices/readings")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "先看看有没有存上" in answer.text


def hang_up(app: App) -> None:
    """What a restart does to the connections that are open. A file has no server."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a file does not hang up")
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    other = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    with other.connect() as connection:
        connection.execute(ended)


def test_a_request_right_after_a_column_changed_its_type_is_answered(app: App, people: Cast) -> None:
    """What was prepared before is refused from then on: an update of the city would leave the pages broken."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a file has no statements prepared on a server")
    column = Organization.__table__.c.name
    member = browser(app, people.xinghe.id)
    for _ in range(7):  # the driver prepares what it has seen five times
        member.get("/account")
    retype(app, "organization", "name", "text")
    try:
        answers = [member.get("/account").status_code for _ in range(2)]
    finally:
        retype(app, "organization", "name", column.type.compile(db.engine.dialect))
        db.session.remove()
        db.engine.dispose()

    assert answers == [200, 200]


def retype(app: App, table: str, column: str, kind: str) -> None:
    """What an update of the city does to a column."""
    other = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    with other.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}"))


def test_what_a_read_has_prepared_stays_prepared(app: App) -> None:
    """A ROLLBACK makes the driver forget it: a read says none, and no BEGIN either; a write says both."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite keeps statements by itself")
    db.session.remove()
    for _ in range(7):  # the driver prepares what it has seen five times
        db.session.scalar(text("SELECT count(*) FROM membership"))
        finish(commit=True)
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM membership'")
    assert db.session.scalar(prepared) == 1
    assert says_no_begin(db.session.connection())
    with unit_of_work() as session:
        assert not says_no_begin(session.connection())
    with pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE installation SET city_name = 'x'"))


def says_no_begin(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.autocommit)


def test_columns_read_in_a_write_know_what_it_has_changed(app: App, people: Cast) -> None:
    name = select(Organization.short_name).where(Organization.id == people.xinghe.organization_id)
    assert db.session.scalar(name) == "星河科技"
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).short_name = "新星河"
        assert session.scalars(name).all() == ["新星河"]
    row = db.session.execute(name.add_columns(Organization.id)).one()
    assert (row.short_name, row.id) == ("新星河", people.xinghe.organization_id)
