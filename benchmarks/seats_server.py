"""The application that `benchmarks.seats` races against, and its control: the same with the guards of the seats off.

What is off in the control: the pool's row is not held, and whether a seat is free is looked up before the write begins, as
a program does that counts first and inserts then. The CHECK has been taken out of its database too.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

from matchhub.app import create_app
from matchhub.core.db import db
from matchhub.core.quickness import settle
from matchhub.core.web import App
from matchhub.events import queries, services
from matchhub.events.services import registrations, seats
from matchhub.settings import Settings

VARIABLE = "SEATS_SERVER"
SECRET = "only-for-this-measurement-" * 2


def settings_for(folder: str, url: str, wait: float) -> Settings:
    return Settings(
        secret_key=SECRET, environment="test", data_dir=Path(folder), database_url=url, rate_limits=False, undo_seconds=0,
        write_wait_seconds=wait,
    )  # fmt: skip


def make() -> App:
    """The application, as the environment says."""
    asked = json.loads(os.environ[VARIABLE])
    app = create_app(settings_for(asked["folder"], asked["url"], asked["wait"]))
    if not asked["guarded"]:
        _take_guards_off()
    settle()
    return app


def _take_guards_off() -> None:
    seen = threading.local()
    register: Any = registrations.register

    def counted_first(event: Any, role: Any, applicant: Any, **more: Any) -> Any:
        found = queries.pool_of(db.session(), event.id, role)
        seen.free = found is not None and found.left > 0
        return register(event, role, applicant, **more)

    services.register = counted_first
    registrations.hold = lambda row: None

    def entered(pool: Any) -> bool:
        kind = pool.__class__
        if seen.free:
            return seats._changed(pool, kind.id == pool.id, taken=kind.taken + 1)
        seats.join_line(pool)
        return False

    seats.enter = entered


def main() -> None:
    """Serve with waitress, as `matchhub web` does; PostgreSQL is served by gunicorn with several processes."""
    from matchhub.cli.serving import serve  # noqa: PLC0415 -- not where gunicorn loads `make`

    asked = json.loads(os.environ[VARIABLE])
    serve(make(), host="127.0.0.1", port=asked["port"], threads=8, stopping=threading.Event())


if __name__ == "__main__":
    main()
