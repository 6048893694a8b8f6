"""The data room: pages under a watermark, a copy where the owner chose so, every viewing on record, gone at the next click."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pypdfium2
import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageChops
from sqlalchemy import event, select

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership
from matchhub.core import ledger, pages, uploads
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.sheets import read_rows
from matchhub.core.web import App
from matchhub.disclosure.models import Consent, MaterialView
from matchhub.profiles.models import Attachment
from tests import documents
from tests.cast import Cast, stored
from tests.integration.profiles.test_attachments import consent, the_attachment, upload

SignIn = Callable[[Membership], FlaskClient]
THREE_PAGES = documents.pdf(3, drawn=b"0.2 0.4 0.8 rg 100 100 300 300 re f")


@dataclass
class Room:
    """A file of 星河科技 that is open to 远山资本."""

    file_id: int
    consent_id: int
    owner: FlaskClient
    reader: FlaskClient

    def open(self) -> str:
        """The reader opens the file; the code of the sitting."""
        page = self.reader.get(f"/attachments/{self.file_id}")
        assert page.status_code == 200
        return re.findall(r"pages/1\?view=(\w+)", page.text)[0]

    def page(self, number: int, code: str) -> str:
        return f"/attachments/{self.file_id}/pages/{number}?view={code}"


def room(
    people: Cast, sign_in: SignIn, content: bytes = THREE_PAGES, name: str = "商业计划书.pdf", *, download: bool = False
) -> Room:
    owner = sign_in(people.xinghe)
    assert upload(owner, content, name) == 302
    file_id = the_attachment()
    return Room(file_id, consent(people, file_id, download=download), owner, sign_in(people.yuanshan))


def taken_back(consent_id: int) -> None:
    with unit_of_work() as session:
        session.get_one(Consent, consent_id).withdrawn_at = utcnow()


def trail(action: str) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)))


def original_of(app: App, file_id: int) -> bytes:
    row = stored(Attachment, file_id, lambda a: (a.file.key,))
    folder = app.extensions["matchhub"].files_dir
    return (folder / row[0][:2] / row[0]).read_bytes()


def test_the_reader_turns_pages_and_the_owner_sees_who_when_and_which(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    page = here.reader.get(f"/attachments/{here.file_id}")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count("<img") == 3 and "第 3 页，共 3 页" in page.text and 'loading="lazy"' in page.text
    code = here.open()
    for number in (1, 3):
        picture = here.reader.get(here.page(number, code))
        assert picture.mimetype == "image/jpeg" and "no-store" in picture.headers["Cache-Control"]

    (view,) = stored_views()
    assert (view.organization_id, view.pages, view.code) == (profiles.yuanshan.organization_id, [1, 3], code)
    assert [row.object_id for row in trail("attachment:read")] == [here.file_id] * 2, "each opening is in the trail"
    record = here.owner.get(f"/attachments/{here.file_id}/record").text
    assert "远山资本" in record and "1, 3" in record and code in record
    assert "远山资本" in here.owner.get("/disclosures?tab=views").text
    assert "打开 1 次" in here.owner.get("/disclosures").text


def stored_views() -> list[MaterialView]:
    db.session.rollback()
    return list(db.session.scalars(select(MaterialView).order_by(MaterialView.id)))


def test_a_person_is_named_to_the_owner_only_where_the_other_side_opened_its_contact(
    profiles: Cast, sign_in: SignIn
) -> None:
    here = room(profiles, sign_in)
    here.open()

    before = here.owner.get(f"/attachments/{here.file_id}/record").text
    with unit_of_work() as session:
        given = session.get_one(Consent, here.consent_id)
        session.add(
            Consent(
                subject_id=given.recipient_id,
                recipient_id=given.subject_id,
                given_by_id=profiles.yuanshan.user_id,
                purpose="股权融资对接",
                about_type="introduction",
                groups=["contact"],
                file_ids=[],
                text_id=given.text_id,
                given_at=utcnow(),
                active_from=utcnow(),
                expires_at=utcnow() + timedelta(days=1),
            )
        )  # fmt: skip
    after = here.owner.get(f"/attachments/{here.file_id}/record").text

    assert "一名成员" in before and "远山资本的人" not in before
    assert "远山资本的人" in after


def test_each_page_carries_a_watermark_and_the_kept_picture_does_not(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    shown = Image.open(io.BytesIO(here.reader.get(here.page(1, here.open())).data)).convert("L")
    sha256 = stored(Attachment, here.file_id, lambda a: a.file.sha256)
    document = pages.Document(pages.Path("missing"), sha256, app.extensions["matchhub"].pages_dir)
    kept = Image.open(io.BytesIO(pages.picture(document, 1))).convert("L")

    difference = ImageChops.difference(shown, kept)

    assert difference.crop((0, 0, 1131, 500)).getextrema()[1] > 30
    assert kept.crop((0, 0, 1131, 300)).getextrema() == (255, 255), "the control"


def test_view_only_never_hands_out_the_original(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    code, original = here.open(), original_of(app, here.file_id)
    key, stored_id = stored(Attachment, here.file_id, lambda a: (a.file.key, a.file_id))
    addresses = [
        f"/attachments/{here.file_id}/file", f"/attachments/{here.file_id}/file?download=1&access=download&view={code}",
        f"/attachments/{here.file_id}/pages/0?view={code}", f"/attachments/{here.file_id}/pages/4?view={code}",
        f"/attachments/{here.file_id}/record", f"/attachments/{here.file_id}/record/export.xlsx",
        f"/roster/{stored_id}", f"/files/{key}", f"/static/../files/{key[:2]}/{key}", f"/attachments/{key}",
        f"/attachments/{here.file_id}/pages/1?view=", f"/attachments/{here.file_id}/pages/1",
        f"/attachments/{here.file_id}/pages/1?view={code}&view=x' OR 1=1 --",
    ]  # fmt: skip

    for address in addresses:
        for headers in ({}, {"Range": "bytes=0-99"}, {"Accept": "application/pdf"}, {"If-Range": '"x"'}):
            answer = here.reader.get(address, headers=headers)
            assert answer.status_code in (302, 400, 403, 404) or answer.mimetype == "image/jpeg", address
            assert original[:20] not in answer.data and b"%PDF" not in answer.data
    assert here.reader.get(f"/attachments/{here.file_id}/file").status_code == 403
    whole = here.reader.get(here.page(1, code), headers={"Range": "bytes=0-10"})
    assert whole.status_code == 200 and whole.data[:2] == b"\xff\xd8" and len(whole.data) > 1000
    assert here.owner.get(f"/attachments/{here.file_id}/file").data == original, "the control: it is there"


def test_a_page_is_not_shown_under_somebody_elses_sitting_or_an_old_address(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    code = here.open()
    with unit_of_work() as session:
        row = session.get_one(Consent, here.consent_id)
        session.add(
            Consent(
                subject_id=row.subject_id,
                recipient_id=profiles.beidou.organization_id,
                given_by_id=row.given_by_id,
                purpose=row.purpose,
                about_type=row.about_type,
                groups=row.groups,
                file_ids=row.file_ids,
                text_id=row.text_id,
                given_at=row.given_at,
                active_from=row.active_from,
                expires_at=row.expires_at,
            )
        )  # fmt: skip
    other = sign_in(profiles.beidou)

    assert other.get(here.page(1, code)).status_code == 404, "another's sitting"
    assert here.reader.get(here.page(1, code)).status_code == 200
    assert here.reader.get(here.page(1, "ABCDEFGH")).status_code == 404, "a guess"
    with unit_of_work() as session:
        view = session.scalars(select(MaterialView).where(MaterialView.code == code)).one()
        view.opened_at = utcnow() - timedelta(hours=13)
    assert here.reader.get(here.page(1, code)).status_code == 404, "yesterday's address"
    assert here.open() != code, "opening the file again is a new sitting"


def test_a_consent_that_is_taken_back_ends_a_page_that_is_open_already(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in, download=True)
    code = here.open()
    assert here.reader.get(here.page(1, code)).status_code == 200

    assert here.owner.post(f"/disclosures/{here.consent_id}/withdrawal").status_code == 302

    for address in (here.page(2, code), f"/attachments/{here.file_id}", f"/attachments/{here.file_id}/file"):
        answer = here.reader.get(address)
        assert answer.status_code == 404 and answer.mimetype != "image/jpeg"
    assert [view.pages for view in stored_views()] == [[1]], "what was refused is no viewing"


def test_a_consent_that_is_taken_back_while_the_page_is_drawn_lets_nothing_out(
    profiles: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room(profiles, sign_in, download=True)
    code, drawn = here.open(), pages.picture

    def slowly(document: pages.Document, number: int) -> bytes:
        taken_back(here.consent_id)
        return drawn(document, number)

    monkeypatch.setattr(pages, "picture", slowly)

    assert here.reader.get(here.page(1, code)).status_code == 404
    assert [view.pages for view in stored_views()] == [[]]


def test_no_page_leaves_that_could_not_be_written_down(
    profiles: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room(profiles, sign_in, download=True)
    code = here.open()

    def broken(entry: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ledger, "write_now", broken)
    for address in (here.page(1, code), f"/attachments/{here.file_id}", f"/attachments/{here.file_id}/file"):
        answer = here.reader.get(address)
        assert answer.status_code == 500 and answer.mimetype == "text/html"


def test_drawing_holds_no_transaction(profiles: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    here = room(profiles, sign_in)
    code, drawn, held = here.open(), pages.picture, []
    monkeypatch.setattr(pages, "picture", lambda *asked: held.append(db.session().in_transaction()) or drawn(*asked))

    here.reader.get(here.page(1, code))

    assert held == [False]


def test_a_download_is_a_watermarked_copy_and_on_record(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in, download=True)
    assert "下载副本" in here.reader.get(f"/attachments/{here.file_id}").text

    copy = here.reader.get(f"/attachments/{here.file_id}/file")

    assert copy.data != original_of(app, here.file_id) and copy.headers["Content-Disposition"].startswith("attachment")
    document = pypdfium2.PdfDocument(copy.data)
    assert len(document) == 3
    drawn = document[1].render(scale=1).to_pil().convert("L")
    assert drawn.crop((0, 0, 560, 150)).getextrema()[0] < 225, "words where the page was white"
    (view,) = stored_views()
    assert view.downloaded_at is not None
    (row,) = trail("attachment:download")
    assert (row.object_id, row.actor_organization_id) == (here.file_id, profiles.yuanshan.organization_id)
    assert "下载于" in here.owner.get(f"/attachments/{here.file_id}/record").text


def test_a_picture_is_a_page_and_its_copy_is_stamped_too(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in, documents.picture(900, 700), "产品图.png", download=True)

    shown = here.reader.get(here.page(1, here.open()))
    copy = here.reader.get(f"/attachments/{here.file_id}/file")

    assert shown.status_code == 200 and Image.open(io.BytesIO(shown.data)).size == (900, 700)
    assert copy.data[:2] == b"\xff\xd8" and copy.data != original_of(app, here.file_id)


def test_slides_can_only_be_downloaded(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in, documents.slides(), "路演.pptx")
    page = here.reader.get(f"/attachments/{here.file_id}")

    assert "不能在线看" in page.text and "<img" not in page.text
    assert here.reader.get(f"/attachments/{here.file_id}/file").status_code == 403
    assert here.reader.get(here.page(1, stored_views()[0].code)).status_code == 404

    with unit_of_work() as session:
        session.get_one(Consent, here.consent_id).allows_download = True
    assert here.reader.get(f"/attachments/{here.file_id}/file").data == original_of(app, here.file_id)
    assert len(trail("attachment:download")) == 1


def test_a_file_that_breaks_later_is_told_in_words(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    key = stored(Attachment, here.file_id, lambda a: a.file.key)
    content = documents.endless()
    (app.extensions["matchhub"].files_dir / key[:2] / key).write_bytes(documents.malformed() + content[:50])
    with unit_of_work() as session:
        session.get_one(Attachment, here.file_id).file.sha256 = "e" * 64

    page = here.reader.get(f"/attachments/{here.file_id}")

    assert page.status_code == 200 and "打不开" in page.text


def test_the_owner_sees_what_others_see_without_a_record(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)

    assert "这是对方看到的样子" in here.owner.get(f"/attachments/{here.file_id}").text
    assert here.owner.get(f"/attachments/{here.file_id}/pages/1").mimetype == "image/jpeg"
    assert stored_views() == [] and trail("attachment:read") == []


def test_a_newer_version_takes_the_place_of_the_old_for_everybody(app: App, profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in, download=True)
    code = here.open()
    newer = {"file": (io.BytesIO(documents.pdf(5)), "第二版.pdf")}

    assert here.reader.post(f"/attachments/{here.file_id}/version", data=newer).status_code == 404
    newer = {"file": (io.BytesIO(documents.pdf(5)), "第二版.pdf")}
    assert here.owner.post(f"/attachments/{here.file_id}/version", data=newer).status_code == 302

    assert here.reader.get(here.page(1, code)).status_code == 404, "a page of the old one is no page any more"
    assert "第 5 页，共 5 页" in here.reader.get(f"/attachments/{here.file_id}").text
    assert stored(Attachment, here.file_id, lambda a: a.file.name) == "第二版.pdf"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "请选择一个文件"),
        (documents.encrypted(), "密码"),
        (documents.malformed(), "打不开"),
        (documents.slides(), "PDF 或图片"),
    ],
)
def test_a_version_that_could_not_be_looked_at_is_refused(
    content: bytes, word: str, profiles: Cast, sign_in: SignIn
) -> None:
    here = room(profiles, sign_in)
    before = stored(Attachment, here.file_id, lambda a: a.file_id)

    sent = {"file": (io.BytesIO(content), "第二版.pdf")} if content else {}
    answer = here.owner.post(f"/attachments/{here.file_id}/version", data=sent)

    assert answer.status_code == 422 and word in answer.text
    assert stored(Attachment, here.file_id, lambda a: a.file_id) == before


def test_a_colleague_who_may_only_look_changes_nothing(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    with unit_of_work() as session:
        session.get_one(Membership, profiles.xinghe.id).role = Role.VIEWER
    record = here.owner.get(f"/attachments/{here.file_id}/record")

    assert record.status_code == 200 and "换上新版本" not in record.text
    for address in ("version", "requirement", "requirement-removal", "removal"):
        assert here.owner.post(f"/attachments/{here.file_id}/{address}").status_code == 403


def test_the_record_stays_when_the_file_is_removed(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    here.open()
    here.owner.post(f"/attachments/{here.file_id}/removal")

    record = here.owner.get(f"/attachments/{here.file_id}/record")

    assert "文件已移除" in record.text and "远山资本" in record.text
    assert here.owner.get(f"/attachments/{here.file_id}").status_code == 404


def test_the_record_goes_to_excel(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    code = here.open()
    here.reader.get(here.page(2, code))

    content = here.owner.get(f"/attachments/{here.file_id}/record/export.xlsx").data

    rows = read_rows(content, max_rows=50, max_columns=20)
    assert rows[1][0] == "远山资本" and rows[1][2] == "商业计划书.pdf" and {"2", code} <= set(rows[1])


def test_a_long_record_costs_as_many_queries_as_a_short_one_and_its_count(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    asked: list[str] = []

    def cost() -> int:
        asked.clear()
        event.listen(db.engine, "before_cursor_execute", count)
        here.owner.get(f"/attachments/{here.file_id}/record")
        event.remove(db.engine, "before_cursor_execute", count)
        return len(asked)

    def count(connection: object, cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    def looked_at(times: int, since: int) -> None:
        with unit_of_work() as session:
            first = session.scalars(select(MaterialView).order_by(MaterialView.id)).first()
            assert first is not None
            for number in range(since, since + times):
                session.add(
                    MaterialView(
                        code=f"MORE{number:04}",
                        attachment_id=first.attachment_id,
                        document_name=first.document_name,
                        document_sha256=first.document_sha256,
                        owner_id=first.owner_id,
                        organization_id=profiles.beidou.organization_id,
                        user_id=profiles.beidou.user_id,
                        opened_at=utcnow(),
                        last_at=utcnow(),
                        pages=[1],
                    )
                )

    here.open()
    here.owner.get(f"/attachments/{here.file_id}/record")
    one = cost()
    looked_at(10, since=0)
    few = cost()
    looked_at(60, since=10)
    a_page_full = cost()
    looked_at(120, since=70)

    assert few == one
    assert cost() == a_page_full <= few + 1  # what is more than a page is counted


def test_who_reads_on_is_one_sitting_and_who_comes_back_later_is_another(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    first = here.open()

    assert here.open() == first
    with unit_of_work() as session:
        session.scalars(select(MaterialView)).one().last_at = utcnow() - timedelta(minutes=31)
    assert here.open() != first
    assert len(stored_views()) == 2 and uploads.KINDS["pdf"]
