"""Carriers with facts, firms that are incubated, and pairs in which nothing happens."""

from datetime import date, datetime, timedelta

import pytest

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import unit_of_work
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import MatchRun, PublishedRun, Suggestion
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import CarrierProfile, Residency
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.pairs import Scene


@pytest.fixture
def scene(people: Cast) -> Scene:
    return pairs.stage(people)


def carrier(membership: Membership, **facts: object) -> None:
    """What a carrier's profile says."""
    with unit_of_work() as session:
        session.add(CarrierProfile(organization_id=membership.organization_id, **facts))


def incubated(firm: Membership, carrier_of: Membership, *, since: date, **more: object) -> int:
    """A firm that is incubated."""
    with unit_of_work() as session:
        row = Residency(
            enterprise_id=firm.organization_id, carrier_id=carrier_of.organization_id, entered_on=since,
            incubation_from=since, **{"status": ResidencyStatus.INCUBATING, **more},
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def suggested(
    need_id: int, offer_id: int, *, score: float = 0.95, position: int = 1, verdict: Verdict = Verdict.FITS
) -> int:
    """A row of the need's shown list; further rows join the same run."""
    now = utcnow()
    with unit_of_work() as session:
        shown = session.get(PublishedRun, (Side.NEED, need_id))
        if shown is None:
            run = MatchRun(kind=PairingKind.EQUITY, need_id=need_id, queued_at=now)
            session.add(run)
            session.flush()
            shown = PublishedRun(
                side=Side.NEED, subject_id=need_id, run_id=run.id, compared=9, fits=1, at=now, suggested_at=now
            )
            session.add(shown)
        row = Suggestion(
            run_id=shown.run_id, side=Side.NEED, kind=PairingKind.EQUITY, need_id=need_id, offer_id=offer_id,
            position=position, score=score, coverage=0.9, verdict=verdict, created_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def quiet_since(introduction_id: int, days: int) -> datetime:
    """Nothing has happened in it for so many days."""
    at = utcnow() - timedelta(days=days)
    with unit_of_work() as session:
        row = session.get_one(Introduction, introduction_id)
        row.last_activity_at = at
        row.requested_at = min(row.requested_at, at)
    return at
