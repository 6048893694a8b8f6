"""今日: what waits for this person, nearest deadline first, and the figures below it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import joinedload, load_only, Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.workdays import add_workdays
from matchhub.events import queries as events
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.introductions.queries import has_arrived, waits_for
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.mentoring import queries as mentoring
from matchhub.mentoring.enums import OPEN_STATES
from matchhub.pipelines import queries as pipelines
from matchhub.pipelines.enums import (
    APPROVED_STAGES,
    CaseStage,
    OPEN_CASE_STAGES,
    OPEN_STAGES,
    OutcomeState,
    WORKING_STAGES,
)
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.queries import OpenCase
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile

ROWS = 7
SOON = timedelta(days=14)
NEAR_EVENTS = timedelta(days=4)
CASE, SESSION = "pipelines.case", "mentoring.mentoring_session"
RESULT_PAGES = {
    PairingKind.EQUITY: "pipelines.deal_of",
    PairingKind.CREDIT: "pipelines.case_of",
    PairingKind.MENTORING: "mentoring.engagement_of",
}
RESTING = {
    OrganizationKind.BANK.value: N_("产品还没有生效"),
    OrganizationKind.MENTOR.value: N_("辅导时间还没有生效"),
}

# What the organization `own` has before it: kept, as to build a statement costs more than to ask it.
OWN: Any = bindparam("own")
NOW: Any = bindparam("now")
EITHER = or_(Introduction.enterprise_id == OWN, Introduction.investor_id == OWN)
OTHER = Organization.id == case(
    (Introduction.enterprise_id == OWN, Introduction.investor_id), else_=Introduction.enterprise_id
)
TO_ANSWER = (
    select(Introduction.id, Introduction.expires_at, Organization)
    .select_from(Introduction)
    .join(Organization, OTHER)
    .options(load_only(*NAMED))
    .where(*waits_for(OWN, now=NOW), Introduction.state == IntroductionState.REQUESTED, Introduction.expires_at > NOW)
    .order_by(Introduction.expires_at)
    .limit(ROWS)
)
MEETINGS = (
    select(Meeting.introduction_id, Meeting.state, Meeting.proposed_by_id, Meeting.starts_at, Organization)
    .select_from(Meeting)
    .join(Introduction, Meeting.introduction_id == Introduction.id)
    .join(Organization, OTHER)
    .options(load_only(*NAMED))
    .where(
        EITHER,
        Introduction.state == IntroductionState.ACCEPTED,
        Meeting.state.in_([MeetingState.PROPOSED, MeetingState.ACCEPTED]),
    )
    .order_by(Meeting.starts_at)
    .limit(20)
)
TO_CONFIRM = (
    select(Outcome.kind, Outcome.introduction_id, Organization)
    .select_from(Outcome)
    .join(Introduction, Outcome.introduction_id == Introduction.id)
    .join(Organization, OTHER)
    .options(load_only(*NAMED))
    .where(
        EITHER,
        Introduction.state == IntroductionState.ACCEPTED,
        Outcome.entered_by_id != OWN,
        Outcome.state == OutcomeState.ENTERED,
    )
    .order_by(Outcome.created_at)
    .limit(ROWS)
)
NEXT_STEPS = (
    select(Deal)
    .where(Deal.investor_id == OWN, Deal.stage.in_(OPEN_STAGES))
    .options(joinedload(Deal.enterprise).load_only(*NAMED))
    .order_by(Deal.next_step_on.is_(None), Deal.next_step_on, Deal.id.desc())
    .limit(ROWS)
)
EXPIRING = (
    select(Need.id, Need.state, Need.expires_at, Need.teaser, Need.teaser_en)
    .where(
        Need.organization_id == OWN,
        or_(
            Need.state.in_([NeedState.DRAFT, NeedState.RETURNED]),
            (Need.state == NeedState.OPEN) & (Need.expires_at < bindparam("soon")),
        ),
    )
    .order_by(Need.id.desc())
    .limit(4)
)
RESTING_OFFERS = (
    select(Offer.id, Offer.title)
    .where(Offer.organization_id == OWN, Offer.state.in_([OfferState.DRAFT, OfferState.PAUSED]))
    .limit(2)
)
OWN_HOUSE = select(
    select(func.count(Membership.id))
    .where(Membership.organization_id == OWN, Membership.state == MembershipState.REQUESTED)
    .scalar_subquery(),
    select(Profile.state).where(Profile.organization_id == OWN).scalar_subquery(),
)
BY_STATE = (
    select(Introduction.state, func.count()).where(EITHER, has_arrived(OWN, now=NOW)).group_by(Introduction.state)
)
RUNNING_DEALS = select(func.count(Deal.id)).where(
    or_(Deal.enterprise_id == OWN, Deal.investor_id == OWN), Deal.stage.in_(OPEN_STAGES)
)


@dataclass(frozen=True, slots=True)
class Row:
    """Something to do: what (msgid), whose, until when, where, and the words on the button."""

    what: str
    button: str
    endpoint: str
    ids: Mapping[str, int | str] = field(default_factory=dict)
    organization: Organization | None = None
    words: str = ""
    due: datetime | None = None
    tone: str | None = None
    label: str = ""  # whose, as a msgid, where it is no organization
    count: int = 0  # how many, where the row stands for several or its words have so many
    words_en: str = ""  # where they differ


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the address of its list."""

    label: str
    value: int
    endpoint: str
    query: dict[str, str] = field(default_factory=dict)


