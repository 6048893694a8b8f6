"""Whose needs a steward may count: the city all, a district its own, a carrier those of its firms."""

from enum import Enum
from typing import Any

from sqlalchemy import bindparam, ColumnElement, false, literal

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.core.policy import Actor
from matchhub.listings.models import Need

Own = str | int | None
OWN: Any = bindparam("own")  # the district or the carrier of a kept statement


class Scope(Enum):
    """How far a steward looks."""

    CITY = "city"
    DISTRICT = "district"
    CARRIER = "carrier"
    NOTHING = "nothing"


def scope_of(actor: Actor) -> tuple[Scope, Own]:
    """Whose needs a steward may count, and by which district or carrier they are told."""
    if actor.role == Role.CITY_OFFICER:
        return Scope.CITY, None
    if actor.role == Role.DISTRICT_OFFICER and actor.region_code:
        return Scope.DISTRICT, actor.region_code
    if actor.organization_kind == OrganizationKind.CARRIER and actor.organization_verified:
        return Scope.CARRIER, actor.organization_id
    return Scope.NOTHING, None


def needs_of(scope: Scope, own: Any = OWN) -> ColumnElement[bool]:
    """The needs of a scope; a statement that is kept leaves `own` open and is given it when it is asked."""
    match scope:
        case Scope.CITY:
            return literal(True)
        case Scope.DISTRICT:
            return Need.district_code == own
        case Scope.CARRIER:
            return Need.carrier_id == own
        case _:
            return false()


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """The needs that a steward may count: the city all, a district its own, a carrier those of its firms."""
    return needs_of(*scope_of(actor))
