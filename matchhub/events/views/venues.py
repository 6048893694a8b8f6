"""The own houses and rooms."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import tell_apart
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.forms import RoomForm, VenueForm
from matchhub.events.models import Venue
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_venue
from matchhub.events.views.blueprint import bp


@bp.get("/venues")
@requires(POLICY, Permission.KEEP_VENUE)
def venues() -> ResponseReturnValue:
    return _page(VenueForm(formdata=None))


@bp.post("/venues")
@requires(POLICY, Permission.KEEP_VENUE)
def add_venue() -> ResponseReturnValue:
    form = VenueForm()
    with refusals_on(form):
        if form.validate():
            services.add_venue(**form.words, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(form), 422
    flash(_("场地已登记，再加房间"), "success")
    return redirect(url_for(".venues"))


@bp.post("/venues/<int:venue_id>/rooms")
@requires(POLICY, Permission.KEEP_VENUE, load=own_venue)
def add_room(venue: Venue) -> ResponseReturnValue:
    form = RoomForm()
    with refusals_on(form):
        if form.validate():
            services.add_room(
                venue, name=form.name.data or "", name_en=form.name_en.data or "", capacity=form.capacity.data or 0,
                actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return _page(VenueForm(formdata=None), adding=(venue.id, form)), 422
    flash(_("房间已登记"), "success")
    return redirect(url_for(".venues"))


def _page(form: VenueForm, adding: tuple[int, RoomForm] | None = None) -> str:
    rows = queries.venues_of(db.session(), current_actor().organization_id or 0)
    fresh = {venue.id: RoomForm(formdata=None) for venue in rows}
    tell_apart({"venue": form} | {f"room{venue_id}": one for venue_id, one in fresh.items()})
    return render_template(
        "events/venues.html", venues=rows, venue_form=form, fresh=fresh, adding_to=adding[0] if adding else 0,
        room_form=adding[1] if adding else RoomForm(formdata=None),
    )  # fmt: skip
