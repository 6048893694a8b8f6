"""Lists, the pair page, counters and feedback, as each side sees them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import Need
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback, Suggestion
from matchhub.matches.queries import lists
from matchhub.matches.services.runs import request_run
from matchhub.matches.views import counters
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation
from tests.cast import Cast
from tests.integration.matches.conftest import add_need, add_offer, Market

SignIn = Callable[[Membership], FlaskClient]
EXACT = re.compile(r"563|731|5,?630|7,?310")


def suggestion(side: Side, need_id: int, offer_id: int) -> int:
    found = db.session.scalars(
        select(Suggestion.id).where(
            Suggestion.side == side, Suggestion.need_id == need_id, Suggestion.offer_id == offer_id
        )
    ).all()
    return max(found)


def page(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def test_a_firm_sees_investors_by_name_with_reasons(market: Market, people: Cast, sign_in: SignIn) -> None:
    text = page(sign_in(people.xinghe), f"/suggestions?need={market.need}")

    assert "远山资本" in text and "你们都在新材料。" in text
    assert f"/introductions/new?need={market.need}&amp;offer={market.offer}" in text


def test_an_investor_sees_code_names_and_bands_and_no_exact_amount_anywhere(
    market: Market, people: Cast, sign_in: SignIn
) -> None:
    client = sign_in(people.yuanshan)
    row = suggestion(Side.OFFER, market.need, market.offer)
    urls = (
        f"/suggestions?offer={market.offer}",
        f"/suggestions/{row}",
        f"/pairs?need={market.need}&offer={market.offer}",
    )

    for url in urls:
        text = re.sub(r"<head>.*?</head>|csrf[^>]*>|\?v=\w+", "", page(client, url), flags=re.S)
        assert "星河科技" not in text and "新材料-0001" in text
        assert "500–1,000 万元" in text
        assert not re.search(r"(?<![\d,])(563|731)(?!\d)", text)
    own = page(sign_in(people.xinghe), f"/suggestions?need={market.need}")
    assert "563–731 万元" in own  # the control: the owner reads the own figure


def test_only_the_own_lists_open(market: Market, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.qingtian)

    assert client.get(f"/suggestions?need={market.need}").status_code == 404
    assert client.get(f"/suggestions/{suggestion(Side.NEED, market.need, market.offer)}").status_code == 404
    assert client.get(f"/needs/{market.need}/counter").status_code == 404
    assert client.get(f"/offers/{market.offer}/pool").status_code == 404
    assert client.get(f"/pairs?need={market.need}&offer={market.offer}").status_code == 404
    assert client.get("/suggestions/export.xlsx?need=1x").status_code == 404
    assert sign_in(people.binjiang).get("/suggestions").status_code == 403


def test_the_points_on_the_pair_page_add_up_to_the_score(market: Market, people: Cast, sign_in: SignIn) -> None:
    text = page(sign_in(people.xinghe), f"/pairs?need={market.need}&offer={market.offer}")

    total = int(re.search(r"约 (\d+) 分", text).group(1))  # type: ignore[union-attr]
    points = [int(found) for found in re.findall(r'points-bars-points">(\d+) 分', text)]
    assert sum(points) == total > 0
    assert "第 1 位，共" in text and "仅供参考，由你决定。" in text and "equity-1" in text


def test_a_pair_outside_the_list_can_be_asked_about(market: Market, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work():
        banned = add_offer(people.beidou.organization_id, exclusions=["new_materials"])

    text = page(sign_in(people.xinghe), f"/pairs?need={market.need}&offer={banned}")

    assert "对方不投你所在的行业。" in text and "/introductions/new" not in text


def test_a_blocked_pair_is_not_there(market: Market, people: Cast, sign_in: SignIn) -> None:
    client, url = sign_in(people.xinghe), f"/pairs?need={market.need}&offer={market.offer}"
    assert client.get(url).status_code == 200  # the control

    with unit_of_work() as session:
        session.add(
            OrganizationRelation(
                from_id=people.yuanshan.organization_id, to_id=people.xinghe.organization_id, kind=RelationKind.BLOCKED
            )
        )
    assert client.get(url).status_code == 404


def test_a_list_costs_the_same_queries_for_one_row_and_for_three(
    market: Market, people: Cast, sign_in: SignIn, compare: Callable[..., None]
) -> None:
    client = sign_in(people.xinghe)

    def queries() -> int:
        counted: list[str] = []
        event.listen(db.engine, "before_cursor_execute", listener := lambda *args: counted.append(args[2]))
        page(client, f"/suggestions?need={market.need}")
        event.remove(db.engine, "before_cursor_execute", listener)
        return len([sql for sql in counted if sql.startswith("SELECT")])

    queries()
    few = queries()
    with unit_of_work():
        for _ in range(3):
            add_offer(people.beidou.organization_id)
    compare()
    page(client, f"/suggestions?need={market.need}")

    assert queries() == few


def test_not_fit_disappears_from_the_own_list_only(market: Market, people: Cast, sign_in: SignIn) -> None:
    client, row = sign_in(people.xinghe), suggestion(Side.NEED, market.need, market.offer)

    response = client.post(f"/suggestions/{row}/feedback", data={"reason": "stage"})

    assert response.status_code == 302
    assert market.offer not in [
        r.offer_id for r in lists.shown(db.session(), Side.NEED, market.need, PairingKind.EQUITY, now=utcnow())
    ]
    other = page(sign_in(people.yuanshan), f"/suggestions?offer={market.offer}")
    assert "新材料-0001" in other and "阶段不符" not in re.sub(r"<details.*?</details>", "", other, flags=re.S)


def test_later_comes_back_after_a_month(market: Market, people: Cast, sign_in: SignIn) -> None:
    row = suggestion(Side.NEED, market.need, market.offer)
    sign_in(people.xinghe).post(f"/suggestions/{row}/feedback", data={"kind": "later"})

    def shown(days: int) -> list[int]:
        found = lists.shown(
            db.session(), Side.NEED, market.need, PairingKind.EQUITY, now=utcnow() + timedelta(days=days)
        )
        return [one.offer_id for one in found]

    assert market.offer not in shown(0)
    assert market.offer in shown(31)


def test_feedback_can_be_taken_back_once(market: Market, people: Cast, sign_in: SignIn) -> None:
    client, row = sign_in(people.xinghe), suggestion(Side.NEED, market.need, market.offer)
    client.post(f"/suggestions/{row}/feedback", data={"kind": "interested"})
    assert db.session.scalar(select(Feedback.kind)) is FeedbackKind.INTERESTED
    db.session.rollback()

    assert client.post(f"/suggestions/{row}/feedback-withdrawal").status_code == 302
    assert client.post(f"/suggestions/{row}/feedback-withdrawal").status_code == 409
    assert db.session.scalar(select(Feedback.id)) is None


@pytest.mark.parametrize("data", [{}, {"kind": "not_fit"}, {"kind": "not_fit", "reason": "x"}, {"kind": "loved"}])
def test_feedback_that_is_none_changes_nothing(
    market: Market, people: Cast, sign_in: SignIn, data: dict[str, str]
) -> None:
    row = suggestion(Side.NEED, market.need, market.offer)

    assert sign_in(people.xinghe).post(f"/suggestions/{row}/feedback", data=data).status_code == 422
    assert db.session.scalar(select(Feedback.id)) is None


def test_the_other_side_and_strangers_cannot_speak_for_a_list(market: Market, people: Cast, sign_in: SignIn) -> None:
    row = suggestion(Side.NEED, market.need, market.offer)

    for who in (people.yuanshan, people.qingtian):
        answer = sign_in(who).post(f"/suggestions/{row}/feedback", data={"kind": "interested"})
        assert answer.status_code == 404
    assert db.session.scalar(select(Feedback.id)) is None


def test_an_investor_sees_no_more_than_the_capacity_and_then_is_done(
    market: Market, people: Cast, sign_in: SignIn, compare: Callable[..., None]
) -> None:
    with unit_of_work():
        small = add_offer(people.yuanshan.organization_id, capacity_per_month=1)
    compare()
    client = sign_in(people.yuanshan)
    url = f"/suggestions?offer={small}"
    assert page(client, url).count("data-key-item") == 1
    first = lists.shown(db.session(), Side.OFFER, small, PairingKind.EQUITY, now=utcnow())[0].id
    db.session.rollback()

    client.post(f"/suggestions/{first}/feedback", data={"kind": "not_fit", "reason": "known"})

    assert "本期看完了，下周一更新。" in page(client, url)


def test_a_need_that_is_closed_is_suggested_no_more(market: Market, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Need, market.need).state = NeedState.CLOSED

    assert "新材料-0001" not in page(sign_in(people.yuanshan), f"/suggestions?offer={market.offer}")


def test_counts_of_others_are_rounded_or_suppressed(
    market: Market, people: Cast, sign_in: SignIn, compare: Callable[..., None]
) -> None:
    client = sign_in(people.xinghe)
    assert "不足 5 家" in page(client, f"/needs/{market.need}/counter")

    with unit_of_work():
        for _ in range(6):
            add_offer(people.beidou.organization_id)
    compare()

    text = page(client, f"/needs/{market.need}/counter")
    assert "约 5 家" in text or "约 10 家" in text


def test_a_draft_is_counted_too_and_the_pool_of_an_offer(market: Market, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        draft = add_need(people.xinghe.organization_id)
        session.get_one(Need, draft).state = NeedState.DRAFT

    assert "机构符合" in page(sign_in(people.xinghe), f"/needs/{draft}/counter")
    assert "企业符合" in page(sign_in(people.yuanshan), f"/offers/{market.offer}/pool")


def test_asking_the_counter_again_and_again_is_limited(
    market: Market, people: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "MOST", 2)
    client = sign_in(people.xinghe)

    answers = [client.get(f"/needs/{market.need}/counter").status_code for _ in range(3)]

    assert answers == [200, 200, 429]


def test_while_no_matcher_is_loaded_pages_say_so(people: Cast, sign_in: SignIn) -> None:
    with unit_of_work():
        need, offer = add_need(people.xinghe.organization_id), add_offer(people.yuanshan.organization_id)
    client = sign_in(people.xinghe)

    assert "正在准备" in page(client, f"/needs/{need}/counter")
    assert "正在准备" in page(client, f"/pairs?need={need}&offer={offer}")
    assert "还没有合适的" in page(client, "/suggestions")


def test_progress_ends_with_286(market: Market, people: Cast, sign_in: SignIn) -> None:
    client, url = sign_in(people.xinghe), f"/suggestions/progress?need={market.need}"
    ended = client.get(url)
    assert ended.status_code == 286
    assert 'data-hx-select="#content"' in ended.text  # the list comes where there was none
    assert "HX-Refresh" not in ended.headers  # a page that reloads itself cuts off what is being pressed
    being_read = client.get(f"{url}&read=1")
    assert "data-hx-trigger" not in being_read.text and f'href="/suggestions?need={market.need}"' in being_read.text

    with unit_of_work():
        request_run(need_id=market.need, now=utcnow())
    assert "正在比较" in page(client, url)
    assert "正在比较" in page(client, f"/suggestions?need={market.need}")


def test_a_list_comes_as_a_workbook_and_on_paper(market: Market, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.xinghe)

    assert client.get(f"/suggestions/export.xlsx?need={market.need}").data[:2] == b"PK"
    assert "远山资本" in page(client, f"/suggestions/print?need={market.need}")


def test_filters_are_in_the_address(market: Market, people: Cast, sign_in: SignIn) -> None:
    text = page(sign_in(people.xinghe), f"/suggestions?need={market.need}&feedback=interested")

    assert "没有符合筛选的推荐" in text
