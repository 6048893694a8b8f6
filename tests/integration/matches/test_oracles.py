"""An investor who edits its own mandate and looks again learns the band of an amount, and nothing finer."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.matches import engine
from matchhub.matches.kinds import table
from matchhub.matches.views import counters
from tests.cast import Cast
from tests.integration.matches.conftest import Market, SECRET_HIGH, SECRET_LOW

SignIn = Callable[[Membership], FlaskClient]
TICKETS = (
    (1_000_000, 4_900_000), (3_000_000, 5_600_000), (3_000_000, 5_700_000), (7_300_000, 9_000_000),
    (7_400_000, 9_000_000), (7_900_000, 8_100_000), (12_000_000, 20_000_000),
)  # fmt: skip
TOKEN = re.compile(r'name="csrf_token"[^>]*value="[^"]*"|nonce="[^"]*"|csrf[^>]*content="[^"]*"|打印人 [^<]*')
Seen = list[tuple[float, str, str, str]]


def looked_at(market: Market, client: FlaskClient, low: int, high: int) -> Seen:
    """All that the investor gets to see of a need for this amount, for each ticket that it tries."""
    seen: Seen = []
    for ticket in TICKETS:
        with unit_of_work() as session:
            need, mandate = session.get_one(EquityNeed, market.need), session.get_one(InvestmentMandate, market.offer)
            need.amount_min_yuan, need.amount_max_yuan = low, high
            mandate.ticket_min_yuan, mandate.ticket_max_yuan = ticket
        scorer = engine.store(db.session(), PairingKind.EQUITY).scorer()
        assert scorer is not None
        scorer.forget()
        told = scorer.pair(db.session(), market.need, market.offer, now=utcnow())
        assert told is not None
        pages = (f"/pairs?need={market.need}&offer={market.offer}", f"/offers/{market.offer}/pool")
        texts = [TOKEN.sub("", client.get(page).get_data(as_text=True)) for page in pages]
        seen.append((told.score, str(sorted(told.points.items())), *texts))  # type: ignore[arg-type]
    return seen


@pytest.fixture
def client(people: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(counters, "MOST", 1000)
    return sign_in(people.yuanshan)


def test_no_ticket_tells_two_amounts_of_one_band_apart(market: Market, client: FlaskClient) -> None:
    assert table.banded(SECRET_LOW, SECRET_HIGH) == table.banded(5_100_000, 7_900_000)

    secret = looked_at(market, client, SECRET_LOW, SECRET_HIGH)
    other = looked_at(market, client, 5_100_000, 7_900_000)

    assert [row[:2] for row in secret] == [row[:2] for row in other]
    assert [row[2:] for row in secret] == [row[2:] for row in other]


def test_another_band_is_seen(market: Market, client: FlaskClient) -> None:
    """The control: the probe sees what may be seen."""
    secret = looked_at(market, client, SECRET_LOW, SECRET_HIGH)
    other = looked_at(market, client, 21_000_000, 29_000_000)

    assert [row[0] for row in secret] != [row[0] for row in other]


def test_without_bands_the_same_probe_would_tell(
    market: Market, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with exact amounts before the matcher, the score jumps where the ticket passes the amount."""
    monkeypatch.setattr(table, "banded", lambda low, high: (low, high))

    secret = looked_at(market, client, SECRET_LOW, SECRET_HIGH)
    other = looked_at(market, client, 5_100_000, 7_900_000)

    assert [row[0] for row in secret] != [row[0] for row in other]