def party_rows(session: Session, actor: Actor, now: datetime, *, more: Sequence[Row] = ()) -> list[Row]:
    """What a firm, fund, bank or mentor has to do: answers, meetings, confirmations, next steps, things that run out;
    `more`: what others have found."""
    parts: tuple[Callable[[Session, Actor, datetime], list[Row]], ...] = (
        _introductions_to_answer, _meetings, _outcomes_to_confirm, _sessions, _loans, _next_steps,
        _expiring, _own_house, _own_seats,
    )  # fmt: skip
    return nearest([*(row for part in parts for row in part(session, actor, now)), *more])


def nearest(rows: list[Row]) -> list[Row]:
    """At most seven, those with a deadline first, the nearest on top."""
    return sorted(rows, key=lambda row: (row.due is None, row.due.timestamp() if row.due else 0.0))[:ROWS]


def _introductions_to_answer(session: Session, actor: Actor, now: datetime) -> list[Row]:
    waiting = session.execute(TO_ANSWER, {"own": actor.organization_id, "now": now})
    return [
        Row(
            N_("回应对接申请"), N_("去回应"), "introductions.show", {"introduction_id": introduction_id},
            other, due=expires_at, tone="amber" if expires_at - now < timedelta(days=3) else None,
        )
        for introduction_id, expires_at, other in waiting
    ]  # fmt: skip


