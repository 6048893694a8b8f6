"""Secrets that must be read again (the second factor's), sealed with a key made from the installation's secret."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Vault:
    """Seals with the first key; opens with any, so that the installation's secret can be changed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._box = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, secret: str) -> str:
        """What may be stored."""
        return self._box.encrypt(secret.encode()).decode()

    def open(self, sealed: str | None) -> str | None:
        """The secret, or None where none of the keys fits."""
        try:
            return self._box.decrypt((sealed or "").encode()).decode()
        except InvalidToken:
            return None


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"matchhub second factor:" + key.encode()).digest())
