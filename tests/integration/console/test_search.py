"""The search box: organizations, own listings, own introductions; by name, pinyin, initials and English."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches import engine
from matchhub.matches.services.runs import request_run, run_next
from matchhub.profiles import services as profiles
from matchhub.profiles.enums import ProfileState, RelationKind
from matchhub.profiles.models import CarrierProfile, EnterpriseProfile, OrganizationRelation, Profile
from matchhub.profiles.queries.suiting import SUITING
from tests.cast import Cast
from tests.integration.pairs import agreed, Scene, stage
from tests.integration.profiles.test_residencies import _queries

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def scene(people: Cast) -> Scene:
    """星河科技 looks for money, 远山资本 offers it; everybody has a profile."""
    found = stage(people)
    with unit_of_work() as session:
        for name in ("qingtian", "beidou", "binjiang", "bank", "mentor"):
            profiles.ensure_profile(session.get_one(Organization, getattr(people, name).organization_id), now=utcnow())
        session.get_one(Organization, people.yuanshan.organization_id).name_en = "Far Hills Capital"
        need, offer = session.get_one(Need, found.need_id), session.get_one(Offer, found.offer_id)
        need.teaser, need.code_name, offer.title = "碳纤维机身扩产", "新材料-0042", "新材料早期基金"
    return found


def results(client: FlaskClient, typed: str) -> str:
    """The results as they are read: without marks and without the box itself."""
    response = client.get("/search", query_string={"q": typed})
    assert response.status_code == 200
    page = re.search(r"<main.*</main>", response.text, re.DOTALL)
    assert page is not None
    return re.sub(r"</?mark>", "", page.group())


@pytest.mark.parametrize("typed", ["远山", "yuanshan", "YSZB", "Far Hills", "far h"])
def test_an_organization_is_found_however_it_is_typed(typed: str, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    found = results(sign_in(people.qingtian), typed)

    assert f'href="/investors/{people.yuanshan.organization_id}"' in found
    assert "北渡" not in found


@pytest.mark.parametrize("typed", ["yuanshna", "yunshan", "Far Hlils"])
def test_a_slip_of_the_keyboard_still_finds_and_marks_in_the_box_and_in_the_directory(
    typed: str, scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    client, link = sign_in(people.qingtian), f'href="/investors/{people.yuanshan.organization_id}"'

    assert link in results(client, typed) and "北渡" not in results(client, typed)
    listed = client.get("/investors", query_string={"q": typed}).text
    assert link in listed
    assert "<mark>" in listed or " " in typed  # what is marked is the name in the language of the page


def test_a_slip_finds_nobody_that_a_stranger_or_the_blocked_may_not_find(
    scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.yuanshan.organization_id).status = OrganizationStatus.PENDING

    assert "/investors/" not in results(sign_in(people.qingtian), "yuanshna")


def test_confidential_words_of_a_need_and_of_a_profile_find_nothing_for_a_stranger(
    scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    """The control: its owner finds the need by them."""
    with unit_of_work() as session:
        need = session.get_one(Need, scene.need_id)
        need.teaser = "kanariyan wing"
        profiles.ensure_profile(need.organization, now=utcnow()).summary = "kanariyan wing"

    for typed in ("kanariyan", "kanariyna"):
        for who in (people.yuanshan, people.qingtian):
            client = sign_in(who)
            assert need_link(scene) not in results(client, typed)
            assert "/enterprises/" not in results(client, typed)
            assert f'/enterprises/{people.xinghe.organization_id}"' not in client.get(f"/enterprises?q={typed}").text
    assert need_link(scene) in results(sign_in(people.xinghe), "kanariyan")


def need_link(scene: Scene) -> str:
    return f'/needs/{scene.need_id}"'


@pytest.mark.parametrize(
    ("typed", "path"), [("江城", "banks"), ("guchuan", "mentors"), ("滨江", "carriers"), ("qtzb", "enterprises")]
)
def test_every_kind_is_found(typed: str, path: str, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    assert f'href="/{path}/' in results(sign_in(people.yuanshan), typed)


def test_what_was_typed_is_marked_and_escaped(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.qingtian)

    assert "<mark>远山资本</mark>" in client.get("/search?q=yszb").text
    hostile = client.get("/search", query_string={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in hostile and "&lt;script&gt;alert" in hostile


@pytest.mark.parametrize("typed", ["", " ", "%", "_", "\\", "' OR 1=1", "x" * 5000])
def test_signs_and_nonsense_find_nothing(typed: str, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    assert "/enterprises/" not in results(sign_in(people.yuanshan), typed)


def test_who_is_not_verified_finds_no_organization(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.beidou.organization_id).status = OrganizationStatus.PENDING

    assert "星河" not in results(sign_in(people.beidou), "xinghe").replace("xinghe", "")
    assert "北渡" not in results(sign_in(people.yuanshan), "beidu")  # and nobody finds it


def test_one_that_is_blocked_is_not_found_by_the_blocker(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.beidou)
    assert "星河科技" in results(client, "xhkj")  # the control
    with unit_of_work() as session:
        session.add(
            OrganizationRelation(
                from_id=people.beidou.organization_id, to_id=people.xinghe.organization_id, kind=RelationKind.BLOCKED
            )
        )

    assert "星河科技" not in results(client, "xhkj")
    assert "北渡" in results(sign_in(people.xinghe), "beidu")


@pytest.mark.parametrize("typed", ["碳纤维", "txw", "新材料-0042"])
def test_own_needs_are_found_by_their_owner_alone(typed: str, scene: Scene, people: Cast, sign_in: SignIn) -> None:
    assert f'href="/needs/{scene.need_id}"' in results(sign_in(people.xinghe), typed)
    for other in (people.yuanshan, people.qingtian, people.city):
        assert f"/needs/{scene.need_id}" not in results(sign_in(other), typed)


def test_own_offers_are_found_by_their_owner_alone(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    assert f'href="/offers/{scene.offer_id}"' in results(sign_in(people.yuanshan), "早期基金")
    assert f"/offers/{scene.offer_id}" not in results(sign_in(people.beidou), "早期基金")


def test_a_party_is_found_by_the_name_that_is_open(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    introduction_id = agreed(scene)

    assert f'href="/introductions/{introduction_id}"' in results(sign_in(people.yuanshan), "xinghe")
    assert f'href="/introductions/{introduction_id}"' in results(sign_in(people.xinghe), "远山")
    assert "/introductions/" not in results(sign_in(people.beidou), "xinghe").replace('"/introductions"', "")


def test_a_name_that_is_closed_does_not_lead_to_the_introduction(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    """The fund asked; the firm has not answered: that this firm is the one who seeks money must not be found out."""
    introduction_id = asked_by_fund(scene, people)
    client = sign_in(people.yuanshan)

    assert f"/introductions/{introduction_id}" in results(client, "新材料-0042")  # the control: by its code name
    assert f"/introductions/{introduction_id}" not in results(client, "xinghe")
    assert f"/introductions/{introduction_id}" not in results(client, "星河科技")


def asked_by_fund(scene: Scene, people: Cast) -> int:
    from matchhub.introductions import services  # noqa: PLC0415

    with unit_of_work():
        row = services.ask(scene.pair(scene.fund), scene.choice(), purpose="想聊聊", actor=scene.fund, now=utcnow())
        return row.id


def test_a_few_of_each_kind_are_shown_and_the_directory_has_the_rest(
    scene: Scene, people: Cast, sign_in: SignIn
) -> None:
    with unit_of_work() as session:
        for number in range(8):
            firm = Organization(
                kind=OrganizationKind.ENTERPRISE, name=f"鄂州云帆{number}号有限公司", sort_key=f"yf{number}",
                status=OrganizationStatus.VERIFIED,
            )  # fmt: skip
            session.add(firm)
            profiles.ensure_profile(firm, now=utcnow())
    found = results(sign_in(people.yuanshan), "云帆")

    assert found.count("号有限公司") == 5 and "/enterprises?q=" in found


def test_who_begins_with_it_comes_first(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        for name, key in (("鄂州合星河工贸", "a"), ("星河", "z")):
            firm = Organization(
                kind=OrganizationKind.ENTERPRISE, name=name, sort_key=key, status=OrganizationStatus.VERIFIED
            )
            session.add(firm)
            profiles.ensure_profile(firm, now=utcnow())
    found = results(sign_in(people.yuanshan), "星河")

    assert found.index(">星河</a>") < found.index("鄂州合星河工贸")


def test_a_search_costs_the_same_for_one_and_for_many(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.yuanshan)
    one = _queries(client, "/search?q=qtzb")
    with unit_of_work() as session:
        for number in range(3):
            firm = Organization(
                kind=OrganizationKind.ENTERPRISE,
                name=f"擎天装备{number}",
                sort_key="q",
                status=OrganizationStatus.VERIFIED,
            )
            session.add(firm)
            profiles.ensure_profile(firm, now=utcnow())

    assert _queries(client, "/search?q=qtzb") == one
    assert one <= 16


def test_the_box_is_on_every_page_and_keeps_what_was_typed(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.yuanshan)

    assert 'action="/search"' in client.get("/enterprises").text
    assert 'value="江城"' in client.get("/search?q=江城").text


def test_a_stranger_is_sent_to_sign_in(people: Cast, app: object) -> None:
    from matchhub.core.web import App  # noqa: PLC0415
    from tests.cast import Browser  # noqa: PLC0415

    assert isinstance(app, App)
    response = Browser(app, app.response_class, use_cookies=True).get("/search?q=x")

    assert response.status_code == 302 and "/session" in response.location


def test_renaming_changes_what_is_found(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    from matchhub.accounts import services  # noqa: PLC0415
    from tests.integration.pairs import actor  # noqa: PLC0415

    with unit_of_work() as session:
        firm = session.get_one(Organization, people.qingtian.organization_id)
        services.rename_organization(
            firm, name="鄂州鲲鹏装备有限公司", short_name="鲲鹏", actor=actor(people.qingtian), now=utcnow()
        )
    client = sign_in(people.yuanshan)

    assert "鲲鹏装备" in results(client, "kunpeng")
    assert "/enterprises/" not in results(client, "qingtian")


@pytest.fixture
def matched(scene: Scene, app: App, tmp_path: Path) -> Scene:
    """The scene with a matcher that has read its offers."""
    engine.keep_at(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    with unit_of_work() as session:
        offer = session.get_one(Offer, scene.offer_id)
        offer.title, offer.statement = "碳纤维早期基金", "看碳纤维与复合材料，也看设备"
    with unit_of_work():
        request_run(now=utcnow())
    while run_next(now=utcnow()) is not None:
        pass
    engine.store(db.session(), PairingKind.EQUITY).load()
    return scene


def test_typed_words_are_read_as_a_need_and_marked_in_the_offers_that_answer_them(
    matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    page = sign_in(people.qingtian).get("/search", query_string={"q": "碳纤维 复合材料"}).text

    assert "供给里说到这些的" in page and f'href="/offers/{matched.offer_id}"' in page
    assert "<mark>碳纤维</mark>早期基金" in page or "碳<mark>纤维</mark>早期基金" in page


@pytest.mark.parametrize("why", ["closed", "blocked", "own", "words that are not there"])
def test_an_offer_that_the_reader_may_not_or_need_not_find_is_not_an_answer(
    why: str, matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    """The control is the first search, whose answers are kept for every reader: what one may see is asked each time."""
    assert "供给里说到这些的" in sign_in(people.qingtian).get("/search", query_string={"q": "碳纤维 复合材料"}).text
    with unit_of_work() as session:
        if why == "closed":
            session.get_one(Offer, matched.offer_id).state = OfferState.PAUSED
        if why == "blocked":
            session.add(
                OrganizationRelation(
                    from_id=people.qingtian.organization_id, to_id=people.yuanshan.organization_id,
                    kind=RelationKind.BLOCKED, since=utcnow().date(),
                )
            )  # fmt: skip
    reader = people.yuanshan if why == "own" else people.qingtian
    page = (
        sign_in(reader)
        .get("/search", query_string={"q": "畜牧养殖" if why.startswith("words") else "碳纤维 复合材料"})
        .text
    )

    assert "供给里说到这些的" not in page


def test_kept_answers_go_with_the_offers_that_they_were_read_from(
    matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    client, asked = sign_in(people.qingtian), {"q": "碳纤维"}
    assert "供给里说到这些的" in client.get("/search", query_string=asked).text
    with unit_of_work() as session:
        offer = session.get_one(Offer, matched.offer_id)
        offer.title, offer.statement = "早期基金", "看设备"
    scorer = engine.store(db.session(), PairingKind.EQUITY).scorer()
    assert scorer is not None

    scorer.forget()  # as it does by itself after a minute

    assert "供给里说到这些的" not in client.get("/search", query_string=asked).text


def directory_page(client: FlaskClient, typed: str, path: str = "/investors") -> str:
    """The list for what was typed."""
    page = re.search(r"<main.*</main>", client.get(path, query_string={"q": typed}).text, re.DOTALL)
    assert page is not None
    return page.group()


def test_a_directory_reads_typed_words_as_a_need_and_says_what_answers(
    matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    page = directory_page(sign_in(people.qingtian), "碳纤维 复合材料")

    assert f'href="/investors/{people.yuanshan.organization_id}"' in page
    assert "供给里说到：" in page and "纤维" in page
    assert f'href="/investors/{people.beidou.organization_id}"' not in page


def test_in_a_directory_names_stand_before_what_is_offered(matched: Scene, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.beidou.organization_id).name = "碳纤维产业基金"
        session.flush()
    page = directory_page(sign_in(people.qingtian), "碳纤维")

    first, second = (page.index(f'href="/investors/{who.organization_id}"') for who in (people.beidou, people.yuanshan))
    assert first < second
    assert directory_page(sign_in(people.qingtian), "yuanshna").count('href="/investors/') == 1


@pytest.mark.parametrize("why", ["closed", "blocked", "words that are not there", "a visitor of the mentors"])
def test_a_directory_shows_nobody_for_an_offer_that_the_reader_need_not_find(
    why: str, matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    """The control is the test before."""
    with unit_of_work() as session:
        if why == "closed":
            session.get_one(Offer, matched.offer_id).state = OfferState.PAUSED
        if why == "blocked":
            session.add(
                OrganizationRelation(
                    from_id=people.qingtian.organization_id, to_id=people.yuanshan.organization_id,
                    kind=RelationKind.BLOCKED, since=utcnow().date(),
                )
            )  # fmt: skip
    if why.startswith("a visitor"):
        asked: list[str] = []
        was, SUITING.owners = SUITING.owners, lambda session, kind, typed: asked.append(typed) or {}
        try:
            sign_in(people.qingtian).application.test_client().get("/mentors", query_string={"q": "碳纤维"})
        finally:
            SUITING.owners = was
        assert asked == []
        return

    page = directory_page(sign_in(people.qingtian), "畜牧养殖" if why.startswith("words") else "碳纤维 复合材料")

    assert f'href="/investors/{people.yuanshan.organization_id}"' not in page


def published(organization_id: int, model: type[Profile], **said: Any) -> None:
    """The profile of an organization, published with these words."""
    with unit_of_work() as session:
        profile = session.scalars(select(model).where(model.organization_id == organization_id)).one_or_none()
        profile = profile or model(organization_id=organization_id)
        session.add(profile)
        profile.state = ProfileState.PUBLISHED
        for name, value in said.items():
            setattr(profile, name, value)


@pytest.mark.parametrize(
    ("path", "model", "whose"),
    [("/enterprises", EnterpriseProfile, "xinghe"), ("/carriers", CarrierProfile, "binjiang")],
)
def test_firms_and_carriers_are_found_by_what_they_say_in_public(
    path: str, model: type[Profile], whose: str, matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    found, typed = getattr(people, whose).organization_id, "钙钛矿电池"
    client = sign_in(people.yuanshan)
    published(found, model, one_liner="做钙钛矿太阳能电池的量产设备")

    page = directory_page(client, typed, path)

    assert page.count(f'href="{path}/') == 1 and f'href="{path}/{found}"' in page
    assert "介绍里说到：" in page and "<mark>电池</mark>" in page
    with unit_of_work() as session:
        session.scalars(select(model).where(model.organization_id == found)).one().state = ProfileState.DRAFT
    assert f'href="{path}/{found}"' not in directory_page(client, typed, path)  # at once, though it was read before


def test_a_firm_is_found_by_its_field_and_not_by_what_it_asks_for(
    matched: Scene, people: Cast, sign_in: SignIn
) -> None:
    firm = people.xinghe.organization_id
    published(firm, EnterpriseProfile, one_liner="", industries=["new_materials"], lead_industry="new_materials")
    with unit_of_work() as session:
        for need in session.scalars(select(Need).where(Need.organization_id == firm)):
            need.teaser = "想找懂量子计算的投资人"

    assert f'href="/enterprises/{firm}"' in directory_page(sign_in(people.yuanshan), "新材料", "/enterprises")
    assert f'href="/enterprises/{firm}"' not in directory_page(sign_in(people.yuanshan), "量子计算", "/enterprises")
