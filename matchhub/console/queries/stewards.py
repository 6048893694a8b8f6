"""今日 of those who look after others: what they have to decide, what has gone quiet, what is off track; figures below."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.console.queries import firms, reviews
from matchhub.console.queries.reviews import ReviewItem
from matchhub.console.queries.today import Figure, nearest, Row, ROWS
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.workdays import add_workdays
from matchhub.introductions.queries import month_bounds
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.matches.queries.pushes import pushed_count
from matchhub.oversight.enums import Indicator
from matchhub.oversight.queries import silence, targets, unanswered
from matchhub.oversight.queries.scopes import in_scope
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import Residency

PROMISED = 3  # working days until a submission is answered
CLOSES = time(18)
PUSH_EVERY = timedelta(days=7)


def steward_rows(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """At most seven things, the nearest deadline first; a constant number of queries for each role."""
    rows = [_review(item, now) for item in reviews.queue(session, actor, limit=ROWS)]
    if actor.organization_kind == OrganizationKind.CARRIER:
        rows += [
            *_applications(session, actor),
            *_near_the_limit(session, actor, now),
            *_matchmaking(session, actor, now),
        ]
    elif actor.role in (Role.CITY_OFFICER, Role.DISTRICT_OFFICER):
        rows += [*_lonely(session, actor, now), *_off_track(session, actor, now)]
    return nearest(rows)


def answer_due(since: datetime) -> datetime:
    """Until when a submission is promised an answer: the close of the third working day after it."""
    return datetime.combine(add_workdays(city_date(since), PROMISED), CLOSES, CITY_ZONE)


def _review(item: ReviewItem, now: datetime) -> Row:
    due = answer_due(item.since)
    return Row(
        item.kind.label, N_("去审核"), "console.review", {"kind": item.kind.value, "item_id": item.id}, item.organization,
        due=due, tone="red" if due < now else "amber" if due - now < timedelta(days=1) else None,
    )  # fmt: skip


def _applications(session: Session, actor: Actor) -> list[Row]:
    applied = session.scalars(
        select(Residency)
        .where(Residency.carrier_id == actor.organization_id, Residency.status == ResidencyStatus.APPLIED)
        .options(joinedload(Residency.enterprise))
        .order_by(Residency.id)
        .limit(ROWS)
    )
    return [
        Row(
            N_("处理入驻申请"), N_("去处理"), "profiles.residency", {"residency_id": row.id}, row.enterprise,
            due=answer_due(row.created_at),
        )
        for row in applied
    ]  # fmt: skip


def _near_the_limit(session: Session, actor: Actor, now: datetime) -> list[Row]:
    near = session.scalars(
        select(Residency)
        .where(
            Residency.carrier_id == actor.organization_id,
            Residency.status == ResidencyStatus.INCUBATING,
            Residency.incubation_from <= firms.months_ago(city_date(now), firms.WARNED_FROM),
        )
        .options(joinedload(Residency.enterprise))
        .order_by(Residency.incubation_from)
        .limit(3)
    )
    found = []
    for row in near:
        due = datetime.combine(firms.limit_day(row.incubation_from or city_date(now)), CLOSES, CITY_ZONE)
        words = (N_("在孵超过 48 个月"), "red") if due < now else (N_("在孵接近 48 个月，准备毕业"), "amber")
        ids = {"residency_id": row.id}
        found.append(Row(words[0], N_("去办理"), "profiles.residency", ids, row.enterprise, due=due, tone=words[1]))
    return found


def _matchmaking(session: Session, actor: Actor, now: datetime) -> list[Row]:
    found = []
    if quiet := silence.silent_count(session, actor, now=now):
        found.append(
            Row(N_("有对接没有动静，提醒一下"), N_("看清单"), "oversight.silent_pairs", count=quiet, tone="amber")
        )
    if not pushed_count(session, actor, since=now - PUSH_EVERY) and _open_needs(session, actor):
        found.append(Row(N_("这周还没有推送过配对"), N_("去推送"), "matches.pushes"))
    return found


def _lonely(session: Session, actor: Actor, now: datetime) -> list[Row]:
    count = unanswered.lonely_count(session, actor, now=now)
    if not count:
        return []
    return [Row(N_("有需求两周没有人问"), N_("看清单"), "oversight.unanswered", count=count, tone="amber")]


def _off_track(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """Targets that this pace will not reach; the city's alone, for the targets are the city's."""
    if actor.role != Role.CITY_OFFICER:
        return []
    found = []
    for line in targets.board(session, actor, now=now):
        if line.goal is not None and line.is_off_track:
            due = datetime.combine(line.goal.due_on, CLOSES, CITY_ZONE)
            ids = {"indicator": line.indicator.value}
            late = due < now
            found.append(
                Row(
                    N_("目标没有达到") if late else N_("目标赶不上"), N_("看清单"), "oversight.target", ids,
                    label=line.indicator.label, due=None if late else due, tone="red" if late else "amber",
                )
            )  # fmt: skip
    return found


def _open_needs(session: Session, actor: Actor) -> int:
    counted = select(func.count()).select_from(Need).where(in_scope(actor), Need.state == NeedState.OPEN)
    return session.scalar(counted) or 0


def steward_figures(session: Session, actor: Actor, now: datetime) -> list[Figure]:
    """The scope's numbers, each with the address of its list."""
    needs = Figure(N_("公开中的需求"), _open_needs(session, actor), "listings.needs", {"state": NeedState.OPEN.value})
    if actor.organization_kind == OrganizationKind.CARRIER:
        since, _ = month_bounds(now)
        return [
            Figure(N_("在园企业"), firms.firm_count(session, actor), "console.firms"),
            needs,
            Figure(N_("没有动静的对接"), silence.silent_count(session, actor, now=now), "oversight.silent_pairs"),
            Figure(N_("本月推送"), pushed_count(session, actor, since=since), "matches.sent_pushes"),
        ]
    if actor.role not in (Role.CITY_OFFICER, Role.DISTRICT_OFFICER):
        return []
    waiting = sum(reviews.counts(session, actor).values())
    incubated = targets.incubated(session, actor)
    return [
        Figure(N_("待审核"), waiting, "console.review_queue"),
        Figure(N_("在孵企业"), incubated, "oversight.target", {"indicator": Indicator.FIRMS.value}),
        needs,
        Figure(N_("两周没有人问的需求"), unanswered.lonely_count(session, actor, now=now), "oversight.unanswered"),
    ]
