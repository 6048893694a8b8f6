"""Guides, statements, pictures to share, and what search engines read; the style guide for those who build."""

from flask import Blueprint, current_app, render_template, request, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.enums import OrganizationKind
from matchhub.console.public import guides
from matchhub.core import errors, ui
from matchhub.core.cards import Card, drawn
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, public
from matchhub.profiles import queries as profiles
from matchhub.profiles.models import Profile
from matchhub.profiles.queries import DIRECTORIES
from matchhub.settings import Settings

bp = Blueprint("public", __name__)
HOUR = 3600
MOST_MENTORS = 5_000  # in the sitemap
LISTED = ("console.home", "profiles.mentors", "public.guides_index", "accounts.registration_form", "accounts.terms",
          "accounts.privacy", "public.accessibility")  # fmt: skip


def absolute(path: str) -> str:
    """The address of one of our pages as others must write it."""
    settings: Settings = current_app.extensions["matchhub"]
    return settings.base_url.rstrip("/") + path


@bp.get("/help")
@public("what can be done here, and how, is no secret")
def guides_index() -> ResponseReturnValue:
    text, own = request.args.get("q", ""), guides.guide_of(current_actor())
    found = guides.search(text, ui.locale_code(), own)
    named = [(role, guides.guide(role, ui.locale_code())) for role in guides.GUIDES]
    return render_template(
        "public/guides.html", search_text=text, found=found, named=named, own=own, names=guides.GUIDES
    )


@bp.get("/help/<string:role>")
@public("what can be done here, and how, is no secret")
def guide(role: str) -> ResponseReturnValue:
    if role not in guides.GUIDES:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    found = guides.guide(role, ui.locale_code())
    return render_template("public/guide.html", role=role, guide=found, shown=guides.shown, names=guides.GUIDES)


@bp.get("/accessibility")
@public("how far everybody can use this is for everybody to read")
def accessibility() -> ResponseReturnValue:
    return render_template(
        "public/statement.html", guide=guides.guide("accessibility", ui.locale_code()), shown=guides.shown
    )


@bp.get("/share-cards/home.png")
@public("the front page is public, and this is a picture of it")
def home_card() -> ResponseReturnValue:
    text = _("写清楚要什么，看到合适的机构和理由；双方都同意，才交换联系方式。")
    doors = (_("我要融资"), _("我有资金"), _("我来辅导"))
    title = _("初创企业在这里找到资金和帮手")
    return _card(title, text, doors, url_for("console.home"))


@bp.get("/share-cards/mentors.png")
@public("the directory of mentors is public, and this is a picture of it")
def mentors_card() -> ResponseReturnValue:
    text = _("愿意帮助初创企业的导师，按主题和行业找。")
    return _card(_("导师名录"), text, (), url_for("profiles.mentors"))


@bp.get("/share-cards/mentors/<int:organization_id>.png")
@public("mentors who let themselves be found by everybody can be shared; the others have no picture")
def mentor_card(organization_id: int) -> ResponseReturnValue:
    found = profiles.listed_as(OrganizationKind.MENTOR)(current_actor(), organization_id=organization_id)
    if found is None or not profiles.is_found_by_all(found):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    lines = tuple(
        f"{label}：{words}" if ui.locale_code() == "zh" else f"{label}: {words}" for label, words in _facts(found)
    )
    address = url_for("profiles.mentor", organization_id=organization_id)
    line = profiles.fact_in_words(DIRECTORIES[OrganizationKind.MENTOR].fact("one_liner"), found, {}, ui.locale_code())
    return _card(ui.in_locale(found.organization, "name"), line or _("创业导师"), lines, address)


def _facts(found: Profile) -> list[tuple[str, str]]:
    """What a visitor may read of a mentor, in words, where it is filled in."""
    listed = DIRECTORIES[OrganizationKind.MENTOR]
    facts = [listed.fact(name) for name in ("category", "topics", "industries") if name in listed.public]
    said = [(_(fact.label), profiles.fact_in_words(fact, found, {}, ui.locale_code())) for fact in facts]
    return [(label, words) for label, words in said if words]


def _card(title: str, text: str, lines: tuple[str, ...], path: str) -> Response:
    site = ui.site()
    card = Card(
        product=_(site.product_name) if site else _("汇配"), city=ui.in_locale(site, "city_name") if site else "",
        title=title, text=text, lines=lines, call=_("长按识别，或扫码打开"), address=absolute(path),
    )  # fmt: skip
    response = current_app.response_class(drawn(card), mimetype="image/png")
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/robots.txt")
@public("search engines ask what they may read")
def robots() -> ResponseReturnValue:
    allowed = (
        "/$",
        "/mentors",
        "/help",
        "/terms",
        "/privacy",
        "/accessibility",
        "/registration$",
        "/static/",
        "/share-cards/",
    )
    lines = [
        "User-agent: *",
        *(f"Allow: {path}" for path in allowed),
        "Disallow: /",
        f"Sitemap: {absolute('/sitemap.xml')}",
    ]
    return _for_machines("\n".join(lines) + "\n", "text/plain")


@bp.get("/sitemap.xml")
@public("the list of public pages for search engines")
def sitemap() -> ResponseReturnValue:
    pages: list[tuple[str, str | None]] = [(absolute(url_for(endpoint)), None) for endpoint in LISTED]
    pages += [(absolute(url_for(".guide", role=role)), None) for role in guides.GUIDES]
    pages += [
        (absolute(url_for("profiles.mentor", organization_id=found)), changed.date().isoformat())
        for found, changed in profiles.mentors_found_by_all(db.session(), MOST_MENTORS)
    ]
    return _for_machines(render_template("public/sitemap.xml", pages=pages), "application/xml")


def _for_machines(text: str, media_type: str) -> Response:
    response = current_app.response_class(text, mimetype=media_type)
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    return response
