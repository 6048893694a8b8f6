"""What can be done with consents, promises of secrecy, and the record of who looked."""

from matchhub.disclosure.services.consents import (
    activate,
    check_texts,
    Choice,
    end,
    follow_closure,
    follow_merge,
    give,
    Purpose,
    TextChanged,
    withdraw,
    withdraw_all,
)
from matchhub.disclosure.services.materials import (
    accept_promise,
    note_opening,
    note_page,
    require_promise,
    Signature,
    waive_promise,
)

__all__ = [
    "Choice", "Purpose", "Signature", "TextChanged", "accept_promise", "activate", "check_texts", "end", "follow_closure",
    "follow_merge", "give", "note_opening", "note_page", "require_promise", "waive_promise", "withdraw", "withdraw_all",
]  # fmt: skip
