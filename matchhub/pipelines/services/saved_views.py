"""Views that a person keeps under a name. The filters are in the address anyway; this is only the shelf."""

from datetime import datetime

from sqlalchemy import delete

from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.pipelines.models import SavedView
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import boards
from matchhub.pipelines.queries.boards import BoardFilters

MOST = 20
LONGEST = 20


@writes
def save_view(name: str, chosen: BoardFilters, *, is_table: bool, actor: Actor, now: datetime) -> SavedView:
    """Keep filters under a name; the same name is kept anew. Raises Invalid without a name or with too many of them."""
    POLICY.check(Permission.SAVE_VIEW, actor)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        raise errors.Invalid(N_("给视图起个名字，不超过 %(max)s 字"), field="name", max=LONGEST)
    rows = {row.name: row for row in boards.saved_views(db.session(), actor)}
    if name not in rows and len(rows) >= MOST:
        raise errors.Invalid(N_("最多保存 %(most)s 个视图，先删一个"), field="name", most=MOST)
    view = rows.get(name) or SavedView(user_id=actor.user_id, organization_id=actor.organization_id, name=name)
    view.is_table, view.filters = is_table, chosen.query
    db.session.add(view)
    audit.record(actor, "saved_view:save", view)
    return view


@writes
def forget_view(view: SavedView, *, actor: Actor, now: datetime) -> None:
    """Take a view off the shelf; addresses that somebody noted keep working."""
    POLICY.check(Permission.FORGET_VIEW, actor, view)
    audit.record(actor, "saved_view:forget", view)
    db.session.delete(view)


@writes
def forget_views(user_id: int | None, *, now: datetime) -> None:
    """Inside a write: the person is forgotten, and the own views of boards."""
    db.session.execute(delete(SavedView).where(SavedView.user_id == user_id))
