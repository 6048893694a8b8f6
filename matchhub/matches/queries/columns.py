"""Needs and offers of a kind as plain columns, the room that offers have left, and the pairs that must not be suggested."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Offer
from matchhub.matches.kinds import KINDS
from matchhub.matches.kinds.table import banded, by_organization, Columns, engaged_now, Past, taken_this_month
from matchhub.matches.models import Exclusion
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation


def need_columns(
    session: Session,
    kind: PairingKind,
    *,
    now: datetime,
    ids: Sequence[int] | None = None,
    only_open: bool = False,
) -> Columns:
    """The open needs of a kind (or these needs, in any state unless `only_open`) in one query."""
    return KINDS[kind].need_columns(session, now=now, ids=ids, only_open=only_open)


def offer_columns(
    session: Session,
    kind: PairingKind,
    *,
    now: datetime,
    ids: Sequence[int] | None = None,
    only_open: bool = False,
) -> Columns:
    """The open offers of a kind (or these offers, in any state unless `only_open`) in a few queries."""
    return KINDS[kind].offer_columns(session, now=now, ids=ids, only_open=only_open)


def past_columns(session: Session, kind: PairingKind, offers: Columns) -> Past | None:
    """What the past says of the owners of these offers, where the kind learns from it."""
    read = KINDS[kind].past_columns
    return read(session, offers) if read else None


def is_full(session: Session, offer: Offer, *, now: datetime) -> bool:
    """Whether the offer's owner can take nobody more for now."""
    return KINDS[offer.kind].full(session, offer, now)


def excluded_pairs(
    session: Session, kind: PairingKind, needs: Columns, offers: Columns, *, now: datetime
) -> list[tuple[int, int, str]]:
    """(need id, offer id, reason) of the pairs that must not be suggested now: written down, between parties that block
    each other, or forbidden by a tie of which the kind knows."""
    written = session.execute(
        select(Exclusion.need_id, Exclusion.offer_id, Exclusion.reason).where(
            or_(Exclusion.until.is_(None), Exclusion.until > now)
        )
    )
    pairs = [(need_id, offer_id, reason) for need_id, offer_id, reason in written]
    needs_of, offers_of = by_organization(needs), by_organization(offers)
    blocked = select(OrganizationRelation.from_id, OrganizationRelation.to_id).where(
        OrganizationRelation.kind == RelationKind.BLOCKED
    )
    for one, other in session.execute(blocked):
        for firm, giver in ((one, other), (other, one)):
            pairs += [(n, o, "blocked") for n in needs_of.get(firm, ()) for o in offers_of.get(giver, ())]
    conflicts = KINDS[kind].conflicts
    return pairs + (conflicts(session, needs, offers) if conflicts else [])


__all__ = [
    "Columns", "Past", "banded", "engaged_now", "excluded_pairs", "is_full", "need_columns", "offer_columns",
    "past_columns", "taken_this_month",
]  # fmt: skip
