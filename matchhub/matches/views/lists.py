"""The lists of suggestions: one per need or offer, and the progress while one is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, requires
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import lists, runs
from matchhub.matches.queries.pushes import pushed_to
from matchhub.matches.views.blueprint import bp
from matchhub.matches.views.counters import compare_more
from matchhub.matches.views.showing import failing_offers, list_page, title_of
from matchhub.matches.views.wording import about

ENDED = 286
NEWEST = 3  # offers whose lists are looked through for the next one


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


@dataclass(frozen=True, slots=True)
class Choice:
    """A need or offer whose list can be looked at."""

    subject: Any

    @property
    def name(self) -> str:
        return title_of(self.subject)

    @property
    def url(self) -> str:
        key = "need" if isinstance(self.subject, Need) else "offer"
        return url_for("matches.suggestions", **{key: self.subject.id})


def own_choices(needs: Sequence[Need], offers: Sequence[Offer]) -> dict[PairingKind, list[Choice]]:
    """The own open needs and offers by kind, in the order of the kinds."""
    held = [Choice(subject) for subject in (*needs, *offers)]
    grouped = {kind: [choice for choice in held if choice.subject.kind is kind] for kind in PairingKind}
    return {kind: choices for kind, choices in grouped.items() if choices}


def found_in_words(choices: Mapping[PairingKind, Sequence[Choice]]) -> dict[int, str]:
    """What each list holds, rounded as every count of others is; by the number of the need or offer (one page has one side)."""
    subjects = [choice.subject for held in choices.values() for choice in held]
    if not subjects:
        return {}
    ids = [subject.id for subject in subjects]
    counts = lists.found_counts(db.session(), side_of(subjects[0]), ids)
    return {subject_id: _counted(counts.get(subject_id)) for subject_id in ids}


def _counted(found: tuple[int, int] | None) -> str:
    if found is None:
        return gettext("正在比较")
    fits, may_fit = found
    told = [gettext("%(count)s符合", count=about(fits))] if fits else []
    told += [gettext("%(count)s可能符合", count=about(may_fit))] if may_fit else []
    return gettext("，").join(told) or gettext("暂时没有合适的")


@bp.get("/suggestions")
@requires(POLICY, Permission.VIEW_LISTS)
def suggestions() -> ResponseReturnValue:
    actor, session, now = current_actor(), db.session(), utcnow()
    subject = subject_asked(actor)
    if subject is None and (request.args.get("need") or request.args.get("offer")):
        abort(404)
    choices = own_choices(lists.own_open_needs(session, actor), lists.own_open_offers(session, actor))
    if subject is None and [len(held) for held in choices.values()] == [1]:
        subject = next(iter(choices.values()))[0].subject
    if subject is None:
        return render_template("matches/chooser.html", choices=choices, found=found_in_words(choices))
    page = list_page(actor, side_of(subject), subject, now=now)
    first = next((row for _, rows in page.sections for row in rows), None)
    pushed = pushed_to(session, subject.id) if isinstance(subject, Need) else []
    return render_template("matches/suggestions.html", page=page, choices=choices, first=first, pushed=pushed)


@bp.get("/suggestions/next")
@requires(POLICY, Permission.VIEW_LISTS)
def next_suggestion() -> ResponseReturnValue:
    """The best row that nobody has answered yet, for whoever offers: what 今日 loads to be decided on there."""
    actor, now = current_actor(), utcnow()
    for offer in lists.own_open_offers(db.session(), actor)[:NEWEST]:
        page = list_page(actor, Side.OFFER, offer, now=now, filters={})
        row = next((row for _, rows in page.sections for row in rows if row.feedback is None), None)
        if row is not None:
            return render_template("matches/next.html", row=row, is_scored=page.recipe.is_scored)
    return render_template("matches/next.html", row=None, is_scored=False)


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
    # The end brings the list where there was none, and offers it where one is being read. A page that reloads itself would
    # cut off what its reader has just pressed.
    subject = subject_asked(current_actor())
    if subject is None:
        abort(404)
    run = runs.latest_run(db.session(), side_of(subject), subject)
    is_under_way = runs.is_under_way(run)
    body = render_template(
        "matches/progress.html", run=run, is_under_way=is_under_way, list_url=Choice(subject).url,
        is_read="read" in request.args,
    )  # fmt: skip
    return body, 200 if is_under_way else ENDED


@bp.get("/suggestions/print")
@requires(POLICY, Permission.VIEW_LISTS)
def printed() -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    subject = subject_asked(actor)
    if subject is None:
        abort(404)
    page = list_page(actor, side_of(subject), subject, now=now)
    return render_template("matches/printed.html", page=page, printed_at=now)
