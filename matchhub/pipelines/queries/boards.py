"""A fund's board: its columns, the cards that its filters leave, and what it keeps about a deal for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, ColumnElement, func, or_, Row, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.models import Organization, User
from matchhub.core import dictionaries
from matchhub.core.clock import city_date
from matchhub.core.db import db
from matchhub.core.money import band_of_range
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.disclosure.queries import Subject, Visible, visible_fields
from matchhub.listings.models import EquityNeed, Need
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.models import BoardMove, Deal, DealNote, OwnStage, SavedView

MOST_CARDS = 1_000  # of one board; a column shows the first of its own
IN_COLUMN = 30
DUE_DAYS = 7
ALL = "all"
MONEY = EquityNeed.__table__.c
Found = Row[*tuple[Any, ...]]  # one row of plain columns


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a fund's own stage, or a stage itself where the fund has none of its own. `name` is a msgid then."""

    key: str
    name: str
    stage: DealStage
    own_stage_id: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of one fund, in order: never none."""

    all: tuple[Column, ...]

    def home(self, stage: DealStage) -> Column:
        """Where a card of this stage lies that nobody has placed: the first column of the stage, else the one before it."""
        if stage not in OPEN_STAGES:
            return Column(stage.value, stage.label, stage)
        rank = OPEN_STAGES.index
        same = next((column for column in self.all if column.stage is stage), None)
        earlier = [column for column in self.all if rank(column.stage) < rank(stage)]
        if same or not earlier:
            return same or min(self.all, key=lambda column: rank(column.stage))
        return max(earlier, key=lambda column: (rank(column.stage), self.all.index(column)))

    def of(self, stage: DealStage, own_stage_id: int | None) -> Column:
        """Where a card lies."""
        return next((c for c in self.all if c.own_stage_id == own_stage_id is not None), None) or self.home(stage)

    def find(self, key: str) -> Column | None:
        """The column by its key; a stage's own word finds the home of that stage."""
        found = next((column for column in self.all if column.key == key), None)
        return self.home(DealStage(key)) if found is None and key in set(OPEN_STAGES) else found


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What narrows the board and the table; all of it is in the address."""

    stage: str = ""  # the key of a column, funded, ended or all
    assignee: str = ""  # the id of a colleague, or none
    due: str = ""  # overdue, week or none
    industry: str = ""
    q: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The filters that are set, as an address carries them."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


def filters_from(values: Mapping[str, Any]) -> BoardFilters:
    """The filters of an address or of a saved view; what is too long to be one is cut."""
    return BoardFilters(
        **{field.name: str(values.get(field.name) or "").strip()[:60] for field in fields(BoardFilters)}
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A deal as the fund may see it. `low` and `high` are the amount asked for in 元, banded where the terms are not open."""

    deal_id: int
    name: str
    code_name: str
    teaser: str
    low: int | None
    high: int | None
    column: Column
    stage: DealStage
    next_step: str
    next_step_on: date | None
    is_overdue: bool
    days: int
    assignee_id: int | None
    assignee: str
    move_count: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Pile:
    """A column with its cards; count and sums are of all of them, `cards` are the first."""

    column: Column
    cards: Sequence[Card]
    count: int
    low: int
    high: int


def columns_of(session: Session, organization_id: int) -> Columns:
    """The columns of a fund: its own stages, or the open stages of a deal."""
    rows = own_stages(session, organization_id)
    if not rows:
        return Columns(tuple(Column(stage.value, stage.label, stage) for stage in OPEN_STAGES))
    return Columns(tuple(Column(str(row.id), row.name, row.stage, row.id) for row in rows))


def own_stages(session: Session, organization_id: int) -> list[OwnStage]:
    """The own stages of a fund, in their order."""
    statement = select(OwnStage).where(OwnStage.organization_id == organization_id)
    return list(session.scalars(statement.order_by(OwnStage.position, OwnStage.id)))