def _own_seats(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """A seat that was offered and is kept for some hours, and the events of the next days."""
    found = []
    for row in events.near_places(session, actor.user_id or 0, before=now + NEAR_EVENTS, now=now):
        kept = row.offered_until is not None
        found.append(
            Row(
                N_("确认席位") if kept else N_("参加活动"), N_("去确认") if kept else N_("看票"), "events.registration",
                {"registration_id": row.registration_id}, words=row.title, words_en=row.title_en,
                due=row.offered_until or row.starts_at, tone="red" if kept else None,
            )
        )  # fmt: skip
    return found


def _meetings(session: Session, actor: Actor, now: datetime) -> list[Row]:
    found = []
    for row in session.execute(MEETINGS, {"own": actor.organization_id}):
        other, ids = row.Organization, {"introduction_id": row.introduction_id}
        if row.state is MeetingState.PROPOSED and row.proposed_by_id != actor.organization_id:
            found.append(Row(N_("确认见面时间"), N_("去确认"), "introductions.show", ids, other, due=row.starts_at))
        elif row.state is MeetingState.ACCEPTED and row.starts_at < now:
            found.append(
                Row(N_("记录见面"), N_("去记录"), "introductions.show", ids, other, due=row.starts_at, tone="amber")
            )
        elif row.state is MeetingState.ACCEPTED:
            found.append(Row(N_("去见面"), N_("看安排"), "introductions.show", ids, other, due=row.starts_at))
    return found


def _outcomes_to_confirm(session: Session, actor: Actor, now: datetime) -> list[Row]:
    rows = session.execute(TO_CONFIRM, {"own": actor.organization_id})
    return [
        Row(
            N_("确认成果"), N_("去确认"), RESULT_PAGES[kind], {"introduction_id": introduction_id}, other, tone="amber"
        )
        for kind, introduction_id, other in rows
    ]  # fmt: skip


def _sessions(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """Mentoring: what the firm has to confirm; what the mentor has to set right or to write down."""
    own_id = actor.organization_id or 0
    if actor.organization_kind == OrganizationKind.ENTERPRISE:
        return [
            Row(N_("确认辅导"), N_("去确认"), SESSION, {"mentoring_session_id": session_id}, mentor, tone="amber")
            for session_id, mentor in mentoring.sessions_to_confirm(session, own_id)
        ]
    if actor.organization_kind != OrganizationKind.MENTOR:
        return []
    disputed = [
        Row(N_("更正有异议的辅导记录"), N_("去更正"), SESSION, {"mentoring_session_id": session_id}, firm, tone="red")
        for session_id, firm in mentoring.disputed_sessions(session, own_id)
    ]
    return disputed + [
        Row(N_("记录辅导"), N_("去记录"), "mentoring.new_session", {"engagement_id": engagement_id}, firm)
        for engagement_id, firm in mentoring.quiet_engagements(session, own_id, now=now)
    ]


def _loans(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """Loans: papers that the firm still owes; what the bank has to begin, and payouts that it has to report."""
    own_id = actor.organization_id or 0
    if actor.organization_kind not in (OrganizationKind.ENTERPRISE, OrganizationKind.BANK):
        return []
    cases = pipelines.open_cases_of(session, own_id)
    if actor.organization_kind == OrganizationKind.ENTERPRISE:
        return [row for loan in cases if (row := _owed(loan))]
    within = required(session).bank_begins_days
    return [row for loan in cases if (row := _at_bank(loan, now, within))]


def _owed(loan: OpenCase) -> Row | None:
    """What the firm has to bring."""
    ids = {"case_id": loan.id}
    if loan.stage is CaseStage.RETURNED:
        return Row(N_("补正被退回的贷款申请"), N_("去看说明"), CASE, ids, loan.other, tone="red")
    if loan.stage in WORKING_STAGES and loan.lacks_papers:
        return Row(N_("补交贷款材料"), N_("看清单"), CASE, ids, loan.other, tone="amber")
    return None


def _at_bank(loan: OpenCase, now: datetime, within: int) -> Row | None:
    """What the bank has to do; a new case waits `within` working days at most."""
    ids = {"case_id": loan.id}
    if loan.stage is CaseStage.CLAIMED:
        last = add_workdays(city_date(loan.stage_changed_at), within)
        due = datetime.combine(last, datetime.max.time(), tzinfo=CITY_ZONE)
        return Row(
            N_("开始办理贷款"), N_("去办理"), CASE, ids, loan.other, due=due, tone="amber" if due < now else None
        )
    if loan.stage in APPROVED_STAGES and not loan.is_reported:
        return Row(N_("登记放款"), N_("去登记"), CASE, ids, loan.other)
    if loan.stage is CaseStage.DOCUMENTS and not loan.lacks_papers:
        return Row(N_("材料已齐，继续办理"), N_("去办理"), CASE, ids, loan.other)
    return None


def _next_steps(session: Session, actor: Actor, now: datetime) -> list[Row]:
    if actor.organization_kind != OrganizationKind.INVESTOR:
        return []
    rows = session.scalars(NEXT_STEPS, {"own": actor.organization_id})
    found = []
    for row in rows:
        due = datetime.combine(row.next_step_on, datetime.max.time(), tzinfo=CITY_ZONE) if row.next_step_on else None
        late = "amber" if due is not None and due < now else None
        what = N_("下一步") if due else N_("定下一步")
        found.append(
            Row(what, N_("去推进"), "pipelines.deal", {"deal_id": row.id}, row.enterprise, row.next_step, due, late)
        )
    return found


def _expiring(session: Session, actor: Actor, now: datetime) -> list[Row]:
    asks = actor.organization_kind == OrganizationKind.ENTERPRISE  # firms ask, others offer
    needs = session.execute(EXPIRING, {"own": actor.organization_id, "soon": now + SOON}) if asks else ()
    words = {
        NeedState.DRAFT: (N_("继续填写需求"), N_("继续填写"), None),
        NeedState.RETURNED: (N_("修改被退回的需求"), N_("去修改"), "red"),
        NeedState.OPEN: (N_("需求即将到期"), N_("去续期"), "amber"),
    }
    found = [
        Row(
            words[state][0], words[state][1], "listings.need", {"need_id": need_id}, words=teaser, words_en=teaser_en,
            due=expires_at if state is NeedState.OPEN else None, tone=words[state][2],
        )
        for need_id, state, expires_at, teaser, teaser_en in needs
    ]  # fmt: skip
    offers = () if asks else session.execute(RESTING_OFFERS, {"own": actor.organization_id})
    return found + [
        Row(
            RESTING.get(actor.organization_kind, N_("投资意向还没有生效")),
            N_("去看看"),
            "listings.offer",
            {"offer_id": offer_id},
            words=title,
        )
        for offer_id, title in offers
    ]


def _own_house(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """Colleagues who want to join, and a profile that is not handed in."""
    waiting, state = session.execute(OWN_HOUSE, {"own": actor.organization_id}).one()
    found = (
        [Row(N_("有同事申请加入"), N_("去处理"), "accounts.colleagues")] if waiting and actor.role == Role.OWNER else []
    )
    words = {
        None: (N_("填写机构资料"), N_("去填写"), None),
        ProfileState.DRAFT: (N_("填完资料并提交审核"), N_("继续填写"), None),
        ProfileState.RETURNED: (N_("修改被退回的资料"), N_("去修改"), "red"),
    }
    if state in words:
        what, button, tone = words[state]
        found.append(Row(what, button, "profiles.profile", tone=tone))
    return found


def party_figures(session: Session, actor: Actor, now: datetime) -> list[Figure]:
    """The own numbers of a firm, fund, bank or mentor."""
    counted = session.execute(BY_STATE, {"own": actor.organization_id, "now": now})
    states = {state: count for state, count in counted}  # noqa: C416 -- rows, not pairs
    return [
        Figure(N_("等待回应"), states.get(IntroductionState.REQUESTED, 0), "introductions.index"),
        Figure(N_("双方同意"), states.get(IntroductionState.ACCEPTED, 0), "introductions.index"),
        *_under_way(session, actor),
    ]


def _under_way(session: Session, actor: Actor) -> list[Figure]:
    """What runs: of a firm and a fund its deals, of a bank its loans, of a mentor its firms and confirmed hours."""
    own_id, kind = actor.organization_id or 0, actor.organization_kind
    if kind == OrganizationKind.BANK:
        counts = pipelines.case_counts(session, own_id)
        return [Figure(N_("办理中的贷款"), sum(counts.get(stage, 0) for stage in OPEN_CASE_STAGES), "pipelines.cases")]
    if kind == OrganizationKind.MENTOR:
        states = mentoring.state_counts(session, own_id)
        return [
            Figure(N_("辅导中的企业"), sum(states.get(state, 0) for state in OPEN_STATES), "mentoring.engagements"),
            Figure(N_("已确认的辅导小时"), mentoring.confirmed_hours(session, own_id), "mentoring.engagements"),
        ]
    deals = session.scalar(RUNNING_DEALS, {"own": own_id})
    listed = "pipelines.tracker" if kind == OrganizationKind.ENTERPRISE else "pipelines.deals"
    return [Figure(N_("进行中的交易"), deals or 0, listed)]
