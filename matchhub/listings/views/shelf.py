"""The shelf of instruments by a firm's stage."""

from flask import render_template
from flask.typing import ResponseReturnValue

from matchhub.core.db import db
from matchhub.core.web import current_actor, requires
from matchhub.listings import queries
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries.shelf import shelves
from matchhub.listings.views.blueprint import bp
from matchhub.profiles.models import EnterpriseProfile
from matchhub.profiles.queries import profile_of


@bp.get("/offers/shelf")
@requires(POLICY, Permission.LIST_OFFERS)
def shelf() -> ResponseReturnValue:
    profile = profile_of(db.session(), current_actor().organization_id)
    own_stage = profile.stage if isinstance(profile, EnterpriseProfile) else None
    return render_template(
        "listings/shelf.html", shelves=shelves(queries.on_the_shelf(db.session())), own_stage=own_stage
    )
