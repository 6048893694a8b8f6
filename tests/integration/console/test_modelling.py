"""匹配模型: officers read the weights, try others out, put them to use and take them back; nobody else sees the page."""

# ruff: noqa: F811 -- fixtures of the small market
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matchhub.accounts.models import Membership
from matchhub.console.modelling import queries, showing
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.listings.enums import PairingKind
from matchhub.matches import engine
from matchhub.matches.enums import RunState
from matchhub.matches.jobs import try_weights
from matchhub.matches.models import MatchingModel, MatchRun, ModelTrial, Suggestion
from matchhub.matches.queries import weights
from matchhub.matches.services import models, trials
from tests.cast import Cast, stored
from tests.integration.introductions.test_lists import queries_of
from tests.integration.matches.conftest import compare, Market, market  # noqa: F401 -- fixtures
from tests.integration.pairs import stage

SignIn = Callable[[Membership], FlaskClient]
PAGE = "/matching-models/equity"
EQUAL = {"a_amount": 10, "a_region": 90, "a_instrument": 10, "a_text": 0, "a_responsiveness": 0, "a_track_record": 0}
OTHERS = {
    "b_industry": 5,
    "b_round": 90,
    "b_amount": 5,
    "b_region": 5,
    "b_text": 0,
    "b_qualification": 0,
    "b_track_record": 0,
}
FILLED = {
    **EQUAL, **OTHERS, "cut_strong": 80, "cut_good": 60, "cut_look": 30, "strength": "0.2", "reserved": "0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_engine(app: App, tmp_path: object) -> None:
    engine.keep_at(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)  # type: ignore[arg-type]


@pytest.fixture
def officer(people: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.city)


def tried(client: FlaskClient, **changes: object) -> int:
    answer = client.post(f"{PAGE}/trials", data={**FILLED, **changes})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    found = re.search(r"/trials/(\d+)", answer.headers["Location"])
    assert found
    return int(found[1])


def in_use() -> str:
    return stored(MatchingModel, _active_id(), lambda row: row.name)  # type: ignore[no-any-return]


def _active_id() -> int:
    found = db.session.scalar(
        select(MatchingModel.id).where(MatchingModel.is_active, MatchingModel.kind == PairingKind.EQUITY)
    )
    assert found
    return found


def test_the_page_tells_weights_exposure_and_versions(market: Market, officer: FlaskClient) -> None:
    page = officer.get(PAGE).get_data(as_text=True)

    assert "equity-1" in page and "示例" in page
    assert "企业看重" in page and "30 分" in page  # industry, of what the other side weighs
    assert "约 5 份" not in page and "不足 5 份" in page  # two lists: a count that is not told
    alone = officer.get(f"{PAGE}/quality").get_data(as_text=True)
    part = officer.get(f"{PAGE}/quality", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "各满 10 个后" in alone and "</html>" in alone
    assert "各满 10 个后" in part and "</html>" not in part
    assert "equity-1" in officer.get("/matching-models").get_data(as_text=True)


def test_without_a_comparison_the_page_says_what_is_missing(people: Cast, officer: FlaskClient) -> None:
    assert officer.get(PAGE).status_code == 200
    assert "还没有清单" in officer.get(PAGE).get_data(as_text=True)


def test_a_trial_is_computed_by_the_worker_and_changes_nothing(market: Market, officer: FlaskClient) -> None:
    before = db.session.scalar(select(func.count(Suggestion.id)))
    trial_id = tried(officer)
    waiting = officer.get(f"/matching-models/trials/{trial_id}").get_data(as_text=True)
    assert "正在试算" in waiting and "启用</span>" not in waiting
    assert officer.get(f"/matching-models/trials/{trial_id}/progress").status_code == 200

    assert try_weights(utcnow()) == 1

    page = officer.get(f"/matching-models/trials/{trial_id}").get_data(as_text=True)
    assert officer.get(f"/matching-models/trials/{trial_id}/progress").status_code == 286
    assert stored(ModelTrial, trial_id, lambda row: (row.state, row.result["lists"])) == (RunState.DONE, 2)
    assert "启用</span>" in page and "企业看重：地区" in page
    assert in_use() == "equity-1"
    assert db.session.scalar(select(func.count(Suggestion.id))) == before


def test_a_finished_trial_is_put_to_use_and_the_old_version_comes_back(market: Market, officer: FlaskClient) -> None:
    trial_id = tried(officer)
    too_early = officer.post(f"/matching-models/trials/{trial_id}/adoption")
    assert too_early.status_code == 409 and in_use() == "equity-1"
    try_weights(utcnow())

    officer.post(f"/matching-models/trials/{trial_id}/adoption")

    assert in_use() == "equity-2"
    run = db.session.scalars(select(MatchRun).where(MatchRun.state == RunState.QUEUED)).one()
    assert (run.kind, run.need_id, run.offer_id) == (PairingKind.EQUITY, None, None)
    page = officer.get(PAGE).get_data(as_text=True)
    assert "equity-1" in page and "换回这版" in page and "企业看重：地区" in page
    assert officer.post(f"/matching-models/trials/{trial_id}/adoption").status_code == 409  # another version is in use

    first = db.session.scalar(select(MatchingModel.id).where(MatchingModel.name == "equity-1"))
    officer.post(f"/matching-models/versions/{first}/return")

    assert in_use() == "equity-1"
    assert officer.post(f"/matching-models/versions/{first}/return").status_code == 409
    assert db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("matching_model:%")).order_by(AuditEvent.id)
    ).all() == ["matching_model:try", "matching_model:activate", "matching_model:activate"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"a_region": -1}, "填 0 到 100"),
        ({"a_region": "x"}, "data-invalid"),
        ({"cut_good": 90}, "三个分数线要从高到低"),
        (dict.fromkeys(EQUAL, 0), "至少有一项的权重大于 0"),
        ({"strength": "9"}, "error"),
    ],
)
def test_numbers_that_make_no_version_are_refused(
    market: Market,
    officer: FlaskClient,
    changes: dict[str, object],
    words: str,
) -> None:
    answer = officer.post(f"{PAGE}/trials", data={**FILLED, **changes})

    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count(ModelTrial.id))) == 0


