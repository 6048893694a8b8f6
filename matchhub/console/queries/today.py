"""今日: what waits for this person, nearest deadline first, and the figures below it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    bindparam,
    case,
    cast,
    func,
    Integer,
    literal,
    null,
    or_,
    Select,
    select,
    String,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import joinedload, load_only, Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.db import unindexed
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.workdays import add_workdays
from matchhub.introductions.enums import IntroductionState, MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.introductions.queries import has_arrived, waits_for
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.mentoring import queries as mentoring
from matchhub.pipelines import queries as pipelines
from matchhub.pipelines.enums import (
    APPROVED_STAGES,
    CaseStage,
    OPEN_CASE_STAGES,
    OPEN_STAGES,
    OutcomeState,
    WORKING_STAGES,
)
from matchhub.pipelines.models import CreditCase, Deal, Outcome
from matchhub.pipelines.queries import OpenCase
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile

ROWS = 7
SOON = timedelta(days=14)
CASE, SESSION = "pipelines.case", "mentoring.mentoring_session"
RESULT_PAGES: Mapping[str, str] = {
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
OTHER = case((Introduction.enterprise_id == OWN, Introduction.investor_id), else_=Introduction.enterprise_id)
ANSWER, MEETING, RESULT = "answer", "meeting", "result"
TO_ANSWER = (
    select(
        literal(ANSWER).label("part"), Introduction.id.label("introduction_id"), Introduction.expires_at.label("moment"),
        OTHER.label("other_id"), literal("").label("detail"), cast(null(), Integer).label("proposed_by_id"),
    )
    .where(*waits_for(OWN, now=NOW), Introduction.state == IntroductionState.REQUESTED, Introduction.expires_at > NOW)
    .order_by(Introduction.expires_at)
    .limit(ROWS)
)  # fmt: skip
MEETINGS = (
    select(
        literal(MEETING).label("part"), Meeting.introduction_id, Meeting.starts_at.label("moment"),
        OTHER.label("other_id"), type_coerce(Meeting.state, String).label("detail"), Meeting.proposed_by_id,
    )
    .join(Introduction, Meeting.introduction_id == Introduction.id)
    .where(
        EITHER,
        unindexed(Introduction.state) == IntroductionState.ACCEPTED.value,
        unindexed(Meeting.state).in_([MeetingState.PROPOSED.value, MeetingState.ACCEPTED.value]),
    )
    .order_by(Meeting.starts_at)
    .limit(20)
)  # fmt: skip
TO_CONFIRM = (
    select(
        literal(RESULT).label("part"), Outcome.introduction_id, Outcome.created_at.label("moment"),
        OTHER.label("other_id"), type_coerce(Outcome.kind, String).label("detail"), cast(null(), Integer).label("proposed_by_id"),
    )
    .join(Introduction, Outcome.introduction_id == Introduction.id)
    .where(
        EITHER,
        unindexed(Introduction.state) == IntroductionState.ACCEPTED.value,
        Outcome.entered_by_id != OWN,
        unindexed(Outcome.state) == OutcomeState.ENTERED.value,
    )
    .order_by(Outcome.created_at)
    .limit(ROWS)
)  # fmt: skip
WITH_OTHERS = union_all(*(select(part.subquery()) for part in (MEETINGS, TO_ANSWER, TO_CONFIRM))).subquery()
BETWEEN_TWO = (
    select(WITH_OTHERS, Organization)
    .join(Organization, Organization.id == WITH_OTHERS.c.other_id)
    .options(load_only(*NAMED))
    .order_by(WITH_OTHERS.c.part, WITH_OTHERS.c.moment)
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
RUNNING_DEALS = select(func.count(Deal.id)).where(
    or_(Deal.enterprise_id == OWN, Deal.investor_id == OWN), Deal.stage.in_(OPEN_STAGES)
)
RUNNING_CASES = select(func.count(CreditCase.id)).where(
    CreditCase.bank_id == OWN, CreditCase.stage.in_(OPEN_CASE_STAGES)
)


def _standing_of(running: Select[int], *more: Any) -> Select[Any]:
    """The own house and figures of one kind of organization in one row: what runs differs."""
    arrived = select(func.count(Introduction.id)).where(EITHER, has_arrived(OWN, now=NOW))
    state = unindexed(Introduction.state)  # of the own, not of all that are in that state
    return select(
        select(func.count(Membership.id))
        .where(Membership.organization_id == OWN, Membership.state == MembershipState.REQUESTED)
        .scalar_subquery()
        .label("joining"),
        select(Profile.state).where(Profile.organization_id == OWN).scalar_subquery().label("profile"),
        select(Offer.id).where(Offer.organization_id == OWN).exists().label("has_offers"),
        arrived.where(state == IntroductionState.REQUESTED.value).scalar_subquery().label("requested"),
        arrived.where(state == IntroductionState.ACCEPTED.value).scalar_subquery().label("accepted"),
        running.scalar_subquery().label("running"),
        *more,
    )


OF_MENTOR = (
    mentoring.CONFIRMED_MINUTES.scalar_subquery().label("minutes"),
    mentoring.TO_LOG.scalar_subquery().label("to_log"),
)
STANDINGS: Mapping[str | None, Select[Any]] = {
    OrganizationKind.ENTERPRISE.value: _standing_of(RUNNING_DEALS),
    OrganizationKind.INVESTOR.value: _standing_of(RUNNING_DEALS),
    OrganizationKind.BANK.value: _standing_of(RUNNING_CASES),
    OrganizationKind.MENTOR.value: _standing_of(mentoring.RUNNING, *OF_MENTOR),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an organization stands: colleagues who want to join, its profile, its figures; of a mentor the confirmed minutes
    and the engagement of which a session can be logged next."""

    joining: int
    profile: ProfileState | None
    has_offers: bool
    requested: int
    accepted: int
    running: int  # deals, loans or engagements
    minutes: int = 0
    to_log: int | None = None


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


