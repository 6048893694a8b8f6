"""What visitors find: the front page, the guides in both languages, pictures to share, what search engines read."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient
from PIL import Image

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.console.public import front, guides
from matchhub.core import cards
from matchhub.core.cards import Card
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.installation import required
from matchhub.core.web import App
from matchhub.events.enums import Audience
from matchhub.events.models import Event
from matchhub.oversight.queries.public import public_figures
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import MentorProfile
from tests import cast
from tests.architecture.test_templates import inline_in
from tests.cast import Cast
from tests.integration.events.conftest import salon
from tests.integration.pairs import actor
from tests.journeys import guide_pictures

SignIn = Callable[[Membership], FlaskClient]
EVERY_GUIDE = [(role, locale) for role in guides.GUIDES for locale in guides.LOCALES]


@pytest.fixture
def visitor(app: App) -> FlaskClient:
    app.extensions.pop(front.KEPT, None)
    return app.test_client()


def firms(number: int, *, days_ago: int = 3) -> None:
    """So many verified firms beside the cast."""
    with unit_of_work():
        for one in range(number):
            membership = cast.member(
                f"more{one}", OrganizationKind.ENTERPRISE, f"鄂州第{one}号科技有限公司", "", "420704", Role.OWNER
            )
            organization = db.session.get_one(Organization, membership.organization_id)
            organization.verified_at = utcnow() - timedelta(days=days_ago)


def public_mentor(people: Cast, **facts: object) -> int:
    """顾川 with a published profile; the id of the organization."""
    organization_id = people.mentor.organization_id
    with unit_of_work() as session:
        session.add(
            MentorProfile(organization_id=organization_id, state=ProfileState.PUBLISHED, **{"topics": [], **facts})
        )
    return organization_id


def figures(page: str) -> list[str]:
    return [" ".join(found.split()) for found in re.findall(r'class="stat-label">([^<]+)<', page)]


def test_the_doors_lead_to_registration_with_the_kind_chosen(visitor: FlaskClient) -> None:
    page = visitor.get("/").text

    for kind in ("enterprise", "investor", "bank", "mentor", "carrier"):
        assert f"/registration?kind={kind}" in page
        form = visitor.get(f"/registration?kind={kind}").text
        assert re.search(rf'value="{kind}"[^>]*(checked|selected)|(checked|selected)[^>]*value="{kind}"', form), kind


def test_a_figure_is_rounded_and_dated(people: Cast, visitor: FlaskClient) -> None:
    firms(11)
    page = visitor.get("/").text
    yesterday = city_date(utcnow()) - timedelta(days=1)

    assert figures(page) == ["已核验的企业"]
    assert "约 10" in page
    assert f"截至 {yesterday.year}年{yesterday.month}月{yesterday.day}日" in page


def test_small_figures_are_left_out(people: Cast, visitor: FlaskClient) -> None:
    firms(9)

    assert figures(visitor.get("/").text) == []


def test_what_came_today_does_not_count_yet(people: Cast, visitor: FlaskClient) -> None:
    firms(11, days_ago=0)

    assert figures(visitor.get("/").text) == []
    assert [figure.count for figure in public_figures(db.session(), utcnow() + timedelta(days=2))] == [10]


def test_a_block_that_fails_is_left_out(people: Cast, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    public_mentor(people)
    monkeypatch.setattr(front, "public_figures", lambda session, now: session.connection().exec_driver_sql("nonsense"))
    page = visitor.get("/")

    assert page.status_code == 200
    assert figures(page.text) == []
    assert "顾川" in page.text  # the blocks after it still have a database


def test_a_mentor_who_opts_out_is_gone_at_the_next_look(people: Cast, visitor: FlaskClient) -> None:
    organization_id = public_mentor(people)
    addresses = ("/", "/sitemap.xml")
    assert all("顾川" in visitor.get("/").text for _ in range(2))
    assert f"/mentors/{organization_id}<" in visitor.get("/sitemap.xml").text
    assert visitor.get(f"/share-cards/mentors/{organization_id}.png").status_code == 200
    with unit_of_work() as session:
        session.query(MentorProfile).one().hides_from_public = True

    assert [
        a for a in addresses if "顾川" in visitor.get(a).text or f"/mentors/{organization_id}<" in visitor.get(a).text
    ] == []
    assert visitor.get(f"/share-cards/mentors/{organization_id}.png").status_code == 404


def test_no_other_organization_has_a_card(people: Cast, visitor: FlaskClient) -> None:
    for membership in (people.xinghe, people.yuanshan, people.bank):
        assert visitor.get(f"/share-cards/mentors/{membership.organization_id}.png").status_code == 404


def test_an_unchanged_front_page_is_not_sent_again(visitor: FlaskClient) -> None:
    first = visitor.get("/")
    again = visitor.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert visitor.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_whoever_signs_in_does_not_get_the_kept_front_page(people: Cast, visitor: FlaskClient, sign_in: SignIn) -> None:
    tag = visitor.get("/").headers["ETag"]
    home = sign_in(people.xinghe).get("/", headers={"If-None-Match": tag})

    assert home.status_code == 200
    assert home.headers["Cache-Control"] == "no-store"


def test_the_foot_names_who_is_answerable(app: App, visitor: FlaskClient) -> None:
    with unit_of_work() as session:
        site = required(session)
        site.icp, site.police_record, site.site_code = "鄂ICP备00000001号", "鄂公网安备 00000000000001号", "4207000001"
        site.host_unit, site.contact = "某某局", "0711-0000000"
    page = visitor.get("/").text

    for words in ("鄂ICP备00000001号", "鄂公网安备 00000000000001号", "4207000001", "某某局", "0711-0000000"):
        assert words in page
    for address in ("/terms", "/privacy", "/accessibility", "/help"):
        assert f'href="{address}"' in page
        assert visitor.get(address).status_code == 200


def test_a_link_to_the_front_page_has_a_title_and_a_picture(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    image = re.search(r'property="og:image" content="([^"]+)"', page)
    assert image
    picture = Image.open(io.BytesIO(visitor.get(urlsplit(image[1]).path).data))

    assert picture.size == (1080, 1440)
    assert picture.format == "PNG"
    assert 'property="og:title"' in page
    assert 'rel="canonical"' in page


def test_a_card_is_drawn_once(visitor: FlaskClient) -> None:
    cards.drawn.cache_clear()
    first = visitor.get("/share-cards/home.png")
    again = visitor.get("/share-cards/home.png", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert cards.drawn.cache_info().misses == 1
    assert len(first.data) < 200_000


def test_a_card_takes_names_of_any_length() -> None:
    card = Card(
        "汇配", "鄂州市", "很长的名字" * 60, "word " * 200, ("一" * 300,), "扫码", "https://m.example/mentors/1"
    )

    assert Image.open(io.BytesIO(cards.drawn(card))).size == (1080, 1440)


@pytest.mark.parametrize(
    ("text", "most", "lines"),
    [
        ("", 2, []),
        ("一二三四五六七", 2, ["一二三四五", "六七"]),
        ("one two three", 3, ["one", "two", "three"]),
        ("一二三四五六七八九十一二", 2, ["一二三四五", "六七八九…"]),
    ],
)
def test_lines_break_where_they_may(text: str, most: int, lines: list[str]) -> None:
    assert cards.folded(text, lambda part: len(part) <= 5, most) == lines


def test_search_engines_read_public_pages_only(people: Cast, visitor: FlaskClient) -> None:
    robots = visitor.get("/robots.txt")
    listed = [urlsplit(found).path for found in re.findall("<loc>([^<]+)</loc>", visitor.get("/sitemap.xml").text)]

    assert robots.mimetype == "text/plain"
    assert "Disallow: /\n" in robots.text
    assert "/sitemap.xml" in robots.text
    assert {visitor.get(path).status_code for path in listed} == {200}
    assert "/help/enterprise" in listed


@pytest.mark.parametrize(("role", "locale"), EVERY_GUIDE)
def test_every_role_has_a_guide_whose_links_and_pictures_are_there(
    role: str, locale: str, visitor: FlaskClient
) -> None:
    visitor.set_cookie("locale", locale)
    page = visitor.get(f"/help/{role}")

    assert page.status_code == 200
    assert not re.search(r'"(page|guide|picture):', page.text)
    assert inline_in(page.text) == []
    body = page.text.split("<main", 1)[1].split("</main>", 1)[0]
    for address in set(re.findall(r'(?:href|src)="(/[^"#]*)', body)):
        assert visitor.get(unquote(address.replace("&amp;", "&"))).status_code in (200, 302), address
    for anchor in re.findall(r'href="#([^"]+)"', body):
        assert f'id="{anchor}"' in page.text


@pytest.mark.parametrize("role", [*guides.GUIDES, "accessibility"])
def test_both_languages_tell_of_the_same_tasks(role: str) -> None:
    chinese, english = (guides.guide(role, locale) for locale in guides.LOCALES)

    assert [part.anchor for part in chinese.parts] == [part.anchor for part in english.parts]
    assert re.findall(r"(?:page|guide|picture):[\w.#-]+", "".join(p.html for p in chinese.parts)) == re.findall(
        r"(?:page|guide|picture):[\w.#-]+", "".join(p.html for p in english.parts)
    )
    assert not re.search("[一-鿿]", "".join(p.html + p.title for p in english.parts))
    assert 3 <= len(chinese.parts) <= 6


def test_a_guide_that_there_is_not_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/help/pilot").status_code == 404
    assert visitor.get("/help/accessibility").status_code == 404


def test_words_are_found_in_the_guides_and_nonsense_is_not(visitor: FlaskClient) -> None:
    visitor.set_cookie("locale", "en")
    found = visitor.get("/help?q=withdraw").text

    assert "/help/enterprise#consent" in found
    assert "Nothing found" in visitor.get("/help?q=zebra").text
    assert "Nothing found" not in found
    assert visitor.get("/help", query_string={"q": "<script>alert(1)"}).text.count("<script>alert") == 0


@pytest.mark.parametrize(
    ("who", "guide"),
    {"xinghe": "enterprise", "bank": "bank", "binjiang": "carrier", "echeng": "officers", "city": "officers",
     "administrator": "administrator", "auditor": "auditor"}.items(),
)  # fmt: skip
def test_ones_own_guide_is_marked_and_linked_from_the_menu(who: str, guide: str, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(getattr(people, who))
    page = client.get("/help").text

    assert re.search(rf'id="{guide}">\s*<div class="card-head">\s*<h2[^>]*>[^<]*你的身份', page)
    assert page.count("你的身份") == 1
    assert 'class="menu-item" href="/help"' in page


def test_the_pictures_of_the_guides_are_small_and_all_there() -> None:
    wanted = {f"{name}-{locale}.webp" for name in guide_pictures.names() for locale in guides.LOCALES}
    there = {path.name: path.stat().st_size for path in guide_pictures.SHOWN.glob("*")}

    assert set(there) == wanted
    assert max(there.values()) <= guide_pictures.MOST_BYTES


def test_wechat_gets_every_public_page(visitor: FlaskClient) -> None:
    wechat = {
        "User-Agent": "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/86.0 XWEB/4317 MicroMessenger/8.0.30"
    }

    for path in ("/", "/mentors", "/help", "/help/mentor", "/session", "/registration"):
        assert visitor.get(path, headers=wechat).status_code == 200


def test_the_front_page_shows_the_next_three_public_events(people: Cast, visitor: FlaskClient) -> None:
    host, now = actor(people.binjiang), utcnow()
    ids = [salon(host, starts_at=now + timedelta(days=days)) for days in (30, 24, 26, 28, 22)]
    with unit_of_work() as session:
        session.get_one(Event, ids[1]).audience = Audience.INVITED

    page = visitor.get("/").text

    assert re.findall(r'href="/events/(\d+)"', page) == [str(ids[number]) for number in (4, 2, 3)]
    assert "登录或注册后报名" in visitor.get("/events").text