def test_the_same_numbers_are_no_trial_and_three_may_wait(market: Market, people: Cast, officer: FlaskClient) -> None:
    form = officer.get(f"{PAGE}/trials/new").get_data(as_text=True)
    fields = dict(re.findall(r'<input[^>]*name="([ab]_\w+|cut_\w+)"[^>]*value="([^"]*)"', form))
    same = officer.post(f"{PAGE}/trials", data={**fields, "strength": "0.1", "reserved": "0.1"})
    assert same.status_code == 422 and "和现在的权重一样" in same.get_data(as_text=True)

    for _ in range(models.MOST_WAITING):
        tried(officer)
    assert officer.post(f"{PAGE}/trials", data=FILLED).status_code == 409


def test_a_trial_that_breaks_says_so(market: Market, officer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    trial_id = tried(officer)
    monkeypatch.setattr(trials, "difference", lambda *_: 1 / 0)

    try_weights(utcnow())

    assert stored(ModelTrial, trial_id, lambda row: row.state) is RunState.FAILED
    assert "试算没有完成" in officer.get(f"/matching-models/trials/{trial_id}").get_data(as_text=True)
    assert in_use() == "equity-1"


def test_an_investor_an_auditor_and_a_district_see_no_weights(people: Cast, sign_in: SignIn) -> None:
    for who in (people.yuanshan, people.auditor, people.gedian_officer):
        assert sign_in(who).get(PAGE).status_code == 403
    assert sign_in(people.administrator).get(PAGE).status_code == 200  # the control


def test_quality_tells_agreed_from_declined_once_there_are_enough(
    people: Cast,
    app: App,
    market: Market,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = engine.default_spec(PairingKind.EQUITY)
    pairs = [(market.need, market.offer, True), (market.other_need, market.other_offer, False)] * 10
    monkeypatch.setattr(queries, "answered", lambda *_: pairs)
    scorer = engine.store(db.session(), PairingKind.EQUITY).load()
    assert scorer is not None

    told = queries.quality(db.session(), PairingKind.EQUITY, spec, now=utcnow())

    scores = scorer.scores_of(db.session(), [pair[:2] for pair in pairs[:2]], now=utcnow())
    assert told is not None and told.auc == float(scores[pairs[0][:2]] > scores[pairs[1][:2]])
    with app.test_request_context("/"):
        assert "100 次里有 100 次" in showing.quality_words(told, queries.ENOUGH)
        assert "正在载入" in showing.quality_words(None, queries.ENOUGH)


def test_answered_introductions_are_read_with_what_came_of_them(people: Cast) -> None:
    scene = stage(people)

    assert queries.answered(db.session(), PairingKind.EQUITY) == []
    assert scene.need_id


def test_attention_is_counted_on_the_first_ten_places(market: Market) -> None:
    spread = weights.spread(db.session(), PairingKind.EQUITY)

    assert spread is not None
    assert (spread.lists, spread.offers, spread.never_shown) == (2, 2, 0)
    assert spread.most_shown[0][1] == 2 and spread.coverage == 1.0
    assert weights.gini([0, 0, 0, 4]) == pytest.approx(0.75)
    assert weights.gini([1, 1]) == weights.gini([0, 0]) == 0


def test_the_difference_of_two_sets_of_lists() -> None:
    told = trials.difference({1: [7, 8], 2: [7]}, {1: [8, 9], 2: [7]}, [1, 2, 3])

    assert (told["lists"], told["first"], told["came"], told["went"], told["kept"]) == (3, 1, 1, 1, 2)
    assert told["sample"] == [{"need": 1, "before": [7, 8], "after": [8, 9]}]


def test_shares_are_whole_points_of_a_hundred() -> None:
    assert sum(showing.shares({"a": 1, "b": 1, "c": 1}).values()) == 100
    assert showing.shares({}) == {}


def test_a_page_of_more_versions_asks_as_many_queries(market: Market, people: Cast, officer: FlaskClient) -> None:
    officer.get(PAGE)
    one = queries_of(officer, PAGE)
    for number in (5, 6):
        spec = engine.default_spec(PairingKind.EQUITY)
        more = MatchingModel(kind=PairingKind.EQUITY, name=f"equity-{number}", spec=spec, created_at=utcnow())
        more.activated_at = utcnow()
        with unit_of_work() as session:
            session.add(more)

    assert queries_of(officer, PAGE) == one
