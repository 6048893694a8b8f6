"""Predicates about the actor alone, on which every feature's table is built, and the scope of those who look after others."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.enums import EDITING_ROLES, OrganizationKind, Role
from matchhub.core.policy import Actor, Policy, Predicate, predicate, signed_in


def _of_kind(kind: OrganizationKind) -> Predicate:
    return Predicate(f"{kind.value}_member", lambda actor, _: actor.organization_kind == kind.value)


enterprise_member = _of_kind(OrganizationKind.ENTERPRISE)
investor_member = _of_kind(OrganizationKind.INVESTOR)
carrier_member = _of_kind(OrganizationKind.CARRIER)


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


class Permission(StrEnum):
    """What accounts let people do."""

    ACT = "act"


POLICY = Policy({Permission.ACT: signed_in})
