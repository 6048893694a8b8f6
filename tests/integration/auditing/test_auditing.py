"""The auditor's workbench: traces found in one field, refusals by cause, consents by state; no content, no write."""

import ast
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from matchhub.accounts.models import Membership, Organization
from matchhub.console.auditing import actions, queries
from matchhub.console.auditing.words import OBJECTS
from matchhub.core import audit, ledger
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.ledger import SecurityEvent
from matchhub.core.sheets import read_rows
from matchhub.core.uploads import StoredFile
from matchhub.core.web import App
from matchhub.disclosure.models import Consent
from matchhub.profiles.models import Attachment
from tests.cast import Browser, Cast, take
from tests.conftest import ROOT
from tests.integration import pairs
from tests.integration.pairs import NEED_CANARIES, Scene

Enter = Callable[[Membership], FlaskClient]
PAGES = ("/audit", "/audit-events", "/audit/refusals", "/audit/consents")
SHEETS = (
    "/audit/readings/export.xlsx?q=1",
    "/audit-events/export.xlsx",
    "/audit/refusals/export.xlsx",
    "/audit/consents/export.xlsx",
)
DECK = "星河BP-2026.pdf"


@pytest.fixture
def scene(people: Cast) -> Scene:
    """Both sides have agreed with the deck open, and 远山资本 has read the deck and the contact."""
    scene = pairs.stage(people)
    pairs.agreed(scene)
    deck_id = scene.deck_id
    with unit_of_work() as session:
        session.get_one(Attachment, deck_id).file.name = DECK
    with unit_of_work() as session:
        consent = session.scalars(select(Consent).where(Consent.subject_id == scene.firm.organization_id)).one()
        row = audit.event(scene.fund, "attachment:read")
        row.object_type, row.object_id = "attachment", deck_id
        session.add(row)
        session.add(audit.event(scene.fund, "contact:read", consent))
    return scene


@pytest.fixture
def auditor(people: Cast, sign_in: Enter) -> FlaskClient:
    return sign_in(people.auditor)


READ = 'data-label="做了什么" data-plain><div>打开文件<'


def sheet(client: FlaskClient, path: str) -> list[list[Any]]:
    response = take(client, path)
    assert response.status_code == 200
    return read_rows(response.data, max_rows=1000, max_columns=20)


def queries_of(client: FlaskClient, path: str) -> int:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len([s for s in seen if s.lstrip().upper().startswith("SELECT")])


@pytest.mark.parametrize("path", [*PAGES, *SHEETS])
def test_the_trail_is_for_the_auditor_and_for_nobody_else(app: App, people: Cast, sign_in: Enter, path: str) -> None:
    assert take(sign_in(people.auditor), path).status_code == 200
    for stranger in (people.administrator, people.city, people.echeng, people.xinghe, people.yuanshan, people.binjiang):
        assert sign_in(stranger).get(path).status_code == 403
    assert Browser(app, app.response_class, use_cookies=True).get(path).status_code == 302


def test_the_auditors_home_is_the_overview(auditor: FlaskClient) -> None:
    assert auditor.get("/").location == "/audit"


@pytest.mark.parametrize(
    "words", [DECK, "BP-2026", "星河科技", "xinghe", "鄂州星河", "文件 {deck}", "需求 {need}", "#{need}", "{need}"]
)
def test_who_saw_this_deck_is_one_field_on_one_screen(
    scene: Scene, people: Cast, auditor: FlaskClient, words: str
) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).sort_key = "xinghekeji"
    text = words.format(deck=scene.deck_id, need=scene.need_id)

    page = auditor.get("/audit", query_string={"q": text}).text

    assert READ in page and "远山资本" in page and DECK in page
    assert page.partition("<main")[2].count('type="search"') == 1  # one field


def test_the_contact_is_found_by_the_organization_and_the_need(scene: Scene, auditor: FlaskClient) -> None:
    for words in ("星河科技", f"需求 {scene.need_id}"):
        page = auditor.get("/audit", query_string={"q": words}).text
        assert "查看联系人" in page and "星河科技给远山资本的授权" in page


