"""Groups of pairs chosen together: meetings one to one within a programme's slots and tables, and the line-up of an event."""

from matchhub.matcher.groups.lineup import Applicants, entries_of, Entry, Lineup, LineupWeights, propose, swap, Worth
from matchhub.matcher.groups.meetings import Plan, plan, repair, Unmet, Unplaced, unplaced
from matchhub.matcher.groups.programme import Change, Fixed, Programme, Side

__all__ = [
    "Applicants",
    "Change",
    "Entry",
    "Fixed",
    "Lineup",
    "LineupWeights",
    "Plan",
    "Programme",
    "Side",
    "Unmet",
    "Unplaced",
    "Worth",
    "entries_of",
    "plan",
    "propose",
    "repair",
    "swap",
    "unplaced",
]
