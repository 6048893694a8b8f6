"""Targets and what is actually there: each figure counts exactly the rows of its list, within the scope of an officer.

An organization is counted once: its credit code is unique among those that are not merged away, and merged ones are left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import and_, bindparam, case, ColumnElement, func, or_, Select, select, true
from sqlalchemy.orm import aliased, Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Organization
from matchhub.core.clock import city_date, utcnow
from matchhub.core.installation import required
from matchhub.core.paging import Page
from matchhub.core.policy import Actor
from matchhub.oversight.enums import Indicator, LEVELS
from matchhub.oversight.models import Target
from matchhub.oversight.queries.kept import kept
from matchhub.oversight.queries.scopes import scope_of
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import Profile, Residency

PLAN = Path(__file__).parents[1] / "plan.json"
YEAR = timedelta(days=365)
STATEMENTS_KEPT = 64  # one for each scope
CARRIER_FACTS = Profile.metadata.tables["carrier_profile"]  # the table: joining the class would join `profile` twice
CARRIER = aliased(Organization)
VERSIONS = select(
    Target.indicator, Target.low, Target.high, Target.due_on, Target.effective_from, Target.source
).order_by(Target.effective_from.desc(), Target.id.desc())
MERGED = select(Organization.id).where(Organization.status == OrganizationStatus.MERGED)
NOWHERE = "none"


@dataclass(frozen=True, slots=True)
class Goal:
    """A target in force: reached from `low` on; `high` where the plan names a range."""

    indicator: Indicator
    low: int
    high: int | None
    due_on: date
    effective_from: date
    source: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of the board. `forecast` is None once the day is over; `unknown` counts carriers without an area."""

    goal: Goal | None
    indicator: Indicator
    actual: int
    gap: int | None
    forecast: int | None
    by_district: Mapping[str | None, int]
    unknown: int = 0

    @property
    def is_off_track(self) -> bool:
        """Not reached, and not going to be at this pace (or the day is over)."""
        if self.goal is None or not self.gap:
            return False
        return self.forecast is None or self.forecast < self.goal.low


@dataclass(frozen=True, slots=True)
class Counted:
    """One row behind a figure."""

    organization: Organization
    district_code: str | None
    level: str | None
    area_m2: int | None
    since: date | None
    carrier: Organization | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of one district, how much of it came within the last year, and whether it is not known."""

    district_code: str | None
    figure: int
    new: int
    is_unknown: bool = False


@lru_cache(maxsize=1)
def _plan() -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(PLAN.read_text(encoding="utf-8"))
    return plan


def planned(session: Session) -> list[Goal]:
    """The targets that the city's action plan came with; none for another city."""
    plan = _plan()
    if required(session).city_region != plan["city_region"]:
        return []
    due, since = date.fromisoformat(plan["due_on"]), date.fromisoformat(plan["effective_from"])
    return [
        Goal(Indicator(row["indicator"]), row["low"], row.get("high"), due, since, plan["source"])
        for row in plan["targets"]
    ]


def history(session: Session) -> dict[Indicator, list[Goal]]:
    """Every version of every target, the latest effective day first, what was set last first within a day."""
    rows = session.execute(VERSIONS)
    found: dict[Indicator, list[Goal]] = {indicator: [] for indicator in Indicator}
    for row in rows:
        found[row.indicator].append(Goal(row.indicator, row.low, row.high, row.due_on, row.effective_from, row.source))
    for goal in planned(session):
        found[goal.indicator].append(goal)
    return {key: sorted(goals, key=lambda goal: goal.effective_from, reverse=True) for key, goals in found.items()}


def in_force(session: Session, day: date) -> dict[Indicator, Goal]:
    """The targets that hold on `day`."""
    found = {}
    for indicator, goals in history(session).items():
        goal = next((goal for goal in goals if goal.effective_from <= day), None)
        if goal is not None:
            found[indicator] = goal
    return found


def _in_scope(actor: Actor, district: Any) -> ColumnElement[bool]:
    if actor.role == Role.CITY_OFFICER.value:
        return true()
    return and_(district == actor.region_code, district.is_not(None))


