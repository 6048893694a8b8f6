"""Who may plan events, change them, take part, and let people in."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.enums import Role
from matchhub.accounts.policy import (
    administrator,
    carrier_member,
    editor,
    enterprise_member,
    mentor_member,
    officer,
    verified,
)
from matchhub.core.policy import Actor, anyone, Policy, predicate, signed_in, system
from matchhub.events.enums import Audience, EventState
from matchhub.events.models import Event, Pitch, PitchApplication, Registration


class Permission(StrEnum):
    """What can be done with events."""

    LIST = "list"
    PLAN = "plan"
    VIEW = "view"
    ORGANIZE = "organize"
    RUN = "run"
    REGISTER = "register"
    REGISTER_BY_MAIL = "register_by_mail"
    TAKE_PART = "take_part"
    LEAVE = "leave"
    DECIDE = "decide"
    PROMOTE = "promote"
    LET_IN = "let_in"
    KEEP_VENUE = "keep_venue"
    EDIT_TEMPLATES = "edit_templates"
    APPLY = "apply"
    RECOMMEND = "recommend"
    SEE_APPLICATION = "see_application"
    SPEAK_FOR_FIRM = "speak_for_firm"
    WITHDRAW_APPLICATION = "withdraw_application"
    REVIEW = "review"
    READ_REPORT = "read_report"
    COUNT_ATTENDANCE = "count_attendance"


def event_of(subject: Any) -> Event:
    """The event itself, or the one that a registration, an agenda item, a pitch … belongs to."""
    found: Event = subject if isinstance(subject, Event) else subject.event
    return found


@predicate
def host(actor: Actor, subject: Any) -> bool:
    """Acts for the organization that holds the event (or the series, which has a host too)."""
    holder = subject.host_id if hasattr(subject, "host_id") else event_of(subject).host_id
    return actor.organization_id is not None and actor.organization_id == holder


@predicate
def keeper(actor: Actor, subject: Any) -> bool:
    """Acts for the organization whose house it is; a new one is the own."""
    return subject is None or actor.organization_id == subject.organization_id


@predicate
def out(actor: Actor, subject: Any) -> bool:
    """Not a draft any more."""
    return event_of(subject).state is not EventState.DRAFT


@predicate
def to_all(actor: Actor, subject: Any) -> bool:
    """Found by everybody."""
    return event_of(subject).audience is Audience.PUBLIC


@predicate
def participant(actor: Actor, subject: Any) -> bool:
    """The person whose place it is, or who takes part in the meetings with it."""
    place = subject if isinstance(subject, Registration) else getattr(subject, "registration", None)
    return isinstance(place, Registration) and actor.is_known and place.user_id == actor.user_id


@predicate
def applicant(actor: Actor, subject: Any) -> bool:
    """Acts for the firm that applies, or stands in the line-up."""
    mine = isinstance(subject, PitchApplication | Pitch)
    return mine and actor.organization_id is not None and actor.organization_id == subject.organization_id


@predicate
def recommender(actor: Actor, subject: Any) -> bool:
    """Acts for the carrier that recommended the firm."""
    return actor.organization_id is not None and actor.organization_id == subject.recommended_by_id


@predicate
def reviewer(actor: Actor, subject: Any) -> bool:
    """The person whom the organizer asked to score: nobody else, whatever the role."""
    return actor.is_known and actor.user_id == subject.user_id


@predicate
def overseer(actor: Actor, subject: Any) -> bool:
    """An officer who looks after where the event is held: the city's all, a district's its own."""
    if actor.role == Role.CITY_OFFICER.value:
        return True
    district = event_of(subject).district_code
    return actor.role == Role.DISTRICT_OFFICER.value and district is not None and actor.region_code == district


@predicate
def bearer(actor: Actor, subject: Any) -> bool:
    """Whoever has opened the mailed address of a place that belongs to no account."""
    is_guests = isinstance(subject, Registration) and subject.user_id is None
    return is_guests and actor.bears == f"registration:{subject.id}"


@predicate
def named_for_the_door(actor: Actor, subject: Any) -> bool:
    """The organizer has named the person for the door of this event."""
    keepers = event_of(subject).door_keepers
    return actor.is_known and any(row.user_id == actor.user_id and row.ended_at is None for row in keepers)


planner = (carrier_member & editor & verified) | officer
organizer = host & planner

POLICY = Policy(
    {
        Permission.LIST: signed_in,
        Permission.PLAN: planner,
        Permission.VIEW: signed_in,  # an event is loaded as `queries.found_by` finds it
        Permission.ORGANIZE: organizer,
        Permission.RUN: organizer | system,
        Permission.REGISTER: signed_in & out,
        Permission.REGISTER_BY_MAIL: anyone & to_all & out,
        Permission.TAKE_PART: participant | bearer,
        Permission.LEAVE: participant | bearer | organizer | system,
        Permission.DECIDE: organizer | system,
        Permission.PROMOTE: system,
        Permission.LET_IN: organizer | (host & named_for_the_door),
        Permission.KEEP_VENUE: planner & keeper,
        Permission.EDIT_TEMPLATES: administrator,
        Permission.APPLY: enterprise_member & editor & verified,
        Permission.RECOMMEND: carrier_member & editor & verified,
        Permission.SEE_APPLICATION: applicant | recommender | organizer,  # as `queries.visible_application` finds it
        Permission.SPEAK_FOR_FIRM: applicant & editor,
        Permission.WITHDRAW_APPLICATION: (applicant & editor) | system,
        Permission.REVIEW: reviewer,
        Permission.READ_REPORT: organizer | (overseer & out),
        Permission.COUNT_ATTENDANCE: (carrier_member & verified) | mentor_member | officer,
    }
)
