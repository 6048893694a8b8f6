"""The fund's board: columns, cards, filters, what two colleagues do at once, what nobody else may read."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import event, func, select

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User
from matchhub.core import audit
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import Base, db, unit_of_work
from matchhub.core.texts import current_text, TextKind
from matchhub.disclosure.models import Consent
from matchhub.introductions.models import Introduction
from matchhub.listings.models import EquityNeed
from matchhub.pipelines import services
from matchhub.pipelines.enums import DealStage
from matchhub.pipelines.models import BoardMove, Deal, DealNote, OwnStage, SavedView
from tests.cast import member, ORGANIZATIONS, stored
from tests.integration.pairs import agreed, met, need_of, Scene

NOTE = "金丝雀私密备注：创始人想要控股权"


@pytest.fixture
def deal_id(scene: Scene) -> int:
    introduction_id = agreed(scene)
    return db.session.scalar(select(Deal.id).where(Deal.introduction_id == introduction_id))


@pytest.fixture
def colleague(people, app) -> Membership:
    """A second person of 远山资本."""
    with unit_of_work() as session:
        user = User(name="陆同事", email="lu@yuanshan.example")
        session.add(user)
        session.flush()
        row = Membership(
            user_id=user.id, organization_id=people.yuanshan.organization_id, role=Role.EDITOR,
            state=MembershipState.ACTIVE,
        )  # fmt: skip
        now = utcnow()
        texts = [current_text(session, kind, now).id for kind in (TextKind.TERMS, TextKind.PRIVACY)]
        session.add_all([row, *(TextAcceptance(user_id=user.id, text_id=text_id, at=now) for text_id in texts)])
        session.flush()
        return row


def another_deal(scene: Scene, number: int, **more) -> int:
    """One more deal of 远山资本, with a firm of its own whose name is open to it by nothing."""
    with unit_of_work() as session:
        kind, *_ = ORGANIZATIONS["xinghe"]
        firm = member(f"firm{number}", kind, f"鄂州第{number}号科技有限公司", f"第{number}号", "420704", Role.OWNER)
        need = need_of(firm.organization_id, f"新材料-{number:04}")
        session.add(need)
        session.flush()
        now = utcnow()
        introduction = Introduction(
            kind=need.kind, need_id=need.id, offer_id=scene.offer_id, enterprise_id=firm.organization_id,
            investor_id=scene.fund.organization_id, requester_id=firm.organization_id,
            recipient_id=scene.fund.organization_id, requested_by_id=firm.user_id, state="accepted", requested_at=now,
            expires_at=now, last_activity_at=now,
        )  # fmt: skip
        session.add(introduction)
        session.flush()
        deal = Deal(
            introduction_id=introduction.id, need_id=need.id, enterprise_id=firm.organization_id,
            investor_id=scene.fund.organization_id, stage_changed_at=now, opened_at=now, **more,
        )  # fmt: skip
        session.add(deal)
        session.flush()
        return deal.id


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run inside."""
    seen: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def place(client, deal_id, to, seen, **more):
    return client.post(f"/deals/{deal_id}/stage", data={"to": to, "seen": str(seen), "next": "/board"}, **more)


def own_stage(name: str) -> int:
    return db.session.scalar(select(OwnStage.id).where(OwnStage.name == name))


def test_without_set_up_the_stages_are_the_columns(people, scene, sign_in, deal_id):
    page = sign_in(people.yuanshan).get("/board").text

    for stage in ("初步接触", "洽谈中", "尽职调查", "意向条款", "已签约"):
        assert stage in page
    assert "星河科技" in page and "停留 0 天" in page and "还没有人跟进" in page and "没有下一步" in page
    assert db.session.scalar(select(func.count()).select_from(OwnStage)) == 0


def test_an_empty_board_says_what_comes_next(people, scene, sign_in):
    page = sign_in(people.yuanshan).get("/board").text

    assert "双方同意后出现在这里" in page and "/suggestions" in page


