"""Waitress that ends well: on SIGTERM it stops accepting, answers what it has accepted, and then leaves."""

import threading
import time
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from matchhub.core.quickness import settle

DRAIN_SECONDS = 20
STUCK_SECONDS = 1.5
LOOP_SECONDS = 0.5
QUIET_LOOPS = 2


def serve(app: Any, *, host: str, port: int, threads: int, stopping: threading.Event) -> None:
    """Serve `app` until `stopping` is set. Raises OSError when the port is taken."""
    settle()
    sockets: dict[int, Any] = {}
    server = create_server(  # the proxy's headers are left to ProxyFix, which knows how many proxies there are
        app, map=sockets, host=host, port=port, threads=threads, ident=None, clear_untrusted_proxy_headers=False
    )
    while not stopping.is_set():
        wasyncore.loop(timeout=LOOP_SECONDS, map=sockets, count=1, use_poll=True)
    _stop_accepting(sockets)
    _drain(sockets)
    server.task_dispatcher.shutdown(timeout=1)


def _stop_accepting(sockets: dict[int, Any]) -> None:
    for dispatcher in list(sockets.values()):
        if getattr(dispatcher, "accepting", False):
            dispatcher.del_channel()
            dispatcher.socket.close()


def _drain(sockets: dict[int, Any]) -> None:
    """Let the loop run until nothing is being answered, at most `DRAIN_SECONDS`. Who stops reading is not waited for."""
    deadline, quiet, flow = time.monotonic() + DRAIN_SECONDS, 0, _Flow()
    while quiet < QUIET_LOOPS and time.monotonic() < deadline:
        wasyncore.loop(timeout=0.1, map=sockets, count=1, use_poll=True)
        busy = [channel for channel in list(sockets.values()) if _is_busy(channel)]
        quiet = quiet + 1 if all(flow.is_stuck(channel, time.monotonic()) for channel in busy) else 0


def _is_busy(channel: Any) -> bool:
    return bool(getattr(channel, "requests", ())) or bool(getattr(channel, "total_outbufs_len", 0))


class _Flow:
    """Since when each channel's unsent bytes have not become fewer."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, float]] = {}

    def is_stuck(self, channel: Any, now: float) -> bool:
        """Whether there are bytes for a reader who has taken none for `STUCK_SECONDS`."""
        unsent = int(getattr(channel, "total_outbufs_len", 0))
        before, since = self._seen.get(id(channel), (-1, now))
        if unsent != before:
            since = now
        self._seen[id(channel)] = (unsent, since)
        return unsent > 0 and now - since >= STUCK_SECONDS
