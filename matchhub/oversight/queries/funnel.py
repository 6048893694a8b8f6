"""The funnel: need → suggestion → introduction → meeting → deal → outcome, by district, industry and month.

Each stage is one statement of rows; its figure is the count of these rows and its list shows them, so that a number and its
list cannot disagree. Scope is part of the statement. All pairings are counted alike: what an agreement started is a deal, a
credit case or an engagement.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, UTC
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    ColumnElement,
    CompoundSelect,
    false,
    func,
    literal,
    Select,
    select,
    String,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import load_only, Session

from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import unindexed, UtcDateTime
from matchhub.core.labels import Labelled, N_
from matchhub.core.paging import COUNTED, Page, Place, placed, placed_at
from matchhub.core.policy import Actor
from matchhub.introductions.enums import MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need
from matchhub.matches.enums import Side
from matchhub.matches.models import PublishedRun
from matchhub.mentoring.enums import EngagementState
from matchhub.mentoring.models import Engagement
from matchhub.oversight.queries.kept import Kept, kept
from matchhub.oversight.queries.scopes import in_scope, needs_of, Own, Scope, scope_of
from matchhub.pipelines.enums import CaseStage, DealStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Deal, Outcome

SHOWN_SUMS_FROM = 5  # a sum over fewer outcomes would tell a single amount
STATEMENTS_KEPT = 64  # one for each scope, cut and grouping that somebody looks at

STARTED_STATES: dict[PairingKind, type[Labelled]] = {
    PairingKind.EQUITY: DealStage,
    PairingKind.CREDIT: CaseStage,
    PairingKind.MENTORING: EngagementState,
}
STARTED = union_all(
    *(
        select(
            model.id.label("id"),
            model.need_id.label("need_id"),
            model.opened_at.label("opened_at"),
            type_coerce(state, String).label("state"),
        )
        for model, state in ((Deal, Deal.stage), (CreditCase, CreditCase.stage), (Engagement, Engagement.state))
    )
).subquery("started")


class Stage(Labelled):
    """The stages, in order."""

    NEED = "needs", N_("需求")
    SUGGESTION = "suggestions", N_("推荐")
    INTRODUCTION = "introductions", N_("对接")
    MEETING = "meetings", N_("会面")
    DEAL = "deals", N_("交易")
    OUTCOME = "outcomes", N_("成果")


class Grouping(Labelled):
    """By what the figures are split."""

    DISTRICT = "district", N_("按区")
    INDUSTRY = "industry", N_("按行业")
    MONTH = "month", N_("按月")


CUTS = ("district", "industry", "month", "kind")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of the funnel is looked at; None: all of it (within the scope)."""

    district: str | None = None
    industry: str | None = None
    month: str | None = None  # "2026-11", in the city's zone
    kind: str | None = None  # of pairing

    def with_group(self, grouping: Grouping, key: str | None) -> "Cut":
        """The same cut, narrowed to one row of the table."""
        return replace(self, **{grouping.value: key or "none"})

    def query(self) -> dict[str, Any]:
        """As query values of an address."""
        return {name: value for name in CUTS if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One row of a stage's list: management facts only, no terms."""

    need_id: int
    subject_id: int
    at: datetime
    organization: Organization
    code_name: str
    district_code: str | None
    lead_industry: str | None
    kind: PairingKind
    state: Labelled


@cache
def _stage_parts(stage: Stage) -> tuple[Any, Any, Any, Any]:
    """(row id, moment, state, joins onto Need) of a stage."""
    has_list = and_(PublishedRun.subject_id == Need.id, PublishedRun.side == Side.NEED)
    confirmed = and_(Outcome.introduction_id == Introduction.id, Outcome.state == OutcomeState.CONFIRMED)
    held = and_(Meeting.introduction_id == Introduction.id, Meeting.state == MeetingState.HELD)
    return {
        Stage.NEED: (Need.id, Need.published_at, Need.state, ()),
        Stage.SUGGESTION: (Need.id, PublishedRun.suggested_at, Need.state, ((PublishedRun, has_list),)),
        Stage.INTRODUCTION: (
            Introduction.id, Introduction.requested_at, Introduction.state, ((Introduction, Introduction.need_id == Need.id),),
        ),
        Stage.MEETING: (
            Meeting.id, Meeting.held_at, Meeting.state,
            ((Introduction, Introduction.need_id == Need.id), (Meeting, held)),
        ),
        Stage.DEAL: (STARTED.c.id, STARTED.c.opened_at, STARTED.c.state, ((STARTED, STARTED.c.need_id == Need.id),)),
        Stage.OUTCOME: (
            Outcome.id, Outcome.decided_at, Outcome.state,
            ((Introduction, Introduction.need_id == Need.id), (Outcome, confirmed)),
        ),
    }[stage]  # fmt: skip


def _month_bounds(month: str) -> tuple[datetime, datetime] | None:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
    if not 1970 <= first.year < 9999:
        return None
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = (datetime(d.year, d.month, 1, tzinfo=CITY_ZONE).astimezone(UTC) for d in (first, following))
    return start, end


def _within(stage: Stage, cut: Cut, mine: ColumnElement[bool]) -> tuple[Any, list[ColumnElement[bool]]]:
    _, at, _, _ = _stage_parts(stage)
    conditions = [mine, at.is_not(None)]
    for column, value in ((Need.district_code, cut.district), (Need.lead_industry, cut.industry)):
        if value:
            conditions.append(column.is_(None) if value == "none" else column == value)
    if cut.kind:
        conditions.append(Need.kind == cut.kind if cut.kind in set(PairingKind) else false())
    if cut.month:
        bounds = _month_bounds(cut.month)
        conditions.append(and_(at >= bounds[0], at < bounds[1]) if bounds else false())
    return at, conditions


def _joined(statement: Any, stage: Stage, *, are_many: bool = False) -> Any:
    """Need and what a stage has beside it. `are_many`: so that the newest introductions are read until a page is full, not all
    of the needs' and then sorted."""
    for target, condition in _stage_parts(stage)[3]:
        walked = are_many and target is Introduction
        statement = statement.join(target, unindexed(Introduction.need_id) == Need.id if walked else condition)
    return statement


def _group_column(grouping: Grouping, at: Any, dialect: str) -> ColumnElement[Any]:
    if grouping is not Grouping.MONTH:
        column: Any = Need.district_code if grouping is Grouping.DISTRICT else Need.lead_industry
        return func.nullif(column, "")  # no column of an index: SQLite would walk all needs for it, whatever the scope
    if dialect == "sqlite":
        return func.strftime("%Y-%m", at, "+8 hours")
    return func.to_char(func.timezone("Asia/Shanghai", at), "YYYY-MM")


def figures(session: Session, actor: Actor, cut: Cut, grouping: Grouping) -> dict[str | None, dict[Stage, int]]:
    """group → stage → count, in two queries. None is the group of rows without a district or industry.

    Of a large scope as they were when the worker counted them (`kept.as_of`), where it does.
    """
    found: dict[str | None, dict[Stage, int]] = defaultdict(dict)
    scope, own = scope_of(actor)
    held = kept(session, scope, own)
    rows = held.groups(cut.month, grouping.value) if held and _is_kept(cut) else None
    if rows is None:
        rows = counted_now(session, scope, own, cut, grouping, until=held.as_of if held else None)
    for stage, key, count in rows:
        found[key][Stage(stage)] = count
    return dict(found)


def _is_kept(cut: Cut) -> bool:
    """Whether the worker keeps such a cut: everything, or one month."""
    return not (cut.district or cut.industry or cut.kind)


def counted_now(
    session: Session, scope: Scope, own: Own, cut: Cut, grouping: Grouping, *, until: datetime | None = None
) -> list[tuple[str, str | None, int]]:
    """(stage, group, count) as they are now, or of what there was `until` then: of a large city this takes longer than a
    page may."""
    statement = _counted(scope, cut, grouping, session.get_bind().dialect.name, is_dated=until is not None)
    rows = session.execute(statement, {"own": own, "until": until})
    return [(stage, key, count) for stage, key, count in rows]


@lru_cache(maxsize=STATEMENTS_KEPT)
def _counted(scope: Scope, cut: Cut, grouping: Grouping, dialect: str, *, is_dated: bool) -> CompoundSelect[Any]:
    """(stage, group, count) of all stages: to build it costs more than to ask it."""
    parts = []
    for stage in Stage:
        at, conditions = _within(stage, cut, needs_of(scope))
        if is_dated:
            conditions.append(at <= bindparam("until", type_=UtcDateTime))
        group = _group_column(grouping, at, dialect)
        counted = select(literal(stage.value), group, func.count()).select_from(Need)
        parts.append(_joined(counted, stage).where(*conditions).group_by(group))
    return union_all(*parts)


def totals(groups: Mapping[str | None, Mapping[Stage, int]]) -> dict[Stage, int]:
    """The sum of all groups."""
    return {stage: sum(counts.get(stage, 0) for counts in groups.values()) for stage in Stage}


def whole(session: Session, actor: Actor) -> dict[Stage, int]:
    """The totals of the whole scope. What all belongs to some need is counted where it stands for a city that keeps nothing."""
    scope, own = scope_of(actor)
    if scope is not Scope.CITY or kept(session, scope, own) is not None:
        return totals(figures(session, actor, Cut(), Grouping.DISTRICT))
    row = session.execute(_of_city()).one()
    return {stage: row._mapping[stage.value] for stage in Stage}


@cache
def _of_city() -> Select[Any]:
    """The stages of a city's funnel in one row: as `_counted`, without the needs where their rows are not asked for."""
    parts = {stage: _joined(select(func.count()).select_from(Need), stage) for stage in (Stage.NEED, Stage.SUGGESTION)}
    parts[Stage.INTRODUCTION] = select(func.count(Introduction.id))
    parts[Stage.DEAL] = select(func.count(STARTED.c.id))
    for stage, model in ((Stage.MEETING, Meeting), (Stage.OUTCOME, Outcome)):
        *_, (_, joined) = _stage_parts(stage)[3]
        parts[stage] = select(func.count(model.id)).join(Introduction, joined)
    return select(
        *(
            parts[stage].where(_stage_parts(stage)[1].is_not(None)).scalar_subquery().label(stage.value)
            for stage in Stage
        )
    )


def confirmed_sum(session: Session, actor: Actor, cut: Cut) -> tuple[int, int | None]:
    """(confirmed outcomes, their sum in 元); the sum is None where so few outcomes would tell a single amount."""
    sums = _sums(session, actor, cut)
    count, with_amount = sum(row[0] for row in sums.values()), sum(row[1] for row in sums.values())
    return count, sum(row[2] for row in sums.values()) if with_amount >= SHOWN_SUMS_FROM else None


def confirmed_by_kind(session: Session, actor: Actor, cut: Cut) -> dict[PairingKind, tuple[int, int | None]]:
    """The same for each pairing that has any."""
    return {
        kind: (count, total if with_amount >= SHOWN_SUMS_FROM else None)
        for kind, (count, with_amount, total) in _sums(session, actor, cut).items()
    }


def _sums(session: Session, actor: Actor, cut: Cut) -> dict[PairingKind, tuple[int, int, int]]:
    """pairing → (confirmed outcomes, those with an amount, their sum)."""
    scope, own = scope_of(actor)
    held = kept(session, scope, own)
    rows = held.sums(cut.month) if held and _is_kept(cut) else None
    if rows is None:
        return summed_now(session, scope, own, cut, until=held.as_of if held else None)
    return {PairingKind(kind): (count, with_amount, total) for kind, count, with_amount, total in rows}


def summed_now(
    session: Session, scope: Scope, own: Own, cut: Cut, *, until: datetime | None = None
) -> dict[PairingKind, tuple[int, int, int]]:
    """The same as it is now, or was `until` then."""
    rows = session.execute(_summed(scope, cut, is_dated=until is not None), {"own": own, "until": until})
    return {kind: (count, with_amount, int(total or 0)) for kind, count, with_amount, total in rows}


@lru_cache(maxsize=STATEMENTS_KEPT)
def _summed(scope: Scope, cut: Cut, *, is_dated: bool) -> Select[Any]:
    """(pairing, confirmed outcomes, those with an amount, their sum)."""
    at, conditions = _within(Stage.OUTCOME, cut, needs_of(scope))
    if is_dated:
        conditions.append(at <= bindparam("until", type_=UtcDateTime))
    amount = Outcome.amount_yuan
    counted: Any = select(Need.kind, func.count(), func.count(amount), func.sum(amount)).select_from(Need)
    statement: Select[Any] = _joined(counted, Stage.OUTCOME).where(*conditions).group_by(Need.kind)
    return statement


def stage_list(
    session: Session, actor: Actor, stage: Stage, cut: Cut, *, number: int, per_page: int = 50
) -> Page[FunnelRow]:
    """The rows behind a number, newest first: three queries however many there are."""
    row_id, at, state, _ = _stage_parts(stage)
    _, conditions = _within(stage, cut, in_scope(actor))
    if (held := kept(session, *scope_of(actor))) is not None:
        conditions.append(at <= held.as_of)  # the rows that its figure counts
    place = _place(session, stage, cut, held, conditions, number, per_page)
    base = _joined(
        select(
            Need.id, row_id, at, Organization, Need.code_name, Need.district_code, Need.lead_industry, Need.kind, state
        )
        .select_from(Need)
        .join(Organization, Organization.id == Need.organization_id)
        .options(load_only(*NAMED)),
        stage,
        are_many=place.total >= COUNTED,
    ).where(*conditions)
    rows = session.execute(base.order_by(at.desc(), row_id.desc()).limit(per_page).offset(place.first))
    return place.of([_row(stage, tuple(row)) for row in rows])


def _place(
    session: Session, stage: Stage, cut: Cut, held: Kept | None, conditions: list[Any], number: int, per_page: int
) -> Place:
    """Where a page of a stage's list stands: of the rows that its figure counts, where that is kept."""
    kept_groups = held.groups(cut.month, Grouping.DISTRICT.value) if held and _is_kept(cut) else None
    if kept_groups is not None:
        return placed_at(number, sum(count for name, _, count in kept_groups if name == stage.value), per_page)
    return placed(session, _joined(select(Need.id).select_from(Need), stage).where(*conditions), number, per_page)


def _row(stage: Stage, row: Sequence[Any]) -> FunnelRow:
    need_id, subject_id, at, organization, code_name, district, industry, kind, state = row
    found: Labelled = STARTED_STATES[kind](state) if stage is Stage.DEAL else state
    return FunnelRow(need_id, subject_id, at, organization, code_name, district, industry, kind, found)


def months_back(now: datetime, count: int = 12) -> list[str]:
    """The last `count` months, newest first, in the city's zone."""
    local = now.astimezone(CITY_ZONE)
    months = []
    year, month = local.year, local.month
    for _ in range(count):
        months.append(f"{year}-{month:02d}")
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return months


def shares(counts: Mapping[Stage, int]) -> list[tuple[Stage, int, float | None]]:
    """Each stage with its count and the length of its bar in percent of the longest (None where all are empty).

    Not a share of the first stage: one need leads to several introductions, which would be 675 %.
    """
    most = max(counts.values(), default=0)
    return [(stage, counts.get(stage, 0), 100 * counts.get(stage, 0) / most if most else None) for stage in Stage]


def ordered(groups: Iterable[str | None]) -> list[str | None]:
    """Group keys in a steady order, the nameless one last."""
    return sorted(groups, key=lambda key: (key is None, key or ""))
