"""What can be done with deals and outcomes: one verb each."""

from matchhub.pipelines.services.deals import (
    end_with,
    exit_reasons,
    follow_merge,
    move,
    note_meeting,
    open_deal,
    plan,
)
from matchhub.pipelines.services.outcomes import confirm, correct, dispute, enter, instruments, need_is_open, Result

__all__ = [
    "Result",
    "confirm",
    "correct",
    "dispute",
    "end_with",
    "enter",
    "exit_reasons",
    "follow_merge",
    "instruments",
    "move",
    "need_is_open",
    "note_meeting",
    "open_deal",
    "plan",
]
