"""今日 of those who look after others: what they have to decide, what has gone quiet, what is off track; figures below."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.console.queries import firms, gatherings, reviews
from matchhub.console.queries.reviews import ReviewItem
from matchhub.console.queries.today import Figure, nearest, Row, ROWS
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.workdays import add_workdays
from matchhub.introductions.queries import month_bounds
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.matches.queries.pushes import pushes_since
from matchhub.oversight.enums import Indicator
from matchhub.oversight.queries import silence, targets, unanswered
from matchhub.oversight.queries.kept import kept
from matchhub.oversight.queries.scopes import needs_of, Own, Scope, scope_of
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import Residency

PROMISED = 3  # working days until a submission is answered
CLOSES = time(18)
PUSH_EVERY = timedelta(days=7)
OFFICERS = (Role.CITY_OFFICER, Role.DISTRICT_OFFICER)
OF_CARRIER = select(Residency).where(Residency.carrier_id == bindparam("own")).options(joinedload(Residency.enterprise))
APPLIED = OF_CARRIER.where(Residency.status == ResidencyStatus.APPLIED).order_by(Residency.id).limit(ROWS)
NEAR_THE_LIMIT = (
    OF_CARRIER.where(
        Residency.status == ResidencyStatus.INCUBATING, Residency.incubation_from <= bindparam("warned_from")
    )
    .order_by(Residency.incubation_from)
    .limit(3)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of what the scope holds: counted once for rows, figures and buttons."""

    waiting: int = 0  # for a review
    open_needs: int = 0
    lonely: int = 0
    firms: int = 0
    silent: int = 0
    pushed_lately: int = 0
    pushed_this_month: int = 0


@dataclass(frozen=True, slots=True)
class StewardHome:
    """What stands on the 今日 of a steward."""

    rows: list[Row]
    figures: list[Figure]
    waiting: int


def steward_home(session: Session, actor: Actor, now: datetime) -> StewardHome:
    """At most seven things, the nearest deadline first, and the scope's numbers; a constant number of queries."""
    standing = _standing(session, actor, now)
    rows = [_review(item, now) for item in reviews.next_ones(session, actor, limit=ROWS)]
    rows += gatherings.organizer_rows(session, actor, now)
    rows += gatherings.judge_rows(session, actor, now)
    if actor.organization_kind == OrganizationKind.CARRIER:
        rows += [*_applications(session, actor), *_near_the_limit(session, actor, now), *_matchmaking(standing)]
        return StewardHome(nearest(rows), _carrier_figures(standing), standing.waiting)
    if actor.role not in OFFICERS:
        return StewardHome(nearest(rows), [], standing.waiting)
    rows += _lonely(standing)
    if actor.role == Role.CITY_OFFICER:  # the targets are the city's
        board = targets.board(session, actor, now=now)
        rows += _off_track(board, now)
        incubated = next(line.actual for line in board if line.indicator is Indicator.FIRMS)
    else:
        incubated = targets.incubated(session, actor)
    return StewardHome(nearest(rows), _officer_figures(standing, incubated), standing.waiting)


def _standing(session: Session, actor: Actor, now: datetime) -> Standing:
    waiting = sum(reviews.counts(session, actor).values())
    is_carrier = actor.organization_kind == OrganizationKind.CARRIER
    if not is_carrier and actor.role not in OFFICERS:
        return Standing(waiting)
    scope, own = scope_of(actor)
    given = {
        "own": own, "lonely_before": now - timedelta(days=unanswered.DAYS), "week": now - PUSH_EVERY,
        "silent_before": now - timedelta(days=silence.DAYS), "month": month_bounds(now)[0],
    }  # fmt: skip
    counts = _kept_counts(session, scope, own, is_carrier=is_carrier)
    if (statement := _counts(scope, frozenset(counts), is_carrier=is_carrier)) is not None:
        counts |= session.execute(statement, given).one()._asdict()
    return Standing(waiting, **counts)