@pytest.mark.parametrize("words", ["没有这份", "999999", "9" * 30, "%", "_", "文件", "'; --", "擎天装备"])
def test_what_is_not_there_is_not_found(scene: Scene, auditor: FlaskClient, words: str) -> None:
    page = auditor.get("/audit", query_string={"q": words})

    assert page.status_code == 200 and READ not in page.text


def test_somebody_elses_readings_do_not_mix_in(scene: Scene, people: Cast, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        other = StoredFile(
            key="k", organization_id=people.qingtian.organization_id, name="擎天.pdf", media_type="application/pdf",
            size=1, sha256="0" * 64, uploaded_at=utcnow(),
        )  # fmt: skip
        session.add(other)
        session.flush()
        kind = session.get_one(Attachment, scene.deck_id).kind
        session.add(Attachment(organization_id=people.qingtian.organization_id, kind=kind, file_id=other.id))

    assert READ not in auditor.get("/audit?q=擎天.pdf").text and "擎天.pdf" in auditor.get("/audit?q=擎天.pdf").text


def test_no_content_is_ever_shown(scene: Scene, auditor: FlaskClient) -> None:
    for path in (*PAGES, "/audit?q=星河科技", f"/audit?q={scene.need_id}"):
        page = auditor.get(path).text
        assert [canary for canary in NEED_CANARIES if canary in page and canary != "金丝雀商业计划书"] == []
    for path in ("/audit/readings/export.xlsx?q=星河科技", *SHEETS):
        cells = str(sheet(auditor, path))
        assert [canary for canary in NEED_CANARIES if canary in cells and canary != "金丝雀商业计划书"] == []


def test_looking_changes_nothing(scene: Scene, auditor: FlaskClient) -> None:
    def size() -> int:
        with Session(db.engine) as session:
            return session.scalar(select(func.count(AuditEvent.id))) or 0

    before = size()
    for path in (*PAGES, "/audit?q=星河科技"):
        auditor.get(path)
    assert size() == before
    sheet(auditor, "/audit-events/export.xlsx")
    assert size() == before + 1  # the control: taking the list away is a trace


def test_nothing_here_can_be_posted(app: App) -> None:
    methods = {
        m for rule in app.url_map.iter_rules() if rule.endpoint.startswith("auditing.") for m in rule.methods or ()
    }

    assert methods <= {"GET", "HEAD", "OPTIONS"}


# --- the trail ---------------------------------------------------------------------------------------------------


def shown(client: FlaskClient, **query: Any) -> list[list[Any]]:
    return sheet(client, "/audit-events/export.xlsx?" + "&".join(f"{name}={value}" for name, value in query.items()))[
        1:
    ]


def test_the_trail_is_filtered_by_object_person_organization_action_and_day(
    scene: Scene, people: Cast, auditor: FlaskClient
) -> None:
    today = city_date(utcnow())
    every = shown(auditor)
    assert len(every) > 4

    deck = shown(auditor, object_type="attachment", object_id=scene.deck_id)
    assert [row[4] for row in deck] == ["attachment:read"] and deck[0][1:3] == ["远山资本的人", "远山资本"]
    assert {row[1] for row in shown(auditor, person="远山资本的人")} == {"远山资本的人"}
    assert {row[1] for row in shown(auditor, person="yuanshan@")} == {"远山资本的人"}
    assert {row[2] for row in shown(auditor, organization="远山")} == {"远山资本"}
    assert {row[4] for row in shown(auditor, action="contact:")} == {"contact:read"}
    assert {row[4] for row in shown(auditor, action="readings")} == {"contact:read", "attachment:read"}
    assert shown(auditor, since=today + timedelta(days=1)) == shown(auditor, until=today - timedelta(days=1)) == []
    assert len(shown(auditor, since=today, until=today)) >= len(every)
    assert shown(auditor, person="没有这个人") == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-02-31", ""), ("object_id=abc", "编号是一个数字"), ("object_id=99999999999", "编号是一个数字"),
        ("since=2026-03-02&until=2026-03-01", "结束日期应不早于开始日期"), ("object_type=nothing", ""),
    ],
)  # fmt: skip
def test_nonsense_is_said_beside_its_field(auditor: FlaskClient, query: str, words: str) -> None:
    response = auditor.get(f"/audit-events?{query}")

    assert response.status_code == 422 and words in response.text


