"""Facts go down, news goes up: a lower feature publishes a dataclass, higher ones listen, all in the same transaction."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

Listener = Callable[..., None]


class Newsroom:
    """Who listens to what, in the order in which `wiring.py` says it."""

    def __init__(self) -> None:
        self._listeners: dict[type[Any], list[Listener]] = defaultdict(list)

    def subscribe(self, kind: type[Any], *listeners: Listener) -> None:
        """Call each listener with the news and `now`, in this order."""
        self._listeners[kind].extend(listeners)

    def listeners(self, kind: type[Any]) -> list[Listener]:
        """The listeners of one kind of news."""
        return list(self._listeners[kind])

    def publish(self, item: Any, *, now: datetime) -> None:
        """Tell everyone who listens to this kind of news."""
        for listener in self._listeners[type(item)]:
            listener(item, now=now)

    def clear(self) -> None:
        """Forget all listeners: wiring starts from an empty room."""
        self._listeners.clear()


NEWSROOM = Newsroom()
subscribe = NEWSROOM.subscribe
publish = NEWSROOM.publish