def _of_district(district: Any, wanted: str | None) -> ColumnElement[bool]:
    if not wanted:
        return true()
    return district.is_(None) if wanted == NOWHERE else district == wanted


def _carriers(actor: Actor, indicator: Indicator, district: str | None) -> Select[Any]:
    """The carriers that an indicator counts, with level, area and the day of their certificate."""
    statement = (
        select(Organization, CARRIER_FACTS.c.carrier_level, CARRIER_FACTS.c.total_area_m2, CARRIER_FACTS.c.certified_on)
        .outerjoin(Profile, Profile.organization_id == Organization.id)
        .outerjoin(CARRIER_FACTS, CARRIER_FACTS.c.id == Profile.id)
        .where(
            Organization.kind == OrganizationKind.CARRIER,
            Organization.status == OrganizationStatus.VERIFIED,
            _in_scope(actor, Organization.district_code),
            _of_district(Organization.district_code, district),
        )
    )
    if indicator in LEVELS:
        statement = statement.where(CARRIER_FACTS.c.carrier_level.in_(LEVELS[indicator]))
    return statement


def _firms(actor: Actor, district: str | None) -> Select[Any]:
    """The firms that are incubated now, in the district of their carrier."""
    statement: Any = (
        select(Organization, CARRIER, Residency.incubation_from)
        .select_from(Residency)
        .join(Organization, Organization.id == Residency.enterprise_id)
        .join(CARRIER, CARRIER.id == Residency.carrier_id)
        .where(
            Residency.status == ResidencyStatus.INCUBATING,
            Organization.status != OrganizationStatus.MERGED,
            _in_scope(actor, CARRIER.district_code),
            _of_district(CARRIER.district_code, district),
        )
    )
    return statement


@lru_cache(maxsize=STATEMENTS_KEPT)
def _carriers_measured(role: str, region_code: str | None) -> Select[Any]:
    """(district, level, area, 1 where new) of the carriers in scope. New: there for less than a year, by the certificate, else
    by the check."""
    certified = CARRIER_FACTS.c.certified_on
    verified_lately = Organization.verified_at >= bindparam("verified_from")
    is_new = or_(certified >= bindparam("certified_from"), and_(certified.is_(None), verified_lately))
    return _carriers(Actor(role=role, region_code=region_code), Indicator.CARRIERS, None).with_only_columns(
        Organization.district_code, CARRIER_FACTS.c.carrier_level, CARRIER_FACTS.c.total_area_m2,
        case((is_new, 1), else_=0), maintain_column_froms=True,
    )  # fmt: skip


def _measured(session: Session, actor: Actor, now: datetime) -> dict[Indicator, list[Measured]]:
    """What each indicator counts, in two queries: carriers are few and read one by one, firms are counted a district."""
    since = now - YEAR
    given = {"certified_from": city_date(since), "verified_from": since}
    carriers = session.execute(_carriers_measured(actor.role, actor.region_code), given).all()
    found = {
        Indicator.CARRIERS: [Measured(where, 1, new) for where, _, _, new in carriers],
        Indicator.AREA: [
            Measured(where, area or 0, (area or 0) * new, area is None) for where, _, area, new in carriers
        ],
        Indicator.FIRMS: _firms_by_district(session, actor, now),
    }
    for indicator, levels in LEVELS.items():
        found[indicator] = [Measured(where, 1, new) for where, level, _, new in carriers if level in levels]
    return found


def _firms_by_district(session: Session, actor: Actor, now: datetime) -> list[Measured]:
    """The firms in the scope, of a large one as the worker has counted them."""
    held = kept(session, *scope_of(actor))
    if held is not None and held.firms is not None:
        return [Measured(where, count, new) for where, count, new in held.firms]
    return firms_now(session, None if actor.role == Role.CITY_OFFICER.value else actor.region_code, now=now)


