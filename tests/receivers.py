"""Receivers on the loopback: a mail server that keeps what it gets, and a group robot's service that answers as told."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller


@dataclass
class Sink:
    """A mail server that keeps what it gets, and refuses whom it is told to."""

    answers: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]

    def text(self, number: int = -1) -> str:
        """The plain part of a message."""
        return str(self.taken[number].get_body(("plain",)).get_content())  # type: ignore[union-attr]

    def html(self, number: int = -1) -> str:
        """The HTML part of a message."""
        return str(self.taken[number].get_body(("html",)).get_content())  # type: ignore[union-attr]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server() -> Iterator[Sink]:
    """A mail server that runs while it is needed."""
    handler, port = Sink(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


@dataclass
class Call:
    """One request that a robot's service got."""

    path: str
    query: dict[str, str]
    body: dict[str, Any]


@dataclass
class Chat:
    """The service of all three group chats; `answer` is (status, body, headers)."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answer: tuple[int, dict[str, Any], dict[str, str]] = (200, {"errcode": 0, "code": 0}, {})


@contextmanager
def group_chat() -> Iterator[Chat]:
    """A group chat's service that runs while it is needed."""
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chat.calls.append(Call(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}, body))
            status, said, headers = chat.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def do_GET(self) -> None:
            chat.calls.append(Call(self.path, {}, {"followed": True}))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    chat.url = f"http://127.0.0.1:{server.server_port}"
    yield chat
    server.shutdown()
    server.server_close()
