"""The result: one side enters it, the other confirms or disputes it."""

from dataclasses import dataclass
from datetime import date, datetime

from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.introductions import services as introductions
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import EquityNeed, LoanProduct
from matchhub.listings.services.needs import meet_need
from matchhub.pipelines import queries
from matchhub.pipelines.enums import APPROVED_STAGES, OPEN_STAGES
from matchhub.pipelines.models import CreditCase, Deal, Outcome
from matchhub.pipelines.news import OutcomeChanged, OutcomeConfirmed, OutcomeStep
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.services.cases import disburse
from matchhub.pipelines.services.deals import fund
from matchhub.pipelines.workflow import OUTCOMES
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


@dataclass(frozen=True, slots=True)
class Work:
    """What came of mentoring: confirmed sessions, their minutes, the day of the last one."""

    sessions: int
    minutes: int
    last_on: date
    note: str
    meets_need: bool = False


@writes
def enter(deal: Deal, result: Result, *, actor: Actor, now: datetime) -> Outcome:
    """Enter a result for the other side to confirm. Raises Conflict where one waits already or the talks are over."""
    POLICY.check(Permission.ENTER, actor, deal)
    if deal.stage not in OPEN_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=deal.stage)
    _check(result, now=now)
    if result.instrument not in {entry.code for entry in instruments(now=now)}:
        raise errors.Invalid(N_("选一个融资方式"), field="instrument")
    outcome = Outcome(kind=PairingKind.EQUITY, deal=deal, amount_yuan=result.amount_yuan, instrument=result.instrument)
    return _record(outcome, deal.introduction, result, actor=actor, now=now)


@writes
def report_payout(case: CreditCase, result: Result, *, actor: Actor, now: datetime) -> Outcome:
    """The bank has paid the loan out; the instrument is the product's. Raises Conflict before the approval."""
    POLICY.check(Permission.REPORT_PAYOUT, actor, case)
    if case.stage not in APPROVED_STAGES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=case.stage)
    _check(result, now=now)
    if case.granted_yuan is not None and result.amount_yuan > case.granted_yuan:
        raise errors.Invalid(N_("放款金额不能超过批复金额"), field="amount_wan")
    product = case.introduction.offer
    instrument = (product.instrument if isinstance(product, LoanProduct) else None) or "credit"
    outcome = Outcome(kind=PairingKind.CREDIT, case=case, amount_yuan=result.amount_yuan, instrument=instrument)
    return _record(outcome, case.introduction, result, actor=actor, now=now)


@writes
def enter_work(introduction: Introduction, work: Work, *, actor: Actor, now: datetime) -> Outcome:
    """Say what came of mentoring. The engagement has counted the sessions; the other side confirms."""
    POLICY.check(Permission.ENTER, actor, introduction)
    outcome = Outcome(kind=PairingKind.MENTORING, sessions=work.sessions, minutes=work.minutes, instrument="")
    result = Result(0, "", work.last_on, work.note, work.meets_need)
    return _record(outcome, introduction, result, actor=actor, now=now)


def _record(outcome: Outcome, introduction: Introduction, result: Result, *, actor: Actor, now: datetime) -> Outcome:
    """What all kinds share: one at a time, the day, the words, who says so; the other side is told."""
    hold(introduction)
    standing = queries.current_outcome(queries.outcomes_about(db.session(), [introduction.id]))
    if standing is not None:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=standing.state)
    outcome.introduction = introduction
    outcome.received_on, outcome.note = result.received_on, result.note.strip()
    outcome.meets_need = result.meets_need and actor.organization_id == introduction.enterprise_id
    outcome.entered_by_id, outcome.entered_by_user_id = actor.organization_id, actor.user_id  # type: ignore[assignment]
    db.session.add(outcome)
    introduction.last_activity_at = now
    audit.record(actor, "outcome:enter", outcome)
    news.publish(OutcomeChanged(outcome, OutcomeStep.ENTERED), now=now)
    return outcome


@writes
def take_back(outcome: Outcome, *, actor: Actor, now: datetime) -> None:
    """It was not so after all; possible as long as the other has not answered."""
    hold(outcome.introduction)
    hold(outcome)
    OUTCOMES.advance(outcome, "withdraw", actor=actor)
    outcome.decided_at = now
    db.session.flush()


@writes
def correct(outcome: Outcome, result: Result, *, actor: Actor, now: datetime) -> Outcome:
    """Take back what was entered and enter it anew, as long as the other has not answered."""
    take_back(outcome, actor=actor, now=now)
    if outcome.deal is not None:
        return enter(outcome.deal, result, actor=actor, now=now)
    if outcome.case is not None:
        return report_payout(outcome.case, result, actor=actor, now=now)
    raise errors.NotFound(N_("没有这一页，或者你不能看"))


@writes
def confirm(outcome: Outcome, *, meets_need: bool = False, actor: Actor, now: datetime) -> None:
    """Both say the same: what the introduction started is settled, it has its result, it counts in the city's figures."""
    hold(outcome.introduction)
    hold(outcome)
    OUTCOMES.advance(outcome, "confirm", actor=actor)
    introduction = outcome.introduction
    outcome.confirmed_by_user_id, outcome.decided_at = actor.user_id, now
    outcome.meets_need = outcome.meets_need or (meets_need and actor.organization_id == introduction.enterprise_id)
    if outcome.deal is not None:
        _fund(outcome, outcome.deal, now=now)
    if outcome.case is not None:
        disburse(outcome.case, now=now)
    news.publish(OutcomeConfirmed(outcome), now=now)
    introductions.close_with_result(introduction, now=now)
    if outcome.meets_need and need_is_open(outcome):
        meet_need(introduction.need, actor=SYSTEM, now=now)


def _fund(outcome: Outcome, deal: Deal, *, now: datetime) -> None:
    fund(deal, now=now)
    db.session.add(_past_round(outcome, deal))


@writes
def dispute(outcome: Outcome, *, reason: str, actor: Actor, now: datetime) -> None:
    """Not so: the reason goes to the side that entered it, which may enter it anew."""
    hold(outcome.introduction)
    hold(outcome)
    OUTCOMES.advance(outcome, "dispute", actor=actor, reason=reason)
    outcome.dispute_reason, outcome.decided_at = reason.strip()[:300], now
    outcome.introduction.last_activity_at = now
    news.publish(OutcomeChanged(outcome, OutcomeStep.DISPUTED), now=now)


@writes
def outcomes_follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: the results that it entered go with it."""
    for outcome in queries.outcomes_entered_by(db.session(), item.dropped.id):
        outcome.entered_by_id = item.kept.id


def need_is_open(outcome: Outcome) -> bool:
    """Whether the need behind the result still looks for something."""
    return outcome.introduction.need.state in (NeedState.OPEN, NeedState.PAUSED)


def instruments(*, now: datetime) -> list[dictionaries.Entry]:
    """The instruments that an equity deal may end in."""
    entries = dictionaries.snapshot(db.session()).entries("instruments", on=city_date(now))
    return [entry for entry in entries if entry.extra.get("family") in FAMILIES]


def _check(result: Result, *, now: datetime) -> None:
    if not 0 < result.amount_yuan <= LARGEST_YUAN:
        raise errors.Invalid(N_("填写到账金额，大于 0"), field="amount_wan")
    if result.received_on > city_date(now):
        raise errors.Invalid(N_("到账日期不能晚于今天"), field="received_on")


def _past_round(outcome: Outcome, deal: Deal) -> PastRound:
    """The fund's track record: industry, round and day. Neither name nor amount: they stay between the two."""
    need = outcome.introduction.need
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
