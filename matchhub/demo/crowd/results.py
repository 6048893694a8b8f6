"""What an agreement became: a deal, a credit case or an engagement, how far it went, and the outcome that both confirmed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from matchhub.demo.crowd.needs import Wish
from matchhub.demo.crowd.offerers import Supply
from matchhub.demo.crowd.rows import Rows, Values
from matchhub.introductions.enums import IntroductionState, MeetingMode, MeetingState
from matchhub.introductions.models import Meeting
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.matches.models import ENGAGED, Exclusion
from matchhub.mentoring.enums import EngagementState, SessionState
from matchhub.mentoring.models import Engagement, Goal, MentoringSession
from matchhub.pipelines.enums import CASE_PATH, CaseStage, DealStage, OPEN_STAGES, OutcomeState
from matchhub.pipelines.models import CaseDocument, CaseEntry, CreditCase, Deal, Outcome

STEPS = ("约第二次见面", "看产线", "要财务报表", "内部过会", "谈条款")


@dataclass
class Results:
    """Writes what followed an agreement."""

    rows: Rows
    rng: Random
    now: datetime

    def of(
        self,
        introduction_id: int,
        wish: Wish,
        supply: Supply,
        state: IntroductionState,
        agreed: datetime,
        ended: datetime | None,
    ) -> None:
        """One agreement to its present state or its end."""
        self._meeting(introduction_id, wish, supply, agreed)
        is_met = wish.state is NeedState.MET and state is IntroductionState.ACCEPTED and wish.ended_at is not None
        done = max(wish.ended_at, agreed + timedelta(days=1)) if is_met and wish.ended_at else None
        write = {
            PairingKind.EQUITY: self._deal, PairingKind.CREDIT: self._case, PairingKind.MENTORING: self._engagement,
        }[wish.kind]  # fmt: skip
        write(introduction_id, wish, supply, agreed, done, ended)

    def _meeting(self, introduction_id: int, wish: Wish, supply: Supply, agreed: datetime) -> None:
        starts = (agreed + timedelta(days=self.rng.randint(2, 9))).replace(hour=self.rng.randint(1, 8), minute=30)
        is_past = starts < self.now
        self.rows.add(
            Meeting, introduction_id=introduction_id, proposed_by_id=wish.owner.id, proposed_by_user_id=wish.owner.user_id,
            state=MeetingState.HELD if is_past else MeetingState.ACCEPTED, starts_at=starts,
            minutes=self.rng.choice((30, 45, 60)),
            mode=self.rng.choice(tuple(MeetingMode)), place="", note="", summary="谈了产品和下一步。" if is_past else "",
            held_at=starts if is_past else None, version=1, created_at=agreed, updated_at=min(starts, self.now),
        )  # fmt: skip

    def _deal(
        self,
        introduction_id: int,
        wish: Wish,
        supply: Supply,
        agreed: datetime,
        done: datetime | None,
        ended: datetime | None,
    ) -> None:
        stage = DealStage.FUNDED if done else DealStage.ENDED if ended else self.rng.choice(OPEN_STAGES[:4])
        is_open = stage in OPEN_STAGES
        changed = done or ended or min(agreed + timedelta(days=self.rng.randint(1, 20)), self.now - timedelta(hours=1))
        identity = self.rows.add(
            Deal, introduction_id=introduction_id, need_id=wish.id, enterprise_id=wish.owner.id,
            investor_id=supply.organization_id, stage=stage, stage_changed_at=changed,
            next_step=self.rng.choice(STEPS) if is_open else "",
            next_step_on=(self.now + timedelta(days=self.rng.randint(-2, 15))).date() if is_open else None,
            own_stage_id=None, assignee_id=None, move_count=0, exit_reason="timing" if ended else "", opened_at=agreed,
            closed_at=done or ended, version=1, created_at=agreed, updated_at=changed,
        )  # fmt: skip
        if done:
            amount = wish.values["amount_max_yuan"] // 2 or 1_000_000
            self._outcome(
                introduction_id, wish, supply, done, deal_id=identity, amount_yuan=amount, instrument="equity"
            )

    def _case(
        self,
        introduction_id: int,
        wish: Wish,
        supply: Supply,
        agreed: datetime,
        done: datetime | None,
        ended: datetime | None,
    ) -> None:
        stage = CaseStage.DISBURSED if done else CaseStage.REFUSED if ended else self.rng.choice(CASE_PATH[:5])
        changed = done or ended or min(agreed + timedelta(days=self.rng.randint(1, 12)), self.now - timedelta(hours=1))
        is_granted = stage in (CaseStage.GRANTED, CaseStage.DISBURSED)
        amount = min(wish.values["amount_max_yuan"], supply.values["amount_max_yuan"])
        identity = self.rows.add(
            CreditCase, introduction_id=introduction_id, need_id=wish.id, product_id=supply.id, enterprise_id=wish.owner.id,
            bank_id=supply.organization_id, stage=stage, stage_changed_at=changed, opened_at=agreed, closed_at=done or ended,
            granted_yuan=amount if is_granted else None, rate_bp=supply.values["rate_min_bp"] + 15 if is_granted else None,
            exit_reason="repayment" if ended else "", to_firm="", version=1, created_at=agreed, updated_at=changed,
        )  # fmt: skip
        for code in supply.values["materials"]:
            has_it = stage is not CaseStage.CLAIMED and self.rng.random() < 0.8
            self.rows.add(
                CaseDocument, case_id=identity, code=code, received_at=changed if has_it or done else None,
                received_by_id=supply.user_id if has_it or done else None,
            )  # fmt: skip
        for step, at in ((CaseStage.CLAIMED, agreed), (stage, changed)):
            if step is not CaseStage.CLAIMED or at == agreed:
                self.rows.add(CaseEntry, case_id=identity, stage=step, note="", by_user_id=supply.user_id, at=at)
        if done:
            self._outcome(
                introduction_id, wish, supply, done, case_id=identity, amount_yuan=amount,
                instrument=supply.values["instrument"],
            )  # fmt: skip

    def _engagement(
        self,
        introduction_id: int,
        wish: Wish,
        supply: Supply,
        agreed: datetime,
        done: datetime | None,
        ended: datetime | None,
    ) -> None:
        state = EngagementState.FINISHED if done else EngagementState.ENDED if ended else EngagementState.ACTIVE
        last = done or ended or self.now
        identity = self.rows.add(
            Engagement, introduction_id=introduction_id, need_id=wish.id, mentorship_id=supply.id,
            enterprise_id=wish.owner.id, mentor_id=supply.organization_id, state=state,
            exit_reason="no_time" if ended else "", opened_at=agreed, closed_at=done or ended, version=1, created_at=agreed,
            updated_at=last,
        )  # fmt: skip
        self.rows.add(
            Goal, engagement_id=identity, words=wish.values["teaser"] or "目标", reached_on=done.date() if done else None,
            created_at=agreed, updated_at=last,
        )  # fmt: skip
        minutes = self._sessions(identity, wish, supply, agreed, last, at_least=1 if done else 0)
        if state is EngagementState.ACTIVE:
            self.rows.add(Exclusion, need_id=wish.id, offer_id=supply.id, reason=ENGAGED, until=None, created_at=agreed)
        if done:
            self._outcome(
                introduction_id, wish, supply, done, amount_yuan=None, instrument="", sessions=len(minutes),
                minutes=sum(minutes),
            )  # fmt: skip

    def _sessions(
        self, engagement_id: int, wish: Wish, supply: Supply, first: datetime, last: datetime, *, at_least: int
    ) -> list[int]:
        """Confirmed sessions between two moments; their minutes."""
        room = max(at_least, min(4, (last - first).days // 7))
        minutes = [self.rng.choice((45, 60, 90)) for _ in range(self.rng.randint(at_least, max(at_least, room)))]
        for place, length in enumerate(minutes):
            at = first + (last - first) * (place + 1) / (len(minutes) + 1)
            self.rows.add(
                MentoringSession, engagement_id=engagement_id, state=SessionState.CONFIRMED, held_on=at.date(), minutes=length,
                mode=self.rng.choice(tuple(MeetingMode)), topics=sorted(supply.topics)[:2], summary="理了问题，定了下一步。",
                next_step="", logged_by_user_id=supply.user_id, decided_by_user_id=wish.owner.user_id,
                decided_at=min(at + timedelta(hours=5), self.now), dispute_reason="", version=1, created_at=at, updated_at=at,
            )  # fmt: skip
        return minutes

    def _outcome(self, introduction_id: int, wish: Wish, supply: Supply, at: datetime, **more: object) -> None:
        values: Values = {"deal_id": None, "case_id": None, "sessions": None, "minutes": None, **more}
        identity = self.rows.add(
            Outcome, introduction_id=introduction_id, kind=wish.kind, state=OutcomeState.CONFIRMED, received_on=at.date(),
            note="", meets_need=True, entered_by_id=supply.organization_id, entered_by_user_id=supply.user_id,
            confirmed_by_user_id=wish.owner.user_id, decided_at=at, dispute_reason="", version=1, created_at=at, updated_at=at,
            **values,
        )  # fmt: skip
        self.rows.trace("outcome:enter", Outcome, identity, (supply.organization_id, supply.user_id), at)
        self.rows.trace("outcome:confirm", Outcome, identity, (wish.owner.id, wish.owner.user_id), at)
