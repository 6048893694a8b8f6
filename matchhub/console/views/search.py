"""The search box of every page."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchhub.console.policy import Permission, POLICY
from matchhub.console.queries import search as queries
from matchhub.console.views.blueprint import bp
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, requires
from matchhub.introductions.enums import IntroductionState
from matchhub.profiles.queries import DIRECTORIES


@bp.app_context_processor
def search_address() -> dict[str, Any]:
    """Where the layout's box leads, and what stands in it on the page of results."""
    on_results = request.endpoint == "console.search"
    return {
        "search_url": url_for("console.search"),
        "search_text": request.args.get("q", "")[: queries.LONGEST] if on_results else "",
    }


@bp.get("/search")
@requires(POLICY, Permission.SEARCH)
def search() -> ResponseReturnValue:
    typed, actor = request.args.get("q", "").strip()[: queries.LONGEST], current_actor()
    found = queries.found(db.session(), actor, typed, locale=locale_code(), now=utcnow())
    return render_template(
        "console/search.html", typed=typed, found=found, each=queries.EACH, directories=DIRECTORIES,
        states=IntroductionState, is_verified=actor.organization_verified,
    )  # fmt: skip
