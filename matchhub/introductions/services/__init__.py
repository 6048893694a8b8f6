"""What can be done with introductions: one verb each."""

from matchhub.introductions.services.answering import accept, decline, refusal_reasons
from matchhub.introductions.services.asking import ask, start_clocks, withdraw
from matchhub.introductions.services.ending import (
    close,
    close_if_silent,
    close_with_result,
    closing_reasons,
    end_all_of,
    end_for_consent,
    expire,
    MET_HERE,
    revoke,
)
from matchhub.introductions.services.merging import follow_merge, follow_need, follow_offer, LISTING_ENDED
from matchhub.introductions.services.thread import (
    accept_meeting,
    cancel_meeting,
    decline_meeting,
    propose,
    report_meeting,
    write,
)
from matchhub.introductions.services.undoing import (
    hold_refusal,
    note_departure,
    settle_refusal,
    undo_message,
    undo_refusal,
    undo_request,
)

__all__ = [
    "LISTING_ENDED",
    "MET_HERE",
    "accept",
    "accept_meeting",
    "ask",
    "cancel_meeting",
    "close",
    "close_if_silent",
    "close_with_result",
    "closing_reasons",
    "decline",
    "decline_meeting",
    "end_all_of",
    "end_for_consent",
    "expire",
    "follow_merge",
    "follow_need",
    "follow_offer",
    "hold_refusal",
    "note_departure",
    "propose",
    "refusal_reasons",
    "report_meeting",
    "revoke",
    "settle_refusal",
    "start_clocks",
    "undo_message",
    "undo_refusal",
    "undo_request",
    "withdraw",
    "write",
]
