"""The funnel counts what its lists show, and nobody counts outside the own scope."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, UTC

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update

from matchhub.accounts.models import Membership
from matchhub.accounts.queries.readers import actor_of
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.web import App
from matchhub.introductions.enums import IntroductionState, MeetingMode, MeetingState
from matchhub.introductions.models import Introduction, Meeting
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import (
    CreditNeed,
    EquityNeed,
    InvestmentMandate,
    LoanProduct,
    MentoringNeed,
    Mentorship,
)
from matchhub.mentoring.enums import EngagementState
from matchhub.mentoring.models import Engagement
from matchhub.oversight.queries import funnel
from matchhub.oversight.queries.funnel import Cut, Grouping, Stage
from matchhub.pipelines.enums import CaseStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Deal, Outcome
from tests.cast import Cast

AT = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)  # already 1 April in the city


def actor_as(membership: Membership) -> Actor:
    found = actor_of(membership)
    assert found is not None
    return found


def run_to_outcome(people: Cast, firm: Membership, *, district: str, carrier_id: int | None, industry: str) -> None:
    """One need that went all the way, and a second one that nobody answered."""
    with unit_of_work() as session:
        needs = [
            EquityNeed(
                kind=PairingKind.EQUITY, organization_id=firm.organization_id, state=NeedState.OPEN, code_name=f"n{n}",
                published_at=AT, district_code=district, carrier_id=carrier_id, lead_industry=industry,
            )
            for n in range(2)
        ]  # fmt: skip
        offer = InvestmentMandate(
            kind=PairingKind.EQUITY, organization_id=people.yuanshan.organization_id, state=OfferState.OPEN
        )
        session.add_all([*needs, offer])
        session.flush()
        introduction = Introduction(
            kind=PairingKind.EQUITY, need_id=needs[0].id, offer_id=offer.id, enterprise_id=firm.organization_id,
            investor_id=people.yuanshan.organization_id, requester_id=firm.organization_id,
            recipient_id=people.yuanshan.organization_id, requested_by_id=firm.user_id, requested_at=AT,
            state=IntroductionState.ACCEPTED, expires_at=AT + timedelta(days=14), last_activity_at=AT,
        )  # fmt: skip
        session.add(introduction)
        session.flush()
        session.add(
            Meeting(
                introduction_id=introduction.id, proposed_by_id=firm.organization_id, proposed_by_user_id=firm.user_id,
                state=MeetingState.HELD, starts_at=AT, held_at=AT, mode=MeetingMode.ONLINE,
            )
        )  # fmt: skip
        deal = Deal(
            introduction_id=introduction.id, need_id=needs[0].id, enterprise_id=firm.organization_id,
            investor_id=people.yuanshan.organization_id, stage_changed_at=AT, opened_at=AT,
        )  # fmt: skip
        session.add(deal)
        session.flush()
        session.add(
            Outcome(
                introduction_id=introduction.id, kind=PairingKind.EQUITY, deal_id=deal.id,
                state=OutcomeState.CONFIRMED, amount_yuan=5_000_000, instrument="equity",
                received_on=date(2026, 4, 1), entered_by_id=firm.organization_id, entered_by_user_id=firm.user_id,
                decided_at=AT,
            )
        )  # fmt: skip


@pytest.fixture
def two_districts(app: App, people: Cast) -> Cast:
    run_to_outcome(
        people, people.xinghe, district="420704", carrier_id=people.binjiang.organization_id, industry="equipment"
    )
    run_to_outcome(people, people.qingtian, district="EZ-GD", carrier_id=None, industry="health")
    return people


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SET ", "SAVEPOINT")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def counts(actor: Actor, cut: Cut | None = None) -> dict[Stage, int]:
    return funnel.totals(funnel.figures(db.session(), actor, cut or Cut(), Grouping.DISTRICT))


def test_the_city_counts_all_and_a_district_its_own(two_districts: Cast) -> None:
    city = counts(actor_as(two_districts.city))
    district = counts(actor_as(two_districts.echeng))

    assert (city[Stage.NEED], city[Stage.OUTCOME]) == (4, 2)
    assert [district[stage] for stage in Stage] == [2, 0, 1, 1, 1, 1]


def test_the_whole_funnel_is_the_sum_of_its_districts(two_districts: Cast) -> None:
    """A meeting that was not held and a result that nobody confirmed count nowhere."""
    for who in (two_districts.city, two_districts.echeng, two_districts.binjiang, two_districts.xinghe):
        assert funnel.whole(db.session(), actor_as(who)) == counts(actor_as(who))
    assert [funnel.whole(db.session(), actor_as(two_districts.city))[stage] for stage in Stage] == [4, 0, 2, 2, 2, 2]

    with unit_of_work() as session:
        session.execute(update(Meeting).values(state=MeetingState.PROPOSED, held_at=None))
        session.execute(update(Outcome).values(state=OutcomeState.ENTERED, decided_at=None))
    city = funnel.whole(db.session(), actor_as(two_districts.city))
    assert (city[Stage.MEETING], city[Stage.OUTCOME]) == (0, 0)


def test_a_carrier_counts_its_firms_only(two_districts: Cast) -> None:
    assert counts(actor_as(two_districts.binjiang))[Stage.NEED] == 2
    assert counts(actor_as(two_districts.gedian))[Stage.NEED] == 0


def test_a_firm_and_an_investor_have_no_scope(two_districts: Cast) -> None:
    assert sum(counts(actor_as(two_districts.xinghe)).values()) == 0
    assert sum(counts(actor_as(two_districts.yuanshan)).values()) == 0


@pytest.mark.parametrize("grouping", list(Grouping))
def test_each_number_is_the_length_of_its_list(two_districts: Cast, grouping: Grouping) -> None:
    actor = actor_as(two_districts.city)
    groups = funnel.figures(db.session(), actor, Cut(), grouping)
    for key, stages in groups.items():
        for stage, count in stages.items():
            listed = funnel.stage_list(db.session(), actor, stage, Cut().with_group(grouping, key), number=1)
            assert (listed.total, len(listed.items)) == (count, count)


def test_months_are_those_of_the_city(two_districts: Cast) -> None:
    groups = funnel.figures(db.session(), actor_as(two_districts.city), Cut(), Grouping.MONTH)

    assert set(groups) == {"2026-04"}


def test_the_scope_cannot_be_asked_for(two_districts: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    page = sign_in(two_districts.gedian_officer).get("/funnel/needs?district=420704")

    assert page.status_code == 200
    assert "星河科技" not in page.text


def test_a_stranger_to_the_figures_is_refused(
    two_districts: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    for membership in (two_districts.xinghe, two_districts.yuanshan, two_districts.auditor):
        assert sign_in(membership).get("/funnel").status_code == 403


def test_the_sum_of_few_outcomes_is_not_told(two_districts: Cast) -> None:
    actor = actor_as(two_districts.city)

    assert funnel.confirmed_sum(db.session(), actor, Cut()) == (2, None)
    for _ in range(3):
        run_to_outcome(two_districts, two_districts.qingtian, district="EZ-GD", carrier_id=None, industry="health")
    assert funnel.confirmed_sum(db.session(), actor, Cut()) == (5, 25_000_000)


def test_a_nonsense_month_counts_nothing(two_districts: Cast) -> None:
    for month in ("2026-13", "x", "2026-4-1", "\x00"):
        assert sum(counts(actor_as(two_districts.city), Cut(month=month)).values()) == 0


def test_the_list_costs_the_same_for_one_row_and_for_three(two_districts: Cast) -> None:
    actor = actor_as(two_districts.city)
    db.session.rollback()
    with counted() as few:
        funnel.stage_list(db.session(), actor, Stage.NEED, Cut(district="420704"), number=1)
    db.session.rollback()
    with counted() as many:
        funnel.stage_list(db.session(), actor, Stage.NEED, Cut(), number=1)

    assert len(few) == len(many) == 3


def test_a_loan_and_a_mentoring_are_counted_like_shares(two_districts: Cast) -> None:
    """A credit case and an engagement stand at the stage of the deal, each in the words of its own states."""
    people, actor = two_districts, actor_as(two_districts.city)
    before = counts(actor, Cut())
    with unit_of_work() as session:
        for kind, need_model, offer_model in (
            (PairingKind.CREDIT, CreditNeed, LoanProduct), (PairingKind.MENTORING, MentoringNeed, Mentorship),
        ):  # fmt: skip
            need = need_model(
                kind=kind, organization_id=people.xinghe.organization_id, state=NeedState.OPEN, code_name=kind.value,
                published_at=AT, district_code="420704", lead_industry="health",
            )  # fmt: skip
            offer = offer_model(kind=kind, organization_id=people.yuanshan.organization_id, state=OfferState.OPEN)
            session.add_all([need, offer])
            session.flush()
            introduction = Introduction(
                kind=kind, need_id=need.id, offer_id=offer.id, enterprise_id=people.xinghe.organization_id,
                investor_id=people.yuanshan.organization_id, requester_id=people.xinghe.organization_id,
                recipient_id=people.yuanshan.organization_id, requested_by_id=people.xinghe.user_id, requested_at=AT,
                state=IntroductionState.ACCEPTED, expires_at=AT, last_activity_at=AT,
            )  # fmt: skip
            session.add(introduction)
            session.flush()
            facts = {
                "introduction_id": introduction.id, "need_id": need.id, "enterprise_id": people.xinghe.organization_id,
                "opened_at": AT,
            }  # fmt: skip
            if kind is PairingKind.CREDIT:
                session.add(
                    CreditCase(
                        **facts, product_id=offer.id, bank_id=people.yuanshan.organization_id, stage_changed_at=AT
                    )
                )
            else:
                session.add(Engagement(**facts, mentorship_id=offer.id, mentor_id=people.yuanshan.organization_id))
                session.add(
                    Outcome(
                        introduction_id=introduction.id, kind=kind, state=OutcomeState.CONFIRMED, sessions=3,
                        minutes=180, instrument="", received_on=date(2026, 4, 1), decided_at=AT,
                        entered_by_id=people.yuanshan.organization_id, entered_by_user_id=people.yuanshan.user_id,
                    )
                )  # fmt: skip
    after = counts(actor, Cut())

    assert {stage: after[stage] - before[stage] for stage in Stage} == {
        Stage.NEED: 2, Stage.SUGGESTION: 0, Stage.INTRODUCTION: 2, Stage.MEETING: 0, Stage.DEAL: 2, Stage.OUTCOME: 1,
    }  # fmt: skip
    for kind, states in ((PairingKind.CREDIT, CaseStage), (PairingKind.MENTORING, EngagementState)):
        page = funnel.stage_list(db.session(), actor, Stage.DEAL, Cut(kind=kind.value), number=1)
        assert [type(row.state) for row in page.items] == [states]
    assert counts(actor, Cut(kind="nonsense")) == dict.fromkeys(Stage, 0)
