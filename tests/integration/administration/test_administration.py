"""The administrator's pages: for the administrator only, every change a trace, every list a constant number of queries."""

import html
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus, Role
from matchhub.accounts.models import Invitation, Membership, Organization, User, UserSession
from matchhub.core import dictionaries, installation
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.dictionaries import DictionaryEntry
from matchhub.core.installation import Installation
from matchhub.core.jobs import JobLease
from matchhub.core.outbox import MailState, Notice
from matchhub.core.sheets import read_rows
from matchhub.core.texts import LegalText
from matchhub.core.web import App
from matchhub.mail import DELIVERY
from matchhub.profiles.models import Complaint
from matchhub.wiring import JOBS
from tests.cast import Browser, Cast, member, ORGANIZATIONS, stored, take
from tests.unit.core.test_uploads import png

PAGES = (
    "/administration", "/administration/installation", "/administration/dictionaries",
    "/administration/dictionaries/industries", "/administration/dictionary-entries/1", "/administration/organizations",
    "/administration/organizations/1", "/administration/organizations/new", "/administration/people",
    "/administration/people/1", "/administration/outbox", "/administration/jobs", "/administration/texts",
    "/administration/texts/1", "/administration/texts/new",
)  # fmt: skip
LIMITS = {
    "in_flight_per_enterprise": 10,
    "cool_down_days": 90,
    "answer_days": 14,
    "silence_days": 180,
    "bank_begins_days": 2,
}
Enter = Callable[[Membership], FlaskClient]


@pytest.fixture
def admin(people: Cast, sign_in: Enter) -> FlaskClient:
    return sign_in(people.administrator)


def visitor(app: App) -> Browser:
    return Browser(app, app.response_class, use_cookies=True)


def traces(action: str) -> int:
    with Session(db.engine) as session:
        return session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


def tomorrow() -> date:
    return city_date(utcnow()) + timedelta(days=1)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_open_for_the_administrator_and_for_nobody_else(
    app: App, people: Cast, sign_in: Enter, path: str
) -> None:
    assert sign_in(people.administrator).get(path).status_code == 200
    for stranger in (people.xinghe, people.city, people.auditor, people.binjiang):
        assert sign_in(stranger).get(path).status_code in (403, 404)
    assert visitor(app).get(path).status_code == 302


def test_the_city_can_be_changed(people: Cast, admin: FlaskClient) -> None:
    data = {"version": 1, "city_name": "黄石市", "product_name": "汇配", "icp": "鄂ICP备1号", **LIMITS}

    assert admin.post("/administration/installation/change", data=data).status_code == 302

    assert stored(Installation, 1, lambda s: (s.city_name, s.icp)) == ("黄石市", "鄂ICP备1号")
    assert traces("installation:change") == 1


@pytest.mark.parametrize("wrong", [{"city_name": ""}, {"answer_days": 0}, {"answer_days": 900}, {"answer_days": "x"}])
def test_a_wrong_setting_changes_nothing(people: Cast, admin: FlaskClient, wrong: dict[str, object]) -> None:
    data = {"version": 1, "city_name": "黄石市", "product_name": "汇配", **LIMITS} | wrong

    assert admin.post("/administration/installation/change", data=data).status_code == 422
    assert stored(Installation, 1, lambda s: s.city_name) == "鄂州市"


def test_a_form_that_somebody_overtook_changes_nothing(people: Cast, admin: FlaskClient) -> None:
    data = {"version": 99, "city_name": "黄石市", "product_name": "汇配", **LIMITS}

    assert admin.post("/administration/installation/change", data=data).status_code == 409
    assert stored(Installation, 1, lambda s: s.city_name) == "鄂州市"


def test_a_logo_is_shown_to_everybody(app: App, people: Cast, admin: FlaskClient) -> None:
    assert visitor(app).get("/logo").status_code == 404
    data = {"file": (io.BytesIO(png()), "logo.png")}

    assert admin.post("/administration/installation/logo", data=data).status_code == 302

    response = visitor(app).get("/logo")
    assert (response.status_code, response.mimetype, response.data) == (200, "image/png", png())
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert admin.post("/administration/installation/logo-removal").status_code == 302
    assert visitor(app).get("/logo").status_code == 404


