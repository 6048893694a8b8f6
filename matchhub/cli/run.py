"""The processes: `web`, `worker`, and `demo`, which builds a city and runs both."""

import importlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

import click
import flask_migrate

from matchhub import wiring
from matchhub.cli.group import application, main, settings
from matchhub.cli.serving import serve
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import App
from matchhub.matches import engine
from matchhub.worker import Worker

STOP_SECONDS = 30
supervised = click.option("--supervised", is_flag=True, hidden=True, help="End when standard input closes.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True, help="Requests answered at the same time.")
@supervised
def web(host: str, port: int, threads: int, supervised: bool) -> None:
    """Serve the pages with waitress (for small installations; docs/operating.md has the gunicorn command)."""
    require_free(host, port)
    app = application()
    stopping = threading.Event()
    on_stop(stopping.set, supervised=supervised)
    engine.start_loading(app.config["SQLALCHEMY_DATABASE_URI"])
    serve(app, host=host, port=port, threads=threads, stopping=stopping)


@main.command()
@supervised
def worker(supervised: bool) -> None:
    """Run what is due: mail, matching, reminders. Start one or more beside the web process."""
    running = Worker(application(), wiring.JOBS)
    on_stop(running.stop, supervised=supervised)
    running.run()
    sys.stdout.flush()
    os._exit(0)  # a job that did not end in time must not hold the process: its transaction is rolled back


def on_stop(stop: Callable[[], None], *, supervised: bool) -> None:
    """Call `stop` on SIGTERM and SIGINT, and when the supervisor is gone."""

    def handle(_: int, __: FrameType | None) -> None:
        stop()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    if supervised:
        threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()


def _wait_for_end_of_input(stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop()


def require_free(host: str, port: int) -> None:
    """Raise a click error that says what to do when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} on {host} cannot be used ({error.strerror}); choose another: --port {port + 1}, "
                f"or make demo PORT={port + 1}"
            ) from error


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Build the city anew.")
@click.option(
    "--scale", type=click.IntRange(100, 1_000_000), help="For load: a city with so many firms around the cast."
)
def demo(host: str, port: int, reset: bool, scale: int | None) -> None:
    """A city to try it with: builds it once, then runs web and worker until Ctrl-C."""
    require_free(host, port)
    prepare_environment(host, port)
    lines = existing_city(reset=reset)
    if lines is None:
        click.echo("构建示例城市 / building the demo city …")
        lines = build_city(scale)
    elif scale is not None:
        raise click.ClickException("there is a demo city already; build it anew with --reset, or set MATCHHUB_DATA_DIR")
    click.echo("\n".join(["", *lines, "", "正在启动 / starting …"]))
    told = f"\nhttp://{host}:{port}\n"
    commands = [["web", "--host", host, "--port", str(port)], ["worker"]]
    sys.exit(supervise(commands, when=lambda: answers(host, port), then=lambda: click.echo(told)))


def answers(host: str, port: int) -> bool:
    """Whether pages are served there now."""
    reached = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    try:
        connection = HTTPConnection(reached, port, timeout=1)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def prepare_environment(host: str, port: int) -> None:
    """Development settings for this process and the two that it starts; a secret key of its own."""
    data_dir = Path(os.environ.setdefault("MATCHHUB_DATA_DIR", "var"))
    data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    os.environ.setdefault("MATCHHUB_ENVIRONMENT", "development")
    os.environ.setdefault("MATCHHUB_BASE_URL", f"http://{host}:{port}")
    if "MATCHHUB_SECRET_KEY" not in os.environ and "MATCHHUB_SECRET_KEY_FILE" not in os.environ:
        path = data_dir / "secret_key"
        write_secret(path)
        os.environ["MATCHHUB_SECRET_KEY_FILE"] = str(path)


def write_secret(path: Path) -> None:
    """Write a random key that only this user can read, unless there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")


def existing_city(*, reset: bool) -> list[str] | None:
    """The sign-ins of a finished city; None when one must be built. Never touches what is not a demo city."""
    given = settings()
    done, begun = given.data_dir / "demo.json", given.data_dir / "demo.building"
    database = given.data_dir / "matchhub.db"
    if given.database_url and not given.database_url.startswith("sqlite"):
        raise click.ClickException("the demo city lives in SQLite; unset MATCHHUB_DATABASE_URL")
    if database.exists() and not done.exists() and not begun.exists():
        raise click.ClickException(f"{database} is not a demo city; set MATCHHUB_DATA_DIR to another folder")
    if done.exists() and database.exists() and not reset:
        lines: list[str] = json.loads(done.read_text(encoding="utf-8"))
        migrate(application())
        return lines
    for path in (done, database, Path(f"{database}-wal"), Path(f"{database}-shm")):
        path.unlink(missing_ok=True)
    begun.touch()
    return None


def tell(done: int, total: int) -> None:
    """How far a large city is, every tenth."""
    if done == total or done * 10 // total > (done - 2000) * 10 // total:
        click.echo(f"{done:,} / {total:,} 家企业 / firms")


def build_city(scale: int | None = None) -> list[str]:
    """Migrate, let the demo build its city (with so many firms), keep the sign-ins for the next start."""
    given, app = settings(), application()
    migrate(app)
    with app.app_context():
        sign_ins = importlib.import_module("matchhub.demo.city").build(now=utcnow(), firms=scale, progress=tell)
        db.session.remove()
        db.engine.dispose()
    lines = [str(line) for line in sign_ins]
    target = given.data_dir / "demo.json"
    target.touch(mode=0o600)
    target.write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
    (given.data_dir / "demo.building").unlink(missing_ok=True)
    return lines


def migrate(app: App) -> None:
    """Bring the database to the newest migration; nothing stays open."""
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


def supervise(
    commands: list[list[str]], *, when: Callable[[], bool] = lambda: False, then: Callable[[], None] = lambda: None
) -> int:
    """Run each command as a child until one ends or we are told to stop; then end them all. The exit code.

    `then` is called once, as soon as `when` says so.
    """
    stopping = threading.Event()
    on_stop(stopping.set, supervised=False)
    start = [sys.executable, "-m", "matchhub.cli"]
    children = [subprocess.Popen([*start, *command, "--supervised"], stdin=subprocess.PIPE) for command in commands]
    is_told = False
    while not stopping.wait(0.2):
        if not is_told and when():
            is_told = True
            then()
        if ended := [child for child in children if child.poll() is not None]:
            click.echo(f"a process ended by itself with code {ended[0].returncode}; stopping the rest", err=True)
            break
    crashed = not stopping.is_set()
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return 1 if crashed else 0
