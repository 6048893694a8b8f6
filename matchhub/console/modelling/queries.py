"""How well a version of the weights tells, in the city's own history, what was agreed from what was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.matches import engine
from matchhub.matches.queries.proposals import Proposal

LATEST, ENOUGH = 300, 10
AGREED = (IntroductionState.ACCEPTED, IntroductionState.REVOKED, IntroductionState.CLOSED)
ANSWERS = {**dict.fromkeys(AGREED, True), IntroductionState.DECLINED: False}


@dataclass(frozen=True, slots=True)
class Quality:
    """Answered introductions under one version. `auc`: how often an agreed one scores above a declined one; None where
    fewer than ENOUGH of either are there. `good`: the share of the agreed that read 较契合 or better."""

    agreed: int
    declined: int
    auc: float | None = None
    good: float | None = None


def proposals(session: Session, kind: PairingKind) -> Sequence[Proposal]:
    """All introductions of a kind, oldest first, with a yes or a no where there was one."""
    rows = session.execute(
        select(
            Introduction.need_id, Introduction.offer_id, Introduction.requested_at, Introduction.answered_at,
            Introduction.state,
        )
        .where(Introduction.kind == kind)
        .order_by(Introduction.requested_at, Introduction.id)
    )  # fmt: skip
    return [
        Proposal(need_id, offer_id, asked, at if state in ANSWERS else None, ANSWERS.get(state))
        for need_id, offer_id, asked, at, state in rows
    ]


def answered(session: Session, kind: PairingKind) -> Sequence[tuple[int, int, bool]]:
    """(need id, offer id, agreed) of the latest answered introductions."""
    rows = session.execute(
        select(Introduction.need_id, Introduction.offer_id, Introduction.state)
        .where(
            Introduction.kind == kind,
            Introduction.answered_at.is_not(None),
            or_(Introduction.state.in_(AGREED), Introduction.state == IntroductionState.DECLINED),
        )
        .order_by(Introduction.answered_at.desc())
        .limit(LATEST)
    )
    return [(need_id, offer_id, state in AGREED) for need_id, offer_id, state in rows]


def quality(session: Session, kind: PairingKind, spec: dict[str, object], *, now: datetime) -> Quality | None:
    """How the matcher that is loaded judges the answered introductions under a version; None while it is being loaded."""
    pairs = answered(session, kind)
    agreed = sum(yes for _, _, yes in pairs)
    told = Quality(agreed, len(pairs) - agreed)
    if min(told.agreed, told.declined) < ENOUGH:
        return told
    scorer = engine.store(session, kind).scorer()
    if scorer is None:
        return None
    scores = scorer.aside(spec).scores_of(session, [(need, offer) for need, offer, _ in pairs], now=now)
    good = [scores[need, offer] for need, offer, yes in pairs if yes and (need, offer) in scores]
    bad = [scores[need, offer] for need, offer, yes in pairs if not yes and (need, offer) in scores]
    if not good or not bad:
        return told
    wins = sum((one > other) + (one == other) / 2 for one in good for other in bad)
    cut = float(spec["cuts"]["good"])  # type: ignore[index]
    return Quality(
        told.agreed, told.declined, wins / (len(good) * len(bad)), sum(one >= cut for one in good) / len(good)
    )
