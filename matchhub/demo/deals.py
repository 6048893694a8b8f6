"""Deals as they were planned: moved along the board, brought to a result that both confirm, or ended with a reason."""

from datetime import datetime, timedelta

from matchhub.core.clock import city_date
from matchhub.core.db import db
from matchhub.demo import content
from matchhub.demo.plans import Plan
from matchhub.demo.stage import Stage
from matchhub.listings.models import EquityNeed
from matchhub.pipelines import services
from matchhub.pipelines.enums import OPEN_STAGES, OutcomeState
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.queries import deals_by_introduction
from matchhub.pipelines.services import Result
from matchhub.pipelines.workflow import STAGES

DISPUTE = "金额与到账回单不一致，请核对后重新填写。"


def deal_of(introduction_id: int) -> Deal | None:
    """The deal of an introduction while it is open."""
    deal = deals_by_introduction(db.session(), [introduction_id]).get(introduction_id)
    return deal if deal is not None and deal.stage in OPEN_STAGES else None


def move_at(stage: Stage, plan: Plan, introduction_id: int, action: str, *, now: datetime) -> None:
    """The fund moves the card, where the board allows it."""
    deal, actor = deal_of(introduction_id), stage.actor(plan.offer)
    if deal is None or not STAGES.may(action, deal, actor):
        return
    if action == "end":
        services.end(deal, reason=stage.rng.choice(services.exit_reasons(now=now)).code, actor=actor, now=now)
    else:
        services.place(deal, STAGES.rows[action].target.value, seen=deal.move_count, actor=actor, now=now)


def step_at(stage: Stage, plan: Plan, introduction_id: int, *, now: datetime) -> None:
    """The fund notes what it will do next."""
    deal = deal_of(introduction_id)
    if deal is not None:
        on = city_date(now) + timedelta(days=stage.rng.randint(2, 12))
        words = stage.rng.choice(content.lines("next_steps"))
        services.plan(deal, next_step=words, next_step_on=on, actor=stage.actor(plan.offer), now=now)


def result_at(stage: Stage, plan: Plan, introduction_id: int, *, now: datetime) -> None:
    """One side enters what came of it."""
    deal, finish = deal_of(introduction_id), plan.finish
    if deal is None or finish is None:
        return
    outcome = services.enter(
        deal, _result(stage, plan, now), actor=stage.actor(plan.need if finish.by_firm else plan.offer), now=now
    )
    db.session.flush()
    if finish.answered_at is not None:
        stage.timeline.at(finish.answered_at, answer_result, stage, plan, outcome.id, finish.is_disputed)


def _result(stage: Stage, plan: Plan, now: datetime) -> Result:
    """Between what was asked at least and at most, in whole 100,000 元."""
    need = stage.get(EquityNeed, stage.needs[plan.need])
    low = need.amount_min_yuan or 1_000_000
    amount = stage.rng.randint(low // 100_000, max(low, need.amount_max_yuan or low) // 100_000) * 100_000
    received_on = city_date(now) - timedelta(days=stage.rng.randint(0, 4))
    meets = plan.finish is not None and plan.finish.meets_need
    firm, investor = stage.organization(plan.need), stage.organization(plan.offer)
    note = stage.rng.choice(content.lines("outcome_notes", "deal")).format(firm=firm.label, investor=investor.label)
    return Result(amount, need.instruments[0], received_on, note=note, meets_need=meets)


def answer_result(stage: Stage, plan: Plan, outcome_id: int, is_disputed: bool, *, now: datetime) -> None:
    """The other side confirms; or it disputes first, and confirms what is entered anew."""
    outcome, finish = stage.get(Outcome, outcome_id), plan.finish
    if finish is None or outcome.state is not OutcomeState.ENTERED:
        return
    enters, answers = (plan.need, plan.offer) if finish.by_firm else (plan.offer, plan.need)
    if not is_disputed:
        meets = finish.meets_need and not finish.by_firm
        services.confirm(outcome, meets_need=meets, actor=stage.actor(answers), now=now)
        return
    services.dispute(outcome, reason=DISPUTE, actor=stage.actor(answers), now=now)
    stage.timeline.at(stage.after(now, 1, 3), _enter_again, stage, plan, outcome.deal_id, enters)


def _enter_again(stage: Stage, plan: Plan, deal_id: int, enters: str, *, now: datetime) -> None:
    deal = stage.get(Deal, deal_id)
    if deal.stage not in OPEN_STAGES:
        return
    outcome = services.enter(deal, _result(stage, plan, now), actor=stage.actor(enters), now=now)
    db.session.flush()
    stage.timeline.at(stage.after(now, 1, 3), answer_result, stage, plan, outcome.id, False)
