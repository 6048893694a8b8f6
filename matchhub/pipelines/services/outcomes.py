"""The result: one side enters it, the other confirms or disputes it."""

from dataclasses import dataclass
from datetime import date, datetime

from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.introductions import services as introductions
from matchhub.listings.enums import NeedState
from matchhub.listings.models import EquityNeed
from matchhub.listings.services.needs import meet_need
from matchhub.pipelines import queries
from matchhub.pipelines.enums import OPEN_STAGES
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.news import OutcomeChanged, OutcomeConfirmed, OutcomeStep
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.workflow import OUTCOMES, STAGES
from matchhub.profiles.models import PastRound

LARGEST_YUAN = 100_000_000_000
FAMILIES = ("equity", "mixed")


@dataclass(frozen=True, slots=True)
class Result:
    """What one side says came of it. Amount in 元."""

    amount_yuan: int
    instrument: str
    received_on: date
    note: str = ""
    meets_need: bool = False


@writes
def enter(deal: Deal, result: Result, *, actor: Actor, now: datetime) -> Outcome:
    """Enter a result for the other side to confirm. Raises Conflict where one waits already or the talks are over."""
    POLICY.check(Permission.ENTER, actor, deal)
    if deal.stage not in OPEN_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=deal.stage)
    standing = queries.current_outcome(queries.outcomes_of(db.session(), [deal.id]))
    if standing is not None:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=standing.state)
    _check(result, now=now)
    own_word = actor.organization_id == deal.enterprise_id
    outcome = Outcome(
        deal=deal,
        amount_yuan=result.amount_yuan,
        instrument=result.instrument,
        received_on=result.received_on,
        note=result.note.strip(),
        meets_need=result.meets_need and own_word,
        entered_by_id=actor.organization_id,
        entered_by_user_id=actor.user_id,
    )
    db.session.add(outcome)
    deal.introduction.last_activity_at = now
    audit.record(actor, "outcome:enter", outcome)
    news.publish(OutcomeChanged(outcome, OutcomeStep.ENTERED), now=now)
    return outcome


@writes
def correct(outcome: Outcome, result: Result, *, actor: Actor, now: datetime) -> Outcome:
    """Take back what was entered and enter it anew, as long as the other has not answered."""
    hold(outcome)
    OUTCOMES.advance(outcome, "withdraw", actor=actor)
    outcome.decided_at = now
    db.session.flush()
    return enter(outcome.deal, result, actor=actor, now=now)


@writes
def confirm(outcome: Outcome, *, meets_need: bool = False, actor: Actor, now: datetime) -> None:
    """Both say the same: the deal is funded, the introduction has its result, it counts in the city's figures."""
    hold(outcome)
    OUTCOMES.advance(outcome, "confirm", actor=actor)
    deal = outcome.deal
    outcome.confirmed_by_user_id, outcome.decided_at = actor.user_id, now
    outcome.meets_need = outcome.meets_need or (meets_need and actor.organization_id == deal.enterprise_id)
    STAGES.advance(deal, "fund", actor=SYSTEM)
    deal.stage_changed_at = deal.closed_at = now
    introductions.close_with_result(deal.introduction, now=now)
    if outcome.meets_need and need_is_open(outcome):
        meet_need(deal.introduction.need, actor=SYSTEM, now=now)
    db.session.add(_past_round(outcome))
    news.publish(OutcomeConfirmed(outcome), now=now)


@writes
def dispute(outcome: Outcome, *, reason: str, actor: Actor, now: datetime) -> None:
    """Not so: the reason goes to the side that entered it, which may enter it anew."""
    hold(outcome)
    OUTCOMES.advance(outcome, "dispute", actor=actor, reason=reason)
    outcome.dispute_reason, outcome.decided_at = reason.strip()[:300], now
    outcome.deal.introduction.last_activity_at = now
    news.publish(OutcomeChanged(outcome, OutcomeStep.DISPUTED), now=now)


def need_is_open(outcome: Outcome) -> bool:
    """Whether the need behind the result still looks for money."""
    return outcome.deal.introduction.need.state in (NeedState.OPEN, NeedState.PAUSED)


def instruments(*, now: datetime) -> list[dictionaries.Entry]:
    """The instruments that an equity deal may end in."""
    entries = dictionaries.snapshot(db.session()).entries("instruments", on=city_date(now))
    return [entry for entry in entries if entry.extra.get("family") in FAMILIES]


def _check(result: Result, *, now: datetime) -> None:
    if not 0 < result.amount_yuan <= LARGEST_YUAN:
        raise errors.Invalid(N_("填写到账金额，大于 0"), field="amount_wan")
    if result.received_on > city_date(now):
        raise errors.Invalid(N_("到账日期不能晚于今天"), field="received_on")
    if result.instrument not in {entry.code for entry in instruments(now=now)}:
        raise errors.Invalid(N_("选一个融资方式"), field="instrument")


def _past_round(outcome: Outcome) -> PastRound:
    """The fund's track record: industry, round and day. Neither name nor amount: they stay between the two."""
    deal = outcome.deal
    need = deal.introduction.need
    return PastRound(
        investor_id=deal.investor_id,
        enterprise_id=deal.enterprise_id,
        closed_on=outcome.received_on,
        round_code=need.round_code if isinstance(need, EquityNeed) else None,
        industries=list(need.industries),
        region_code=need.region_code,
        text=need.teaser,
        source="matchhub",
        external_ref=f"matchhub:outcome:{outcome.id}",
    )
