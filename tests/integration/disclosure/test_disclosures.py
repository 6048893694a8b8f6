"""我的授权: what is open to whom, taking it back, the receipt."""

import pytest
from sqlalchemy import event, select

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.sheets import read_rows
from matchhub.core.uploads import KINDS
from matchhub.disclosure.models import Consent
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.profiles.models import Attachment
from tests.cast import stored
from tests.integration.pairs import agreed, asked


def test_both_sides_see_what_is_open(people, scene, sign_in):
    agreed(scene)

    firm = sign_in(people.xinghe).get("/disclosures").text
    fund = sign_in(people.yuanshan).get("/disclosures?tab=received").text

    assert "远山资本" in firm and "金丝雀商业计划书.pdf" in firm and "开放中" in firm
    assert "星河科技" in fund and "联系人信息" in fund


def test_withdrawing_twice_is_told_politely_and_strangers_find_nothing(people, scene, sign_in):
    agreed(scene)
    firm = sign_in(people.xinghe)

    assert sign_in(people.beidou).post("/disclosures/1/withdrawal").status_code == 404
    assert firm.post("/disclosures/999/withdrawal").status_code == 404
    assert firm.post("/disclosures/1/withdrawal").status_code == 302
    assert firm.post("/disclosures/1/withdrawal").status_code == 409
    assert stored(Consent, 1, lambda c: c.withdrawn_at) is not None
    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.REVOKED


def test_withdrawing_the_consent_of_a_request_withdraws_the_request(people, scene, sign_in):
    introduction_id = asked(scene)

    sign_in(people.xinghe).post("/disclosures/1/withdrawal")

    assert stored(Introduction, introduction_id, lambda i: i.state) is IntroductionState.WITHDRAWN
    assert (
        sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/acceptance", data=scene.form()).status_code
        == 409
    )


def test_the_receipt_is_numbered_and_only_for_the_giver(people, scene, sign_in):
    agreed(scene)

    page = sign_in(people.xinghe).get("/disclosures/1/receipt").text

    assert f"{utcnow():%Y%m%d}-000001" in page and "远山资本" in page and "金丝雀商业计划书.pdf" in page
    assert "13900001111" not in page
    assert sign_in(people.yuanshan).get("/disclosures/1/receipt").status_code == 403
    assert sign_in(people.beidou).get("/disclosures/1/receipt").status_code == 404


def test_the_owner_chooses_between_looking_and_taking_away_and_the_row_says_so(people, scene, sign_in):
    page = sign_in(people.xinghe).get(f"/introductions/new?need={scene.need_id}&offer={scene.offer_id}").text
    assert 'value="view" id="access" checked' in page, "looking only, unless the owner says more"

    asking = sign_in(people.xinghe).post("/introductions", data={**scene.opening(), "access": "download"})

    assert asking.status_code == 302
    assert stored(Consent, 1, lambda c: c.allows_download) is True
    firm = sign_in(people.xinghe)
    assert "可以下载带水印的副本" in firm.get("/disclosures").text
    assert "可以下载带水印的副本" in firm.get("/disclosures/1/receipt").text


@pytest.mark.parametrize("access", [None, "view", "both", "original"])
def test_whatever_else_is_sent_is_looking_only(access, people, scene, sign_in):
    form = scene.opening() if access is None else {**scene.opening(), "access": access}

    assert sign_in(people.xinghe).post("/introductions", data=form).status_code == 302
    assert stored(Consent, 1, lambda c: c.allows_download) is False
    assert "只能在线看" in sign_in(people.xinghe).get("/disclosures").text


def test_slides_are_not_opened_for_looking_for_nobody_could_look(people, scene, sign_in):
    with unit_of_work() as session:
        file = session.scalars(select(Attachment)).one().file
        file.media_type, file.name = KINDS["pptx"], "路演.pptx"
    firm = sign_in(people.xinghe)

    refused = firm.post("/introductions", data=scene.opening())

    assert refused.status_code == 422 and "路演.pptx" in refused.text
    assert firm.post("/introductions", data={**scene.opening(), "access": "download"}).status_code == 302


