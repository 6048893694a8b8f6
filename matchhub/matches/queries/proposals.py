"""What came of proposals: introductions that were asked for and how they were answered, a fact of a higher feature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Offer
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback


@dataclass(frozen=True, slots=True)
class Proposal:
    """One side asked the other about a need and an offer; `agreed` is None where nobody answered."""

    need_id: int
    offer_id: int
    asked_at: datetime
    answered_at: datetime | None = None
    agreed: bool | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there was a yes or a no."""
        return self.answered_at is not None and self.agreed is not None


@dataclass(slots=True)
class Proposals:
    """All proposals of a kind, given down by `wiring.py`: `read(session, kind)`, oldest first."""

    read: Callable[[Session, PairingKind], Sequence[Proposal]] = lambda session, kind: ()


PROPOSALS = Proposals()


def answers(session: Session, kind: PairingKind) -> list[tuple[int, int, bool]]:
    """(need id, offer id, yes) of every answered proposal, oldest first, and a no where the offer's owner put a suggestion
    away as unfit. What a firm put away stays in its own lists: its count would be told to the other side."""
    answered = [(p.need_id, p.offer_id, bool(p.agreed)) for p in PROPOSALS.read(session, kind) if p.is_answered]
    unfit = session.execute(
        select(Feedback.need_id, Feedback.offer_id)
        .join(Offer, Offer.id == Feedback.offer_id)
        .where(Offer.kind == kind, Feedback.side == Side.OFFER, Feedback.kind == FeedbackKind.NOT_FIT)
        .order_by(Feedback.id)
    )
    held = {(need_id, offer_id) for need_id, offer_id, _ in answered}
    return answered + [(need, offer, False) for need, offer in unfit if (need, offer) not in held]
