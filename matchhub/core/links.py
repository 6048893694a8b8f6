"""Personal links in mails: made for one purpose, good until a time, and only for showing; what they change asks for a tap."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer


class Links:
    """Signs and reads what an address carries. `wiring.py` gives it the installation's secrets, the present one first."""

    def __init__(self) -> None:
        self._keys: list[str] = []

    def use(self, keys: Sequence[str]) -> None:
        """Sign with the first key from now on; the others are still read."""
        self._keys = list(reversed(keys))

    def token(self, purpose: str, *values: Any, until: datetime) -> str:
        """What the address carries: these values, for this purpose, until then."""
        return str(self._signer(purpose).dumps([int(until.timestamp()), *values]))

    def read(self, purpose: str, token: str, *, now: datetime) -> list[Any] | None:
        """The values; None for what was not made here, was made for something else, or is over."""
        try:
            until, *values = self._signer(purpose).loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        return values if isinstance(until, int) and now.timestamp() < until else None

    def _signer(self, purpose: str) -> URLSafeSerializer:
        if not self._keys:
            raise LookupError("no secret to sign with")
        return URLSafeSerializer(self._keys, salt=f"matchhub link: {purpose}")


LINKS = Links()
