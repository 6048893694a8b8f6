"""The crowd for load: written in bulk, and yet what the services would have left."""

from datetime import datetime, timedelta, UTC
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text

from matchhub.accounts.models import Organization
from matchhub.core.audit import AuditEvent
from matchhub.core.db import db
from matchhub.core.name_index import grams_of
from matchhub.core.pinyin import search_text, sort_key
from matchhub.demo.crowd.raising import Crowd, LIVELY, scaled, Size
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Mentorship, Need, Offer
from matchhub.matches.enums import RunState, Side
from matchhub.matches.models import Exclusion, MatchRun, PublishedRun, Suggestion
from matchhub.matches.services.publishing import remove_superseded
from matchhub.matches.services.versions import ensure_models
from matchhub.mentoring.models import Engagement
from matchhub.profiles.models import EnterpriseProfile, Residency
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SIZE = Size(firms=80, funds=8, banks=2, products=6, mentors=12)


@pytest.fixture
def crowd(people: Cast) -> Crowd:
    """Some firms and those who offer, and more of both that came for load."""
    ensure_models(now=NOW)
    crowd = Crowd(now=NOW)
    crowd.come(Size(firms=30, funds=4, banks=1, products=3, mentors=6))
    crowd.grow(SIZE)
    return crowd


def number_of(statement: object) -> int:
    return db.session.scalar(select(func.count()).select_from(statement)) or 0  # type: ignore[arg-type]


def test_a_large_crowd_has_everything_in_proportion_and_lists_of_its_own(crowd: Crowd) -> None:
    newest = select(MatchRun.id).where(MatchRun.state == RunState.DONE)
    listed = {
        side: set(db.session.scalars(select(PublishedRun.subject_id).where(PublishedRun.side == side))) for side in Side
    }
    open_needs = select(Need.id).where(Need.state == NeedState.OPEN, Need.id >= min(listed[Side.NEED]))

    assert number_of(Residency) >= 110 and number_of(EnterpriseProfile) >= 110
    assert {kind for (kind,) in db.session.execute(select(Need.kind).distinct())} == set(PairingKind)
    assert number_of(Introduction) > 40 and number_of(Engagement) > 2
    assert listed[Side.NEED] == set(db.session.scalars(open_needs))
    assert len(listed[Side.OFFER]) > 12
    assert number_of(newest.subquery()) == 3
    assert remove_superseded() == 0  # nothing that nobody is shown


def test_no_list_holds_what_is_closed_or_under_way(crowd: Crowd) -> None:
    pairs = select(Suggestion.id).join(Suggestion.need).join(Suggestion.offer)
    closed = pairs.where((Need.state != NeedState.OPEN) | (Offer.state != OfferState.OPEN))
    kept_apart = pairs.join(
        Exclusion, (Exclusion.need_id == Suggestion.need_id) & (Exclusion.offer_id == Suggestion.offer_id)
    )
    scores = db.session.execute(
        select(Suggestion.side, Suggestion.need_id, Suggestion.score, Suggestion.told)
        .where(Suggestion.side == Side.NEED)
        .order_by(Suggestion.need_id, Suggestion.position)
    ).all()

    assert len(scores) > 100
    assert number_of(closed.subquery()) == number_of(kept_apart.subquery()) == 0
    for before, after in pairwise(scores):
        assert before.need_id != after.need_id or before.score >= after.score
    assert all(abs(sum(fact[2] for fact in row.told) - row.score) < 1e-6 for row in scores)


def test_its_names_are_found_as_if_they_had_registered(crowd: Crowd) -> None:
    for row in db.session.scalars(select(Organization).where(Organization.verified_at.is_not(None))):
        assert row.search_text == search_text(row.name, row.short_name, row.name_en)
        assert row.search_grams == grams_of(row.search_text)
        assert not row.uscc or row.sort_key == sort_key(row.name)


def test_it_obeys_capacity_and_leaves_traces(crowd: Crowd) -> None:
    engaged = db.session.execute(
        select(Mentorship.firms_at_most, func.count(Engagement.id))
        .join(Engagement, Engagement.mentorship_id == Mentorship.id)
        .where(Engagement.closed_at.is_(None))
        .group_by(Mentorship.id, Mentorship.firms_at_most)
    ).all()
    asked = select(AuditEvent.object_id).where(AuditEvent.action == "introduction:ask")

    assert all(number <= most for most, number in engaged)
    assert set(db.session.scalars(select(Introduction.id))) <= set(db.session.scalars(asked))
    assert db.session.scalar(select(func.max(Introduction.requested_at))) < NOW + timedelta(seconds=1)


def test_ids_go_on_after_what_was_written_in_bulk(crowd: Crowd) -> None:
    last = db.session.scalar(select(func.max(Organization.id))) or 0
    if db.engine.dialect.name == "postgresql":
        assert db.session.scalar(text("SELECT last_value FROM organization_id_seq")) == last
    broken = text("PRAGMA foreign_key_check") if db.engine.dialect.name == "sqlite" else text("SELECT 1 WHERE false")
    assert db.session.execute(broken).all() == []


@pytest.mark.parametrize("firms", [100, 440, 441, 100_000])
def test_a_scaled_city_has_so_many_firms_whatever_comes_first(firms: int) -> None:
    usual, more = scaled(firms)

    assert usual.firms + more.firms == firms
    assert usual.firms <= LIVELY.firms