def test_a_card_shows_the_amount_only_as_far_as_it_is_open(people, scene, sign_in, deal_id):
    fund = sign_in(people.yuanshan)
    assert "3,210.98" in fund.get("/board").text  # 星河科技 opened its terms
    with unit_of_work() as session:
        for consent in session.scalars(select(Consent).where(Consent.recipient_id == people.yuanshan.organization_id)):
            consent.groups = [group for group in consent.groups if group != "terms"]

    page = fund.get("/board").text

    assert "3,210.98" not in page and "7,654.32" not in page
    assert "3,000 万元–1 亿元" in page


def test_a_name_that_is_not_open_is_neither_shown_nor_found(people, scene, sign_in, deal_id):
    another_deal(scene, 71)
    fund = sign_in(people.yuanshan)

    assert "第71号" not in fund.get("/board").text
    assert "新材料-0071" not in fund.get("/board?q=第71号").text
    assert "新材料-0071" in fund.get("/board?q=0071").text
    assert "星河科技" in fund.get("/board?q=星河").text  # the control: an open name is found


@pytest.mark.parametrize("path", ["/board", "/deals"])
def test_a_long_board_needs_no_more_queries(people, scene, sign_in, deal_id, path):
    fund = sign_in(people.yuanshan)
    fund.get(path)
    with counted() as one:
        fund.get(path)
    for number in range(80, 83):
        another_deal(scene, number, assignee_id=people.yuanshan.user_id)
    with counted() as four:
        assert "新材料-0081" in fund.get(path).text

    assert len(four) == len(one)


def test_filters_narrow_the_board_and_the_table_alike(people, scene, sign_in, deal_id):
    today = city_date(utcnow())
    late = another_deal(scene, 61, next_step="催材料", next_step_on=today - timedelta(days=1))
    another_deal(scene, 62, stage=DealStage.SIGNED, assignee_id=people.yuanshan.user_id)
    fund = sign_in(people.yuanshan)

    def found(query):
        pages = [fund.get(f"{path}?{query}").text for path in ("/board", "/deals")]
        return [{name for name in ("星河科技", "新材料-0061", "新材料-0062") if name in page} for page in pages]

    assert found("due=overdue") == [{"新材料-0061"}] * 2
    assert found(f"assignee={people.yuanshan.user_id}") == [{"新材料-0062"}] * 2
    assert found("assignee=none") == [{"星河科技", "新材料-0061"}] * 2
    assert found("stage=signed") == [{"新材料-0062"}] * 2
    assert found("q=催材料") == [{"新材料-0061"}] * 2
    assert found("industry=health") == [set()] * 2
    assert found("industry=new_materials&due=none") == [{"星河科技", "新材料-0062"}] * 2
    assert "已逾期" in fund.get("/board?due=overdue").text and late


