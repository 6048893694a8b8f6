"""Personal links in mails: made for one purpose, good until a time, and only for showing; what they change asks for a tap.

And codes of tickets and calendar addresses, which are shown again and again, but never stored.
"""

import base64
import hashlib
import hmac
import secrets
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

    def new_code(self, purpose: str) -> tuple[str, str]:
        """A nonce to store and the hash of its code: a copy of the database opens nothing, `code` still finds the code."""
        nonce = secrets.token_hex(16)
        return nonce, code_hash(self._code(self._keys[-1], purpose, nonce))

    def code(self, purpose: str, nonce: str, hashed: str) -> str | None:
        """The code of 128 bits behind a nonce; None where its secret is no longer among the installation's."""
        for key in reversed(self._keys):
            found = self._code(key, purpose, nonce)
            if hmac.compare_digest(code_hash(found), hashed):
                return found
        return None

    @staticmethod
    def _code(key: str, purpose: str, nonce: str) -> str:
        digest = hmac.digest(key.encode(), f"matchhub code: {purpose}: {nonce}".encode(), "sha256")
        return base64.b32encode(digest[:16]).decode().rstrip("=")

    def _signer(self, purpose: str) -> URLSafeSerializer:
        if not self._keys:
            raise LookupError("no secret to sign with")
        return URLSafeSerializer(self._keys, salt=f"matchhub link: {purpose}")


def code_hash(code: str) -> str:
    """What is stored of a code; how it was typed does not matter."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


LINKS = Links()