@pytest.mark.parametrize("content", [b"<svg onload='x'/>", b"", b"MZ not a picture"])
def test_only_a_picture_can_be_a_logo(people: Cast, admin: FlaskClient, content: bytes) -> None:
    data = {"file": (io.BytesIO(content), "logo.png")}

    assert admin.post("/administration/installation/logo", data=data).status_code == 422
    assert stored(Installation, 1, lambda s: s.logo_file_id) is None


def test_a_word_can_be_added_renamed_and_retired(app: App, people: Cast, admin: FlaskClient) -> None:
    before = installation.required(db.session()).dictionary_version
    day = tomorrow()
    new = {"code": "new-one", "label": "新词", "effective_from": day.isoformat()}
    assert admin.post("/administration/dictionaries/purposes/entries", data=new).status_code == 302
    entry_id = db.session.scalar(select(DictionaryEntry.id).where(DictionaryEntry.code == "new-one"))
    renaming = {"label": "更新的词", "effective_from": (day + timedelta(days=5)).isoformat()}
    assert admin.post(f"/administration/dictionary-entries/{entry_id}/renaming", data=renaming).status_code == 302
    db.session.rollback()
    newest = db.session.scalar(select(func.max(DictionaryEntry.id)).where(DictionaryEntry.code == "new-one"))
    retirement = {"effective_to": (day + timedelta(days=9)).isoformat()}
    assert admin.post(f"/administration/dictionary-entries/{newest}/retirement", data=retirement).status_code == 302

    assert stored(Installation, 1, lambda s: s.dictionary_version) == before + 3
    db.session.rollback()
    entry = dictionaries.snapshot(db.session()).get("purposes", "new-one")
    assert entry is not None
    assert (entry.label, entry.effective_from, entry.effective_to) == (
        "更新的词", day + timedelta(days=5), day + timedelta(days=9),
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"code": "空 格"}, {"label": ""}, {"parent": "nowhere"}, {"effective_from": "soon"}, {"code": "r_and_d"}]
)
def test_a_wrong_word_is_not_added(people: Cast, admin: FlaskClient, wrong: dict[str, str]) -> None:
    existing = dictionaries.snapshot(db.session()).entries("purposes")[0].code
    data = {"code": "new-one", "label": "新词", "effective_from": tomorrow().isoformat()} | wrong
    data["code"] = existing if data["code"] == "r_and_d" else data["code"]
    total = len(dictionaries.snapshot(db.session()).entries("purposes"))

    assert admin.post("/administration/dictionaries/purposes/entries", data=data).status_code == 422
    db.session.rollback()
    assert len(dictionaries.snapshot(db.session()).entries("purposes")) == total


def test_there_is_no_dictionary_that_nobody_founded(people: Cast, admin: FlaskClient) -> None:
    assert admin.get("/administration/dictionaries/nothing").status_code == 404


def test_a_new_text_comes_into_force(people: Cast, admin: FlaskClient) -> None:
    data = {"kind": "contact_consent", "version": "2027-01", "body": "条" * 30, "body_en": "x", "effective_on": ""}

    assert admin.post("/administration/texts", data=data).status_code == 302
    newest = db.session.scalar(select(func.max(LegalText.id)))
    assert stored(LegalText, newest or 0, lambda t: (t.version, t.body)) == ("2027-01", "条" * 30)
    assert admin.post("/administration/texts", data=data).status_code == 422  # the version is taken


@pytest.mark.parametrize("wrong", [{"version": ""}, {"body": "短"}, {"effective_on": "2020-01-01"}, {"kind": "x"}])
def test_a_wrong_text_is_not_published(people: Cast, admin: FlaskClient, wrong: dict[str, str]) -> None:
    data = {"kind": "terms", "version": "2027-01", "body": "条" * 30, "body_en": ""} | wrong

    assert admin.post("/administration/texts", data=data).status_code == 422


