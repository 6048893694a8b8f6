"""The id that ties a request, its audit rows, its mails and its log lines together."""

from contextvars import ContextVar
from uuid import uuid4

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """Start a new id for a request or a job and make it the current one."""
    value = uuid4().hex
    _request_id.set(value)
    return value


def request_id() -> str:
    """The current id; empty outside requests and jobs."""
    return _request_id.get()
