"""The lists of suggestions: one per need or offer, and the progress while one is made."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, requires
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import lists, runs
from matchhub.matches.views.blueprint import bp
from matchhub.matches.views.counters import compare_more
from matchhub.matches.views.showing import failing_offers, list_page

ENDED = 286


def number(name: str) -> int | None:
    """A number of the address; None where it is missing or nonsense."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def subject_asked(actor: Actor) -> Need | Offer | None:
    """The need or offer that the address names, if it is the actor's own."""
    if (need_id := number("need")) is not None:
        return lists.own_need(actor, need_id)
    if (offer_id := number("offer")) is not None:
        return lists.own_offer(actor, offer_id)
    return None


def side_of(subject: Need | Offer) -> Side:
    """Whose list it is."""
    return Side.NEED if isinstance(subject, Need) else Side.OFFER


@bp.get("/suggestions")
@requires(POLICY, Permission.VIEW_LISTS)
def suggestions() -> ResponseReturnValue:
    actor, session, now = current_actor(), db.session(), utcnow()
    subject = subject_asked(actor)
    if subject is None and (request.args.get("need") or request.args.get("offer")):
        abort(404)
    choices: list[Any] = [*lists.own_open_needs(session, actor), *lists.own_open_offers(session, actor)]
    if subject is None and len(choices) == 1:
        subject = choices[0]
    if subject is None:
        return render_template("matches/chooser.html", choices=choices)
    page = list_page(actor, side_of(subject), subject, now=now)
    first = next((row for _, rows in page.sections for row in rows), None)
    return render_template("matches/suggestions.html", page=page, choices=choices, first=first)


@bp.get("/suggestions/remarks")
@requires(POLICY, Permission.VIEW_LISTS)
def remarks() -> ResponseReturnValue:
    """What the matcher has to say below a firm's list, loaded when the list is there: what nearly fits, what to add."""
    now = utcnow()
    need = subject_asked(current_actor())
    if not isinstance(need, Need):
        abort(404)
    failing, adding = failing_offers(need, now=now), compare_more(need, now=now)
    return render_template("matches/remarks.html", need=need, failing=failing, adding=adding)


@bp.get("/suggestions/progress")
@requires(POLICY, Permission.VIEW_LISTS)
def progress() -> ResponseReturnValue:
    subject = subject_asked(current_actor())
    if subject is None:
        abort(404)
    run = runs.latest_run(db.session(), side_of(subject), subject)
    body = render_template("matches/progress.html", run=run)
    return (body, 200) if runs.is_under_way(run) else (body, ENDED, {"HX-Refresh": "true"})


@bp.get("/suggestions/print")
@requires(POLICY, Permission.VIEW_LISTS)
def printed() -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    subject = subject_asked(actor)
    if subject is None:
        abort(404)
    page = list_page(actor, side_of(subject), subject, now=now)
    return render_template("matches/printed.html", page=page, printed_at=now)
