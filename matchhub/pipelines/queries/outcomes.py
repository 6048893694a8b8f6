"""Outcomes as their parties find them, and the figures that stewards see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.paging import Page, paged, TOTALS
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import Filters, in_stewards_scope, month_of
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need
from matchhub.pipelines.enums import OutcomeState
from matchhub.pipelines.models import Outcome

STANDING = (OutcomeState.ENTERED, OutcomeState.CONFIRMED)


FIGURE: tuple[Any, ...] = (
    Outcome.id, Outcome.kind, Outcome.amount_yuan, Outcome.sessions, Outcome.minutes, Outcome.instrument, Outcome.received_on,
    Need.lead_industry, Need.district_code,
)  # fmt: skip


def visible_outcome(actor: Actor, outcome_id: int) -> Outcome | None:
    """What came of a deal of the actor's own organization; loans and mentoring have pages of their own."""
    return _visible(actor, outcome_id, PairingKind.EQUITY)


def visible_payout(actor: Actor, payout_id: int) -> Outcome | None:
    """The payout of a loan of the actor's own organization."""
    return _visible(actor, payout_id, PairingKind.CREDIT)


def visible_result(actor: Actor, result_id: int) -> Outcome | None:
    """What came of mentoring in which the actor's own organization has a part."""
    return _visible(actor, result_id, PairingKind.MENTORING)


def _visible(actor: Actor, outcome_id: int, kind: PairingKind) -> Outcome | None:
    outcome = db.session.get(Outcome, outcome_id, options=[joinedload(Outcome.introduction, innerjoin=True)])
    if outcome is None or outcome.kind is not kind:
        return None
    return outcome if outcome.introduction.is_party(actor.organization_id) else None


def outcomes_of(session: Session, deal_ids: Sequence[int]) -> list[Outcome]:
    """The outcomes of these deals, the newest first."""
    return list(session.scalars(select(Outcome).where(Outcome.deal_id.in_(deal_ids)).order_by(Outcome.id.desc())))


def outcomes_about(session: Session, introduction_ids: Sequence[int]) -> list[Outcome]:
    """The outcomes of these introductions, of whatever kind, the newest first."""
    about = Outcome.introduction_id.in_(introduction_ids)
    return list(session.scalars(select(Outcome).where(about).order_by(Outcome.id.desc())))


def outcomes_entered_by(session: Session, organization_id: int) -> list[Outcome]:
    """Every outcome that an organization entered."""
    return list(session.scalars(select(Outcome).where(Outcome.entered_by_id == organization_id)))


def current_outcome(outcomes: Sequence[Outcome]) -> Outcome | None:
    """The one that counts or waits for the other side."""
    return next((outcome for outcome in outcomes if outcome.state in STANDING), None)


def confirmed_figures(
    session: Session, actor: Actor, filters: Filters, *, number: int, per_page: int = 50
) -> Page[Row[Any]]:
    """Confirmed outcomes in a steward's scope (`FIGURE`): for bands, sectors, districts and months, not for names."""
    conditions = list(in_stewards_scope(actor))
    if filters.district:
        conditions.append(Need.district_code == filters.district)
    if filters.industry:
        conditions.append(Need.lead_industry == filters.industry)
    if filters.kind:
        conditions.append(Outcome.kind == filters.kind)
    if bounds := month_of(filters.month):
        conditions += [Outcome.received_on >= bounds[0].date(), Outcome.received_on < bounds[1].date()]
    statement: Select[Any] = (
        select(*FIGURE)
        .select_from(Outcome)
        .join(Outcome.introduction)
        .join(Introduction.need)
        .where(Outcome.state == OutcomeState.CONFIRMED, *conditions)  # type: ignore[arg-type]
        .order_by(Outcome.received_on.desc(), Outcome.id.desc())
    )  # fmt: skip
    known = TOTALS.of(session, actor, "outcomes") if filters == Filters() else None
    return paged(session, statement, number, per_page, known=known, wide=True)
