"""Predicates about the actor alone, on which every feature's table is built, and the scope of those who look after others."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matchhub.accounts.enums import EDITING_ROLES, OrganizationKind, Role
from matchhub.core.policy import Actor, Policy, Predicate, predicate, signed_in, system


def _of_kind(kind: OrganizationKind) -> Predicate:
    return Predicate(f"{kind.value}_member", lambda actor, _: actor.organization_kind == kind.value)


enterprise_member = _of_kind(OrganizationKind.ENTERPRISE)
investor_member = _of_kind(OrganizationKind.INVESTOR)
carrier_member = _of_kind(OrganizationKind.CARRIER)
bank_member = _of_kind(OrganizationKind.BANK)
mentor_member = _of_kind(OrganizationKind.MENTOR)


@predicate
def editor(actor: Actor, subject: Any) -> bool:
    """May change things for the own organization."""
    return actor.role in {role.value for role in EDITING_ROLES}


@predicate
def owner(actor: Actor, subject: Any) -> bool:
    """Answers for the organization."""
    return actor.role == Role.OWNER.value


@predicate
def verified(actor: Actor, subject: Any) -> bool:
    """Acts for an organization that somebody has checked."""
    return actor.organization_verified


def _in_role(role: Role) -> Predicate:
    return Predicate(role.value, lambda actor, _: actor.role == role.value)


district_officer = _in_role(Role.DISTRICT_OFFICER)
city_officer = _in_role(Role.CITY_OFFICER)
administrator = _in_role(Role.ADMINISTRATOR)
auditor = _in_role(Role.AUDITOR)
officer = district_officer | city_officer
operator = carrier_member & editor


def in_scope(actor: Actor, *, district_code: str | None, carrier_id: int | None) -> bool:
    """Whether an officer or operator looks after what lies in this district and carrier. Nobody else has a scope."""
    if actor.role == Role.CITY_OFFICER.value:
        return True
    if actor.role == Role.DISTRICT_OFFICER.value:
        return actor.region_code is not None and actor.region_code == district_code
    if actor.organization_kind == OrganizationKind.CARRIER.value and actor.organization_verified:
        return carrier_id is not None and carrier_id == actor.organization_id
    return False


@dataclass(frozen=True, slots=True)
class Reach:
    """One organization that a person acts for, as far as a scope must know it."""

    kind: OrganizationKind
    district_code: str | None
    carrier_id: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person and all organizations that the person acts for."""

    user_id: int
    reaches: Sequence[Reach]


@dataclass(frozen=True, slots=True)
class Ward:
    """An imported organization that nobody has joined yet, and the carrier that looks after it."""

    organization: Any
    carrier_id: int | None


@predicate
def guardian(actor: Actor, subject: Any) -> bool:
    """Runs the carrier in which the unclaimed organization is."""
    is_carrier = subject.carrier_id is not None and subject.carrier_id == actor.organization_id
    return is_carrier and not subject.organization.is_claimed and verified(actor) and operator(actor)


@predicate
def unclaimed(actor: Actor, subject: Any) -> bool:
    """Nobody has joined the organization yet."""
    return not subject.organization.is_claimed


@predicate
def member(actor: Actor, subject: Any) -> bool:
    """Acts for some organization."""
    return actor.membership_id is not None


@predicate
def own(actor: Actor, subject: Any) -> bool:
    """The organization, or the membership or invitation in it, is the actor's own organization."""
    organization_id = getattr(subject, "organization_id", None) or getattr(subject, "id", None)
    return subject is None or (actor.organization_id is not None and actor.organization_id == organization_id)


@predicate
def oneself(actor: Actor, subject: Any) -> bool:
    """The membership is the actor's."""
    return actor.is_known and subject.user_id == actor.user_id


@predicate
def foreign(actor: Actor, subject: Any) -> bool:
    """Not the organization that the actor acts for: nobody checks the own one."""
    return bool(actor.organization_id != subject.id)


@predicate
def steward(actor: Actor, subject: Any) -> bool:
    """Looks after the district where the organization lies; carriers look after the enterprises of their district only."""
    if actor.organization_kind != OrganizationKind.CARRIER.value:
        return in_scope(actor, district_code=subject.district_code, carrier_id=None)
    same = actor.district_code is not None and actor.district_code == subject.district_code
    return same and subject.kind is OrganizationKind.ENTERPRISE and verified(actor) and editor(actor)


@predicate
def looks_after_person(actor: Actor, subject: Any) -> bool:
    """Has every organization that the person acts for in scope: a code opens all of them."""
    if subject is None:
        return True
    return (
        bool(subject.reaches)
        and subject.user_id != actor.user_id
        and all(
            reach.kind is not OrganizationKind.BUREAU
            and in_scope(actor, district_code=reach.district_code, carrier_id=reach.carrier_id)
            for reach in subject.reaches
        )
    )


@predicate
def other_person(actor: Actor, subject: Any) -> bool:
    """Not oneself."""
    return subject is None or subject.user_id != actor.user_id


class Permission(StrEnum):
    """What accounts let people do."""

    ACT = "act"
    SEE_COLLEAGUES = "see_colleagues"
    MANAGE_COLLEAGUE = "manage_colleague"
    ANSWER_JOIN = "answer_join"
    INVITE = "invite"
    INVITE_TO_CLAIM = "invite_to_claim"
    LEAVE = "leave"
    SUBMIT = "submit"
    RENAME = "rename"
    VERIFY = "verify"
    CLOSE = "close"
    SETTLE = "settle"
    ISSUE_CODE = "issue_code"
    SUPPORT = "support"
    MANAGE_ROBOTS = "manage_robots"
    TELL_GROUP = "tell_group"


manager = owner & own

POLICY = Policy({
    Permission.ACT: signed_in,
    Permission.SEE_COLLEAGUES: member,
    Permission.MANAGE_COLLEAGUE: manager | administrator | system,
    Permission.ANSWER_JOIN: manager | administrator | system,
    Permission.INVITE: manager | administrator | system,
    Permission.INVITE_TO_CLAIM: guardian | ((city_officer | administrator) & unclaimed),
    Permission.LEAVE: oneself,
    Permission.SUBMIT: manager | administrator | system,
    Permission.RENAME: manager | administrator | system,
    Permission.VERIFY: (foreign & (steward | administrator)) | system,
    Permission.CLOSE: manager | administrator,
    Permission.SETTLE: administrator | system,
    Permission.SUPPORT: administrator,
    Permission.MANAGE_ROBOTS: manager,
    Permission.TELL_GROUP: manager | system,
    Permission.ISSUE_CODE: ((operator | officer) & looks_after_person) | (administrator & other_person),
})  # fmt: skip
