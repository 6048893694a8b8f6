"""A promise of secrecy before a file is opened: bound to the words and to the bytes, by each person, with a receipt."""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.texts import current_text, LegalText, TextKind
from matchhub.disclosure import services
from matchhub.disclosure.models import MaterialView, NdaAcceptance, NonDisclosure
from matchhub.disclosure.services import Signature
from matchhub.profiles.models import Attachment
from matchhub.profiles.queries import material_of
from tests import documents
from tests.cast import Cast, member, ORGANIZATIONS, stored
from tests.integration.pairs import actor
from tests.integration.profiles.test_attachments import consent
from tests.integration.profiles.test_data_room import Room, room, taken_back

SignIn = Callable[[Membership], FlaskClient]
OWN_WORDS = "我方承诺对这份文件的全部内容保密，三年内不向任何第三方透露。"


def required(here: Room, **form: str) -> Room:
    answer = here.owner.post(f"/attachments/{here.file_id}/requirement", data=form or {"words": "sample"})
    assert answer.status_code == 302
    return here


def shown_hashes(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(text_sha256|document_sha256)"[^>]*value="(\w{64})"', page))


def accept(client: FlaskClient, file_id: int, **changes: str) -> int:
    """Read what stands there and sign it."""
    page = client.get(f"/attachments/{file_id}").text
    sent = {**shown_hashes(page), "name": "林雀", "agreed": "y", **changes}
    return client.post(f"/attachments/{file_id}/acceptance", data=sent).status_code


def acceptances() -> list[NdaAcceptance]:
    db.session.rollback()
    return list(db.session.scalars(select(NdaAcceptance).order_by(NdaAcceptance.id)))


def is_closed(here: Room, client: FlaskClient | None = None) -> bool:
    page = (client or here.reader).get(f"/attachments/{here.file_id}")
    return page.status_code == 200 and "先接受保密约定" in page.text and "<img" not in page.text


def test_nothing_is_shown_before_the_promise_and_everything_after_it(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in, download=True))

    assert is_closed(here)
    assert here.reader.get(f"/attachments/{here.file_id}/file").status_code == 403
    assert accept(here.reader, here.file_id) == 302
    code = here.open()
    assert here.reader.get(here.page(1, code)).status_code == 200
    assert here.reader.get(f"/attachments/{here.file_id}/file").status_code == 200

    (row,) = acceptances()
    words = db.session.get_one(LegalText, row.legal_text_id).body
    assert (row.name, row.user_id, row.organization_id) == (
        "林雀", profiles.yuanshan.user_id, profiles.yuanshan.organization_id,
    )  # fmt: skip
    assert row.text_sha256 == hashlib.sha256(words.encode()).hexdigest()
    assert row.document_sha256 == stored(Attachment, here.file_id, lambda a: a.file.sha256)
    assert row.ip == "127.0.0.1" and row.text_version == "2026-11"


