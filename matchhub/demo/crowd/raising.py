"""Raises the crowd: how large it is, in which order it comes, and one write at the end of each part."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core import audit
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import SYSTEM
from matchhub.core.texts import current_text, TextKind
from matchhub.demo.crowd.firms import add_firm, Owner, Place
from matchhub.demo.crowd.history import Year
from matchhub.demo.crowd.needs import add_needs
from matchhub.demo.crowd.offerers import Market, Supply
from matchhub.demo.crowd.people import Names
from matchhub.demo.crowd.rows import Rows
from matchhub.profiles.models import CodeNameCounter

SEED = 20262
DAYS = 365
FIRMS_AT_ONCE = 5000
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; products are of all banks together."""

    firms: int
    funds: int
    banks: int
    products: int
    mentors: int


LIVELY = Size(firms=440, funds=35, banks=12, products=40, mentors=120)


def scaled(firms: int) -> Size:
    """A crowd for load with so many firms; the others grow more slowly, as they do in life."""
    return Size(firms, max(35, firms // 50), max(12, firms // 1500), max(40, firms // 400), max(120, firms // 60))


def raise_crowd(size: Size, *, now: datetime) -> int:
    """Write the crowd into a city whose carriers are there; how many rows. The same `now` gives the same crowd."""
    rng, session = Random(SEED), db.session()
    names = Names(Random(SEED + 1), {row.label: row.last for row in session.scalars(select(CodeNameCounter))})
    rows, places = Rows(session), places_of(session)
    terms = _texts(session, now, TextKind.TERMS, TextKind.PRIVACY)
    contact, materials = _texts(session, now, TextKind.CONTACT_CONSENT, TextKind.MATERIALS_CONSENT)
    supplies = _offerers(Market(rows, names, rng, terms), size, now)
    year, written = Year(rows, rng, (contact, materials), now, supplies), 0
    for first in range(0, size.firms, FIRMS_AT_ONCE):
        many = min(FIRMS_AT_ONCE, size.firms - first)
        for _ in range(many):
            owner = _firm(rows, names, rng, places, terms, now)
            for wish in add_needs(rows, rng, owner, now=now):
                year.of(wish)
        with unit_of_work() as writing:
            written += rows.write(writing)
            audit.record(SYSTEM, "demo:crowd", firms=many, rows=written)
            for label, last in names.codes.items():
                session.merge(CodeNameCounter(label=label, last=last))
        log.info("crowd", firms=first + many, rows=written)
    return written


def _firm(rows: Rows, names: Names, rng: Random, places: list[Place], terms: tuple[int, ...], now: datetime) -> Owner:
    since = now - timedelta(days=rng.uniform(30, DAYS))
    return add_firm(rows, names, rng, rng.choice(places), texts=terms, since=since.replace(microsecond=0))


def _offerers(market: Market, size: Size, now: datetime) -> list[Supply]:
    first = (now - timedelta(days=DAYS)).replace(microsecond=0)
    supplies = [market.fund(first + timedelta(days=number % 60)) for number in range(size.funds)]
    left = size.products
    for number in range(size.banks):
        share = -(-left // (size.banks - number))
        found = market.bank(number, share, first + timedelta(days=number % 30))
        left -= len(found)
        supplies += found
    supplies += [market.mentor(first + timedelta(days=number % 90)) for number in range(size.mentors)]
    return supplies


def places_of(session: Session) -> list[Place]:
    """The carriers that are open."""
    carriers = session.scalars(
        select(Organization)
        .where(Organization.kind == OrganizationKind.CARRIER, Organization.status == OrganizationStatus.VERIFIED)
        .order_by(Organization.id)
    )
    return [
        Place(carrier.id, carrier.district_code, carrier.region_code or "420700", carrier.label) for carrier in carriers
    ]


def _texts(session: Session, now: datetime, *kinds: TextKind) -> tuple[int, ...]:
    return tuple(current_text(session, kind, now).id for kind in kinds)
