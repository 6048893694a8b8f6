"""Rows of suggestions with what a list shows of their needs, offers and owners: the rest stays where it is."""

from functools import cache
from typing import Any

from sqlalchemy import bindparam, inspect, Integer, Select, select
from sqlalchemy.orm import contains_eager, joinedload, load_only, Session
from sqlalchemy.orm.strategy_options import _AbstractLoad as Option

from matchhub.accounts.models import Organization
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import NEED_MODELS, OFFER_MODELS
from matchhub.matches.models import Suggestion

OF_NEEDS = {
    "id", "kind", "version", "organization_id", "state", "code_name", "teaser", "teaser_en", "statement", "industries",
    "region_code", "district_code", "carrier_id", "amount_min_yuan", "amount_max_yuan", "round_code", "term_months", "topics",
}  # fmt: skip
OF_OFFERS = {
    "id", "kind", "version", "organization_id", "state", "title", "ticket_min_yuan", "ticket_max_yuan", "amount_min_yuan",
    "amount_max_yuan", "rate_min_bp", "topics", "meeting_modes",
}  # fmt: skip


@cache
def of_kind(kind: PairingKind) -> Select[Any]:
    """Suggestions of one kind in one query: its needs and offers are joined with their own tables, so that nothing is
    loaded after them. To be narrowed by the caller, who may speak of `Need` and `Offer`."""
    need, offer = Suggestion.need.of_type(NEED_MODELS[kind]), Suggestion.offer.of_type(OFFER_MODELS[kind])
    return (
        select(Suggestion)
        .join(need)
        .join(offer)
        .options(
            contains_eager(need).options(*_alone(NEED_MODELS[kind], OF_NEEDS)),
            contains_eager(offer).options(*_alone(OFFER_MODELS[kind], OF_OFFERS)),
        )
        .where(Suggestion.kind == kind)
    )


def _alone(model: Any, names: set[str]) -> list[Option]:
    """Only these columns of a need or an offer, and the names and the place of its owner."""
    owner = joinedload(model.organization).load_only(
        Organization.name, Organization.name_en, Organization.short_name, Organization.region_code, Organization.version
    )
    shown = [getattr(model, column.key) for column in inspect(model).column_attrs if column.key in names]
    return [load_only(*shown), owner]


def by_id(session: Session, kinds: dict[int, PairingKind]) -> dict[int, Suggestion]:
    """Suggestions whose kinds are known already, by id: one query for each kind."""
    found: dict[int, Suggestion] = {}
    for kind in dict.fromkeys(kinds.values()):
        alike = [row_id for row_id, its_kind in kinds.items() if its_kind is kind]
        found |= {row.id: row for row in session.scalars(_some_of(kind), {"ids": alike}).unique()}
    return found


@cache
def _some_of(kind: PairingKind) -> Select[Any]:
    return of_kind(kind).where(Suggestion.id.in_(bindparam("ids", type_=Integer, expanding=True)))
