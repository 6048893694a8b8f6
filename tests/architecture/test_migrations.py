"""Models and migrations say the same on both databases: tables, columns, CHECKs, partial indexes, triggers; up and down."""

from collections.abc import Iterator

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from matchhub.core import name_index, triggers
from matchhub.core.db import Base, db
from matchhub.core.web import App
from tests.databases import PostgresDatabase


def shape(connection: Connection) -> dict[str, object]:
    """Everything that autogenerate overlooks, and what it does not."""
    look = inspect(connection)
    found: dict[str, object] = {}
    for table in sorted(set(look.get_table_names()) - {"alembic_version"}):
        found[table] = {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)),
            "checks": sorted((c["name"], _plain(c["sqltext"])) for c in look.get_check_constraints(table)),
            "uniques": sorted(tuple(c["column_names"]) for c in look.get_unique_constraints(table)),
            "foreign": sorted(
                (tuple(c["constrained_columns"]), c["referred_table"], c["options"].get("ondelete"))
                for c in look.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (str(i["name"]), tuple(i["column_names"]), bool(i["unique"]), _plain(_where(i)))
                for i in look.get_indexes(table)
            ),
        }
    return found


def _where(index: object) -> str:
    options = index.get("dialect_options", {})  # type: ignore[attr-defined]
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def _plain(words: str) -> str:
    return " ".join(str(words).lower().replace("(", "").replace(")", "").split())


def triggers_of(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = connection.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    return {row[0] for row in rows}


@pytest.fixture
def created(app: App, request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Connection]:
    """A database of the same kind, made from the models alone."""
    if db.engine.dialect.name == "sqlite":
        engine = create_engine("sqlite://")
        with engine.connect() as connection:
            Base.metadata.create_all(connection)
            yield connection
        return
    database: PostgresDatabase = request.getfixturevalue("postgresql_database")
    name = f"{database.name}_models"
    database._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace(f"/{database.name}?", f"/{name}?")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        yield connection
        connection.rollback()
    database._run(f"DROP DATABASE {name} WITH (FORCE)")


def test_there_is_one_head(app: App) -> None:
    script = ScriptDirectory(str(app.extensions["migrate"].directory))

    assert len(script.get_heads()) == 1


def test_models_and_migrations_make_the_same_database(app: App, created: Connection) -> None:
    with db.engine.connect() as connection:
        migrated = shape(connection)

    assert migrated == shape(created)


def test_migrations_make_the_triggers(app: App) -> None:
    wanted = {f"{table}_no_{verb}" for table in triggers.APPEND_ONLY for verb in ("update", "delete")}
    if db.engine.dialect.name == "sqlite":  # the index of names, which PostgreSQL keeps by itself
        wanted |= {f"{name_index.FOUND.name}_{moment}" for moment in name_index.MOMENTS}
    with db.engine.connect() as connection:
        assert triggers_of(connection) == wanted


def test_every_migration_goes_down_and_up_with_data_in_it(app: App) -> None:
    with db.engine.connect() as connection:
        before = shape(connection), triggers_of(connection)
        rows = {t: connection.scalar(text(f'SELECT count(*) FROM "{t}"')) for t in ("dictionary_entry", "legal_text")}
    script = ScriptDirectory(str(app.extensions["migrate"].directory))
    for revision in list(script.walk_revisions())[:-1]:  # the first one has nothing below it that could keep rows
        flask_migrate.downgrade(revision=str(revision.down_revision))
        flask_migrate.upgrade()
    with db.engine.connect() as connection:
        after = shape(connection), triggers_of(connection)
        kept = {t: connection.scalar(text(f'SELECT count(*) FROM "{t}"')) for t in rows}

    assert after == before
    assert kept == rows


def test_the_first_migration_leaves_nothing_behind(app: App) -> None:
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    with db.engine.connect() as connection:
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert left == set()
        assert triggers_of(connection) == set()
    flask_migrate.upgrade()


def test_the_trail_cannot_be_changed(app: App) -> None:
    from matchhub.core import audit  # noqa: PLC0415
    from matchhub.core.db import unit_of_work  # noqa: PLC0415
    from matchhub.core.policy import SYSTEM  # noqa: PLC0415

    with unit_of_work():
        audit.record(SYSTEM, "test:written")
    for statement in ("UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"):
        with pytest.raises(Exception, match="append-only"), unit_of_work() as session:
            session.execute(text(statement))
