"""Who may ask, answer, write and meet; who looks after the flow without reading it."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import (
    bank_member,
    carrier_member,
    editor,
    enterprise_member,
    in_scope,
    investor_member,
    mentor_member,
    officer,
    verified,
)
from matchhub.core.policy import Actor, Policy, predicate, system
from matchhub.introductions.models import Introduction, Meeting, Message


class Permission(StrEnum):
    """What can be done with introductions and meetings."""

    LIST = "list"
    LIST_OWN = "list_own"
    ASK = "ask"
    VIEW = "view"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    CLOSE = "close"
    EXPIRE = "expire"
    WRITE = "write"
    PROPOSE = "propose"
    ANSWER_MEETING = "answer_meeting"
    CANCEL_MEETING = "cancel_meeting"
    REPORT_MEETING = "report_meeting"
    MANAGE = "manage"


def _introduction(subject: Any) -> Introduction:
    found: Introduction = subject.introduction if isinstance(subject, Meeting | Message) else subject
    return found


@predicate
def requester(actor: Actor, subject: Any) -> bool:
    """Acts for the side that asked."""
    return actor.organization_id is not None and actor.organization_id == _introduction(subject).requester_id


@predicate
def recipient(actor: Actor, subject: Any) -> bool:
    """Acts for the side that was asked."""
    return actor.organization_id is not None and actor.organization_id == _introduction(subject).recipient_id


party = requester | recipient


@predicate
def proposer(actor: Actor, subject: Any) -> bool:
    """Acts for the side that proposed this meeting."""
    return actor.organization_id is not None and actor.organization_id == subject.proposed_by_id


@predicate
def steward(actor: Actor, subject: Any) -> bool:
    """Looks after the firm of this introduction: sees that it exists and where it stands, never what is in it."""
    need = _introduction(subject).need
    return in_scope(actor, district_code=need.district_code, carrier_id=need.carrier_id)


matched = enterprise_member | investor_member | bank_member | mentor_member
acting = editor & verified
stewards = officer | (carrier_member & verified)

POLICY = Policy(
    {
        Permission.LIST: matched | stewards,
        Permission.LIST_OWN: matched,
        Permission.ASK: matched & acting,
        Permission.VIEW: party,
        Permission.ANSWER: recipient & acting,
        Permission.WITHDRAW: (requester & editor) | system,
        Permission.REVOKE: (party & editor) | system,
        Permission.CLOSE: (party & editor) | system,
        Permission.EXPIRE: system,
        Permission.WRITE: party & acting,
        Permission.PROPOSE: party & acting,
        Permission.ANSWER_MEETING: party & ~proposer & acting,
        Permission.CANCEL_MEETING: party & acting,
        Permission.REPORT_MEETING: party & acting,
        Permission.MANAGE: steward,
    }
)
