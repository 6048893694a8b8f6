"""Reporting another organization to the city, and wanting nothing to do with it any more."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.core import errors
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.profiles import services
from matchhub.profiles.enums import ComplaintState, RelationKind
from matchhub.profiles.models import Complaint, OrganizationRelation
from tests.cast import Cast, stored
from tests.integration.profiles.conftest import actor_of
from tests.integration.profiles.test_residencies import _queries

SignIn = Callable[[Membership], FlaskClient]
WORDS = "收取了两万元中介费，十一月三日，有转账记录。"


def form_about(membership: Membership, **more: str) -> dict[str, str]:
    return {"about_id": str(membership.organization_id), "reason": "fees", "text": WORDS, **more}


def all_of(model: type[Complaint] | type[OrganizationRelation]) -> int:
    with Session(db.engine) as session:
        return len(session.scalars(select(model)).all())


def complaint_of(people: Cast) -> int:
    with unit_of_work() as session:
        row = services.complain(
            session.get_one(Organization, people.bank.organization_id), reason="fees", text=WORDS,
            actor=actor_of(people.xinghe), now=utcnow(),
        )  # fmt: skip
        return row.id


def block_of(people: Cast, who: str, other: str) -> int:
    with unit_of_work() as session:
        row = services.block(
            session.get_one(Organization, getattr(people, other).organization_id), actor=actor_of(getattr(people, who)),
            now=utcnow(),
        )  # fmt: skip
        return row.id


def told(user_id: int) -> list[str]:
    with Session(db.engine) as session:
        return list(session.scalars(select(Notice.kind).where(Notice.recipient_user_id == user_id)))


def test_a_complaint_goes_to_the_city_and_the_other_side_hears_nothing(profiles: Cast, sign_in: SignIn) -> None:
    response = sign_in(profiles.xinghe).post("/complaints", data=form_about(profiles.bank))

    assert response.status_code == 302 and response.location == "/complaints"
    assert told(profiles.city.user_id) == ["complaint_made"]
    assert told(profiles.bank.user_id) == []
    assert "江城银行" in sign_in(profiles.city).get("/complaints").text
    assert "星河科技" not in sign_in(profiles.bank).get("/complaints").text


@pytest.mark.parametrize(
    ("change", "words"),
    [({"text": " "}, "写明发生了什么"), ({"reason": ""}, "选择投诉原因"), ({"reason": "x"}, "请从列表里选")],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    change: dict[str, str], words: str, profiles: Cast, sign_in: SignIn
) -> None:
    response = sign_in(profiles.xinghe).post("/complaints", data=form_about(profiles.bank, **change))

    assert response.status_code == 422 and words in response.text
    assert (WORDS in response.text) is ("text" not in change)
    assert all_of(Complaint) == 0


def test_the_same_organization_is_not_reported_twice_at_a_time(profiles: Cast, sign_in: SignIn) -> None:
    complaint_id, client = complaint_of(profiles), sign_in(profiles.xinghe)
    assert client.post("/complaints", data=form_about(profiles.bank)).status_code == 409
    sign_in(profiles.city).post(f"/complaints/{complaint_id}/answer", data={"answer": "已约谈该行。"})

    assert client.post("/complaints", data=form_about(profiles.bank)).status_code == 302
    assert all_of(Complaint) == 2


@pytest.mark.parametrize(("about", "status"), [("xinghe", 422), ("city", 404), ("999999", 404), ("x", 404), ("", 404)])
def test_oneself_the_administration_and_nobody_cannot_be_reported(
    about: str, status: int, profiles: Cast, sign_in: SignIn
) -> None:
    member = getattr(profiles, about, None)
    data = form_about(profiles.bank, about_id=str(member.organization_id) if member else about)

    assert sign_in(profiles.xinghe).post("/complaints", data=data).status_code == status
    assert all_of(Complaint) == 0


@pytest.mark.parametrize("who", ["city", "echeng", "administrator", "auditor"])
def test_officers_do_not_complain(who: str, profiles: Cast, sign_in: SignIn) -> None:
    assert sign_in(getattr(profiles, who)).post("/complaints", data=form_about(profiles.bank)).status_code == 403


def test_who_is_not_verified_or_only_reads_does_not_complain(profiles: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, profiles.xinghe.organization_id).status = OrganizationStatus.PENDING
        session.get_one(Membership, profiles.yuanshan.id).role = Role.VIEWER

    for member in (profiles.xinghe, profiles.yuanshan):
        assert sign_in(member).post("/complaints", data=form_about(profiles.bank)).status_code == 403
        assert (
            sign_in(member).post("/blocks", data={"organization_id": profiles.bank.organization_id}).status_code == 403
        )


def test_too_many_open_complaints_wait_for_answers(
    profiles: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matchhub.profiles.services.complaints.OPEN_AT_MOST", 1)
    complaint_of(profiles)

    assert sign_in(profiles.xinghe).post("/complaints", data=form_about(profiles.beidou)).status_code == 409
    assert all_of(Complaint) == 1


@pytest.mark.parametrize("who", ["city", "administrator"])
def test_the_desk_answers_once_and_the_complainer_reads_it(who: str, profiles: Cast, sign_in: SignIn) -> None:
    complaint_id, desk = complaint_of(profiles), sign_in(getattr(profiles, who))

    assert desk.post(f"/complaints/{complaint_id}/answer", data={"answer": "已约谈该行。"}).status_code == 302
    assert desk.post(f"/complaints/{complaint_id}/answer", data={"answer": "再答一次"}).status_code == 409
    assert stored(Complaint, complaint_id, lambda c: (c.state, c.answer)) == (ComplaintState.ANSWERED, "已约谈该行。")
    assert "已约谈该行。" in sign_in(profiles.xinghe).get(f"/complaints/{complaint_id}").text
    assert told(profiles.xinghe.user_id) == ["complaint_answered"] and told(profiles.bank.user_id) == []


def test_an_answer_needs_words(profiles: Cast, sign_in: SignIn) -> None:
    complaint_id = complaint_of(profiles)
    response = sign_in(profiles.city).post(f"/complaints/{complaint_id}/answer", data={"answer": "  "})

    assert response.status_code == 422 and "写明处理结果" in response.text
    assert stored(Complaint, complaint_id, lambda c: c.state) is ComplaintState.OPEN


@pytest.mark.parametrize(
    ("who", "read", "answer"),
    [("bank", 404, 404), ("qingtian", 404, 404), ("echeng", 403, 404), ("auditor", 403, 404), ("xinghe", 200, 403)],
)
def test_nobody_else_reads_or_answers_a_complaint(
    who: str, read: int, answer: int, profiles: Cast, sign_in: SignIn
) -> None:
    complaint_id, client = complaint_of(profiles), sign_in(getattr(profiles, who))

    assert client.get(f"/complaints/{complaint_id}").status_code in {read, 404}
    assert client.post(f"/complaints/{complaint_id}/answer", data={"answer": "x"}).status_code in {answer, 403}
    assert stored(Complaint, complaint_id, lambda c: c.state) is ComplaintState.OPEN


def test_complaints_are_narrowed_by_state_and_cost_the_same_for_one_and_for_three(
    profiles: Cast, sign_in: SignIn
) -> None:
    complaint_of(profiles)
    client = sign_in(profiles.city)
    one = _queries(client, "/complaints")
    for other in (profiles.beidou, profiles.gedian):
        with unit_of_work() as session:
            services.complain(
                session.get_one(Organization, other.organization_id), reason="spam", text="群发", now=utcnow(),
                actor=actor_of(profiles.xinghe),
            )  # fmt: skip

    assert _queries(client, "/complaints") == one
    assert "江城银行" not in client.get("/complaints?state=answered").text


def test_a_blocked_organization_leaves_the_lists_of_the_blocker_alone(profiles: Cast, sign_in: SignIn) -> None:
    blocker, other = sign_in(profiles.yuanshan), sign_in(profiles.xinghe)
    assert "星河科技" in blocker.get("/enterprises").text  # the control
    response = blocker.post("/blocks", data={"organization_id": profiles.xinghe.organization_id})

    assert response.status_code == 302 and response.location == "/blocks"
    assert "星河科技" not in blocker.get("/enterprises").text
    assert "星河科技" in blocker.get("/blocks").text
    assert "远山资本" in other.get("/investors").text  # nothing has changed for the one that is blocked
    assert "远山资本" not in other.get("/blocks").text
    assert told(profiles.xinghe.user_id) == []


def test_what_is_blocked_is_found_again_once_it_is_taken_back(profiles: Cast, sign_in: SignIn) -> None:
    relation_id, client = block_of(profiles, "yuanshan", "xinghe"), sign_in(profiles.yuanshan)

    assert "取消屏蔽" in client.get(f"/enterprises/{profiles.xinghe.organization_id}").text
    assert client.post(f"/blocks/{relation_id}/removal").status_code == 302
    assert client.post(f"/blocks/{relation_id}/removal").status_code == 404
    assert "星河科技" in client.get("/enterprises").text


@pytest.mark.parametrize(("other", "status"), [("yuanshan", 422), ("city", 404), ("xinghe", 409)])
def test_oneself_the_administration_and_the_same_twice_are_not_blocked(
    other: str, status: int, profiles: Cast, sign_in: SignIn
) -> None:
    block_of(profiles, "yuanshan", "xinghe")
    data = {"organization_id": getattr(profiles, other).organization_id}

    assert sign_in(profiles.yuanshan).post("/blocks", data=data).status_code == status
    assert all_of(OrganizationRelation) == 1


@pytest.mark.parametrize("who", ["xinghe", "beidou", "city", "administrator"])
def test_nobody_else_takes_a_block_back(who: str, profiles: Cast, sign_in: SignIn) -> None:
    relation_id = block_of(profiles, "yuanshan", "xinghe")

    assert sign_in(getattr(profiles, who)).post(f"/blocks/{relation_id}/removal").status_code == 404
    assert all_of(OrganizationRelation) == 1


def test_a_share_is_no_block_and_is_not_taken_back_here(profiles: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        share = OrganizationRelation(
            from_id=profiles.yuanshan.organization_id, to_id=profiles.xinghe.organization_id,
            kind=RelationKind.SHAREHOLDER,
        )  # fmt: skip
        session.add(share)
        session.flush()
        share_id = share.id

    assert sign_in(profiles.yuanshan).post(f"/blocks/{share_id}/removal").status_code == 404
    assert "星河科技" in sign_in(profiles.yuanshan).get("/enterprises").text


def test_complaints_and_blocks_leave_a_trail_without_their_words(profiles: Cast) -> None:
    complaint_of(profiles)
    block_of(profiles, "xinghe", "bank")
    trail = db.session.scalars(select(AuditEvent).where(AuditEvent.action.in_(("complaint:make", "block:add")))).all()

    assert len(trail) == 2 and WORDS not in str([row.details for row in trail])


def test_a_merged_organization_takes_its_blocks_and_complaints_along(profiles: Cast) -> None:
    complaint_id, relation_id = complaint_of(profiles), block_of(profiles, "xinghe", "yuanshan")
    own = block_of(profiles, "xinghe", "qingtian")
    from matchhub.accounts.news import OrganizationMerged  # noqa: PLC0415

    with unit_of_work() as session:
        kept, dropped = (session.get_one(Organization, m.organization_id) for m in (profiles.qingtian, profiles.xinghe))
        services.on_merged(OrganizationMerged(kept, dropped), now=utcnow())

    kept_id = profiles.qingtian.organization_id
    assert stored(Complaint, complaint_id, lambda c: c.complainer_id) == kept_id
    assert stored(OrganizationRelation, relation_id, lambda r: r.from_id) == kept_id
    with Session(db.engine) as session:
        assert session.get(OrganizationRelation, own) is None  # nobody is blocked by itself


def test_a_service_refuses_what_a_page_would_not_offer(profiles: Cast) -> None:
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.block(
            session.get_one(Organization, profiles.xinghe.organization_id), actor=actor_of(profiles.city), now=utcnow()
        )
    assert all_of(OrganizationRelation) == 0