def visible_own_stage(actor: Actor, own_stage_id: int) -> OwnStage | None:
    """An own stage of the actor's own organization."""
    found = db.session.get(OwnStage, own_stage_id)
    return found if found is not None and found.organization_id == actor.organization_id else None


def counts_by_column(session: Session, organization_id: int, columns: Columns) -> dict[str, int]:
    """Key of a column → how many open deals lie in it."""
    counts = dict.fromkeys((column.key for column in columns.all), 0)
    rows = session.execute(
        select(Deal.stage, Deal.own_stage_id, func.count())
        .where(Deal.investor_id == organization_id, Deal.stage.in_(OPEN_STAGES))
        .group_by(Deal.stage, Deal.own_stage_id)
    )
    for stage, own_stage_id, count in rows:
        counts[columns.of(stage, own_stage_id).key] += count
    return counts


def closed_counts(session: Session, organization_id: int) -> dict[DealStage, int]:
    """How many deals of a fund are funded and how many have ended."""
    rows = session.execute(
        select(Deal.stage, func.count())
        .where(Deal.investor_id == organization_id, Deal.stage.not_in(OPEN_STAGES))
        .group_by(Deal.stage)
    )
    return {stage: count for stage, count in rows}  # noqa: C416 -- rows, not pairs


def industries_of(session: Session, organization_id: int) -> list[str]:
    """The industries among a fund's deals."""
    statement = select(Need.lead_industry).join(Deal, Deal.need_id == Need.id).distinct()
    found = session.scalars(statement.where(Deal.investor_id == organization_id, Need.lead_industry.is_not(None)))
    return sorted(code for code in found if code)


def board(
    session: Session, actor: Actor, columns: Columns, chosen: BoardFilters, *, locale: str, now: datetime
) -> list[Pile]:
    """Every column with its cards, the nearest next step first: a constant number of queries. `chosen.stage` does not count."""
    conditions = _conditions(session, actor, chosen, now=now)
    statement = _rows().where(*conditions, Deal.stage.in_(OPEN_STAGES)).order_by(*SORTS["next"], Deal.id)
    found = _cards(session, actor, session.execute(statement.limit(MOST_CARDS)).all(), columns, locale=locale, now=now)
    return [_pile(column, [card for card in found if card.column == column]) for column in columns.all]


def table(
    session: Session, actor: Actor, columns: Columns, chosen: BoardFilters, *, sort: str = "next", locale: str,
    number: int = 1, per_page: int = 50, now: datetime,
) -> Page[Card]:  # fmt: skip
    """The same as a list, one page of it; open deals unless a stage is chosen. `sort` with a leading - is the other way round."""
    conditions = [*_conditions(session, actor, chosen, now=now), *_at_stage(columns, chosen.stage)]
    found = _rows().where(*conditions).order_by(*_order(sort), Deal.id)
    page = paged(session, found, number, per_page, wide=True)
    return page.showing(_cards(session, actor, page.items, columns, locale=locale, now=now))


SORTS: dict[str, tuple[Any, ...]] = {
    "next": (Deal.next_step_on.is_(None), Deal.next_step_on),
    "days": (Deal.stage_changed_at.desc(),),
    "opened": (Deal.opened_at,),
}
REVERSED: dict[str, tuple[Any, ...]] = {
    "next": (Deal.next_step_on.is_(None), Deal.next_step_on.desc()),
    "days": (Deal.stage_changed_at,),
    "opened": (Deal.opened_at.desc(),),
}


def _order(sort: str) -> tuple[Any, ...]:
    name = sort.removeprefix("-")
    return (REVERSED if sort.startswith("-") else SORTS).get(name, SORTS["next"])