@pytest.mark.parametrize(
    "query", ["stage=%00x", "assignee=-1", "assignee=99999999999999999999", "due=x", "q=%25_%5C", "open=x", "open=999999",
              "sort=--x", "stage=99999999999999"],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_error(people, scene, sign_in, deal_id, query):
    for path in ("/board", "/deals"):
        assert sign_in(people.yuanshan).get(f"{path}?{query}").status_code in (200, 400)


def test_moving_to_a_column_says_so_and_is_kept(people, scene, sign_in, deal_id):
    fund = sign_in(people.yuanshan)

    answer = place(fund, deal_id, "in_talks", 0, headers={"HX-Request": "true"})

    assert answer.status_code == 200 and "toast" in answer.headers["HX-Trigger"]
    assert answer.text.lstrip().startswith('<div class="board"')
    assert stored(Deal, deal_id, lambda d: (d.stage, d.move_count)) == (DealStage.IN_TALKS, 1)
    move = stored(BoardMove, 1, lambda m: (m.before, m.after, m.user_id))
    assert move == ("初步接触", "洽谈中", people.yuanshan.user_id)


def test_of_two_colleagues_the_second_sees_both_moves(people, scene, sign_in, deal_id, colleague):
    place(sign_in(colleague), deal_id, "in_talks", 0)
    fund = sign_in(people.yuanshan)

    late = place(fund, deal_id, "signed", 0)

    assert late.status_code == 409
    assert "陆同事" in late.text and "从「初步接触」移到「洽谈中」" in late.text and "你想移到「已签约」" in late.text
    assert stored(Deal, deal_id, lambda d: (d.stage, d.move_count)) == (DealStage.IN_TALKS, 1)
    assert place(fund, deal_id, "signed", 1).status_code == 302  # chosen again, knowing it
    assert stored(Deal, deal_id, lambda d: d.stage) is DealStage.SIGNED


def test_a_colleagues_next_step_does_not_hinder_a_move(people, scene, sign_in, deal_id, colleague):
    sign_in(colleague).post(f"/deals/{deal_id}/next-step", data={"next_step": "约财务"})

    assert place(sign_in(people.yuanshan), deal_id, "in_talks", 0).status_code == 302


def test_both_wanting_the_same_is_no_conflict(people, scene, sign_in, deal_id, colleague):
    place(sign_in(colleague), deal_id, "in_talks", 0)

    assert place(sign_in(people.yuanshan), deal_id, "in_talks", 0).status_code == 302


def test_a_next_step_that_a_colleague_changed_is_not_overwritten_unseen(people, scene, sign_in, deal_id, colleague):
    address = f"/deals/{deal_id}/next-step"
    fund = sign_in(people.yuanshan)
    sign_in(colleague).post(address, data={"next_step": "约财务", "was_step": "", "was_on": ""})

    late = fund.post(address, data={"next_step": "寄条款", "was_step": "", "was_on": ""})

    assert late.status_code == 422 and "约财务" in late.text and "寄条款" in late.text
    assert stored(Deal, deal_id, lambda d: d.next_step) == "约财务"
    assert fund.post(address, data={"next_step": "寄条款", "was_step": "约财务", "was_on": ""}).status_code == 302


def test_a_deal_is_given_to_a_colleague_only(people, scene, sign_in, deal_id, colleague):
    fund, address = sign_in(people.yuanshan), f"/deals/{deal_id}/assignee"

    assert sign_in(people.xinghe).post(address, data={"assignee": ""}).status_code == 403
    assert sign_in(people.beidou).post(address, data={"assignee": ""}).status_code == 404
    assert fund.post(address, data={"assignee": str(people.xinghe.user_id)}).status_code == 422
    assert fund.post(address, data={"assignee": "x"}).status_code == 422
    assert fund.post(address, data={"assignee": str(colleague.user_id)}).status_code == 302
    assert "陆同事" in fund.get("/board").text
    assert fund.post(address, data={"assignee": ""}).status_code == 302
    assert stored(Deal, deal_id, lambda d: d.assignee_id) is None


def words_in(body: bytes) -> str:
    """The text of a page, or of all parts of a workbook."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@pytest.fixture
def note_id(people, scene, sign_in, deal_id) -> int:
    sign_in(people.yuanshan).post(f"/deals/{deal_id}/notes", data={"body": NOTE})
    return db.session.scalar(select(DealNote.id))


@pytest.mark.parametrize(
    "who", ["xinghe", "qingtian", "beidou", "binjiang", "gedian", "echeng", "gedian_officer", "city", "administrator",
            "auditor"],
)  # fmt: skip
def test_a_note_is_read_by_no_other_role_on_any_page(app, people, scene, sign_in, deal_id, note_id, who):
    client = sign_in(getattr(people, who))
    paths = [f"/deals/{deal_id}", "/board", f"/board?open={deal_id}", "/introductions/1"]
    paths += [r.rule for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.arguments]

    for path in paths:
        assert "金丝雀私密备注" not in words_in(client.get(path).data), path
    assert client.post(f"/deal-notes/{note_id}/deletion").status_code == 404
    assert stored(DealNote, note_id, lambda n: n.body) == NOTE


def test_a_note_is_read_by_the_fund_and_its_colleagues(people, scene, sign_in, deal_id, note_id, colleague):
    for who in (people.yuanshan, colleague):
        for path in (f"/deals/{deal_id}", f"/board?open={deal_id}"):
            assert NOTE in words_in(sign_in(who).get(path).data)


def test_a_note_that_is_pressed_twice_is_written_once(people, scene, sign_in, deal_id):
    for body in (NOTE, NOTE, "另一句"):
        assert sign_in(people.yuanshan).post(f"/deals/{deal_id}/notes", data={"body": body}).status_code == 302

    assert db.session.scalar(select(func.count(DealNote.id))) == 2


def test_the_trail_knows_of_a_note_but_not_its_words(people, scene, sign_in, deal_id, note_id):
    rows = db.session.execute(select(*audit.AuditEvent.__table__.c)).all()

    assert any(row.action == "deal_note:write" for row in rows)
    assert not any("金丝雀私密备注" in repr(row) for row in rows)


def test_the_words_of_a_note_stand_in_one_table(people, scene, sign_in, deal_id, note_id):
    holding = {
        table.name
        for table in Base.metadata.sorted_tables
        if any("金丝雀私密备注" in repr(row) for row in db.session.execute(select(table)))
    }

    assert holding == {"deal_note"}


def test_a_note_is_written_by_the_fund_and_removed_by_its_author(people, scene, sign_in, deal_id, note_id, colleague):
    address = f"/deals/{deal_id}/notes"

    assert sign_in(people.yuanshan).post(address, data={"body": " "}).status_code == 422
    assert sign_in(people.yuanshan).post(address, data={"body": "字" * 2_001}).status_code == 422
    assert sign_in(people.xinghe).post(address, data={"body": "x"}).status_code == 403
    assert sign_in(people.beidou).post(address, data={"body": "x"}).status_code == 404
    assert sign_in(colleague).post(f"/deal-notes/{note_id}/deletion").status_code == 403
    assert sign_in(people.yuanshan).post(f"/deal-notes/{note_id}/deletion").status_code == 302
    assert db.session.scalar(select(func.count()).select_from(DealNote)) == 0


def test_own_stages_stand_for_stages_and_the_firm_sees_only_those(people, scene, sign_in, deal_id):
    fund = sign_in(people.yuanshan)
    assert fund.post("/board/stages", data={"name": "上会前", "stage": "due_diligence"}).status_code == 302
    with unit_of_work() as session:
        session.get_one(Deal, deal_id)  # the open card got the own stage of its stage
    assert stored(Deal, deal_id, lambda d: d.own_stage_id) == own_stage("初步接触")

    place(fund, deal_id, str(own_stage("上会前")), 0)

    assert stored(Deal, deal_id, lambda d: (d.stage, d.own_stage_id)) == (DealStage.DUE_DILIGENCE, own_stage("上会前"))
    assert "上会前" in fund.get("/board").text and "上会前" in fund.get("/deals").text
    for path in ("/tracker", f"/deals/{deal_id}", "/introductions/1"):
        assert "上会前" not in sign_in(people.xinghe).get(path).text


def test_a_meeting_moves_the_card_into_the_own_stage_of_talks(people, scene, sign_in, deal_id):
    sign_in(people.yuanshan).post("/board/stages/adoption")

    met(1, scene)

    assert stored(Deal, deal_id, lambda d: (d.stage, d.own_stage_id)) == (DealStage.IN_TALKS, own_stage("洽谈中"))


def test_a_stage_without_a_column_lies_in_the_one_before_it(people, scene, sign_in, deal_id):
    fund = sign_in(people.yuanshan)
    fund.post("/board/stages/adoption")
    assert fund.post(f"/own-stages/{own_stage('洽谈中')}/deletion").status_code == 302

    met(1, scene)

    assert stored(Deal, deal_id, lambda d: (d.stage, d.own_stage_id)) == (DealStage.IN_TALKS, None)
    assert "星河科技" in fund.get(f"/board?stage={own_stage('初步接触')}").text
    assert "星河科技" in fund.get(f"/deals?stage={own_stage('初步接触')}").text
    assert fund.post(f"/own-stages/{own_stage('初步接触')}/deletion").status_code == 409


def test_own_stages_are_renamed_reordered_and_removed_by_their_fund(people, scene, sign_in, deal_id):
    fund, stranger = sign_in(people.yuanshan), sign_in(people.beidou)
    fund.post("/board/stages/adoption")
    first, last = own_stage("初步接触"), own_stage("已签约")

    assert fund.get("/board/stages").status_code == 200
    assert sign_in(people.xinghe).get("/board/stages").status_code == 403
    for action in ("name", "position", "deletion"):
        assert stranger.post(f"/own-stages/{last}/{action}", data={"name": "抢"}).status_code == 404
    assert fund.post(f"/own-stages/{first}/name", data={"name": "初筛"}).status_code == 302
    assert fund.post(f"/own-stages/{first}/name", data={"name": "已签约"}).status_code == 422
    assert fund.post(f"/own-stages/{first}/name", data={"name": "  "}).status_code == 422
    assert fund.post(f"/own-stages/{last}/position", data={"to": "front"}).status_code == 302
    assert fund.post(f"/own-stages/{first}/deletion").status_code == 409
    assert fund.post(f"/own-stages/{last}/deletion").status_code == 302

    names = db.session.scalars(select(OwnStage.name).order_by(OwnStage.position)).all()
    assert names == ["初筛", "洽谈中", "尽职调查", "意向条款"]


def test_a_new_stage_lies_behind_those_of_its_kind_and_needs_a_name_of_its_own(people, scene, sign_in):
    fund = sign_in(people.yuanshan)
    assert fund.post("/board/stages", data={"name": "", "stage": "contacted"}).status_code == 422
    assert fund.post("/board/stages", data={"name": "新", "stage": "funded"}).status_code == 422
    assert fund.post("/board/stages", data={"name": "初筛", "stage": "contacted"}).status_code == 302
    assert fund.post("/board/stages", data={"name": "初筛", "stage": "contacted"}).status_code == 422

    names = db.session.scalars(select(OwnStage.name).order_by(OwnStage.position)).all()
    assert names == ["初步接触", "初筛", "洽谈中", "尽职调查", "意向条款", "已签约"]


def test_the_database_refuses_a_card_in_a_column_of_another_stage(people, scene, sign_in, deal_id):
    sign_in(people.yuanshan).post("/board/stages/adoption")

    with pytest.raises(Exception, match=r"(?i)foreign key"), unit_of_work() as session:
        session.get_one(Deal, deal_id).own_stage_id = own_stage("已签约")


def test_a_result_takes_the_card_off_the_board(people, scene, sign_in, deal_id):
    fund = sign_in(people.yuanshan)
    fund.post("/board/stages/adoption")
    day = f"{city_date(utcnow())}"
    fund.post(f"/deals/{deal_id}/outcome", data={"amount_wan": "555", "received_on": day, "instrument": "equity"})
    sign_in(people.xinghe).post("/outcomes/1/confirmation")

    assert stored(Deal, deal_id, lambda d: (d.stage, d.own_stage_id)) == (DealStage.FUNDED, None)
    assert f"deal-{deal_id}" not in fund.get("/board").text
    assert "星河科技" in fund.get("/deals?stage=funded").text


def test_the_panel_asks_two_fields_for_a_result(people, scene, sign_in, deal_id):
    """Amount and day; the day is today and the way of funding is what the firm asked for."""
    page = sign_in(people.yuanshan).get(f"/deals/{deal_id}", headers={"HX-Request": "true"}).text

    assert "<html" not in page and f'value="{city_date(utcnow())}"' in page
    answer = sign_in(people.yuanshan).post(
        f"/deals/{deal_id}/outcome",
        data={
            "amount_wan": "1",
            "received_on": f"{city_date(utcnow())}",
            "instrument": "equity",
            "next": "/board?open=1",
        },
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/board?open=1")


def test_after_a_form_nobody_is_sent_to_another_site(people, scene, sign_in, deal_id):
    data = {"next_step": "x", "next": "https://evil.example/board"}

    assert sign_in(people.yuanshan).post(f"/deals/{deal_id}/next-step", data=data).location == f"/deals/{deal_id}"


def test_views_are_kept_per_person_and_are_addresses(people, scene, sign_in, deal_id, colleague):
    fund = sign_in(people.yuanshan)
    form = {"name": "本周", "next": "/board?due=week&evil=1"}

    assert fund.post("/board/views", data=form).status_code == 302
    assert fund.post("/board/views", data=form | {"name": ""}).status_code == 422
    assert (
        fund.post("/board/views", data=form | {"next": "/deals?due=overdue"}).status_code == 302
    )  # the same name anew
    assert stored(SavedView, 1, lambda v: (v.is_table, v.filters)) == (True, {"due": "overdue"})
    assert 'href="/deals?due=overdue"' in fund.get("/board").text
    assert "本周" not in sign_in(colleague).get("/board").text
    assert fund.get("/deals?due=overdue").text.count("星河科技") == sign_in(colleague).get(
        "/deals?due=overdue"
    ).text.count("星河科技")
    assert sign_in(colleague).post("/board-views/1/deletion").status_code == 404
    assert fund.post("/board-views/1/deletion").status_code == 302
    assert db.session.scalar(select(func.count()).select_from(SavedView)) == 0


def test_the_table_sorts_both_ways_and_goes_out_as_excel(people, scene, sign_in, deal_id):
    today = city_date(utcnow())
    another_deal(scene, 51, next_step="早", next_step_on=today + timedelta(days=1))
    another_deal(scene, 52, next_step="晚", next_step_on=today + timedelta(days=9))
    fund = sign_in(people.yuanshan)

    def order(sort):
        page = fund.get(f"/deals?sort={sort}").text
        return page.index("新材料-0051") < page.index("新材料-0052")

    assert (order("next"), order("-next")) == (True, False)
    book = CalamineWorkbook.from_filelike(io.BytesIO(fund.get("/deals/export.xlsx?sort=-next").data))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["企业", "新材料-0052", "新材料-0051", "星河科技"]


def test_someone_who_only_reads_sees_no_controls(people, scene, sign_in, deal_id, colleague):
    with unit_of_work() as session:
        session.get_one(Membership, colleague.id).role = Role.VIEWER
    reader = sign_in(colleague)

    page = reader.get("/board").text

    assert "星河科技" in page and "data-movable" not in page and f"/deals/{deal_id}/stage" not in page
    assert place(reader, deal_id, "in_talks", 0).status_code == 403
    assert reader.post("/board/stages/adoption").status_code == 403


def test_a_merge_of_two_funds_takes_deals_and_notes_along(people, scene, sign_in, deal_id, note_id):
    from matchhub.accounts.news import OrganizationMerged  # noqa: PLC0415

    sign_in(people.yuanshan).post("/board/stages/adoption")
    with unit_of_work() as session:
        kept = session.get_one(Organization, people.beidou.organization_id)
        dropped = session.get_one(Organization, people.yuanshan.organization_id)
        services.follow_merge(OrganizationMerged(kept=kept, dropped=dropped), now=utcnow())

    assert stored(Deal, deal_id, lambda d: (d.investor_id, d.own_stage_id)) == (people.beidou.organization_id, None)
    assert NOTE in sign_in(people.beidou).get(f"/deals/{deal_id}").text


def test_the_sum_of_a_column_tells_no_more_than_its_cards(people, scene, sign_in, deal_id):
    with unit_of_work() as session:
        session.get_one(EquityNeed, scene.need_id).amount_max_yuan = 60_000_000
    another_deal(scene, 41)
    page = sign_in(people.yuanshan).get("/board").text

    assert "6,210.98 万元–1.6 亿元" in page  # 3,210.98–6,000 万元, open, and the band 3,000 万元–1 亿元