def test_everything_given_to_one_organization_is_taken_back_at_once(people, scene, sign_in):
    introduction_id = agreed(scene)
    given_again(1)
    given_to_another(1, people.beidou.organization_id)
    firm, fund_id = sign_in(people.xinghe), people.yuanshan.organization_id
    address = f"/disclosures/organizations/{fund_id}/withdrawal"
    assert address in firm.get("/disclosures").text

    assert sign_in(people.qingtian).post(address).status_code == 404
    assert firm.post(f"/disclosures/organizations/{people.gedian.organization_id}/withdrawal").status_code == 404
    assert firm.post(address).status_code == 302

    db.session.rollback()
    own = Consent.subject_id == people.xinghe.organization_id
    still = db.session.scalars(select(Consent).where(own, Consent.withdrawn_at.is_(None)))
    assert [row.recipient_id for row in still] == [people.beidou.organization_id], "the others keep what they have"
    assert stored(Introduction, introduction_id, lambda i: i.state) is IntroductionState.REVOKED
    assert firm.post(address).status_code == 404
    assert sign_in(people.yuanshan).get(f"/attachments/{scene.deck_id}").status_code == 404


def test_a_colleague_who_may_only_look_takes_nothing_back(people, scene, sign_in):
    agreed(scene)
    given_again(1)
    with unit_of_work() as session:
        session.get_one(Membership, people.xinghe.id).role = Role.VIEWER
    looking = sign_in(people.xinghe)

    assert "撤回" not in looking.get("/disclosures").text.split("<main", 1)[1].replace("可随时撤回", "").replace(
        "无法收回", ""
    )
    assert looking.post("/disclosures/1/withdrawal").status_code == 403
    assert looking.post(f"/disclosures/organizations/{people.yuanshan.organization_id}/withdrawal").status_code == 403


def given_again(consent_id):
    """The same once more, about nothing in particular."""
    given_to_another(consent_id, None)


def given_to_another(consent_id, organization_id):
    with unit_of_work() as session:
        row = session.get_one(Consent, consent_id)
        session.add(
            Consent(
                subject_id=row.subject_id, recipient_id=organization_id or row.recipient_id, given_by_id=row.given_by_id,
                purpose=row.purpose, about_type="other", groups=row.groups, file_ids=row.file_ids,
                shown_values=row.shown_values, text_id=row.text_id, given_at=row.given_at, active_from=row.active_from,
                expires_at=row.expires_at,
            )
        )  # fmt: skip


def test_each_tab_has_what_belongs_to_it_and_an_empty_state(people, scene, sign_in):
    firm = sign_in(people.xinghe)
    empty = {
        "open": "你还没有向谁开放信息",
        "over": "没有停止的授权",
        "received": "还没有机构向你开放信息",
        "views": "还没有人看过你的材料",
    }
    for tab, words in empty.items():
        assert words in firm.get(f"/disclosures?tab={tab}").text
    agreed(scene)
    firm.post("/disclosures/1/withdrawal")

    assert empty["open"] in firm.get("/disclosures?tab=nonsense").text, "nonsense is the first tab"
    over = firm.get("/disclosures?tab=over").text
    assert "远山资本" in over and "已停止" in over and "撤回授权" not in over


def test_the_tabs_go_to_excel(people, scene, sign_in):
    agreed(scene)
    firm, fund = sign_in(people.xinghe), sign_in(people.yuanshan)

    given = read_rows(firm.get("/disclosures/export.xlsx").data, max_rows=50, max_columns=20)
    received = read_rows(fund.get("/disclosures/export.xlsx?tab=received").data, max_rows=50, max_columns=20)
    views = read_rows(firm.get("/disclosures/export.xlsx?tab=views").data, max_rows=50, max_columns=20)

    assert given[1][0] == "远山资本" and "金丝雀商业计划书.pdf" in given[1] and "只能在线看" in given[1]
    assert received[1][0] == "星河科技" and len(views) == 1


@pytest.mark.parametrize("tab", ["open", "received", "views"])
def test_a_long_list_costs_as_many_queries_as_a_short_one(tab, people, scene, sign_in):
    agreed(scene)
    client = sign_in(people.yuanshan if tab == "received" else people.xinghe)
    asked = []

    def count(connection, cursor, statement, *_):
        asked.append(statement)

    def cost():
        client.get(f"/disclosures?tab={tab}")
        asked.clear()
        event.listen(db.engine, "before_cursor_execute", count)
        assert client.get(f"/disclosures?tab={tab}").status_code == 200
        event.remove(db.engine, "before_cursor_execute", count)
        return len(asked)

    one = cost()
    for name in ("beidou", "binjiang", "gedian"):
        given_to_another(1, getattr(people, name).organization_id if tab != "received" else None)

    assert cost() == one