def firms_now(session: Session, district: str | None, *, now: datetime) -> list[Measured]:
    """The firms in a district, or (None) in each, as they are now. A firm has one open residency at most, so residencies are
    counted, by carriers, of which there are few."""
    statement = _firms_counted(whole_city=district is None)
    rows = session.execute(statement, {"own": district, "fresh_from": city_date(now - YEAR)})
    return [Measured(where, int(count), int(new)) for where, count, new in rows]


@cache
def _firms_counted(*, whole_city: bool) -> Select[str | None, Any, Any]:
    """(district, firms, those of the last year), of the whole city or of the district `own`."""
    fresh = case((Residency.incubation_from >= bindparam("fresh_from"), 1), else_=None)
    of_carrier = (
        select(Residency.carrier_id, func.count().label("firms"), func.count(fresh).label("fresh"))
        .where(Residency.status == ResidencyStatus.INCUBATING, Residency.enterprise_id.not_in(MERGED))
        .group_by(Residency.carrier_id)
        .subquery()
    )
    return (
        select(CARRIER.district_code, func.sum(of_carrier.c.firms), func.sum(of_carrier.c.fresh))
        .join(of_carrier, of_carrier.c.carrier_id == CARRIER.id)
        .where(true() if whole_city else CARRIER.district_code == bindparam("own"))
        .group_by(CARRIER.district_code)
    )


def incubated(session: Session, actor: Actor, *, district: str | None = None) -> int:
    """How many firms are incubated in the scope, in one district where given: the figure of the board."""
    rows = _firms_by_district(session, actor, utcnow())
    return sum(row.figure for row in rows if not district or (row.district_code or NOWHERE) == district)


def board(session: Session, actor: Actor, *, now: datetime) -> list[Progress]:
    """Every indicator with its target, what is there, the gap, and where the last year's pace leads: three queries.

    A district is shown its own figures beside the city's targets, without gap and forecast: the targets are the city's.
    """
    goals, measured = in_force(session, city_date(now)), _measured(session, actor, now)
    whole_city = actor.role == Role.CITY_OFFICER.value
    return [_progress(i, goals.get(i), measured[i], whole_city=whole_city, now=now) for i in Indicator]


def _progress(
    indicator: Indicator, goal: Goal | None, rows: list[Measured], *, whole_city: bool, now: datetime
) -> Progress:
    districts: dict[str | None, int] = {}
    for row in rows:
        districts[row.district_code] = districts.get(row.district_code, 0) + row.figure
    actual = sum(districts.values())
    gap = max(0, goal.low - actual) if goal and whole_city else None
    forecast = _forecast(actual, sum(row.new for row in rows), goal, now) if goal and whole_city else None
    return Progress(goal, indicator, actual, gap, forecast, districts, sum(row.is_unknown for row in rows))


def _forecast(actual: int, new: int, goal: Goal, now: datetime) -> int | None:
    """Where the arrivals of the last 365 days, going on like this, lead by the day of the target; None when it is over."""
    days = (goal.due_on - city_date(now)).days
    return actual + round(new * days / YEAR.days) if days >= 0 else None


def counted(
    session: Session, actor: Actor, indicator: Indicator, *, district: str | None, number: int, per_page: int = 50
) -> Page[Counted]:
    """The rows behind a figure, by name: two queries however many there are."""
    of_firms = indicator is Indicator.FIRMS
    statement = _firms(actor, district) if of_firms else _carriers(actor, indicator, district)
    rows_of_list = select(func.count()).select_from(statement.with_only_columns(Organization.id).subquery())
    total = incubated(session, actor, district=district) if of_firms else session.scalar(rows_of_list) or 0
    number = min(max(1, number), max(1, -(-total // per_page)))
    ordered = statement.order_by(Organization.sort_key, Organization.id)
    rows = session.execute(ordered.limit(per_page).offset((number - 1) * per_page))
    if indicator is Indicator.FIRMS:
        items = [Counted(firm, carrier.district_code, None, None, since, carrier) for firm, carrier, since in rows]
    else:
        items = [Counted(row, row.district_code, level, area, since) for row, level, area, since in rows]
    return Page(items, number, total, per_page)