@pytest.mark.parametrize("words", ["擎天", "鄂州擎天装备", "qingtian"])
def test_an_organization_is_found_by_name_and_by_pinyin(people: Cast, admin: FlaskClient, words: str) -> None:
    body = admin.get("/administration/organizations", query_string={"q": words}).get_data(as_text=True)

    assert "鄂州擎天装备有限公司" in body
    assert "远山资本管理" not in body


def test_a_percent_sign_is_searched_for_and_not_obeyed(people: Cast, admin: FlaskClient) -> None:
    assert "没有找到机构" in admin.get("/administration/organizations?q=%25").get_data(as_text=True)


def test_an_organization_is_checked_renamed_and_closed(people: Cast, admin: FlaskClient) -> None:
    firm = people.qingtian.organization_id
    with unit_of_work() as session:
        session.get_one(Organization, firm).status = OrganizationStatus.PENDING
    base = f"/administration/organizations/{firm}"

    assert admin.post(f"{base}/rejection", data={"reason": ""}).status_code == 422
    assert admin.post(f"{base}/verification").status_code == 302
    assert admin.post(f"{base}/verification").status_code == 409
    assert admin.post(f"{base}/renaming", data={"name": "新名字有限公司", "short_name": ""}).status_code == 302
    assert admin.post(f"{base}/closure").status_code == 302

    assert stored(Organization, firm, lambda o: (o.status, o.name)) == (OrganizationStatus.CLOSED, "新名字有限公司")


def test_two_rows_of_one_organization_become_one(people: Cast, admin: FlaskClient) -> None:
    keep, drop = people.xinghe.organization_id, people.qingtian.organization_id
    base = f"/administration/organizations/{drop}"

    assert admin.post(f"{base}/merger", data={"keep": ""}).status_code == 422
    assert admin.post(f"{base}/merger", data={"keep": people.yuanshan.organization_id}).status_code == 422
    assert admin.post(f"{base}/merger", data={"keep": keep}).status_code == 302

    assert stored(Organization, drop, lambda o: (o.status, o.merged_into_id)) == (OrganizationStatus.MERGED, keep)


def test_a_bureau_is_founded_and_an_officer_invited(people: Cast, admin: FlaskClient) -> None:
    data = {"kind": "bureau", "name": "华容区科技局", "short_name": "", "region_code": "420703"}
    response = admin.post("/administration/organizations", data=data)
    assert response.status_code == 302
    invitation = {"name": "李伟", "address": "li@huarong.example", "role": "district_officer", "region_code": "420703"}

    path = f"{response.location}/invitations"
    assert admin.post(path, data=invitation | {"region_code": ""}).status_code == 422
    assert admin.post(path, data=invitation | {"role": "owner"}).status_code == 422
    shown = admin.post(path, data=invitation)
    assert (shown.status_code, "/invitations/" in shown.text) == (200, True)  # no mail server: the link, this once
    assert "李伟" in admin.get(response.location).get_data(as_text=True)


@pytest.mark.parametrize(
    ("kind", "region", "role"),
    [
        ("bureau", "420703", Role.DISTRICT_OFFICER),
        ("bureau", "420700", Role.CITY_OFFICER),
        ("bank", "420703", Role.OWNER),
    ],
)
def test_an_organization_is_invited_in_one_screen_and_its_kind_gives_the_role(
    people: Cast, admin: FlaskClient, kind: str, region: str, role: Role
) -> None:
    data = {"kind": kind, "name": "华容新来的", "region_code": region, "address": "li@new.example", "person": "李伟"}

    shown = admin.post("/administration/organizations", data=data)

    assert "/invitations/" in shown.text
    with unit_of_work() as session:
        invitation = session.scalars(select(Invitation)).one()
        assert (invitation.role, invitation.name) == (role, "李伟")
        assert invitation.region_code == (region if role is Role.DISTRICT_OFFICER else None)
        assert invitation.organization.status is OrganizationStatus.VERIFIED

    again = admin.post("/administration/organizations", data=data)
    assert again.status_code == 422 and "已经有这家机构" in again.text
    wrong = admin.post("/administration/organizations", data=data | {"name": "另一家", "address": "nobody"})
    assert wrong.status_code == 422
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).where(Organization.name == "另一家")) == 0


