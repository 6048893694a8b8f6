"""Equity needs, mandates and past rounds as plain columns: no mapped objects, so that 100,000 rows fit."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from matchhub.core.clock import city_date
from matchhub.core.money import band
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.matches.kinds import table
from matchhub.matches.kinds.table import Columns, extend, Past
from matchhub.profiles.models import PastRound


def need_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open needs of the city (or these needs, in any state unless `only_open`) in one query."""
    equity = EquityNeed.__table__
    statement = table.needs_of(
        equity,
        equity.c.amount_min_yuan, equity.c.amount_max_yuan, equity.c.round_code, equity.c.instruments,
        equity.c.equity_max_pct, equity.c.excludes,
        exists().where(PastRound.enterprise_id == table.NEED.c.organization_id).label("funded"),
    )  # fmt: skip
    columns = Columns()
    for row in session.execute(table.listed(statement, table.NEED, now, ids, only_open)):
        _add_need(columns, row)
    return columns


def _add_need(columns: Columns, row: Any) -> None:
    table.need_basics(columns, row)
    low, high = table.banded(row.amount_min_yuan, row.amount_max_yuan)
    extend(columns.numbers, amount_min=low, amount_max=high, equity_max_pct=row.equity_max_pct)
    extend(columns.numbers, debut=float(not row.funded))
    extend(columns.sets, round=[row.round_code] if row.round_code else None, instruments=row.instruments)
    extend(columns.sets, excludes=row.excludes)
    extend(columns.dates, updated_on=city_date(row.updated_at))


def offer_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open offers of the city (or these offers, in any state unless `only_open`) in one query."""
    mandate = InvestmentMandate.__table__
    statement = table.offers_of(
        mandate,
        mandate.c.ticket_min_yuan, mandate.c.ticket_max_yuan, mandate.c.rounds, mandate.c.instruments,
        mandate.c.qualifications,
    )  # fmt: skip
    taken = table.taken_this_month(session, now)
    columns = Columns()
    for row in session.execute(table.listed(statement, table.OFFER, now, ids, only_open)):
        table.offer_basics(columns, row, table.left(row.capacity_per_month, taken.get(row.id, 0)))
        extend(columns.numbers, ticket_min=row.ticket_min_yuan, ticket_max=row.ticket_max_yuan)
        extend(columns.sets, rounds=row.rounds, instruments=row.instruments)
        extend(columns.sets, qualifications_preferred=row.qualifications)
    return columns


def past_columns(session: Session, offers: Columns) -> Past:
    """The past rounds of the owners of these offers; an owner with two offers has its past in both."""
    of: dict[int, list[int]] = defaultdict(list, table.by_organization(offers))
    rows = session.execute(
        select(
            PastRound.id, PastRound.investor_id, PastRound.enterprise_id, PastRound.company_name, PastRound.closed_on,
            PastRound.round_code, PastRound.amount_yuan, PastRound.industries, PastRound.region_code, PastRound.text,
        ).order_by(PastRound.closed_on, PastRound.id)
    ).all()  # fmt: skip
    past = Past()
    for row in rows:
        for offer_id in of.get(row.investor_id, ()):
            _add_round(past, row, offer_id)
    return past


def _add_round(past: Past, row: Any, offer_id: int) -> None:
    low, high = band(row.amount_yuan)
    firm = str(row.enterprise_id or row.company_name or row.id)
    past.ids.append(row.id)
    past.offer_ids.append(offer_id)
    past.firms.append(firm)
    past.events.append(f"{firm}:{row.closed_on}:{row.round_code}")
    extend(past.numbers, amount_min=low, amount_max=high)
    extend(
        past.sets,
        round=[row.round_code] if row.round_code else None,
        industries=row.industries,
        region=[row.region_code] if row.region_code else None,
    )
    extend(past.texts, text=row.text or row.company_name)
    extend(past.dates, updated_on=row.closed_on)
