"""Waitress that ends well: on SIGTERM it stops accepting, answers what it has accepted, and then leaves."""

import threading
import time
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

DRAIN_SECONDS = 20
LOOP_SECONDS = 0.5
QUIET_LOOPS = 2


def serve(app: Any, *, host: str, port: int, threads: int, stopping: threading.Event) -> None:
    """Serve `app` until `stopping` is set. Raises OSError when the port is taken."""
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
    """Let the loop run until nothing is being answered, at most `DRAIN_SECONDS`."""
    deadline, quiet = time.monotonic() + DRAIN_SECONDS, 0
    while quiet < QUIET_LOOPS and time.monotonic() < deadline:
        wasyncore.loop(timeout=0.1, map=sockets, count=1, use_poll=True)
        busy = any(_is_busy(channel) for channel in list(sockets.values()))
        quiet = 0 if busy else quiet + 1


def _is_busy(channel: Any) -> bool:
    return bool(getattr(channel, "requests", ())) or bool(getattr(channel, "total_outbufs_len", 0))
