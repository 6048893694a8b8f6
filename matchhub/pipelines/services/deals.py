"""A deal from the agreement to its end."""

from datetime import date, datetime

from matchhub.accounts.news import OrganizationMerged
from matchhub.accounts.queries import people_of
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
from matchhub.pipelines.models import BoardMove, Deal
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import boards
from matchhub.pipelines.workflow import STAGES

ACTIONS = {
    DealStage.CONTACTED: "go_back",
    DealStage.IN_TALKS: "talk",
    DealStage.DUE_DILIGENCE: "examine",
    DealStage.TERM_SHEET: "offer_terms",
    DealStage.SIGNED: "sign",
}


class Overtaken(errors.Conflict):
    """A colleague moved the card since the mover last saw it: both moves are shown, and the mover chooses again."""


@writes
def open_deal(introduction: Introduction, *, now: datetime) -> Deal:
    """Both agreed: the talks get a row of their own."""
    deal = Deal(
        introduction_id=introduction.id,
        need_id=introduction.need_id,
        enterprise_id=introduction.enterprise_id,
        investor_id=introduction.investor_id,
        stage=DealStage.CONTACTED,
        stage_changed_at=now,
        opened_at=now,
    )
    deal.own_stage_id = _own_stage(boards.columns_of(db.session(), deal.investor_id), deal)
    db.session.add(deal)
    audit.record(SYSTEM, "deal:open", deal)
    return deal


@writes
def place(deal: Deal, key: str, *, seen: int, actor: Actor, now: datetime) -> None:
    """Put the card into a column, by the column's key. `seen` is the move count that the mover had before its eyes.

    Raises Invalid (no such column), Overtaken (a colleague was faster) or Conflict (the talks are over).
    """
    hold(deal)
    POLICY.check(Permission.MOVE, actor, deal)
    columns = boards.columns_of(db.session(), deal.investor_id)
    target = columns.find(key)
    if target is None:
        raise errors.Invalid(N_("选一个列出的阶段"), field="to")
    if deal.stage not in OPEN_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=deal.stage)
    if target == columns.of(deal.stage, deal.own_stage_id):
        return
    if deal.move_count != seen:
        raise Overtaken(N_("同事刚移动过这张卡片，看过后再选一次"))
    _move(deal, target.stage, actor=actor, now=now, to=target)
    deal.introduction.last_activity_at = now


@writes
def end(deal: Deal, *, reason: str, actor: Actor, now: datetime) -> None:
    """End the talks, for a reason of the dictionary that only the fund sees; the introduction ends with them."""
    if reason not in {entry.code for entry in exit_reasons(now=now)}:
        raise errors.Invalid(N_("选一个原因"), field="exit_reason")
    hold(deal)
    _move(deal, DealStage.ENDED, actor=actor, now=now, reason=reason)
    deal.exit_reason, deal.closed_at = reason, now
    deal.introduction.last_activity_at = now
    if deal.introduction.state is IntroductionState.ACCEPTED:
        introductions.close(deal.introduction, reason="other", actor=actor, now=now)


@writes
def fund(deal: Deal, *, now: datetime) -> None:
    """Both have confirmed the result: the money is there."""
    _move(deal, DealStage.FUNDED, actor=SYSTEM, now=now)
    deal.closed_at = now


