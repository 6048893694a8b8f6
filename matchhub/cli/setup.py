"""First run and upkeep: `init`, `check`, `upgrade`."""

import secrets
import sys

import click
import flask_migrate
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from matchhub.accounts.queries import token_hash
from matchhub.accounts.services import administration, passwords
from matchhub.cli.backup import write_backup
from matchhub.cli.group import application, main, settings
from matchhub.core import dictionaries, errors, health, installation
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.setup import found_installation
from matchhub.core.web import App
from matchhub.matches.services.versions import ensure_models
from matchhub.settings import Settings

PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}


@main.command()
@click.option("--city-name", prompt="城市名称 / city (中文)", help="For instance 鄂州市.")
@click.option("--city-name-en", prompt="City in English", help="For instance Ezhou.")
@click.option("--region", prompt="行政区划代码 / region code", help="Six digits of GB/T 2260, for instance 420700.")
@click.option("--admin-name", prompt="管理员姓名 / administrator's name")
@click.option("--admin-email", prompt="管理员邮箱 / administrator's e-mail")
@click.option("--password-stdin", is_flag=True, help="Read the administrator's password from standard input.")
@click.option("--link", is_flag=True, help="Print a one-time link instead of asking for a password.")
def init(
    city_name: str, city_name_en: str, region: str, admin_name: str, admin_email: str, password_stdin: bool, link: bool
) -> None:
    """Create the database, the city and its first administrator. Once."""
    given, app = settings(), application()
    city, city_en, code = city_name.strip(), city_name_en.strip(), region.strip()
    email = _email(admin_email)
    _require_region(code)
    with app.app_context():
        _migrate_new()
        password = None if link else _password(given, email, from_stdin=password_stdin)
        hashed = passwords.hashed(password) if password else None
        token = secrets.token_urlsafe(32) if link else None
        now = utcnow()
        with unit_of_work():
            site = found_installation(city_name=city, city_name_en=city_en, city_region=code, now=now)
            ensure_models(now=now)
            administration.found_administration(
                organization_name=site.host_unit,
                region_code=code,
                name=admin_name.strip(),
                email=email,
                password_hash=hashed,
                link_hash=token_hash(token) if token else None,
                now=now,
            )
    _say_what_next(given, city, email, token)


def _migrate_new() -> None:
    """The newest schema, unless the installation is there already."""
    head = health.database_head(db.session())
    if head and installation.current(db.session()) is not None:
        raise click.ClickException("this installation exists already; nothing was changed (see `matchhub check`)")
    db.session.remove()
    flask_migrate.upgrade()


def _email(given: str) -> str:
    email = given.strip().lower()
    name, at, domain = email.partition("@")
    if not (name and at and "." in domain) or any(c.isspace() for c in email):
        raise click.ClickException(f"{given!r} is not an e-mail address")
    return email


def _require_region(code: str) -> None:
    known = {row.code for row in dictionaries.seed_rows() if row.dictionary == "regions"}
    if code not in known and not (code.isascii() and code.isdigit() and len(code) == 6):
        raise click.ClickException(f"{code!r} is not a region code (six digits of GB/T 2260)")


def _password(given: Settings, email: str, *, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(click.prompt("密码 / password", hide_input=True, confirmation_prompt=True))
    try:
        passwords.check_strength(password, profile=given.password_profile, personal=[email])
    except errors.Invalid as error:
        raise click.ClickException(error.message % error.values) from error
    return password


def _say_what_next(given: Settings, city: str, email: str, token: str | None) -> None:
    click.echo(f"{city}: ready. Sign in as {email}; you will set up the second factor at the first sign-in.")
    if token:
        click.echo(f"one-time link, good for 24 hours: {given.base_url.rstrip('/')}{RESET_PATH}{token}")
    click.echo("start the two processes: matchhub web, matchhub worker")


RESET_PATH = "/password-resets/"


@main.command()
def check() -> None:
    """Look at settings, database, disk, worker and mail. Exit code 1 when something needs care."""
    given, app = settings(), application()
    click.echo(f"settings: environment {given.environment}, database {_masked(app)}, data {given.data_dir.resolve()}")
    wrong = 0
    with app.app_context():
        for name, words, is_well in _looked_at(given):
            click.echo(f"{'ok  ' if is_well else 'CARE'} {name}: {words}")
            wrong += not is_well
        db.session.remove()
        db.engine.dispose()
    sys.exit(1 if wrong else 0)


def _looked_at(given: Settings) -> list[tuple[str, str, bool]]:
    try:
        found = [
            (finding.name, finding.label % finding.values, finding.is_well)
            for finding in health.findings(db.session(), data_dir=given.data_dir, now=utcnow())
        ]
        return found + _pragmas() + [_private(given), _mail(given)]
    except SQLAlchemyError as error:
        return [("database", f"does not answer: {type(error).__name__}", False)]


def _pragmas() -> list[tuple[str, str, bool]]:
    if db.engine.dialect.name != "sqlite":
        return []
    read = {name: str(db.session.scalar(text(f"PRAGMA {name}"))).lower() for name in PRAGMAS}
    return [(f"pragma {name}", value, value == PRAGMAS[name]) for name, value in read.items()]


def _private(given: Settings) -> tuple[str, str, bool]:
    mode = given.data_dir.stat().st_mode & 0o007
    return ("data folder", "readable by everybody; run chmod o-rwx on it" if mode else "not open to others", not mode)


def _mail(given: Settings) -> tuple[str, str, bool]:
    return (
        "mail",
        f"sent as {given.mail_from}" if given.mail_url else "no mail server: notices stay in the bell",
        True,
    )


def _masked(app: App) -> str:
    with app.app_context():
        return db.engine.url.render_as_string(hide_password=True)


@main.command()
@click.option("--no-backup", is_flag=True, help="Migrate without a backup (you have one).")
def upgrade(no_backup: bool) -> None:
    """Back up, then bring the database to the newest migration."""
    given, app = settings(), application()
    with app.app_context():
        head = health.database_head(db.session())
        db.session.remove()
        db.engine.dispose()
        if head == health.code_head():
            click.echo("the database is up to date")
            return
        if head and not no_backup:
            now = utcnow()
            path = given.backups_dir / f"before-upgrade-{now:%Y%m%dT%H%M%SZ}.tar.gz"
            write_backup(given, path, now=now)
            click.echo(f"backup: {path}")
        flask_migrate.upgrade()
    click.echo(f"migrated from {head or 'nothing'} to {health.code_head()}")