def _rows() -> Select[*tuple[Any, ...]]:
    """Plain columns instead of entities: a board is read often and has many cards."""
    return (
        select(
            Deal.id, Deal.stage, Deal.own_stage_id, Deal.stage_changed_at, Deal.next_step, Deal.next_step_on,
            Deal.assignee_id, Deal.move_count, Deal.opened_at, Deal.enterprise_id, Organization.name,
            Organization.short_name, Organization.name_en, Need.code_name, Need.teaser, Need.teaser_en,
            Need.district_code, Need.carrier_id, MONEY.amount_min_yuan, MONEY.amount_max_yuan,
            User.name.label("assignee"),
        )
        .join(Organization, Deal.enterprise_id == Organization.id)
        .join(Need, Deal.need_id == Need.id)
        .outerjoin(EquityNeed.__table__, MONEY.id == Deal.need_id)
        .outerjoin(User, Deal.assignee_id == User.id)
    )  # fmt: skip


def _conditions(session: Session, actor: Actor, chosen: BoardFilters, *, now: datetime) -> list[ColumnElement[bool]]:
    """The filters but the stage, as conditions on Deal and Need; always held to the actor's own organization."""
    found: list[ColumnElement[bool]] = [Deal.investor_id == actor.organization_id]
    today = city_date(now)
    if chosen.assignee:
        nobody = chosen.assignee == "none" or not chosen.assignee.isascii() or not chosen.assignee.isdigit()
        found.append(Deal.assignee_id.is_(None) if nobody else Deal.assignee_id == int(chosen.assignee[:9]))
    if chosen.due == "overdue":
        found.append(Deal.next_step_on < today)
    elif chosen.due == "week":
        found.append(Deal.next_step_on.between(today, today + timedelta(days=DUE_DAYS)))
    elif chosen.due == "none":
        found.append(Deal.next_step_on.is_(None))
    if chosen.industry:
        found.append(Need.lead_industry == chosen.industry)
    if chosen.q:
        found.append(_mentions(session, actor, chosen.q, now=now))
    return found


def _mentions(session: Session, actor: Actor, text: str, *, now: datetime) -> ColumnElement[bool]:
    """Deals with `text` in what the fund may see: a name counts only where the name is open to it."""
    names = (Organization.name, Organization.short_name, Organization.name_en, Organization.sort_key)
    named = session.execute(
        select(Deal.id, Deal.stage, Deal.enterprise_id, Need.district_code, Need.carrier_id)
        .join(Organization, Deal.enterprise_id == Organization.id)
        .join(Need, Deal.need_id == Need.id)
        .where(Deal.investor_id == actor.organization_id, or_(*(c.icontains(text, autoescape=True) for c in names)))
    ).all()
    seen = _sight(session, actor, named, now=now)
    ids = [row.id for row in named if _is_named(row, seen)]
    shown = (Need.code_name, Need.teaser, Need.teaser_en, Deal.next_step)
    return or_(Deal.id.in_(ids), *(column.icontains(text, autoescape=True) for column in shown))


def _at_stage(columns: Columns, key: str) -> list[ColumnElement[bool]]:
    """The condition that a stage, a column or nothing makes."""
    if key == ALL:
        return []
    if key in set(DealStage) - set(OPEN_STAGES):
        return [Deal.stage == key]
    column = columns.find(key)
    if column is None:
        return [Deal.stage.in_(OPEN_STAGES)]
    stages = [stage for stage in OPEN_STAGES if columns.home(stage) == column]
    unplaced = and_(Deal.own_stage_id.is_(None), Deal.stage.in_(stages))
    return [unplaced if column.own_stage_id is None else or_(Deal.own_stage_id == column.own_stage_id, unplaced)]


def _sight(session: Session, actor: Actor, rows: Sequence[Found], *, now: datetime) -> dict[int, Visible]:
    """enterprise id → what the fund may see of it: one query."""
    subjects = (Subject(row.enterprise_id, row.district_code, row.carrier_id) for row in rows)
    return visible_fields(session, actor, subjects, now=now)


