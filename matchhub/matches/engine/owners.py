"""Who answers typed words by an open offer: for the directories, which read them as the search box does."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.clock import utcnow
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Offer
from matchhub.matches.engine.saying import KINDS_THAT_SAY, who_says
from matchhub.matches.engine.searching import suited

OFFERED: Mapping[OrganizationKind, PairingKind] = {
    OrganizationKind.INVESTOR: PairingKind.EQUITY,
    OrganizationKind.BANK: PairingKind.CREDIT,
    OrganizationKind.MENTOR: PairingKind.MENTORING,
}
MOST = 50


def owners_of_suited(session: Session, kind: OrganizationKind, typed: str) -> dict[int, tuple[str, ...]]:
    """Organization id → the words that its best open offer, or a firm's or carrier's profile, shares with what was typed, best
    first; for verified members."""
    if kind in KINDS_THAT_SAY:
        return who_says(session, kind, typed)
    pairing = OFFERED.get(kind)
    answers = [] if pairing is None else suited(session, pairing, typed, most=MOST, now=utcnow())
    if not answers:
        return {}
    asked = select(Offer.id, Offer.organization_id).where(
        Offer.id.in_([one.offer_id for one in answers]), Offer.state == OfferState.OPEN
    )
    owner = {row.id: row.organization_id for row in session.execute(asked)}
    found: dict[int, tuple[str, ...]] = {}
    for one in answers:
        if one.offer_id in owner:
            found.setdefault(owner[one.offer_id], one.words)
    return found
