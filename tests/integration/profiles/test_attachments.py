"""Files: only real ones come in, only those let in read them, and each reading by another is on record."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.texts import current_text, TextKind
from matchhub.demo.decks import deck
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent
from matchhub.profiles.models import Attachment
from tests.cast import Cast, stored
from tests.documents import encrypted, malformed

SignIn = Callable[[Membership], FlaskClient]
PDF = deck("Xinghe", "Carbon fibre parts")


def upload(client: FlaskClient, content: bytes = PDF, name: str = "商业计划书.pdf", kind: str = "deck") -> int:
    response = client.post("/attachments", data={"file": (io.BytesIO(content), name), "kind": kind})
    return int(response.status_code)


def the_attachment() -> int:
    db.session.rollback()
    return db.session.scalars(select(Attachment)).one().id


def consent(people: Cast, attachment_id: int, *, active: bool = True, download: bool = False) -> int:
    now = utcnow()
    with unit_of_work() as session:
        row = Consent(
            subject_id=people.xinghe.organization_id, recipient_id=people.yuanshan.organization_id,
            given_by_id=people.xinghe.user_id, purpose="股权融资对接", about_type="introduction",
            groups=[FieldGroup.MATERIALS.value], file_ids=[attachment_id],
            allows_download=download, shown_values={"files": ["商业计划书.pdf"]},
            text_id=current_text(session, TextKind.PRIVACY, now).id, given_at=now,
            active_from=now - timedelta(minutes=1) if active else None, expires_at=now + timedelta(days=30),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def test_a_file_is_uploaded_listed_and_read_by_its_owner_without_a_record(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.xinghe)
    assert upload(client) == 302
    response = client.get(f"/attachments/{the_attachment()}/file")

    assert response.data == PDF and "商业计划书.pdf" in client.get("/attachments").text
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert not db.session.scalars(select(AuditEvent).where(AuditEvent.action == "attachment:read")).all()


@pytest.mark.parametrize("who", ["qingtian", "yuanshan", "binjiang", "echeng", "city", "administrator"])
def test_nobody_reads_a_file_that_was_not_opened_to_them(who: str, profiles: Cast, sign_in: SignIn) -> None:
    upload(sign_in(profiles.xinghe))

    stranger, file_id = sign_in(getattr(profiles, who)), the_attachment()
    for address in ("", "/file", "/pages/1", "/record", "/record/export.xlsx"):
        assert stranger.get(f"/attachments/{file_id}{address}").status_code == 404


def test_a_consent_that_the_other_side_has_not_answered_opens_nothing(profiles: Cast, sign_in: SignIn) -> None:
    upload(sign_in(profiles.xinghe))
    file_id = the_attachment()
    consent(profiles, file_id, active=False)

    assert sign_in(profiles.yuanshan).get(f"/attachments/{file_id}").status_code == 404


def test_a_removed_file_is_gone_for_everybody(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.xinghe)
    upload(client)
    file_id = the_attachment()
    consent(profiles, file_id)

    assert sign_in(profiles.yuanshan).post(f"/attachments/{file_id}/removal").status_code == 404
    assert client.post(f"/attachments/{file_id}/removal").status_code == 302
    assert stored(Attachment, file_id, lambda a: a.removed_at is not None)
    assert sign_in(profiles.yuanshan).get(f"/attachments/{file_id}/file").status_code == 404
    assert client.post(f"/attachments/{file_id}/removal").status_code == 404


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/presentation.xml", b"\0" * (60 * 2**20))
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (malformed(), "deck.pdf"),
        (encrypted(), "deck.pdf"),
        (b"<html><script>alert(1)</script></html>", "deck.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.png"),
        (b"MZ" + b"\0" * 400, "deck.pdf"),
        (b"", "deck.pdf"),
        (bomb(), "deck.pptx"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (65_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0", "big.png"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, name: str, profiles: Cast, sign_in: SignIn) -> None:
    assert upload(sign_in(profiles.xinghe), content, name) == 422
    assert db.session.scalars(select(Attachment)).all() == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "C:\\x\\deck.pdf", "a\u202efdp.exe.pdf", "x" * 300 + ".pdf", "deck.xlsx.exe"]
)
def test_a_wicked_name_is_shown_harmless(name: str, profiles: Cast, sign_in: SignIn) -> None:
    assert upload(sign_in(profiles.xinghe), PDF, name) == 302
    shown = stored(Attachment, the_attachment(), lambda a: a.file.name)

    assert "/" not in shown and "\\" not in shown and "\u202e" not in shown
    assert len(shown) <= 130 and shown.endswith(".pdf")


def test_a_form_without_a_file_or_with_an_unknown_kind_is_refused(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.xinghe)

    assert client.post("/attachments", data={"kind": "deck"}).status_code == 422
    assert upload(client, kind="secret") == 422
