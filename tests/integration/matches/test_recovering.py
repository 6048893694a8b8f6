"""Somebody who tries to find a hidden figure by moving its own thresholds, halving the range each time, ends at the band."""

from collections.abc import Callable
from typing import Any

import pytest

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.money import band, band_of_range
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import InvestmentMandate, LoanProduct
from matchhub.matches import engine, reasons
from matchhub.matches.enums import Side
from matchhub.matches.kinds import table
from matchhub.matches.reasons import Sight
from matchhub.matches.services.runs import request_run, run_next
from tests.cast import Cast
from tests.integration.matches import kinds
from tests.integration.matches.conftest import Market, SECRET_HIGH, SECRET_LOW

Told = tuple[Any, ...]
STEPS = 9


def seen(kind: PairingKind, need_id: int, offer_id: int) -> Told:
    """All that comes out of the matcher for the offer's owner: score, points, word, reasons with the values that they
    name, outcomes of the conditions, the counter of the pool, and which needs stand in which order in its list."""
    scorer = engine.store(db.session(), kind).scorer()
    assert scorer is not None
    scorer.forget()
    told = scorer.pair(db.session(), need_id, offer_id, now=utcnow())
    pool = scorer.pooled(db.session(), offer_id, now=utcnow())
    assert told is not None and pool is not None
    sight = Sight(Side.OFFER, kind=kind)
    said = [(r.topic, r.tone, r.message) for r in reasons.whys(told.facts, sight) + reasons.lacks(told.facts, sight)]
    checks = [(check.rule, check.outcome) for check in told.checks]
    order = ordered(scorer, kind, offer_id)
    return (
        told.score,
        tuple(sorted(told.points.items())),
        told.fit,
        tuple(said),
        tuple(checks),
        pool.fits,
        pool.may_fit,
        order,
    )


def ordered(scorer: Any, kind: PairingKind, offer_id: int) -> tuple[int, ...]:
    """The needs of the offer's list as a comparison of it alone would put them."""
    market = engine.Market.read(db.session(), kind, now=utcnow(), offer_id=offer_id)
    blocks = scorer.ranked(market.needs, market.offers, len(market.needs), market.exclusions)
    pairs = [pair for _, _, by_offer in blocks for pair in by_offer]
    return tuple(pair.need_id for pair in scorer.ordered(Side.OFFER, pairs))


def halved(probe: Callable[[int], Told], low: int, high: int) -> tuple[int, int]:
    """Look where the answers change: keep the half at whose ends they differ. What is left is all that can be known."""
    at_low, at_high = probe(low), probe(high)
    assert at_low != at_high, "the probe sees nothing at all"
    for _ in range(STEPS):
        middle = (low + high) // 2
        at_middle = probe(middle)
        if at_middle != at_low:
            high = middle
        else:
            low = middle
    return low, high


def ticket_probe(market: Market) -> Callable[[int], Told]:
    """The least ticket of the investor's own mandate, marked as a must."""

    def probe(yuan: int) -> Told:
        with unit_of_work() as session:
            mandate = session.get_one(InvestmentMandate, market.offer)
            mandate.ticket_min_yuan, mandate.ticket_max_yuan, mandate.must = yuan, 90_000_000, ["amount"]
        return seen(PairingKind.EQUITY, market.need, market.offer)

    return probe


def near(found: tuple[int, int], figure: int) -> bool:
    """Whether what was found is the figure, to one part in a hundred."""
    return any(abs(end - figure) <= figure / 100 for end in found)


def test_the_amount_asked_for_is_found_to_its_band_and_no_finer(market: Market, people: Cast) -> None:
    low, high = band_of_range(SECRET_LOW, SECRET_HIGH)

    found = halved(ticket_probe(market), SECRET_LOW - 600_000, 30_000_000)

    assert any(end is not None and near(found, end) for end in (low, high))
    assert not near(found, SECRET_LOW) and not near(found, SECRET_HIGH)


def test_without_bands_the_same_search_finds_the_amount(
    market: Market, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(table, "banded", lambda low, high: (low, high))

    found = halved(ticket_probe(market), SECRET_LOW - 600_000, 30_000_000)

    assert near(found, SECRET_HIGH)


@pytest.fixture
def loan(people: Cast) -> tuple[int, int]:
    """A firm with a revenue that nobody may learn, and a product of the bank."""
    with unit_of_work():
        kinds.add_firm(people.xinghe.organization_id)
        need = kinds.add_credit_need(people.xinghe.organization_id)
        offer = kinds.add_product(people.bank.organization_id)
        request_run(kind=PairingKind.CREDIT, now=utcnow())
    while run_next(now=utcnow()) is not None:
        pass
    engine.store(db.session(), PairingKind.CREDIT).load()
    return need, offer


def revenue_probe(loan: tuple[int, int]) -> Callable[[int], Told]:
    """The least revenue that the bank's own product asks for."""

    def probe(yuan: int) -> Told:
        with unit_of_work() as session:
            product = session.get_one(LoanProduct, loan[1])
            product.rules = [kinds.rule("revenue_yuan", "at_least", yuan)]
        return seen(PairingKind.CREDIT, *loan)

    return probe


def test_a_revenue_is_found_to_its_band_and_no_finer(loan: tuple[int, int]) -> None:
    low, high = band(kinds.REVENUE)

    found = halved(revenue_probe(loan), 1_000_000, 40_000_000)

    assert any(end is not None and near(found, end) for end in (low, high))
    assert not near(found, kinds.REVENUE)


def test_without_bands_the_same_search_finds_the_revenue(
    loan: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(table, "figure", lambda yuan: (yuan, yuan))

    found = halved(revenue_probe(loan), 1_000_000, 40_000_000)

    assert near(found, kinds.REVENUE)
