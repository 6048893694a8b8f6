"""Who may do what with needs and offers."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.policy import (
    administrator,
    city_officer,
    editor,
    enterprise_member,
    in_scope,
    officer,
    operator,
    verified,
)
from matchhub.core.policy import Actor, Policy, predicate, system

OFFERERS = frozenset(k.value for k in (OrganizationKind.INVESTOR, OrganizationKind.BANK, OrganizationKind.MENTOR))


class Permission(StrEnum):
    """What the listings let people do."""

    LIST_NEEDS = "list_needs"
    SEE_NEED = "see_need"
    START_NEED = "start_need"
    READ_OWN_NEED = "read_own_need"
    EDIT_NEED = "edit_need"
    CHECK_NEED = "check_need"
    BRING_NEED = "bring_need"
    MEET_NEED = "meet_need"
    EXPIRE = "expire"
    LIST_OFFERS = "list_offers"
    SEE_OFFER = "see_offer"
    START_OFFER = "start_offer"
    EDIT_OFFER = "edit_offer"


@predicate
def own(actor: Actor, subject: Any) -> bool:
    """The listing is of the organization that the actor acts for."""
    return actor.is_known and subject is not None and subject.organization_id == actor.organization_id


@predicate
def steward(actor: Actor, subject: Any) -> bool:
    """An officer or operator in whose scope the need lies."""
    return subject is not None and in_scope(actor, district_code=subject.district_code, carrier_id=subject.carrier_id)


@predicate
def verified_carrier(actor: Actor, subject: Any) -> bool:
    """A member of a carrier that has been checked."""
    return actor.organization_kind == OrganizationKind.CARRIER.value and actor.organization_verified


@predicate
def offerer(actor: Actor, subject: Any) -> bool:
    """A member of an organization that makes offers: a fund, a bank, a mentor."""
    return actor.organization_kind in OFFERERS


@predicate
def resident(actor: Actor, subject: Any) -> bool:
    """The firm of the need is in the carrier that the actor runs (`carrier_id` is set by the server)."""
    return actor.organization_verified and in_scope(actor, district_code=None, carrier_id=subject.carrier_id)


@predicate
def unclaimed(actor: Actor, subject: Any) -> bool:
    """Nobody has joined the organization whose offer it is: the city looks after it until somebody does."""
    return subject is not None and not subject.organization.is_claimed


checker = steward & (officer | operator) & ~own

POLICY = Policy(
    {
        Permission.LIST_NEEDS: enterprise_member | officer | verified_carrier,
        Permission.SEE_NEED: own | steward,
        Permission.START_NEED: enterprise_member & editor,
        Permission.READ_OWN_NEED: own,
        Permission.EDIT_NEED: own & enterprise_member & editor,
        Permission.CHECK_NEED: checker,
        Permission.BRING_NEED: operator & resident,
        Permission.MEET_NEED: (own & editor) | system,
        Permission.EXPIRE: system,
        Permission.LIST_OFFERS: verified | offerer | officer,
        Permission.SEE_OFFER: own | verified | officer,
        Permission.START_OFFER: offerer & editor,
        Permission.EDIT_OFFER: (own & offerer & editor) | ((city_officer | administrator) & unclaimed),
    }
)
