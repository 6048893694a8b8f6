"""进展: everything that a firm asked for, whose turn it is, and only the high-level state."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event, select

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import CreditNeed, LoanProduct, MentoringNeed, Mentorship
from matchhub.pipelines.models import Deal
from tests.integration.pairs import agreed, asked, met, need_of, Scene

CANARY = "金丝雀投委会"


@pytest.fixture
def deal_id(scene: Scene) -> int:
    introduction_id = agreed(scene)
    return db.session.scalar(select(Deal.id).where(Deal.introduction_id == introduction_id))


def other_kind(people, kind: PairingKind, **more) -> int:
    """星河科技 asked 北渡创投 for something that is not equity."""
    need_kind, offer_kind = {
        PairingKind.CREDIT: (CreditNeed, LoanProduct), PairingKind.MENTORING: (MentoringNeed, Mentorship),
    }[kind]  # fmt: skip
    firm, other, now = people.xinghe, people.beidou, utcnow()
    with unit_of_work() as session:
        need = need_kind(
            kind=kind, organization_id=firm.organization_id, state=NeedState.OPEN, code_name=f"{kind}-0009"
        )
        offer = offer_kind(kind=kind, organization_id=other.organization_id, title="x")
        session.add_all([need, offer])
        session.flush()
        row = Introduction(**{
            "kind": kind, "need_id": need.id, "offer_id": offer.id, "enterprise_id": firm.organization_id,
            "investor_id": other.organization_id, "requester_id": firm.organization_id,
            "recipient_id": other.organization_id, "requested_by_id": firm.user_id, "requested_at": now,
            "expires_at": now + timedelta(days=5), "last_activity_at": now, **more,
        })  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def tracker(sign_in, people) -> str:
    return sign_in(people.xinghe).get("/tracker").text


def test_an_empty_tracker_says_what_comes_next(people, scene, sign_in):
    page = tracker(sign_in, people)

    assert "还没有申请" in page and "/suggestions" in page and "进行中 0 / 10" in page


def test_a_request_is_with_the_other_side(people, scene, sign_in):
    asked(scene)
    page = tracker(sign_in, people)

    assert page.index("等对方") < page.index("远山资本") and "考虑中" in page and "还有 " in page


def test_a_request_that_nobody_can_read_yet_is_only_delivered(people, scene, sign_in):
    other_kind(people, PairingKind.CREDIT, awaits_claim=True)
    page = tracker(sign_in, people)

    assert 'data-tone="blue">已送达' in page and 'data-tone="blue">考虑中' not in page


def test_every_kind_of_pairing_is_there(people, scene, sign_in):
    asked(scene)
    other_kind(people, PairingKind.CREDIT)
    other_kind(people, PairingKind.MENTORING)
    page = tracker(sign_in, people)

    assert all(word in page for word in ("股权融资 · ", "银行贷款 · ", "创业辅导 · "))


def test_a_need_in_review_waits_and_a_returned_one_is_my_turn(people, scene, sign_in):
    with unit_of_work() as session:
        waits = need_of(people.xinghe.organization_id, "新材料-0031", state=NeedState.SUBMITTED)
        back = need_of(people.xinghe.organization_id, "新材料-0032", state=NeedState.RETURNED)
        foreign = need_of(people.qingtian.organization_id, "新材料-0033", state=NeedState.SUBMITTED)
        session.add_all([waits, back, foreign])
    page = tracker(sign_in, people)

    assert page.index("新材料-0032") < page.index("等对方") < page.index("新材料-0031")
    assert "去修改" in page and "审核中" in page and "新材料-0033" not in page


def test_after_an_answer_it_says_when_to_ask_again(people, scene, sign_in):
    later = utcnow() + timedelta(days=30)
    other_kind(people, PairingKind.CREDIT, state=IntroductionState.DECLINED, ask_again_on=later)
    other_kind(people, PairingKind.MENTORING, state=IntroductionState.EXPIRED)
    page = tracker(sign_in, people)

    assert "日起可再次申请" in page and "现在可以再次申请" in page and "已过期" in page


def test_the_tracker_says_whose_turn_it_is_and_nothing_of_the_fund(people, scene, sign_in, deal_id):
    fund = sign_in(people.yuanshan)
    assert "约时间" in tracker(sign_in, people)
    fund.post("/board/stages", data={"name": CANARY, "stage": "due_diligence"})
    key = db.session.scalar(select(Deal.move_count).where(Deal.id == deal_id))
    stage = CANARY in fund.get("/board/stages").text
    fund.post(f"/deals/{deal_id}/stage", data={"to": "due_diligence", "seen": str(key)})
    fund.post(f"/deals/{deal_id}/notes", data={"body": CANARY})
    fund.post(f"/deals/{deal_id}/next-step", data={"next_step": CANARY})

    page = tracker(sign_in, people)

    assert stage and "约时间" in page and "进行中 1 / 10" in page and "洽谈中" in page
    assert CANARY not in page and "尽职调查" not in page


def test_a_meeting_makes_it_talks(people, scene, sign_in, deal_id):
    assert ">洽谈中</span>" in tracker(sign_in, people)  # a step of the line only
    met(1, scene)

    assert 'data-tone="blue">洽谈中' in tracker(sign_in, people)


def test_a_fund_has_no_tracker(people, scene, sign_in):
    assert sign_in(people.yuanshan).get("/tracker").status_code == 403


def test_the_tracker_goes_out_as_excel(people, scene, sign_in):
    asked(scene)
    other_kind(people, PairingKind.MENTORING, state=IntroductionState.EXPIRED)
    book = CalamineWorkbook.from_filelike(io.BytesIO(sign_in(people.xinghe).get("/tracker/export.xlsx").data))
    rows = book.get_sheet_by_index(0).to_python()

    assert [(row[0], row[1], row[3]) for row in rows[1:]] == [
        ("等对方", "远山资本", "考虑中"), ("已结束", "北渡创投", "已过期"),
    ]  # fmt: skip
    assert rows[2][5] == "现在可以再次申请"


def test_a_long_tracker_needs_no_more_queries(people, scene, sign_in):
    client, seen = sign_in(people.xinghe), []
    other_kind(people, PairingKind.CREDIT)
    client.get("/tracker")

    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    client.get("/tracker")
    one = len(seen)
    other_kind(people, PairingKind.CREDIT, state=IntroductionState.EXPIRED)
    other_kind(people, PairingKind.CREDIT, state=IntroductionState.EXPIRED)
    seen.clear()
    client.get("/tracker")
    event.remove(db.engine, "before_cursor_execute", note)

    assert len(seen) == one
