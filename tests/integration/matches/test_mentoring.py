"""Advice: lists with reasons on both sides, registration, room, and ties that forbid it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Mentorship
from matchhub.matches import engine
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import ENGAGED, Suggestion
from matchhub.matches.queries import lists
from matchhub.matches.services import exclusions
from matchhub.matches.services.runs import request_run, run_next
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import MentorProfile, OrganizationRelation
from tests.cast import Cast
from tests.integration.matches.kinds import add_firm, add_mentor, add_mentoring_need, add_mentorship

SignIn = Callable[[Membership], FlaskClient]


@dataclass
class Table:
    """Ids of a firm's need and a mentor's offer."""

    need: int
    offer: int


@pytest.fixture
def compare_advice() -> Callable[[], None]:
    def run() -> None:
        with unit_of_work():
            request_run(kind=PairingKind.MENTORING, now=utcnow())
        while run_next(now=utcnow()) is not None:
            pass
        engine.store(db.session(), PairingKind.MENTORING).load()

    return run


@pytest.fixture
def table(people: Cast, compare_advice: Callable[[], None]) -> Table:
    with unit_of_work():
        add_firm(people.xinghe.organization_id)
        add_mentor(people.mentor.organization_id)
        held = Table(add_mentoring_need(people.xinghe.organization_id), add_mentorship(people.mentor.organization_id))
    compare_advice()
    return held


def page(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return re.sub(r"<head>.*?</head>|csrf[^>]*>|\?v=\w+", "", response.get_data(as_text=True), flags=re.S)


def suggested(table: Table) -> list[int]:
    return [
        row.offer_id for row in lists.shown(db.session(), Side.NEED, table.need, PairingKind.MENTORING, now=utcnow())
    ]


def test_a_firm_reads_what_a_mentor_is_good_for(table: Table, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.xinghe)

    listed = page(client, f"/suggestions?need={table.need}")
    shown = page(client, f"/pairs?need={table.need}&offer={table.offer}")

    assert "顾川" in listed and "知识产权 · 线上" in listed
    assert "你想请教知识产权，对方擅长。" in listed and "你想请教知识产权，对方擅长。" in shown
    assert "约 " in shown and "辅导更新于" in shown and "mentoring-1" in shown
    points = [int(found) for found in re.findall(r'points-bars-points">(\d+) 分', shown)]
    assert sum(points) == int(re.search(r"约 (\d+) 分", shown).group(1)) > 0  # type: ignore[union-attr]


def test_the_mentor_reads_the_other_way_round_under_the_code_name(table: Table, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.mentor)
    row = db.session.scalars(
        select(Suggestion.id).where(Suggestion.side == Side.OFFER, Suggestion.offer_id == table.offer)
    ).one()

    for url in (f"/suggestions?offer={table.offer}", f"/suggestions/{row}"):
        text = page(client, url)
        assert "星河科技" not in text and "新材料-0004" in text
        assert "对方想请教知识产权，你擅长。" in text


def test_both_sides_read_english(table: Table, people: Cast, sign_in: SignIn) -> None:
    for who, url in ((people.xinghe, f"need={table.need}"), (people.mentor, f"offer={table.offer}")):
        client = sign_in(who)
        client.post("/account/preferences", data={"name": "林舟", "locale": "en"})
        for text in (
            page(client, f"/suggestions?{url}"),
            page(client, f"/pairs?need={table.need}&offer={table.offer}"),
        ):
            main = text.split("<main", 1)[1].split("</main>")[0]
            assert not re.search("对方|你想|擅长|导师|话题", main)
            assert "intellectual property" in main.lower()


@pytest.mark.parametrize(("days", "verdict"), [(200, Verdict.FITS), (None, Verdict.MAY_FIT), (-1, None)])
def test_a_registration_in_date_is_needed_and_silence_is_no_proof(
    table: Table, people: Cast, sign_in: SignIn, compare_advice: Callable[[], None], days: int | None,
    verdict: Verdict | None,
) -> None:  # fmt: skip
    with unit_of_work() as session:
        until = None if days is None else city_date(utcnow()) + timedelta(days=days)
        session.scalars(select(MentorProfile)).one().registered_until = until
    compare_advice()

    held = lists.shown(db.session(), Side.NEED, table.need, PairingKind.MENTORING, now=utcnow())
    assert [row.verdict for row in held] == ([] if verdict is None else [verdict])
    text = page(sign_in(people.xinghe), f"/pairs?need={table.need}&offer={table.offer}")
    assert ("对方的导师备案已到期。" in text) == (verdict is None)
    assert ("对方的导师备案还没有核实。" in text) == (verdict is Verdict.MAY_FIT)
    assert ("/introductions/new" in text) == (verdict is not None)


def test_a_mentor_with_as_many_firms_as_wanted_is_full_until_one_ends(
    table: Table, people: Cast, sign_in: SignIn, compare_advice: Callable[[], None]
) -> None:
    with unit_of_work() as session:
        session.get_one(Mentorship, table.offer).firms_at_most = 1
        other = add_mentoring_need(people.qingtian.organization_id, code_name="装备-0002")
        exclusions.exclude(other, table.offer, reason=ENGAGED, now=utcnow())
    compare_advice()
    assert suggested(table) == []
    url = f"/pairs?need={table.need}&offer={table.offer}"
    assert "对方名额已满，空出来后可申请。" in page(sign_in(people.xinghe), url)
    assert "本月名额已满" in page(sign_in(people.mentor), f"/suggestions?offer={table.offer}")

    with unit_of_work():
        exclusions.release(other, table.offer, reason=ENGAGED)
    compare_advice()
    assert suggested(table) == [table.offer]


def share(people: Cast) -> None:
    firm, mentor = people.xinghe.organization_id, people.mentor.organization_id
    db.session.add(OrganizationRelation(from_id=mentor, to_id=firm, kind=RelationKind.SHAREHOLDER))


def act_for_both(people: Cast) -> None:
    db.session.add(
        Membership(
            user_id=people.mentor.user_id, organization_id=people.xinghe.organization_id, role=Role.VIEWER,
            state=MembershipState.ACTIVE,
        )
    )  # fmt: skip


def be_employed(people: Cast) -> None:
    db.session.scalars(select(MentorProfile)).one().employer = "鄂州星河科技有限公司"


@pytest.mark.parametrize("tie", [share, act_for_both, be_employed])
def test_who_has_an_interest_in_a_firm_is_not_suggested_to_it(
    table: Table, people: Cast, sign_in: SignIn, compare_advice: Callable[[], None], tie: Callable[[Cast], None]
) -> None:
    assert suggested(table) == [table.offer]  # the control: without the tie
    with unit_of_work():
        tie(people)
    compare_advice()

    assert suggested(table) == []
    text = page(sign_in(people.xinghe), f"/pairs?need={table.need}&offer={table.offer}")
    assert "双方有利益关系，不能辅导。" in text and "/introductions/new" not in text


def test_the_counter_speaks_of_mentors_and_points_to_the_missing_field(
    table: Table, people: Cast, sign_in: SignIn
) -> None:
    with unit_of_work():
        bare = add_mentoring_need(people.xinghe.organization_id, code_name="新材料-0009", meeting_modes=[])

    assert "不足 5 位导师符合" in page(sign_in(people.xinghe), f"/needs/{table.need}/counter")
    assert "选见面方式。" in page(sign_in(people.xinghe), f"/needs/{bare}/counter")
    assert "不足 5 家企业符合" in page(sign_in(people.mentor), f"/offers/{table.offer}/pool")


def test_a_list_costs_the_same_queries_for_one_row_and_for_three(
    table: Table, people: Cast, sign_in: SignIn, compare_advice: Callable[[], None]
) -> None:
    client, url = sign_in(people.mentor), f"/suggestions?offer={table.offer}"

    def queries() -> int:
        seen: list[str] = []
        listen = lambda conn, cursor, statement, *rest: seen.append(statement)  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            page(client, url)
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    page(client, url)
    one = queries()
    with unit_of_work():
        for number in range(2):
            add_mentoring_need(people.qingtian.organization_id, code_name=f"装备-000{number}")
    compare_advice()
    assert page(client, url).count("suggestion-row-name") == 3
    assert queries() == one
