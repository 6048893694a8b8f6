"""Two people press at the same moment: one counts, the other is told so."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from matchhub.core import errors
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.introductions import services as introductions
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Mentorship
from matchhub.matches.queries.columns import engaged_now
from matchhub.mentoring import services
from matchhub.mentoring.enums import SessionState
from matchhub.mentoring.models import MentoringSession
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import CreditCase, Outcome
from tests.cast import stored
from tests.integration.mentoring.test_engagements import request_of
from tests.integration.pairs import agreed, stage


def race(app: App, *acts: Callable[[Session], object]) -> list[str]:
    """Each act in a thread and a transaction of its own; what became of them, sorted."""
    start, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[Session], object]) -> None:
        with app.app_context():
            start.wait(30)
            try:
                with unit_of_work() as session:
                    act(session)
                answers.append("done")
            except (errors.Conflict, StaleDataError, IntegrityError):
                answers.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.rollback()
    return sorted(answers)


@pytest.mark.parametrize("repeat", range(3))
def test_a_session_is_answered_once(app, scene, session_id, repeat):
    def confirm(session: Session) -> None:
        row = session.get_one(MentoringSession, session_id)
        services.confirm(row, seen=1, actor=scene.firm, now=utcnow())

    def dispute(session: Session) -> None:
        services.dispute(session.get_one(MentoringSession, session_id), reason="x", actor=scene.firm, now=utcnow())

    assert race(app, confirm, dispute) == ["done", "refused"]
    assert stored(MentoringSession, session_id, lambda s: s.state) in (SessionState.CONFIRMED, SessionState.DISPUTED)


@pytest.mark.parametrize("repeat", range(3))
def test_the_last_place_is_taken_once(app, scene, repeat):
    waiting = [request_of(scene, number) for number in range(2)]
    with unit_of_work() as session:
        session.get_one(Mentorship, scene.offer_id).firms_at_most = 1

    def accept(introduction_id: int) -> Callable[[Session], None]:
        return lambda session: introductions.accept(
            session.get_one(Introduction, introduction_id), scene.choice(), actor=scene.fund, now=utcnow()
        )

    assert race(app, *(accept(introduction_id) for introduction_id in waiting)) == ["done", "refused"]
    assert engaged_now(db.session()) == {scene.offer_id: 1}


def test_a_payout_is_reported_once(app, people):
    loan = stage(people, PairingKind.CREDIT)
    agreed(loan)
    with unit_of_work() as session:
        case = session.scalars(select(CreditCase)).one()
        for action in ("collect", "submit"):
            pipelines.move_case(case, action, actor=loan.fund, now=utcnow())
        pipelines.grant(case, amount_yuan=5_000_000, rate_bp=385, actor=loan.fund, now=utcnow())

    def report(session: Session) -> None:
        case = session.scalars(select(CreditCase)).one()
        result = pipelines.Result(5_000_000, "", city_date(utcnow()))
        pipelines.report_payout(case, result, actor=loan.fund, now=utcnow())

    assert race(app, report, report) == ["done", "refused"]
    assert db.session.scalar(select(func.count()).select_from(Outcome)) == 1
