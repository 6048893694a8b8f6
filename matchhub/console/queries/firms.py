"""A carrier's firms at one look: what they ask for, when something happened last, how long they are incubated, how full
their profile is. Everything that is filtered or sorted by is computed by the database, so that a page costs the same however
many firms there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    case,
    cast,
    ColumnElement,
    exists,
    func,
    Integer,
    JSON,
    Select,
    select,
    String,
)
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core.clock import city_date
from matchhub.core.db import unindexed, UtcDateTime
from matchhub.core.paging import COUNTED, Page, placed, placed_at
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.profiles.enums import OPEN_RESIDENCY, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Profile, Residency
from matchhub.profiles.queries import fields_of
from matchhub.profiles.queries.listed import ListedOrganization, OF_ORGANIZATION

# the tables: the class joins both, which SQLite reads whole before it takes fifty rows of them
PROFILE: Any = Profile.__table__.alias("facts")
OWN_HALF: Any = EnterpriseProfile.__table__.alias("own_facts")
NAMED_TO = len(OF_ORGANIZATION)
LIMIT_MONTHS = 48  # how long a firm may be incubated
WARNED_FROM = 45
THIN_BELOW = 60  # per cent
QUIET = timedelta(days=60)
IN_HOUSE = select(func.count(Residency.id)).where(  # how many firms are in the carrier `own` now
    Residency.carrier_id == bindparam("own"), Residency.status.in_(OPEN_RESIDENCY)
)
SORTS = ("name", "activity", "clock", "filled")
NEEDS = {
    "open": NeedState.OPEN,
    "submitted": NeedState.SUBMITTED,
    "returned": NeedState.RETURNED,
    "draft": NeedState.DRAFT,
}

NEED_STATES = (
    select(Need.organization_id, Need.state, func.count())
    .where(Need.organization_id.in_(bindparam("firms", type_=Integer, expanding=True)))
    .group_by(Need.organization_id, Need.state)
)


@dataclass(frozen=True, slots=True)
class FirmFilter:
    """What narrows and orders the list; `sort` is a name of SORTS, with a minus for descending."""

    need: str = ""  # a key of NEEDS, or "none"
    clock: str = ""  # near, over
    thin: bool = False
    quiet: bool = False
    sort: str = "name"

    @property
    def order(self) -> tuple[str, bool]:
        """(column, descending); by name where the address says nothing we know."""
        name = self.sort.removeprefix("-")
        return (name, self.sort.startswith("-")) if name in SORTS else ("name", False)


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm of the carrier."""

    organization: ListedOrganization
    uscc: str | None
    residency_id: int
    status: ResidencyStatus
    incubated_from: date | None
    filled: int
    active_at: datetime
    needs: Mapping[NeedState, int]

    def months(self, today: date) -> int | None:
        """Whole months of incubation so far; None for a firm that is not incubated."""
        return months_between(self.incubated_from, today) if self.incubated_from else None

    def tone(self, today: date) -> str | None:
        """red past the limit, amber near it."""
        months = self.months(today)
        if months is None or months < WARNED_FROM:
            return None
        return "red" if months >= LIMIT_MONTHS else "amber"


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def months_ago(today: date, months: int) -> date:
    """The day so many months before; the end of a shorter month (31 March minus one is 28 February)."""
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    following = date(years + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(years, month + 1, 1) + timedelta(days=today.day - 1), following - timedelta(days=1))


def limit_day(incubated_from: date) -> date:
    """The day on which the incubation reaches its limit."""
    return months_ago(incubated_from, -LIMIT_MONTHS)


def _incubated_from() -> ColumnElement[Any]:
    return case((Residency.status == ResidencyStatus.INCUBATING, Residency.incubation_from), else_=None)


def _is_filled(column: Any) -> ColumnElement[bool]:
    if isinstance(column.type, JSON):
        return and_(column.is_not(None), cast(column, String).not_in(("[]", "null")))
    if isinstance(column.type, String):
        return and_(column.is_not(None), column != "")
    return column.is_not(None)


def _fact(name: str) -> Any:
    return OWN_HALF.c[name] if name in OWN_HALF.c else PROFILE.c[name]


@cache
def filled_percent() -> ColumnElement[int]:
    """The completeness of a firm's profile in SQL: the same weights and the same rounding as `completeness`."""
    counted = [field for field in fields_of(OrganizationKind.ENTERPRISE) if field.weight]
    points: Any = sum(
        (case((_is_filled(_fact(field.name)), field.weight), else_=0) for field in counted),
        start=case((OWN_HALF.c.id.is_(None), 0), else_=0),
    )
    return 100 * points // sum(field.weight for field in counted)


