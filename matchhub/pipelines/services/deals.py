"""A deal from the agreement to its end."""

from datetime import date, datetime

from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit, dictionaries, errors
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.introductions import services as introductions
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.pipelines import queries
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.models import Deal
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.workflow import STAGES

MOVES = ("talk", "examine", "offer_terms", "sign", "end")


@writes
def open_deal(introduction: Introduction, *, now: datetime) -> Deal:
    """Both agreed: the talks get a row of their own."""
    deal = Deal(
        introduction_id=introduction.id,
        need_id=introduction.need_id,
        enterprise_id=introduction.enterprise_id,
        investor_id=introduction.investor_id,
        stage_changed_at=now,
        opened_at=now,
    )
    db.session.add(deal)
    audit.record(SYSTEM, "deal:open", deal)
    return deal


@writes
def move(deal: Deal, action: str, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """Move a deal along the table of stages; ending it asks why, and ends the introduction."""
    if action not in MOVES:
        raise errors.Invalid(N_("选一个列出的阶段"), field="action")
    if action == "end" and reason not in {entry.code for entry in exit_reasons(now=now)}:
        raise errors.Invalid(N_("选一个原因"), field="reason")
    hold(deal)
    STAGES.advance(deal, action, actor=actor, reason=reason)
    deal.stage_changed_at = deal.introduction.last_activity_at = now
    if action == "end":
        deal.exit_reason, deal.closed_at = reason, now
        if deal.introduction.state is IntroductionState.ACCEPTED:
            introductions.close(deal.introduction, reason="other", actor=actor, now=now)


@writes
def plan(deal: Deal, *, next_step: str, next_step_on: date | None, actor: Actor, now: datetime) -> None:
    """Note the fund's own next step. Raises Conflict when the talks are over."""
    POLICY.check(Permission.PLAN, actor, deal)
    if deal.stage not in OPEN_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=deal.stage)
    if next_step_on is not None and next_step_on < city_date(now):
        raise errors.Invalid(N_("选今天或以后的日期"), field="next_step_on")
    deal.next_step, deal.next_step_on = next_step.strip(), next_step_on
    audit.record(actor, "deal:plan", deal)


@writes
def note_meeting(introduction_id: int, *, now: datetime) -> None:
    """They have met: the first contact has become talks."""
    deal = queries.deals_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    if deal is not None and deal.stage is DealStage.CONTACTED:
        STAGES.advance(deal, "talk", actor=SYSTEM)
        deal.stage_changed_at = now


@writes
def end_with(introduction_id: int, *, now: datetime) -> None:
    """The introduction ended: so do the talks, unless they ended before."""
    deal = queries.deals_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    if deal is not None and deal.stage in OPEN_STAGES:
        STAGES.advance(deal, "end", actor=SYSTEM, reason="introduction_ended")
        deal.stage_changed_at = deal.closed_at = now


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: its deals and the results that it entered go with it."""
    kept, dropped = item.kept.id, item.dropped.id
    deals = queries.deals_with(db.session(), dropped)
    for deal in deals:
        deal.enterprise_id = kept if deal.enterprise_id == dropped else deal.enterprise_id
        deal.investor_id = kept if deal.investor_id == dropped else deal.investor_id
    for outcome in queries.outcomes_of(db.session(), [deal.id for deal in deals]):
        if outcome.entered_by_id == dropped:
            outcome.entered_by_id = kept
    audit.record(SYSTEM, "deal:merge", item.kept, dropped=dropped, count=len(deals))


def exit_reasons(*, now: datetime) -> list[dictionaries.Entry]:
    """Why talks about equity end."""
    entries = dictionaries.snapshot(db.session()).entries("deal_exit_reasons", on=city_date(now))
    return [entry for entry in entries if "equity" in entry.extra.get("for", ())]
