"""One pair: why, why not, what to add."""

from flask import render_template
from flask.typing import ResponseReturnValue

from matchhub.core.clock import utcnow
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, requires
from matchhub.matches.models import Suggestion
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import lists
from matchhub.matches.queries.lists import Pair
from matchhub.matches.services.feedback import side_of
from matchhub.matches.views.blueprint import bp
from matchhub.matches.views.lists import number
from matchhub.matches.views.showing import pair_page


def pair_asked(actor: Actor) -> Pair | None:
    """The pair that the address names."""
    need_id, offer_id = number("need"), number("offer")
    return None if need_id is None or offer_id is None else lists.pair(actor, need_id, offer_id)


@bp.get("/suggestions/<int:suggestion_id>")
@requires(POLICY, Permission.VIEW_PAIR, load=lists.suggestion)
def show(suggestion: Suggestion) -> ResponseReturnValue:
    actor = current_actor()
    page = pair_page(actor, suggestion, suggestion.side, now=utcnow())
    return render_template("matches/show.html", page=page)


@bp.get("/pairs")
@requires(POLICY, Permission.VIEW_PAIR, load=pair_asked)
def pair(asked: Pair) -> ResponseReturnValue:
    actor = current_actor()
    page = pair_page(actor, asked, side_of(actor, asked.need, asked.offer), now=utcnow())
    return render_template("matches/pair.html", page=page)