def test_a_page_that_is_open_closes_when_a_promise_is_asked_for(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    code = here.open()
    assert here.reader.get(here.page(1, code)).status_code == 200

    required(here)

    assert here.reader.get(here.page(2, code)).status_code == 404
    assert is_closed(here)


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"agreed": ""}, "勾选同意"), ({"name": "  "}, "填写姓名"), ({"text_sha256": "0" * 64}, "有更新"),
     ({"document_sha256": "0" * 64}, "有更新"), ({"text_sha256": "密"}, "有更新")],
)  # fmt: skip
def test_half_a_promise_is_none(changes: dict[str, str], word: str, profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    page = here.reader.get(f"/attachments/{here.file_id}").text
    sent = {**shown_hashes(page), "name": "林雀", "agreed": "y", **changes}
    answer = here.reader.post(
        f"/attachments/{here.file_id}/acceptance", data={key: value for key, value in sent.items() if value}
    )

    assert answer.status_code == 422 and word in answer.text
    assert acceptances() == [] and is_closed(here)


def test_other_words_have_to_be_accepted_again(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    assert accept(here.reader, here.file_id) == 302
    assert not is_closed(here)

    required(here, words="own", body=OWN_WORDS)

    assert is_closed(here) and OWN_WORDS in here.reader.get(f"/attachments/{here.file_id}").text
    assert accept(here.reader, here.file_id) == 302
    assert not is_closed(here)
    assert len({row.text_sha256 for row in acceptances()}) == 2


def test_a_new_version_of_the_platforms_text_has_to_be_accepted_again(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    assert accept(here.reader, here.file_id) == 302
    with unit_of_work() as session:
        session.add(LegalText(kind=TextKind.NDA, version="2026-12", body="全新的保密约定文本", effective_at=utcnow()))

    assert is_closed(here)


def test_another_document_has_to_be_accepted_again(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    page = here.reader.get(f"/attachments/{here.file_id}").text
    assert accept(here.reader, here.file_id) == 302
    newer = {"file": (io.BytesIO(documents.pdf(2)), "第二版.pdf")}
    here.owner.post(f"/attachments/{here.file_id}/version", data=newer)

    assert is_closed(here)
    stale = here.reader.post(
        f"/attachments/{here.file_id}/acceptance", data={**shown_hashes(page), "name": "林雀", "agreed": "y"}
    )
    assert stale.status_code == 422 and is_closed(here), "a form that was opened on the old document"


def test_each_person_promises_alone(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    assert accept(here.reader, here.file_id) == 302
    with unit_of_work() as session:
        kind, *_ = ORGANIZATIONS["yuanshan"]
        colleague = member("colleague", kind, "不用的机构", "不用", None, ORGANIZATIONS["yuanshan"][4])
        colleague.organization_id = profiles.yuanshan.organization_id
        session.flush()
        identity = colleague.id

    assert is_closed(here, sign_in(db.session.get_one(Membership, identity)))


def test_accepting_twice_keeps_one_promise(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    sent = {**shown_hashes(here.reader.get(f"/attachments/{here.file_id}").text), "name": "林雀", "agreed": "y"}

    for _ in range(2):
        assert here.reader.post(f"/attachments/{here.file_id}/acceptance", data=sent).status_code == 302
    assert len(acceptances()) == 1


def test_who_may_not_see_the_file_cannot_promise_either(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))
    sent = {**shown_hashes(here.reader.get(f"/attachments/{here.file_id}").text), "name": "林雀", "agreed": "y"}

    assert sign_in(profiles.beidou).post(f"/attachments/{here.file_id}/acceptance", data=sent).status_code == 404
    material = material_of(db.session.get_one(Attachment, here.file_id))
    stranger = actor(profiles.beidou)
    with pytest.raises(errors.NotFound), unit_of_work():
        services.accept_promise(
            material,
            Signature("周舟", True, sent["text_sha256"], sent["document_sha256"]),
            actor=stranger,
            now=utcnow(),
        )
    taken_back(here.consent_id)
    assert here.reader.post(f"/attachments/{here.file_id}/acceptance", data=sent).status_code == 404
    assert acceptances() == []


def test_both_sides_have_the_receipt_and_nobody_else(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in), words="own", body=OWN_WORDS)
    accept(here.reader, here.file_id)
    (row,) = acceptances()
    address = f"/disclosures/acceptances/{row.id}/receipt"

    for client in (here.owner, here.reader):
        page = client.get(address)
        assert page.status_code == 200 and OWN_WORDS in page.text and "林雀" in page.text
        assert row.document_sha256 in page.text and row.text_sha256 in page.text and row.number in page.text
    assert sign_in(profiles.beidou).get(address).status_code == 404
    assert address in here.reader.get(f"/attachments/{here.file_id}").text
    assert address in here.owner.get(f"/attachments/{here.file_id}/record").text


def test_the_owner_asks_changes_and_waives(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)
    address = f"/attachments/{here.file_id}"

    assert here.owner.post(f"{address}/requirement-removal").status_code == 409
    required(here)
    required(here)
    required(here, words="own", body=OWN_WORDS)
    assert here.owner.post(f"{address}/requirement-removal").status_code == 302

    assert not is_closed(here)
    db.session.rollback()
    rows = db.session.scalars(select(NonDisclosure).order_by(NonDisclosure.id)).all()
    assert [row.body for row in rows] == ["", OWN_WORDS] and all(row.ended_at for row in rows), "no row for no change"


@pytest.mark.parametrize(
    "form", [{"words": "own", "body": ""}, {"words": "own", "body": "短"}, {"words": "own", "body": "长" * 8001},
             {"words": "theirs"}],
)  # fmt: skip
def test_a_requirement_without_words_is_refused_and_loses_nothing(
    form: dict[str, str], profiles: Cast, sign_in: SignIn
) -> None:
    here = room(profiles, sign_in)

    answer = here.owner.post(f"/attachments/{here.file_id}/requirement", data=form)

    assert answer.status_code == 422 and form.get("body", "") in answer.text
    assert not is_closed(here)


def test_others_ask_for_nothing_in_the_owners_name(profiles: Cast, sign_in: SignIn) -> None:
    here = room(profiles, sign_in)

    for noun in ("requirement", "requirement-removal"):
        assert here.reader.post(f"/attachments/{here.file_id}/{noun}", data={"words": "sample"}).status_code == 404
    material = material_of(db.session.get_one(Attachment, here.file_id))
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.require_promise(material, body="", actor=actor(profiles.yuanshan), now=utcnow())
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.waive_promise(material, actor=actor(profiles.yuanshan), now=utcnow())


def test_the_owner_needs_no_promise_and_the_text_is_a_sample(profiles: Cast, sign_in: SignIn) -> None:
    here = required(room(profiles, sign_in))

    assert not is_closed(here, here.owner)
    assert "示例" in current_text(db.session(), TextKind.NDA, utcnow()).body
    with pytest.raises(errors.Invalid), unit_of_work():
        reader = actor(profiles.yuanshan)
        material = material_of(db.session.get_one(Attachment, here.file_id))
        services.accept_promise(
            replace(material, sha256="f" * 64), Signature("林雀", True, "0" * 64, "f" * 64), actor=reader, now=utcnow()
        )
    assert db.session.scalars(select(MaterialView)).all() == [] and consent