def test_the_trail_is_paged(people: Cast, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        session.add_all(AuditEvent(action=f"sample:{number}", details={}) for number in range(120))

    assert "sample:119" in auditor.get("/audit-events").text
    assert (
        "sample:69" in auditor.get("/audit-events?page=2").text
        and "第 2 页" in auditor.get("/audit-events?page=2").text
    )


def test_what_the_system_does_is_the_systems(people: Cast, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        session.add(AuditEvent(action="need:expire", actor_role="system", details={}))

    assert shown(auditor, action="need:expire")[0][1] == "系统"


def test_a_name_that_looks_like_a_formula_or_a_tag_stays_text(people: Cast, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.yuanshan.organization_id).short_name = "=1+1<script>"
    with unit_of_work() as session:
        session.add(AuditEvent(action="x:y", actor_organization_id=people.yuanshan.organization_id, details={}))

    assert (
        "<script>alert" not in auditor.get("/audit-events").text
        and "=1+1&lt;script&gt;" in auditor.get("/audit-events").text
    )
    assert shown(auditor, action="x:y")[0][2] == "=1+1<script>"


# --- refusals ----------------------------------------------------------------------------------------------------


def test_refusals_stand_by_cause_and_lead_to_their_list(people: Cast, sign_in: Enter, auditor: FlaskClient) -> None:
    for _ in range(3):
        sign_in(people.xinghe).get("/administration")
    sign_in(people.xinghe).get("/needs/999999")

    page = auditor.get("/audit").text
    assert "没有权限" in page and "3 次" in page
    assert "administration.overview" in auditor.get("/audit/refusals?kind=forbidden").text
    rows = sheet(auditor, "/audit/refusals/export.xlsx?kind=forbidden")[1:]
    assert [row[1] for row in rows] == ["没有权限"] * 3 and {row[4] for row in rows} == {"星河科技"}
    assert len(sheet(auditor, "/audit/refusals/export.xlsx?kind=not_found")) == 2


def test_old_refusals_are_in_the_list_and_not_in_the_month(people: Cast, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        session.add(SecurityEvent(kind="code_reused", at=utcnow() - timedelta(days=40), details={}))

    assert "验证码重复使用</a>" not in auditor.get("/audit").text
    assert len(sheet(auditor, "/audit/refusals/export.xlsx?kind=code_reused")) == 2


# --- consents ----------------------------------------------------------------------------------------------------


def test_every_consent_stands_with_its_state(scene: Scene, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        first, second = session.scalars(select(Consent).order_by(Consent.id)).all()
        first.withdrawn_at = utcnow()
        held = second.id
    states = {row[9]: row for row in sheet(auditor, "/audit/consents/export.xlsx")[1:]}
    assert set(states) == {"已撤回", "有效"}
    assert "已撤回" in auditor.get("/audit/consents?state=withdrawn").text
    assert len(sheet(auditor, "/audit/consents/export.xlsx?state=withdrawn")) == 2
    assert len(sheet(auditor, "/audit/consents/export.xlsx?state=expired")) == 1

    with unit_of_work() as session:
        session.get_one(Consent, held).expires_at = utcnow() - timedelta(days=1)
    assert len(sheet(auditor, "/audit/consents/export.xlsx?state=expired")) == 2
    assert len(sheet(auditor, "/audit/consents/export.xlsx?state=active")) == 1


def test_consents_are_found_by_either_side_and_by_what_they_open(scene: Scene, auditor: FlaskClient) -> None:
    def found(query: str) -> int:
        return len(sheet(auditor, f"/audit/consents/export.xlsx?{query}")) - 1

    assert (found("q=星河"), found("q=远山"), found("q=擎天")) == (2, 2, 0)
    assert found("group=contact") == 2
    assert found("group=materials") + found("group=terms") >= 1
    assert found("group=nonsense&state=nonsense") == 2


def test_a_request_that_waits_is_no_active_consent(people: Cast, auditor: FlaskClient) -> None:
    pairs.asked(pairs.stage(people))

    assert queries.consent_counts(db.session(), now=utcnow()) == {
        "active": 0,
        "waiting": 1,
        "withdrawn": 0,
        "expired": 0,
    }
    assert "等对方同意" in auditor.get("/audit/consents?state=waiting").text


# --- the cost ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/audit?q=星河科技", "/audit-events", "/audit/refusals", "/audit/consents"])
def test_three_rows_cost_the_queries_of_one(scene: Scene, people: Cast, auditor: FlaskClient, path: str) -> None:
    def more(times: int) -> None:
        with unit_of_work() as session:
            for _ in range(times):
                row = audit.event(scene.fund, "attachment:read")
                row.object_type, row.object_id = "attachment", scene.deck_id
                session.add(row)
                session.add(SecurityEvent(kind="forbidden", actor_user_id=people.beidou.user_id, details={}))
                given = session.scalars(select(Consent).order_by(Consent.id)).first()
                assert given is not None
                values = {c.name: getattr(given, c.name) for c in Consent.__table__.columns if c.name != "id"}
                session.add(Consent(**values))

    more(1)
    auditor.get(path)
    one = queries_of(auditor, path)
    more(3)

    assert queries_of(auditor, path) == one


def test_a_file_opened_by_nobody_says_so(people: Cast, auditor: FlaskClient) -> None:
    scene = pairs.stage(people)

    assert "还没有人看过" in auditor.get(f"/audit?q=文件 {scene.deck_id}").text


def test_the_ledger_writes_what_the_page_reads(people: Cast, auditor: FlaskClient) -> None:
    """The control of the fixture: a reading noted as the pages note it is found."""
    scene = pairs.stage(people)
    with Session(db.engine) as session:
        deck = session.get_one(Attachment, scene.deck_id)
    ledger.record_access(scene.fund, "attachment:read", deck)
    db.session.rollback()  # the test's own session read before it

    assert READ in auditor.get(f"/audit?q=文件 {scene.deck_id}").text


def test_the_sheet_opens(scene: Scene, auditor: FlaskClient) -> None:
    assert io.BytesIO(take(auditor, "/audit/consents/export.xlsx").data).read(2) == b"PK"


def written_codes() -> set[str]:
    """The codes of actions that the program writes into the trail, as they stand in its source."""
    found = {f"{flow.name}:{action}" for flow in actions.WORKFLOWS for action in flow.rows}
    for file in (ROOT / "matchhub").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("record", "trace", "event"):
                words = [word for given in call.args for word in ast.walk(given) if isinstance(word, ast.Constant)]
                found |= {str(word.value) for word in words if re.fullmatch(r"[a-z_-]+:[a-z_-]+", str(word.value))}
    return found


def test_what_was_done_is_told_in_words_and_the_code_stays_for_the_search(
    scene: Scene, people: Cast, auditor: FlaskClient
) -> None:
    with unit_of_work() as session:
        session.add(AuditEvent(action="need:pause", details={"before": "open", "after": "paused", "step": 2}))
    page = auditor.get("/audit-events?action=need:pause")

    assert "暂停" in page.text and "need:pause" in page.text and "已发布 → 已暂停; step: 2" in page.text
    codes = written_codes()
    assert len(codes) > 200 and sorted(code for code in codes if not actions.words_of(code)) == []


def test_each_kind_of_thing_in_the_trail_can_be_followed(scene: Scene, people: Cast, auditor: FlaskClient) -> None:
    with unit_of_work() as session:
        session.add(AuditEvent(action="need:pause", object_type="equity_need", object_id=scene.need_id, details={}))

    assert auditor.get(f"/audit-events?object_type=equity_need&object_id={scene.need_id}").status_code == 200
    kept = db.session.scalars(select(AuditEvent.object_type).distinct()).all()
    assert sorted(kind for kind in kept if kind and kind not in OBJECTS) == []