@writes
def plan(
    deal: Deal,
    *,
    next_step: str,
    next_step_on: date | None,
    was: tuple[str, date | None] | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Note the fund's own next step. `was` is the step that the writer saw; where a colleague has changed it since, Invalid
    says to what. Raises Conflict when the talks are over.
    """
    POLICY.check(Permission.PLAN, actor, deal)
    hold(deal)
    if deal.stage not in OPEN_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=deal.stage)
    if next_step_on is not None and next_step_on < city_date(now):
        raise errors.Invalid(N_("选今天或以后的日期"), field="next_step_on")
    if was is not None and was != (deal.next_step, deal.next_step_on):
        raise errors.Invalid(N_("同事刚改成「%(step)s」，核对后再保存一次"), field="next_step", step=deal.next_step)
    deal.next_step, deal.next_step_on = next_step.strip(), next_step_on
    audit.record(actor, "deal:plan", deal)


@writes
def assign(deal: Deal, user_id: int | None, *, actor: Actor, now: datetime) -> None:
    """Give the deal to a colleague, or to nobody. Raises Invalid for somebody who does not act for the fund."""
    POLICY.check(Permission.PLAN, actor, deal)
    hold(deal)
    if user_id is not None and user_id not in {user.id for user in people_of(db.session(), deal.investor_id)}:
        raise errors.Invalid(N_("选一位本机构的同事"), field="assignee")
    deal.assignee_id = user_id
    audit.record(actor, "deal:assign", deal, user_id=user_id)


@writes
def note_meeting(introduction_id: int, *, now: datetime) -> None:
    """They have met: the first contact has become talks."""
    deal = queries.deals_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    if deal is not None and deal.stage is DealStage.CONTACTED:
        _move(deal, DealStage.IN_TALKS, actor=SYSTEM, now=now)


@writes
def end_with(introduction_id: int, *, now: datetime) -> None:
    """The introduction ended: so do the talks, unless they ended before."""
    deal = queries.deals_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    if deal is not None and deal.stage in OPEN_STAGES:
        _move(deal, DealStage.ENDED, actor=SYSTEM, now=now, reason="introduction_ended")
        deal.closed_at = now


def _move(
    deal: Deal, stage: DealStage, *, actor: Actor, now: datetime, to: boards.Column | None = None, reason: str = ""
) -> None:
    """The one way of a card: the table of stages, the column, the count that movers must have seen, the history."""
    columns = boards.columns_of(db.session(), deal.investor_id)
    before = columns.of(deal.stage, deal.own_stage_id)
    deal.own_stage_id = None
    if stage is not deal.stage or stage not in OPEN_STAGES:
        action = {DealStage.FUNDED: "fund", DealStage.ENDED: "end"}.get(stage) or ACTIONS[stage]
        STAGES.advance(deal, action, actor=actor, reason=reason)
    else:
        audit.record(actor, "deal:place", deal)
    after = to or columns.home(stage)
    deal.own_stage_id = after.own_stage_id if after.stage is stage else None
    deal.stage_changed_at = now
    deal.move_count += 1
    db.session.add(BoardMove(deal_id=deal.id, user_id=actor.user_id, before=before.name, after=after.name, at=now))


def _own_stage(columns: boards.Columns, deal: Deal) -> int | None:
    """The own stage that a card of this stage belongs into; None where the fund has none of that stage."""
    home = columns.home(deal.stage)
    return home.own_stage_id if home.stage is deal.stage else None


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: its deals and the results that it entered go with it."""
    kept, dropped = item.kept.id, item.dropped.id
    deals = queries.deals_with(db.session(), dropped)
    for deal in deals:
        deal.enterprise_id = kept if deal.enterprise_id == dropped else deal.enterprise_id
        deal.own_stage_id = None if deal.investor_id == dropped else deal.own_stage_id
        deal.investor_id = kept if deal.investor_id == dropped else deal.investor_id
    for note in boards.notes_on(db.session(), [deal.id for deal in deals]):
        note.organization_id = kept if note.organization_id == dropped else note.organization_id
    for outcome in queries.outcomes_of(db.session(), [deal.id for deal in deals]):
        if outcome.entered_by_id == dropped:
            outcome.entered_by_id = kept
    audit.record(SYSTEM, "deal:merge", item.kept, dropped=dropped, count=len(deals))


def exit_reasons(*, now: datetime) -> list[dictionaries.Entry]:
    """Why talks about equity end."""
    entries = dictionaries.snapshot(db.session()).entries("deal_exit_reasons", on=city_date(now))
    return [entry for entry in entries if "equity" in entry.extra.get("for", ())]