def test_a_person_is_helped_back_in(people: Cast, admin: FlaskClient, sign_in: Enter) -> None:
    user_id = people.city.user_id
    browser = sign_in(people.city)
    assert browser.get("/administration").status_code == 403
    with unit_of_work() as session:
        session.get_one(User, user_id).locked_until = utcnow() + timedelta(hours=1)
    base = f"/administration/people/{user_id}"

    assert admin.post(f"{base}/unlocking").status_code == 302
    assert stored(User, user_id, lambda u: u.locked_until) is None
    code = admin.post(f"{base}/reset-code")
    assert code.status_code == 200
    assert admin.post(f"{base}/second-factor-replacement").status_code == 302
    assert stored(User, user_id, lambda u: u.totp_enabled_at) is None
    assert browser.get("/administration").status_code == 302  # signed out everywhere
    told = db.session.scalar(select(func.count()).where(Notice.kind == "second_factor_replaced"))
    assert told == 1


def test_nobody_replaces_the_own_second_factor_or_helps_oneself_to_a_code(people: Cast, admin: FlaskClient) -> None:
    base = f"/administration/people/{people.administrator.user_id}"

    assert admin.post(f"{base}/second-factor-replacement").status_code == 403
    assert admin.post(f"{base}/reset-code").status_code == 403


def test_all_browsers_of_a_person_are_signed_out(people: Cast, admin: FlaskClient, sign_in: Enter) -> None:
    sign_in(people.xinghe)

    assert admin.post(f"/administration/people/{people.xinghe.user_id}/session-closure").status_code == 302
    open_rows = select(func.count()).where(UserSession.user_id == people.xinghe.user_id, UserSession.ended_at.is_(None))
    assert db.session.scalar(open_rows) == 0


def failed_mail() -> int:
    now = utcnow()
    with unit_of_work() as session:
        notice = Notice(
            kind="invited", recipient_key="a", address="li@a.example", due_at=now, created_at=now, attempts=8,
            mail_state=MailState.FAILED, message_id="<a@b>", path="/invitations/secret-token", last_error="550 no",
        )  # fmt: skip
        session.add(notice)
        session.flush()
        return notice.id


def test_a_failed_mail_is_sent_again_or_put_away_under_its_old_id(people: Cast, admin: FlaskClient) -> None:
    first = failed_mail()
    assert admin.post(f"/administration/outbox/{first}/retry").status_code == 302
    assert stored(Notice, first, lambda n: (n.mail_state, n.attempts, n.message_id)) == (MailState.PENDING, 0, "<a@b>")
    assert admin.post(f"/administration/outbox/{first}/retry").status_code == 409
    assert admin.post(f"/administration/outbox/{first}/abandonment").status_code == 409


def test_the_outbox_shows_neither_addresses_nor_tokens(people: Cast, admin: FlaskClient) -> None:
    failed_mail()
    body = admin.get("/administration/outbox").get_data(as_text=True)

    assert "l***@a.example" in body
    assert "li@a.example" not in body
    assert "secret-token" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/administration/installation/change", "/administration/installation/logo-removal", "/administration/texts",
        "/administration/organizations", "/administration/organizations/1/closure", "/administration/people/1/reset-code",
        "/administration/dictionaries/purposes/entries", "/administration/dictionary-entries/1/retirement",
    ],
)  # fmt: skip
def test_nobody_else_changes_anything(app: App, people: Cast, sign_in: Enter, path: str) -> None:
    before = traces("installation:change")
    for stranger in (people.xinghe, people.city, people.auditor):
        assert sign_in(stranger).post(path).status_code in (403, 404)
    assert visitor(app).post(path).status_code in (400, 401)
    assert traces("installation:change") == before


@pytest.mark.parametrize("path", ["/administration/organizations", "/administration/people"])
def test_a_list_asks_the_same_number_of_queries_for_many_rows(people: Cast, admin: FlaskClient, path: str) -> None:
    admin.get(path)
    few = queries_of(admin, path)
    with unit_of_work():
        kind, _, _, region, role = ORGANIZATIONS["xinghe"]
        for number in range(8):
            member(f"more{number}", kind, f"新企业{number}", f"新{number}", region, role)

    assert queries_of(admin, path) == few