def _kept_counts(session: Session, scope: Scope, own: Own, *, is_carrier: bool) -> dict[str, int]:
    """What the worker keeps of a large scope, of what its home tells."""
    held = kept(session, scope, own)
    found = {name: held.count(name) for name in ("open_needs", "silent" if is_carrier else "lonely")} if held else {}
    return {name: count for name, count in found.items() if count is not None}


@cache
def _counts(scope: Scope, without: frozenset[str], *, is_carrier: bool) -> Select[Any] | None:
    """What else a home counts in its scope, in one statement: to build it costs more than to ask it."""
    parts = {"open_needs": select(func.count(Need.id)).where(needs_of(scope), Need.state == NeedState.OPEN)}
    if is_carrier:
        parts |= {
            "firms": firms.IN_HOUSE, "silent": silence.SILENT,
            "pushed_lately": pushes_since("week"), "pushed_this_month": pushes_since("month"),
        }  # fmt: skip
    else:
        parts["lonely"] = unanswered.lonely_needs_of(scope)
    wanted = [part.scalar_subquery().label(name) for name, part in parts.items() if name not in without]
    return select(*wanted) if wanted else None


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
    applied = session.scalars(APPLIED, {"own": actor.organization_id})
    return [
        Row(
            N_("处理入驻申请"), N_("去处理"), "profiles.residency", {"residency_id": row.id}, row.enterprise,
            due=answer_due(row.created_at),
        )
        for row in applied
    ]  # fmt: skip


def _near_the_limit(session: Session, actor: Actor, now: datetime) -> list[Row]:
    warned_from = firms.months_ago(city_date(now), firms.WARNED_FROM)
    near = session.scalars(NEAR_THE_LIMIT, {"own": actor.organization_id, "warned_from": warned_from})
    found = []
    for row in near:
        due = datetime.combine(firms.limit_day(row.incubation_from or city_date(now)), CLOSES, CITY_ZONE)
        words = (N_("在孵超过 48 个月"), "red") if due < now else (N_("在孵接近 48 个月，准备毕业"), "amber")
        ids = {"residency_id": row.id}
        found.append(Row(words[0], N_("去办理"), "profiles.residency", ids, row.enterprise, due=due, tone=words[1]))
    return found


def _matchmaking(standing: Standing) -> list[Row]:
    found = []
    if standing.silent:
        found.append(
            Row(
                N_("有对接没有动静，提醒一下"),
                N_("看清单"),
                "oversight.silent_pairs",
                count=standing.silent,
                tone="amber",
            )
        )
    if not standing.pushed_lately and standing.open_needs:
        found.append(Row(N_("这周还没有推送过配对"), N_("去推送"), "matches.pushes"))
    return found


def _lonely(standing: Standing) -> list[Row]:
    if not standing.lonely:
        return []
    return [Row(N_("有需求两周没有人问"), N_("看清单"), "oversight.unanswered", count=standing.lonely, tone="amber")]


def _off_track(board: list[targets.Progress], now: datetime) -> list[Row]:
    """Targets that this pace will not reach."""
    found = []
    for line in board:
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


def _open_needs(standing: Standing) -> Figure:
    return Figure(N_("公开中的需求"), standing.open_needs, "listings.needs", {"state": NeedState.OPEN.value})


def _carrier_figures(standing: Standing) -> list[Figure]:
    """The carrier's numbers, each with the address of its list."""
    return [
        Figure(N_("在园企业"), standing.firms, "console.firms"),
        _open_needs(standing),
        Figure(N_("没有动静的对接"), standing.silent, "oversight.silent_pairs"),
        Figure(N_("本月推送"), standing.pushed_this_month, "matches.sent_pushes"),
    ]


def _officer_figures(standing: Standing, incubated: int) -> list[Figure]:
    """The city's or the district's numbers, each with the address of its list."""
    return [
        Figure(N_("待审核"), standing.waiting, "console.review_queue"),
        Figure(N_("在孵企业"), incubated, "oversight.target", {"indicator": Indicator.FIRMS.value}),
        _open_needs(standing),
        Figure(N_("两周没有人问的需求"), standing.lonely, "oversight.unanswered"),
    ]