def standing(session: Session, actor: Actor, now: datetime) -> Standing:
    """How the actor's firm, fund, bank or mentor stands."""
    row = session.execute(STANDINGS[actor.organization_kind], {"own": actor.organization_id, "now": now}).one()
    return Standing(**row._mapping)


def party_rows(
    session: Session, actor: Actor, now: datetime, *, house: Standing, more: Sequence[Row] = ()
) -> list[Row]:
    """What a firm, fund, bank or mentor has to do: answers, meetings, confirmations, next steps, things that run out;
    `more`: what others have found."""
    parts: tuple[Callable[[Session, Actor, datetime], list[Row]], ...] = (
        _between_two, _sessions, _loans, _next_steps, _expiring,
    )  # fmt: skip
    found = [row for part in parts for row in part(session, actor, now)]
    return nearest([*found, *_own_house(actor, house), *more])


def nearest(rows: list[Row]) -> list[Row]:
    """At most seven, those with a deadline first, the nearest on top."""
    return sorted(rows, key=lambda row: (row.due is None, row.due.timestamp() if row.due else 0.0))[:ROWS]


def _between_two(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """Requests to answer, meetings and results to confirm: all that stands between the own organization and another."""
    rows = session.execute(BETWEEN_TWO, {"own": actor.organization_id, "now": now})
    return [shown for row in rows if (shown := ROW_OF[row.part](row, actor, now)) is not None]


def _to_answer(row: Any, actor: Actor, now: datetime) -> Row:
    tone = "amber" if row.moment - now < timedelta(days=3) else None
    ids = {"introduction_id": row.introduction_id}
    return Row(N_("回应对接申请"), N_("去回应"), "introductions.show", ids, row.Organization, due=row.moment, tone=tone)


def _meeting(row: Any, actor: Actor, now: datetime) -> Row | None:
    other, ids, due = row.Organization, {"introduction_id": row.introduction_id}, row.moment
    if row.detail == MeetingState.PROPOSED.value:
        if row.proposed_by_id == actor.organization_id:
            return None
        return Row(N_("确认见面时间"), N_("去确认"), "introductions.show", ids, other, due=due)
    if due < now:
        return Row(N_("记录见面"), N_("去记录"), "introductions.show", ids, other, due=due, tone="amber")
    return Row(N_("去见面"), N_("看安排"), "introductions.show", ids, other, due=due)


def _to_confirm(row: Any, actor: Actor, now: datetime) -> Row:
    ids = {"introduction_id": row.introduction_id}
    return Row(N_("确认成果"), N_("去确认"), RESULT_PAGES[row.detail], ids, row.Organization, tone="amber")


ROW_OF: Mapping[str, Callable[[Any, Actor, datetime], Row | None]] = {
    ANSWER: _to_answer,
    MEETING: _meeting,
    RESULT: _to_confirm,
}


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


def _own_house(actor: Actor, house: Standing) -> list[Row]:
    """Colleagues who want to join, and a profile that is not handed in."""
    asked = house.joining and actor.role == Role.OWNER
    found = [Row(N_("有同事申请加入"), N_("去处理"), "accounts.colleagues")] if asked else []
    words = {
        None: (N_("填写机构资料"), N_("去填写"), None),
        ProfileState.DRAFT: (N_("填完资料并提交审核"), N_("继续填写"), None),
        ProfileState.RETURNED: (N_("修改被退回的资料"), N_("去修改"), "red"),
    }
    if house.profile in words:
        what, button, tone = words[house.profile]
        found.append(Row(what, button, "profiles.profile", tone=tone))
    return found


def party_figures(actor: Actor, house: Standing) -> list[Figure]:
    """The own numbers of a firm, fund, bank or mentor."""
    return [
        Figure(N_("等待回应"), house.requested, "introductions.index"),
        Figure(N_("双方同意"), house.accepted, "introductions.index"),
        *_under_way(actor, house),
    ]


def _under_way(actor: Actor, house: Standing) -> list[Figure]:
    """What runs: of a firm and a fund its deals, of a bank its loans, of a mentor its firms and confirmed hours."""
    if actor.organization_kind == OrganizationKind.BANK:
        return [Figure(N_("办理中的贷款"), house.running, "pipelines.cases")]
    if actor.organization_kind == OrganizationKind.MENTOR:
        return [
            Figure(N_("辅导中的企业"), house.running, "mentoring.engagements"),
            Figure(N_("已确认的辅导小时"), house.minutes // 60, "mentoring.engagements"),
        ]
    listed = "pipelines.tracker" if actor.organization_kind == OrganizationKind.ENTERPRISE else "pipelines.deals"
    return [Figure(N_("进行中的交易"), house.running, listed)]
