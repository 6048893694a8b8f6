"""What can go wrong on purpose: each error carries a msgid, the values in it and the HTTP status that it means."""

from typing import Any


class DomainError(Exception):
    """A rule said no. `message` is a msgid with %(name)s places that `values` fill."""

    status = 400

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class Invalid(DomainError):
    """What was entered cannot be accepted; `field` names the form field that the words belong to."""

    status = 422

    def __init__(self, message: str, /, field: str | None = None, **values: Any) -> None:
        super().__init__(message, **values)
        self.field = field


class Forbidden(DomainError):
    """The actor knows of the thing but may not do this with it."""

    status = 403


class NotFound(DomainError):
    """The thing does not exist, or not for this actor: the two look the same."""

    status = 404


class Conflict(DomainError):
    """Somebody was faster, or the state does not allow it any more."""

    status = 409


class LimitReached(Conflict):
    """A cap (in flight, capacity, cool-down) stands in the way; the message says until when."""


class TooMany(DomainError):
    """Asked too often; try again after `retry_after` seconds."""

    status = 429

    def __init__(self, message: str, /, retry_after: int = 60, **values: Any) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after


class Busy(DomainError):
    """The database could not take the write in time; nothing was changed."""

    status = 503
