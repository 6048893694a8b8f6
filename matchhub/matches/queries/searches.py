"""Lists that can be searched again: what each can say of a saved filter, and the searches that somebody saved.

One mechanism for all: a list has a code, a path and a function that counts what is new on it for a reader and a filter.
`wiring.py` registers the lists.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import db
from matchhub.core.digests import Span
from matchhub.core.policy import Actor
from matchhub.matches.enums import Alert
from matchhub.matches.models import SavedSearch

NOT_KEPT = frozenset({"page", "format", "csrf_token"})
LONGEST_QUERY = 400
HOUR = 8
Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SearchableList:
    """A list whose filter can be saved."""

    code: str
    label: str  # msgid
    path: str
    allows: Callable[[Actor], bool]
    new_on_it: Callable[[Actor, Query, Span], int]


@dataclass(slots=True)
class Lists:
    """The lists by their codes: filled by `wiring.py`."""

    by_code: dict[str, SearchableList] = field(default_factory=dict)

    def add(self, *lists: SearchableList) -> None:
        for item in lists:
            self.by_code[item.code] = item


LISTS = Lists()


def normal_query(text: str) -> str:
    """A filter as it is kept: without the page, without what is empty, in a fixed order; '' for what is too long."""
    pairs = {(key, value) for key, value in parse_qsl(text.lstrip("?")) if key not in NOT_KEPT}
    query = urlencode(sorted(pairs))
    return query if len(query) <= LONGEST_QUERY else ""


def query_of(search: SavedSearch) -> Query:
    """The filter as names and values."""
    return dict(parse_qsl(search.query))


def address_of(search: SavedSearch) -> str:
    """Where the list stands, filtered; '' where the list is gone."""
    listed = LISTS.by_code.get(search.list_code)
    if listed is None:
        return ""
    return f"{listed.path}?{search.query}" if search.query else listed.path


def searches_of(session: Session, actor: Actor) -> Sequence[SavedSearch]:
    """What the actor has saved as a member of the present organization, newest first."""
    return session.scalars(
        select(SavedSearch)
        .where(SavedSearch.user_id == actor.user_id, SavedSearch.organization_id == actor.organization_id)
        .order_by(SavedSearch.id.desc())
    ).all()


def own_search(actor: Actor, search_id: int) -> SavedSearch | None:
    """A search that the actor saved as a member of the present organization."""
    return db.session.scalar(
        select(SavedSearch).where(
            SavedSearch.id == search_id,
            SavedSearch.user_id == actor.user_id,
            SavedSearch.organization_id == actor.organization_id,
        )
    )


def due_searches(session: Session, *, now: datetime, limit: int = 500) -> Sequence[SavedSearch]:
    """Searches whose time to be looked through has come, the longest unlooked first."""
    due = [and_(SavedSearch.alert == alert, SavedSearch.checked_at < since) for alert, since in _since(now).items()]
    statement = select(SavedSearch).where(or_(*due)).order_by(SavedSearch.checked_at, SavedSearch.id)
    return session.scalars(statement.limit(limit)).all()


def _since(now: datetime) -> dict[Alert, datetime]:
    """By alert: who was looked through before this moment is due."""
    local = now.astimezone(CITY_ZONE)
    today = datetime.combine(local.date(), time(HOUR), CITY_ZONE)
    morning = today if local >= today else today - timedelta(days=1)
    monday = morning - timedelta(days=morning.weekday())
    return {Alert.AT_ONCE: now, Alert.DAILY: morning, Alert.WEEKLY: monday}
