"""The one screen that may import every feature: blueprints, places, who listens to which news, notice kinds, jobs."""

from collections.abc import Sequence

from flask import Flask

from matchhub import mail
from matchhub.accounts.views import identity
from matchhub.console import views as console_views
from matchhub.console.administration import views as administration_views
from matchhub.core import dictionaries, ledger, news, outbox, texts, ui
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.ui import Place
from matchhub.matches import models as matches_models
from matchhub.pipelines import models as pipelines_models
from matchhub.profiles import models as profiles_models

# --- tables that nothing else here imports --------------------------------------------------------------------

TABLES = (dictionaries, ledger, texts, profiles_models, matches_models, pipelines_models)

# --- blueprints ------------------------------------------------------------------------------------------------

BLUEPRINTS = (
    console_views.bp,
    administration_views.bp,
)

# --- the five places of each role (PAGES 1) --------------------------------------------------------------------

TODAY = Place(N_("今日"), "home", "console.home")
REVIEWS = Place(N_("审核"), "clipboard-check", "console.review_queue", ("console.review", "console.return_review"))
FIGURES = Place(N_("成效"), "chart-bar", "console.funnel", ("console.funnel_list",))
SUGGESTIONS = Place(N_("推荐"), "bulb", "matches.suggestions", ("matches",))
INTRODUCTIONS = Place(N_("对接"), "message", "introductions.index", ("introductions",))
ENTERPRISES = Place(N_("企业名录"), "building", "profiles.enterprises", ("profiles.enterprise",))
INVESTORS = Place(N_("投资机构"), "coin", "profiles.investors", ("profiles.investor",))
OFFICER = (TODAY, REVIEWS, ENTERPRISES, FIGURES, INTRODUCTIONS)
ADMINISTERED_MEMBERS = tuple(
    f"administration.{name}" for name in ("organization", "new_bureau", "people", "person", "issue_reset_code")
)
ADMINISTERED_RULES = tuple(
    f"administration.{name}"
    for name in ("dictionary", "dictionary_entry", "installation", "texts", "text", "new_text", "publish_text")
)
PLACES: dict[str, tuple[Place, ...]] = {
    "enterprise": (
        TODAY,
        Place(N_("需求"), "clipboard-list", "listings.needs", ("listings",)),
        SUGGESTIONS,
        Place(N_("进展"), "list-check", "pipelines.tracker", ("pipelines", "introductions")),
        INVESTORS,
    ),
    "investor": (
        TODAY,
        SUGGESTIONS,
        Place(N_("交易"), "briefcase", "pipelines.deals", ("pipelines",)),
        Place(N_("意向"), "target", "listings.offers", ("listings",)),
        INTRODUCTIONS,
    ),
    "carrier": (
        TODAY,
        Place(N_("在园企业"), "building", "profiles.residencies", ("profiles.roster",)),
        REVIEWS,
        INTRODUCTIONS,
        FIGURES,
    ),
    "district_officer": OFFICER,
    "city_officer": OFFICER,
    "administrator": (
        Place(N_("概况"), "layout-dashboard", "administration.overview"),
        Place(N_("机构"), "building", "administration.organizations", ADMINISTERED_MEMBERS),
        Place(N_("规则"), "adjustments", "administration.dictionaries", ADMINISTERED_RULES),
        Place(N_("通知"), "mail", "administration.outbox"),
        Place(N_("运行"), "server", "administration.jobs"),
    ),
    "auditor": (TODAY,),
    "visitor": (
        Place(N_("首页"), "home", "console.home"),
        Place(N_("登录"), "user", "accounts.session_form"),
        Place(N_("机构注册"), "plus", "accounts.registration_form", ("accounts.register",)),
    ),
}

# --- notices ---------------------------------------------------------------------------------------------------

NOTICE_KINDS: tuple[outbox.NoticeKind, ...] = ()

# --- jobs of the worker ----------------------------------------------------------------------------------------

JOBS: tuple[Job, ...] = (mail.DELIVERY,)


def connect(app: Flask) -> None:
    """Put the features together. Start-up fails here when a kind of pairing lacks its accept handler."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    outbox.KINDS.add(*NOTICE_KINDS)
    app.extensions["matchhub_jobs"] = JOBS
    listen()
    ui.NAVIGATION.places_of = places_of
    identity.init_app(app)


def listen() -> None:
    """Who hears what, in this order, in the publisher's transaction."""
    news.NEWSROOM.clear()


def places_of(actor: Actor) -> Sequence[Place]:
    """The places of the actor's role; bureau roles by role, the others by the kind of their organization."""
    if not actor.is_known:
        return PLACES["visitor"]
    return PLACES.get(actor.role, ()) or PLACES.get(actor.organization_kind, (TODAY,))