def _is_named(row: Found, seen: Mapping[int, Visible]) -> bool:
    """A confirmed result has settled who it was; else the consent says."""
    return row.stage is DealStage.FUNDED or seen[row.enterprise_id].identity


def _cards(
    session: Session, actor: Actor, rows: Sequence[Found], columns: Columns, *, locale: str, now: datetime
) -> list[Card]:
    seen = _sight(session, actor, rows, now=now)
    return [_card(row, seen, columns, english=not locale.startswith("zh"), now=now) for row in rows]


def _card(row: Found, seen: Mapping[int, Visible], columns: Columns, *, english: bool, now: datetime) -> Card:
    label = row.short_name or row.name
    exact = (row.amount_min_yuan, row.amount_max_yuan)
    code = dictionaries.snapshot().code_name(row.code_name, "en" if english else "zh")
    low, high = exact if seen[row.enterprise_id].terms else band_of_range(*exact)
    return Card(
        deal_id=row.id,
        name=((row.name_en or label) if english else label) if _is_named(row, seen) else code,
        code_name=code,
        teaser=(row.teaser_en or row.teaser) if english else row.teaser,
        low=low,
        high=high,
        column=columns.of(row.stage, row.own_stage_id),
        stage=row.stage,
        next_step=row.next_step,
        next_step_on=row.next_step_on,
        is_overdue=row.next_step_on is not None and row.next_step_on < city_date(now),
        days=max(0, (now - row.stage_changed_at).days),
        assignee_id=row.assignee_id,
        assignee=row.assignee or "",
        move_count=row.move_count,
        opened_at=row.opened_at,
    )


def _pile(column: Column, cards: Sequence[Card]) -> Pile:
    """Sums are of what each card shows: they tell no more than the cards do."""
    low = sum(card.low or card.high or 0 for card in cards)
    high = sum(card.high or card.low or 0 for card in cards)
    return Pile(column, cards[:IN_COLUMN], len(cards), low, high)


def notes_of(session: Session, actor: Actor, deal: Deal) -> list[DealNote]:
    """The notes on a deal, the newest first: to the organization that wrote them and to nobody else, whatever the role."""
    if actor.organization_id is None or actor.organization_id != deal.investor_id:
        return []
    statement = select(DealNote).where(DealNote.deal_id == deal.id, DealNote.organization_id == actor.organization_id)
    return list(session.scalars(statement.options(joinedload(DealNote.author)).order_by(DealNote.id.desc())))


def visible_note(actor: Actor, note_id: int) -> DealNote | None:
    """A note of the actor's own organization."""
    found = db.session.get(DealNote, note_id)
    if found is None or actor.organization_id is None or found.organization_id != actor.organization_id:
        return None
    return found


def moves_of(session: Session, deal_id: int, *, most: int = 20) -> list[BoardMove]:
    """Where the card went, the newest first."""
    statement = select(BoardMove).where(BoardMove.deal_id == deal_id).order_by(BoardMove.id.desc()).limit(most)
    return list(session.scalars(statement.options(joinedload(BoardMove.user))))


def saved_views(session: Session, actor: Actor) -> list[SavedView]:
    """The views that this person has saved in this organization."""
    mine = (SavedView.user_id == actor.user_id, SavedView.organization_id == actor.organization_id)
    return list(session.scalars(select(SavedView).where(*mine).order_by(SavedView.name)))


def own_view(actor: Actor, view_id: int) -> SavedView | None:
    """A view that this very person saved."""
    found = db.session.get(SavedView, view_id)
    mine = found is not None and (found.user_id, found.organization_id) == (actor.user_id, actor.organization_id)
    return found if mine else None


def notes_on(session: Session, deal_ids: Sequence[int]) -> list[DealNote]:
    """All notes on these deals: for services only, never for a page."""
    return list(session.scalars(select(DealNote).where(DealNote.deal_id.in_(deal_ids))))
