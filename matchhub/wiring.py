"""The one screen that may import every feature: blueprints, places, who listens to which news, notice kinds, jobs."""

from collections.abc import Sequence

from flask import Flask

from matchhub.accounts.views import identity
from matchhub.console import views as console_views
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

BLUEPRINTS = (console_views.bp,)

# --- the five places of each role (PAGES 1) --------------------------------------------------------------------

TODAY = Place(N_("今日"), "home", "console.home")
PLACES: dict[str, tuple[Place, ...]] = {}

# --- notices ---------------------------------------------------------------------------------------------------

NOTICE_KINDS: tuple[outbox.NoticeKind, ...] = ()

# --- jobs of the worker ----------------------------------------------------------------------------------------

JOBS: tuple[Job, ...] = ()


def connect(app: Flask) -> None:
    """Put the features together. Start-up fails here when a kind of pairing lacks its accept handler."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    outbox.KINDS.add(*NOTICE_KINDS)
    listen()
    ui.NAVIGATION.places_of = places_of
    identity.init_app(app)


def listen() -> None:
    """Who hears what, in this order, in the publisher's transaction."""
    news.NEWSROOM.clear()


def places_of(actor: Actor) -> Sequence[Place]:
    """The places of the actor's role; bureau roles by role, the others by the kind of their organization."""
    return PLACES.get(actor.role, ()) or PLACES.get(actor.organization_kind, ())
