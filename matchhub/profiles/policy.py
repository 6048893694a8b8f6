"""Who may do what with profiles, residencies, attachments and the roster."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.policy import (
    administrator,
    bank_member,
    carrier_member,
    city_officer,
    editor,
    enterprise_member,
    in_scope,
    investor_member,
    mentor_member,
    officer,
    operator,
    verified,
)
from matchhub.core.policy import Actor, Policy, Predicate, predicate, system


class Permission(StrEnum):
    """What the profiles let people do."""

    OPEN_OWN = "open_own"
    EDIT_OWN = "edit_own"
    SUBMIT = "submit"
    REVIEW = "review"
    ARCHIVE = "archive"
    BROWSE = "browse"
    READ_FILE = "read_file"
    APPLY = "apply"
    WITHDRAW = "withdraw"
    SEE_RESIDENCIES = "see_residencies"
    ANSWER_RESIDENCY = "answer_residency"
    MOVE = "move"
    KEEP_ROSTER = "keep_roster"
    BRING_ORGANIZATION = "bring_organization"
    INVITE_FIRM = "invite_firm"
    COMPLAIN = "complain"
    SEE_COMPLAINTS = "see_complaints"
    ANSWER_COMPLAINT = "answer_complaint"
    BLOCK = "block"
    SEE_BLOCKS = "see_blocks"
    UNBLOCK = "unblock"


@predicate
def belongs(actor: Actor, subject: Any) -> bool:
    """The row is of the organization that the actor acts for."""
    return actor.is_known and subject is not None and subject.organization_id == actor.organization_id


@predicate
def reviewer(actor: Actor, subject: Any) -> bool:
    """The carrier of a resident firm, or an officer in scope; never the organization itself."""
    if subject is None or not actor.is_known or subject.organization_id == actor.organization_id:
        return False
    carrier_id = subject.carrier_id if subject.kind is OrganizationKind.ENTERPRISE else None
    looks_after = in_scope(actor, district_code=subject.organization.district_code, carrier_id=carrier_id)
    return looks_after and (officer | operator)(actor, subject)


@predicate
def the_firm(actor: Actor, subject: Any) -> bool:
    """The enterprise of a residency."""
    return subject is not None and actor.organization_id == subject.enterprise_id


@predicate
def the_carrier(actor: Actor, subject: Any) -> bool:
    """The carrier of a residency."""
    return subject is not None and actor.organization_id == subject.carrier_id


@predicate
def blocker(actor: Actor, subject: Any) -> bool:
    """The organization that wants nothing to do with the other one."""
    return subject is not None and actor.organization_id is not None and actor.organization_id == subject.from_id


@predicate
def always(actor: Actor, subject: Any) -> bool:
    """The loader has decided already."""
    return actor.is_known


has_profile: Predicate = enterprise_member | investor_member | carrier_member | bank_member | mentor_member
verified_operator = operator & verified
complaint_desk = city_officer | administrator

POLICY = Policy(
    {
        Permission.OPEN_OWN: has_profile,
        Permission.EDIT_OWN: has_profile & editor & belongs,
        Permission.SUBMIT: has_profile & editor & belongs,
        Permission.REVIEW: reviewer | system,
        Permission.ARCHIVE: (belongs & editor) | reviewer | system,
        Permission.BROWSE: verified | officer,
        Permission.READ_FILE: always,
        Permission.APPLY: enterprise_member & editor,
        Permission.WITHDRAW: the_firm & editor,
        Permission.SEE_RESIDENCIES: enterprise_member | carrier_member | officer,
        Permission.ANSWER_RESIDENCY: (verified_operator & the_carrier) | system,
        Permission.MOVE: verified_operator | system,
        Permission.KEEP_ROSTER: verified_operator,
        Permission.BRING_ORGANIZATION: city_officer | administrator,
        Permission.INVITE_FIRM: verified_operator & the_carrier,
        Permission.COMPLAIN: has_profile & editor & verified,
        Permission.SEE_COMPLAINTS: has_profile | complaint_desk,
        Permission.ANSWER_COMPLAINT: complaint_desk,
        Permission.BLOCK: has_profile & editor & verified,
        Permission.SEE_BLOCKS: has_profile,
        Permission.UNBLOCK: editor & blocker,
    }
)
