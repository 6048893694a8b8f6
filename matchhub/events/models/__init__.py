"""The tables of events; docs/events.md is their map."""

from matchhub.events.models.after import EventContact, EventReport, Feedback, FollowUp
from matchhub.events.models.calendars import Announcement, Feed
from matchhub.events.models.events import AgendaItem, Event, EventSeries, EventTemplate, FormField, Room, Venue
from matchhub.events.models.guests import Availability, GuestPlace
from matchhub.events.models.invitations import EventInvitation, InvitationStop, InvitationWave
from matchhub.events.models.lineup import Pitch, PitchApplication, PitchCall, PitchReview, PitchReviewer
from matchhub.events.models.meetings import MeetingGuest, MeetingRound, MeetingWish, PlannedMeeting
from matchhub.events.models.seats import CheckIn, Registration, SeatPool, Ticket
from matchhub.events.models.stage import DoorKeeper, Jury, JuryMember, JuryScore, PitchInterest, StageClock

__all__ = [
    "AgendaItem", "Announcement", "Availability", "CheckIn", "DoorKeeper", "Event", "EventContact",
    "EventInvitation", "EventReport", "EventSeries", "EventTemplate", "Feed", "Feedback", "FollowUp", "FormField",
    "GuestPlace", "InvitationStop", "InvitationWave", "Jury", "JuryMember", "JuryScore", "MeetingGuest",
    "MeetingRound", "MeetingWish", "Pitch", "PitchApplication", "PitchCall", "PitchInterest", "PitchReview",
    "PitchReviewer", "PlannedMeeting", "Registration", "Room", "SeatPool", "StageClock", "Ticket", "Venue",
]  # fmt: skip
