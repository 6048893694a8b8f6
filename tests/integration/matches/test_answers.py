"""Declines of introductions count: like needs stand lower with who declined, and both sides are told as much as they may know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches import engine, reasons, telling
from matchhub.matches.comparison import Comparison
from matchhub.matches.engine import measuring
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback, Suggestion
from matchhub.matches.queries.proposals import answers
from matchhub.matches.reasons import Sight
from tests.cast import Cast
from tests.integration.matches.conftest import add_need, add_offer, Market


def answer(
    people: Cast, offer_id: int, state: IntroductionState, *, days_ago: int = 3, asks: Membership | None = None
) -> int:
    """An introduction about a need of its own, which is closed by now, answered with yes or no."""
    firm = asks or people.qingtian
    need_id = add_need(firm.organization_id, code_name="新材料-0100", state=NeedState.CLOSED)
    now = utcnow() - timedelta(days=days_ago)
    owner = db.session.get_one(Need, need_id).organization_id
    giver = people.yuanshan.organization_id
    db.session.add(
        Introduction(
            kind=PairingKind.EQUITY, need_id=need_id, offer_id=offer_id, enterprise_id=owner, investor_id=giver,
            requester_id=owner, recipient_id=giver, requested_by_id=firm.user_id, state=state, requested_at=now,
            expires_at=now + timedelta(days=14), answered_at=now + timedelta(days=1), last_activity_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    return need_id


def told(need_id: int, offer_id: int) -> Comparison:
    scorer = engine.store(db.session(), PairingKind.EQUITY).load()
    assert scorer is not None
    found = scorer.pair(db.session(), need_id, offer_id, now=utcnow())
    assert found is not None
    return found


def sentences(comparison: Comparison, side: Side) -> list[str]:
    facts = [fact for fact in comparison.facts if fact.topic == "answers"]
    return [reason.message % reason.values for reason in reasons.lacks(facts, Sight(side))]


@pytest.fixture
def declined(market: Market, people: Cast, compare: Callable[[], None]) -> Market:
    """远山资本 has declined six needs like those of the market and agreed to one."""
    with unit_of_work():
        for _ in range(6):
            answer(people, market.offer, IntroductionState.DECLINED)
        answer(people, market.offer, IntroductionState.CLOSED)
        answer(people, market.other_offer, IntroductionState.CLOSED)
    compare()
    return market


def test_declines_lower_like_needs_in_the_lists_and_on_the_pair_page(
    market: Market, people: Cast, compare: Callable[[], None]
) -> None:
    before = told(market.need, market.offer)
    with unit_of_work():
        for _ in range(6):
            answer(people, market.offer, IntroductionState.DECLINED)
        answer(people, market.other_offer, IntroductionState.CLOSED)
    compare()
    after = told(market.need, market.offer)

    row = db.session.query(Suggestion).filter_by(side=Side.NEED, need_id=market.need, offer_id=market.offer).one()
    assert after.score < before.score - 0.1
    assert row.score == pytest.approx(after.score, abs=1e-6)
    assert sum(fact.contribution for fact in after.facts) == pytest.approx(after.score, abs=1e-6)
    assert sum(after.points.values()) == round(100 * after.score)
    assert "answers" in {fact.topic for fact in telling.read(row.told)}


def test_the_owner_reads_its_own_answers_in_numbers_and_a_firm_only_their_tendency(declined: Market) -> None:
    comparison = told(declined.need, declined.offer)

    assert sentences(comparison, Side.OFFER) == ["和相近的需求，同意过 1 次，没有同意 6 次。"]
    assert sentences(comparison, Side.NEED) == ["相近的需求找对方，多半没有同意。"]


def test_few_answers_are_not_told_to_a_firm(market: Market, people: Cast, compare: Callable[[], None]) -> None:
    with unit_of_work():
        answer(people, market.offer, IntroductionState.DECLINED)
        answer(people, market.other_offer, IntroductionState.CLOSED)
    compare()
    comparison = told(market.need, market.offer)

    assert sentences(comparison, Side.NEED) == []
    assert len(sentences(comparison, Side.OFFER)) == 1  # the control: there is something to tell


def test_what_an_investor_puts_away_counts_and_what_a_firm_puts_away_does_not(market: Market, people: Cast) -> None:
    def put_away(side: Side, need_id: int, by: Membership) -> Feedback:
        return Feedback(
            side=side, need_id=need_id, offer_id=market.offer, kind=FeedbackKind.NOT_FIT, reason="stage",
            by_user_id=by.user_id, at=utcnow(),
        )  # fmt: skip

    with unit_of_work() as session:
        session.add(put_away(Side.NEED, market.other_need, people.qingtian))
        session.add(put_away(Side.OFFER, market.need, people.yuanshan))

    assert answers(db.session(), PairingKind.EQUITY) == [(market.need, market.offer, False)]


def past_of(people: Cast, **more: Any) -> int:
    """Twenty agreed introductions over twenty days, to two offers in turn."""
    with unit_of_work():
        offers = [add_offer(people.yuanshan.organization_id), add_offer(people.beidou.organization_id)]
        for offer_id in offers:
            db.session.get_one(Offer, offer_id).created_at = utcnow() - timedelta(days=60)
        for days in range(20, 0, -1):
            answer(people, offers[days % 2], IntroductionState.CLOSED, days_ago=days, **more)
            answer(people, offers[1 - days % 2], IntroductionState.DECLINED, days_ago=days)
    return offers[0]


def figures(people: Cast) -> dict[str, Any]:
    result = engine.evaluate_own(
        db.session(), PairingKind.EQUITY, engine.default_spec(PairingKind.EQUITY), now=utcnow(), draws=20
    )
    return {name: result[name] for name in ("cut", "queries", "candidates", "past_rounds", "methods")}


def test_the_own_history_is_measured_and_what_happens_after_the_cut_changes_no_list(people: Cast) -> None:
    offer = past_of(people)
    before = figures(people)
    with unit_of_work():
        for _ in range(5):
            answer(people, offer, IntroductionState.DECLINED, days_ago=0)
    after = figures(people)

    assert before["candidates"] == 2 and before["queries"] == 6
    assert before["methods"]["matchhub"]["recall@10"]["mean"] == 1.0
    assert after == before


def test_the_worker_measures_each_matcher_once_and_the_officers_read_the_figures(
    people: Cast, compare: Callable[[], None], sign_in: Callable[[Membership], FlaskClient]
) -> None:
    past_of(people)
    compare()
    session, spec = db.session(), engine.default_spec(PairingKind.EQUITY)

    assert measuring.kept_quality(session, PairingKind.EQUITY) is None
    assert measuring.keep_quality(session, PairingKind.EQUITY, spec, now=utcnow())
    assert not measuring.keep_quality(session, PairingKind.EQUITY, spec, now=utcnow())
    kept = measuring.kept_quality(session, PairingKind.EQUITY)
    assert kept is not None and kept["version"] == "equity-1" and kept["queries"] == 6
    page = sign_in(people.city).get("/matching-models/equity/quality").get_data(as_text=True)
    assert "每 100 个里 100 个（100–100）" in page and "只比文字" in page


def test_too_little_history_is_kept_as_such(market: Market) -> None:
    session, spec = db.session(), engine.default_spec(PairingKind.EQUITY)

    measuring.keep_quality(session, PairingKind.EQUITY, spec, now=utcnow())

    assert (measuring.kept_quality(session, PairingKind.EQUITY) or {})["too_little"] is True
