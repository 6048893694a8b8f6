"""All views of accounts: importing this module puts them on the blueprint."""

from matchhub.accounts.views import (
    account,
    colleagues,
    notices,
    provider,
    recovery,
    registration,
    robots,
    sign_in,
    taking,
    texts,
    wishes,
)
from matchhub.accounts.views.blueprint import bp

__all__ = [
    "account",
    "bp",
    "colleagues",
    "notices",
    "provider",
    "recovery",
    "registration",
    "robots",
    "sign_in",
    "taking",
    "texts",
    "wishes",
]