def queries_of(client: FlaskClient, path: str) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", counted)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", counted)
    return count


@pytest.mark.parametrize(
    ("address", "first", "found"),
    [("/administration/organizations", "名称", "星河科技"), ("/administration/people", "姓名", "星河科技的人")],
)
def test_the_lists_leave_as_tables(address: str, first: str, found: str, admin: FlaskClient, people: Cast) -> None:
    rows = read_rows(take(admin, f"{address}/export.xlsx?q=星河").data, max_rows=500, max_columns=20)

    assert rows[0][0] == first
    assert [found in str(row[0]) for row in rows[1:]] == [True]
    assert "@xinghe.example" not in str(rows) or "x***@" in str(rows)


@pytest.mark.parametrize("address", ["/administration/organizations/export.xlsx", "/administration/people/export.xlsx"])
def test_the_tables_are_for_the_administrator_only(address: str, people: Cast, sign_in: Enter) -> None:
    assert sign_in(people.city).get(address).status_code == 403


# --- 概况: what needs care first ----------------------------------------------------------------------------------


def needing_care(page: str) -> list[str]:
    return re.findall(r'class="today-row-what">([^<]+)<', page)


def test_a_quiet_house_asks_for_nothing_but_its_worker(people: Cast, admin: FlaskClient) -> None:
    assert needing_care(admin.get("/administration").text) == ["后台进程没有在运行"]


def test_what_needs_care_stands_first_and_leads_to_its_list(people: Cast, admin: FlaskClient) -> None:
    failed_mail()
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).status = OrganizationStatus.PENDING
        session.get_one(Organization, people.beidou.organization_id).status = OrganizationStatus.UNVERIFIED
        session.add(
            Complaint(
                complainer_id=people.xinghe.organization_id, about_id=people.yuanshan.organization_id, reason="fees",
                text="收取了中介费",
            )
        )  # fmt: skip
        session.add(JobLease(name=DELIVERY.name, started_at=utcnow() - timedelta(hours=1), last_error="boom"))
    page = admin.get("/administration").text

    assert needing_care(page) == [
        "有邮件发送失败", "有任务出错或迟到", "后台进程没有在运行", "有机构等待核验", "有投诉等待处理"
    ]  # fmt: skip
    for address in re.findall(r'class="stat-value"><a href="([^"]+)"', page):
        assert admin.get(html.unescape(address)).status_code == 200
    assert "星河科技" in admin.get("/administration/organizations?status=pending").text
    assert "北渡创业" in admin.get("/administration/organizations?status=unverified").text


def test_after_an_outage_every_failed_mail_goes_out_again(people: Cast, admin: FlaskClient) -> None:
    first, second = failed_mail(), failed_mail()

    assert "全部重发" in admin.get("/administration/outbox?state=failed").text
    assert admin.post("/administration/outbox/retry").status_code == 302

    assert {stored(Notice, i, lambda n: (n.mail_state, n.message_id)) for i in (first, second)} == {
        (MailState.PENDING, "<a@b>")
    }
    assert traces("notice:retry-all") == 1
    assert "全部重发" not in admin.get("/administration/outbox?state=failed").text


def test_nobody_else_sends_mails_again(people: Cast, sign_in: Enter) -> None:
    first = failed_mail()

    assert sign_in(people.city).post("/administration/outbox/retry").status_code == 403
    assert stored(Notice, first, lambda n: n.mail_state) is MailState.FAILED


def test_a_mail_is_found_by_its_address(people: Cast, admin: FlaskClient) -> None:
    failed_mail()

    assert "没有这样的通知" in admin.get("/administration/outbox?state=failed&q=nobody@").text
    assert "没有这样的通知" not in admin.get("/administration/outbox?state=failed&q=LI@").text


def test_the_duties_of_the_worker_are_told_in_words(people: Cast, sign_in: Enter) -> None:
    assert [job.name for job in JOBS if not job.label] == []

    page = sign_in(people.administrator).get("/administration/jobs").text
    assert "每周推荐摘要" in page and "每 10 分钟" in page and "每 1 小时" in page and "每 5 秒" in page
