"""Ten seconds to undo, switched on for one test: the others see at once what was done."""

from collections.abc import Iterator
from contextlib import contextmanager

from matchhub.core.web import App


@contextmanager
def seconds_to_undo(app: App, seconds: int = 10) -> Iterator[None]:
    """What tells somebody can be undone for so long."""
    held = app.extensions["matchhub"]
    before = held.undo_seconds
    object.__setattr__(held, "undo_seconds", seconds)
    yield
    object.__setattr__(held, "undo_seconds", before)
