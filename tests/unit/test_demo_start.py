"""The demo says its address when pages are served there, and once."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from matchhub.cli import run


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_an_address_answers_only_while_pages_are_served_there() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Healthy)
    port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert run.answers("127.0.0.1", port) and run.answers("0.0.0.0", port)
    server.shutdown()
    server.server_close()
    assert not run.answers("127.0.0.1", port)


def test_what_waits_is_told_once_and_only_when_it_is_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    told: list[int] = []
    monkeypatch.setattr(run, "on_stop", lambda stop, *, supervised: None)
    monkeypatch.setattr(run.subprocess, "Popen", _sleeper(run.subprocess.Popen, "import time; time.sleep(1.2)"))

    def when() -> bool:
        asked.append(True)
        return len(asked) == 2

    assert run.supervise([["web"]], when=when, then=lambda: told.append(len(asked))) == 1
    assert told == [2] and len(asked) == 2, "never asked again once it was so"


def _sleeper(popen: type, code: str):  # type: ignore[no-untyped-def]
    return lambda command, **more: popen([sys.executable, "-c", code], **more)
