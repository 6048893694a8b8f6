"""Raises the crowd: how large it is, in which order it comes, and one write at the end of each part."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

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
from matchhub.demo.crowd.lists import Lists
from matchhub.demo.crowd.needs import add_needs
from matchhub.demo.crowd.offerers import Market, Supply
from matchhub.demo.crowd.people import Names
from matchhub.demo.crowd.rows import Rows
from matchhub.matches.models import MatchingModel
from matchhub.profiles.models import CodeNameCounter

SEED = 20262
DAYS = 365
FIRMS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; products are of all banks together."""

    firms: int
    funds: int
    banks: int
    products: int
    mentors: int


LIVELY = Size(firms=440, funds=35, banks=12, products=40, mentors=120)
Progress = Callable[[int, int], None]  # firms written, of how many


def scaled(firms: int) -> tuple[Size, Size]:
    """A crowd for load with so many firms, as what is there first and what comes to it; the others grow more slowly, as they
    do in life."""
    first = replace(LIVELY, firms=min(firms, LIVELY.firms))
    more = max(0, firms - first.firms)
    return first, Size(more, more // 50, more // 1500, more // 400, more // 60)


class Crowd:
    """Comes into a city whose carriers are there. The same `now` gives the same crowd."""

    def __init__(self, *, now: datetime) -> None:
        session = db.session()
        self._now, self._rng, self._rows = now, Random(SEED), Rows(session)
        codes = {row.label: row.last for row in session.scalars(select(CodeNameCounter))}
        self._names = Names(Random(SEED + 1), codes)
        self._terms = _texts(session, now, TextKind.TERMS, TextKind.PRIVACY)
        consents = _texts(session, now, TextKind.CONTACT_CONSENT, TextKind.MATERIALS_CONSENT)
        self._year = Year(self._rows, self._rng, (consents[0], consents[1]), now)
        self._market = Market(self._rows, self._names, self._rng, self._terms)

    def come(self, size: Size) -> int:
        """So many, with a year of business behind them; the matcher is to compare them. How many rows."""
        self._year.welcome(_offerers(self._market, size, self._now))
        return self._firms(size.firms, None)

    def grow(self, size: Size, progress: Progress | None = None) -> int:
        """As many more, with lists of suggestions of their own. They are asked by each other: what stands, stays."""
        names = {row.label: row.last for row in db.session.scalars(select(CodeNameCounter))}
        self._names.codes.update(names)
        models = db.session.execute(select(MatchingModel.kind, MatchingModel.id).where(MatchingModel.is_active))
        lists = Lists(self._rows, self._rng, {kind: model_id for kind, model_id in models}, self._now)  # noqa: C416 -- rows
        self._year = replace(self._year, lists=lists, _by_key=defaultdict(list))
        self._year.welcome(_offerers(self._market, size, self._now))
        lists.begin()
        written = self._firms(size.firms, progress)
        lists.finish()
        return written + self._write(0)

    def _firms(self, number: int, progress: Progress | None) -> int:
        written, places = 0, places_of(db.session())
        for first in range(0, number, FIRMS_AT_ONCE):
            many = min(FIRMS_AT_ONCE, number - first)
            for _ in range(many):
                for wish in add_needs(self._rows, self._rng, self._firm(places), now=self._now):
                    self._year.of(wish)
            written += self._write(many)
            if progress is not None:
                progress(first + many, number)
        return written

    def _write(self, firms: int) -> int:
        with unit_of_work() as session:
            written = self._rows.write(session)
            audit.record(SYSTEM, "demo:crowd", firms=firms, rows=written)
            for label, last in self._names.codes.items():
                session.merge(CodeNameCounter(label=label, last=last))
        return written

    def _firm(self, places: list[Place]) -> Owner:
        since = (self._now - timedelta(days=self._rng.uniform(30, DAYS))).replace(microsecond=0)
        return add_firm(self._rows, self._names, self._rng, self._rng.choice(places), texts=self._terms, since=since)


def _offerers(market: Market, size: Size, now: datetime) -> list[Supply]:
    first = (now - timedelta(days=DAYS)).replace(microsecond=0)
    supplies = [market.fund(first + timedelta(days=number % 60)) for number in range(size.funds)]
    left = size.products
    for number in range(size.banks):
        share = -(-left // (size.banks - number))
        found = market.bank(first + timedelta(days=number % 30), share)
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
