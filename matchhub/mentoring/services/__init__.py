"""What can be done with engagements and sessions: one verb each."""

from matchhub.mentoring.services.engagements import (
    add_goal,
    end,
    end_reasons,
    end_with,
    finish_with,
    follow_merge,
    mark_goal,
    open_engagement,
    pause,
    resume,
)
from matchhub.mentoring.services.results import correct_result, enter_result
from matchhub.mentoring.services.sessions import (
    amend,
    confirm,
    confirm_by_link,
    dispute,
    Entry,
    LINK_DAYS,
    LINK_PURPOSE,
    log_session,
    topics,
    withdraw,
)

__all__ = [
    "LINK_DAYS",
    "LINK_PURPOSE",
    "Entry",
    "add_goal",
    "amend",
    "confirm",
    "confirm_by_link",
    "correct_result",
    "dispute",
    "end",
    "end_reasons",
    "end_with",
    "enter_result",
    "finish_with",
    "follow_merge",
    "log_session",
    "mark_goal",
    "open_engagement",
    "pause",
    "resume",
    "topics",
    "withdraw",
]
