"""A word on a suggestion can be taken back for ten seconds: what was said before holds again, to the second."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback, Suggestion
from tests.cast import stored
from tests.undoing import seconds_to_undo


@pytest.fixture(autouse=True)
def ten_seconds(app) -> Iterator[None]:
    with seconds_to_undo(app):
        yield


@pytest.fixture
def suggestion_id(market) -> int:
    return db.session.scalars(
        select(Suggestion.id).where(Suggestion.side == Side.OFFER, Suggestion.offer_id == market.offer)
    ).all()[0]


def say(client, suggestion_id: int, kind: str, reason: str = "") -> str:
    data = {"kind": kind, "reason": reason}
    response = client.post(f"/suggestions/{suggestion_id}/feedback", data=data)
    assert response.status_code == 302
    return client.get(response.location).text


def word() -> tuple[object, ...]:
    with unit_of_work() as session:
        row = session.scalars(select(Feedback)).one()
        return row.kind, row.reason, row.until, row.at, row.by_user_id


def test_the_first_word_undone_leaves_none(people, sign_in, suggestion_id):
    client = sign_in(people.yuanshan)
    page = say(client, suggestion_id, "later")
    assert f"/suggestions/{suggestion_id}/feedback-undoing" in page

    assert client.post(f"/suggestions/{suggestion_id}/feedback-undoing").status_code == 302

    assert db.session.scalar(select(func.count()).select_from(Feedback)) == 0


def test_a_later_word_undone_brings_the_former_back_as_it_was(people, sign_in, suggestion_id):
    client = sign_in(people.yuanshan)
    say(client, suggestion_id, "later")
    before = word()
    say(client, suggestion_id, "interested")
    assert word() != before

    client.post(f"/suggestions/{suggestion_id}/feedback-undoing")

    assert word() == before
    assert client.post(f"/suggestions/{suggestion_id}/feedback-undoing").status_code == 409


def test_after_ten_seconds_it_stays_said(people, sign_in, suggestion_id):
    client = sign_in(people.yuanshan)
    say(client, suggestion_id, "interested")
    with unit_of_work() as session:
        session.scalars(select(Feedback)).one().at = utcnow() - timedelta(seconds=11)

    assert client.post(f"/suggestions/{suggestion_id}/feedback-undoing").status_code == 409
    assert word()[0] is FeedbackKind.INTERESTED


def test_what_somebody_else_said_is_not_undone(people, sign_in, suggestion_id):
    client = sign_in(people.yuanshan)
    say(client, suggestion_id, "interested")
    with unit_of_work() as session:
        session.scalars(select(Feedback)).one().by_user_id = people.beidou.user_id

    assert client.post(f"/suggestions/{suggestion_id}/feedback-undoing").status_code == 409
    assert sign_in(people.qingtian).post(f"/suggestions/{suggestion_id}/feedback-undoing").status_code == 404
    assert stored(Feedback, 1, lambda f: f.kind) is FeedbackKind.INTERESTED