@cache
def _active_at(dialect: str) -> ColumnElement[datetime]:
    """The latest change of the profile, of a need or of an introduction."""
    latest = func.max if dialect == "sqlite" else func.greatest
    floor = func.coalesce(PROFILE.c.updated_at, Organization.created_at)
    needs = select(func.max(Need.updated_at)).where(Need.organization_id == Organization.id).scalar_subquery()
    talks = (
        select(func.max(Introduction.last_activity_at))
        .where(Introduction.enterprise_id == Organization.id)
        .scalar_subquery()
    )
    return latest(floor, func.coalesce(needs, floor), func.coalesce(talks, floor), type_=UtcDateTime())


def _conditions(filters: FirmFilter, active: ColumnElement[datetime], now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    own = Need.organization_id == Organization.id
    if filters.need == "none":
        found.append(~exists().where(own, Need.state.in_([NeedState.OPEN, NeedState.SUBMITTED])))
    elif filters.need in NEEDS:
        found.append(exists().where(own, Need.state == NEEDS[filters.need]))
    limits = {"near": WARNED_FROM, "over": LIMIT_MONTHS}
    if filters.clock in limits:
        found.append(_incubated_from() <= months_ago(city_date(now), limits[filters.clock]))
    if filters.thin:
        found.append(filled_percent() < THIN_BELOW)
    if filters.quiet:
        found.append(active < now - QUIET)
    return found


@cache
def _in_the_carrier(dialect: str, *, walked: bool = False) -> Select[Any]:
    """The firms that are in the carrier `own` now: put together once, as to do so costs as much as fifty rows.

    `walked`: all firms are read by name until a page is full, and each is asked for its carrier: of one that has many it is
    sooner than to sort them."""
    carrier: Any = unindexed(Residency.carrier_id) if walked else Residency.carrier_id
    status: Any = unindexed(Residency.status) if walked else Residency.status
    return (
        select(
            *OF_ORGANIZATION, Organization.uscc, Residency.id, Residency.status, _incubated_from(),
            filled_percent().label("filled"), _active_at(dialect).label("active"),
        )
        .select_from(Residency)
        .join(Organization, Organization.id == Residency.enterprise_id)
        .outerjoin(PROFILE, PROFILE.c.organization_id == Organization.id)
        .outerjoin(OWN_HALF, OWN_HALF.c.id == PROFILE.c.id)
        .where(
            carrier == bindparam("own", type_=Integer),
            status.in_(sorted(state.value for state in OPEN_RESIDENCY)),
        )
    )  # fmt: skip


@cache
def _in_order(dialect: str, column: str, descending: bool, are_many: bool) -> Select[Any]:
    walked = are_many and column == "name"
    ordered = _in_the_carrier(dialect, walked=walked).order_by(*_order(column, descending, _active_at(dialect)))
    return ordered.limit(bindparam("most", type_=Integer)).offset(bindparam("first", type_=Integer))


def firms(
    session: Session, actor: Actor, filters: FirmFilter, *, now: datetime, number: int = 1, per_page: int = 50
) -> Page[Firm]:
    """The firms that are in the actor's carrier now: three queries however many there are."""
    dialect, own = session.get_bind().dialect.name, {"own": actor.organization_id}
    conditions = _conditions(filters, _active_at(dialect), now)
    if conditions:
        place = placed(session, _in_the_carrier(dialect).where(*conditions), number, per_page, given=own)
    else:
        place = placed_at(number, session.scalar(IN_HOUSE, own) or 0, per_page)
    statement = _narrowed(_in_order(dialect, *filters.order, place.total >= COUNTED), conditions)
    rows: Sequence[Any] = session.execute(statement, own | {"most": per_page, "first": place.first}).all()
    names = [ListedOrganization(*row[:NAMED_TO]) for row in rows]
    asked = need_states(session, [firm.id for firm in names])
    items = [Firm(*(firm, *row[NAMED_TO:], asked.get(firm.id, {}))) for firm, row in zip(names, rows, strict=True)]
    return place.of(items)


def _narrowed(statement: Select[Any], conditions: list[ColumnElement[bool]]) -> Select[Any]:
    return statement.where(*conditions) if conditions else statement


def _order(name: str, descending: bool, active: ColumnElement[datetime]) -> list[Any]:
    columns: dict[str, Any] = {
        "name": Organization.sort_key,
        "activity": active,
        "clock": _incubated_from(),
        "filled": filled_percent(),
    }
    column = columns[name]
    unknown_last = [column.is_(None)] if name == "clock" else []
    return [*unknown_last, column.desc() if descending else column, Organization.id]


def need_states(session: Session, organization_ids: list[int]) -> dict[int, dict[NeedState, int]]:
    """organization → how many of its needs are in which state: one query."""
    rows = session.execute(NEED_STATES, {"firms": organization_ids})
    found: dict[int, dict[NeedState, int]] = {}
    for organization_id, state, count in rows:
        found.setdefault(organization_id, {})[state] = count
    return found
