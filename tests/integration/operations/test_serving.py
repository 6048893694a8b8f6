"""`matchhub web` ends soon after it is told to, whatever its clients do, and finishes what it has begun."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from matchhub.cli import serving

PATIENCE = 8.0  # what a busy machine may take for the 2 s of an idle one
Request = dict[str, Any]
Answer = Callable[..., Any]


class Running:
    """A server in a thread, as `matchhub web` runs it."""

    def __init__(self, app: Callable[[Request, Answer], list[bytes]]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.stopping = threading.Event()
        options: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "threads": 2, "stopping": self.stopping}
        self.thread = threading.Thread(target=serving.serve, args=(app,), kwargs=options, daemon=True)
        self.thread.start()

    def connect(self) -> socket.socket:
        for _ in range(100):
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=20)
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def stop(self) -> float:
        """How long it takes to end."""
        started = time.monotonic()
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive()
        return time.monotonic() - started


BIG = b"x" * (30 * 2**20)
ASK = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


def answer(environ: Request, start_response: Answer) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/slow":
        time.sleep(2.5)
    return [BIG if environ["PATH_INFO"] == "/big" else b"done"]


@pytest.fixture
def running() -> Iterator[Running]:
    found = Running(answer)
    yield found
    found.stopping.set()


def until_done(client: socket.socket) -> bytes:
    """What the server says, in however many pieces it comes."""
    client.settimeout(PATIENCE)
    said = b""
    while b"done" not in said and (piece := client.recv(4096)):
        said += piece
    return said


def test_an_idle_server_ends_at_once(running: Running) -> None:
    with running.connect() as client:
        client.sendall(ASK % b"")
        assert b"done" in until_done(client)

        assert running.stop() < PATIENCE / 2


def test_what_is_being_answered_is_finished(running: Running) -> None:
    with running.connect() as client:
        client.sendall(ASK % b"slow")
        time.sleep(0.5)

        assert running.stop() > 1
        assert b"done" in until_done(client)


def test_a_client_that_stops_reading_is_not_waited_for(running: Running) -> None:
    with running.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.sendall(ASK % b"big")
        time.sleep(1)

        assert running.stop() < PATIENCE


def test_without_that_rule_such_a_client_holds_it(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "STUCK_SECONDS", 60)
    monkeypatch.setattr(serving, "DRAIN_SECONDS", 5)
    with running.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.sendall(ASK % b"big")
        time.sleep(1)

        assert running.stop() >= 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_well_on_a_signal(number: int, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "MATCHHUB_DATA_DIR": str(tmp_path), "MATCHHUB_ENVIRONMENT": "test",
        "MATCHHUB_SECRET_KEY": "only-for-this-test-" * 3,
    }  # fmt: skip
    start = [sys.executable, "-m", "matchhub.cli", "web", "--port", str(port)]
    web = subprocess.Popen(start, env=environment, cwd=Path(__file__).parents[3])
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    started = time.monotonic()
    web.send_signal(number)

    assert web.wait(30) == 0
    assert time.monotonic() - started < PATIENCE
