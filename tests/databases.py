"""A migrated, founded template database on SQLite and on PostgreSQL, and a fresh copy of it for each test."""

import os
import shutil
from datetime import datetime, UTC
from pathlib import Path
from typing import Protocol

import flask_migrate
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from matchhub.app import create_app
from matchhub.core.db import db, unit_of_work
from matchhub.core.setup import found_installation
from matchhub.core.web import App
from matchhub.matches.services.models import ensure_models
from matchhub.settings import Settings

FOUNDED_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class TestDatabase(Protocol):
    """A database that can be set back to its founded state."""

    app: App

    def reset(self) -> None: ...


def make_app(folder: Path, url: str = "") -> App:
    """An application on `url` with its files under `folder`."""
    return create_app(
        Settings(
            secret_key="only-for-tests-" * 4,
            environment="test",
            data_dir=folder,
            database_url=url,
            rate_limits=False,
            undo_seconds=0,
            write_wait_seconds=15,
        )
    )


def found(app: App) -> None:
    """Migrate and bring the first rows."""
    with app.app_context():
        flask_migrate.upgrade()
        with unit_of_work():
            found_installation(city_name="鄂州市", city_name_en="Ezhou", city_region="420700", now=FOUNDED_AT)
            ensure_models(now=FOUNDED_AT)
        db.engine.dispose()


class SqliteDatabase:
    """A file, copied from the template before each test."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        self.app = make_app(folder)
        self.file = folder / "matchhub.db"
        found(self.app)
        shutil.copy(self.file, self.template)

    def reset(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        shutil.copy(self.template, self.file)


class PostgresDatabase:
    """A database made from a template database before each test."""

    def __init__(self, folder: Path, server: str, worker: str) -> None:
        self.name = f"matchhub_{worker}_{os.getpid()}"
        self.template = f"{self.name}_template"
        self.admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._run(f"CREATE DATABASE {self.template}")
        app = make_app(folder, _with_name(server, self.template))
        found(app)
        self.app = make_app(folder, _with_name(server, self.name))

    def reset(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        self._run(
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name} TEMPLATE {self.template}"
        )

    def drop(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        for name in (self.name, self.template):
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _run(self, *statements: str) -> None:
        with self.admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


def _with_name(server: str, name: str) -> str:
    head, _, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
