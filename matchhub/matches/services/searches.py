"""Saving a search, how often it tells, and telling."""

from datetime import datetime

from sqlalchemy import delete, update

from matchhub.accounts.models import User
from matchhub.accounts.queries import recipient
from matchhub.core import audit, errors, outbox
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.wishes import Topic
from matchhub.matches.enums import Alert
from matchhub.matches.models import SavedSearch
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries.searches import address_of, LISTS, normal_query, searches_of

MOST_SEARCHES = 20
FOUND = NoticeKind(
    "saved_search_found", N_("「%(name)s」有 %(count)s 条新结果"), N_("打开看看，或在「保存的搜索」里改提醒。"),
    topic=Topic.SEARCHES,
)  # fmt: skip


@writes
def save_search(list_code: str, query: str, *, name: str, alert: Alert, actor: Actor, now: datetime) -> SavedSearch:
    """Keep a filtered list. Raises Forbidden (not a list of this actor's), Invalid (too many, saved already)."""
    POLICY.check(Permission.SAVE_SEARCH, actor)
    listed = LISTS.by_code.get(list_code)
    if listed is None or not listed.allows(actor):
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    kept, wanted = searches_of(db.session(), actor), normal_query(query)
    if any((row.list_code, row.query) == (list_code, wanted) for row in kept):
        raise errors.Invalid(N_("这个搜索已经保存过了"), field="name")
    if len(kept) >= MOST_SEARCHES:
        raise errors.Invalid(N_("最多保存 %(most)s 个搜索，先删一个"), field="name", most=MOST_SEARCHES)
    search = SavedSearch(
        user_id=actor.user_id, organization_id=actor.organization_id, list_code=list_code, query=wanted,
        name=name.strip(), alert=alert, checked_at=now,
    )  # fmt: skip
    db.session.add(search)
    db.session.flush()
    audit.record(actor, "search:save", search, list=list_code)
    return search


@writes
def change_alert(search: SavedSearch, alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Say how often it tells from now on; what was found before is not new. Raises Forbidden."""
    POLICY.check(Permission.KEEP_SEARCH, actor, search)
    if search.alert is Alert.NONE:
        search.checked_at = now
    search.alert = alert
    audit.record(actor, "search:alert", search, alert=alert.value)


@writes
def remove_search(search: SavedSearch, *, actor: Actor, now: datetime) -> None:
    """Forget a search. Raises Forbidden."""
    POLICY.check(Permission.KEEP_SEARCH, actor, search)
    audit.record(actor, "search:remove", search)
    db.session.delete(search)


@writes
def forget_searches(user_id: int | None, *, now: datetime) -> None:
    """Inside a write: the person is forgotten, and what the person looked for."""
    db.session.execute(delete(SavedSearch).where(SavedSearch.user_id == user_id))


@writes
def note_found(search_id: int, count: int, *, checked_at: datetime, now: datetime) -> bool:
    """The search was looked through until `now` and `count` are new: tell its owner, unless another worker did."""
    taken = db.session.execute(
        update(SavedSearch)
        .where(SavedSearch.id == search_id, SavedSearch.checked_at == checked_at)
        .values(checked_at=now)
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount or not count:  # type: ignore[attr-defined]
        return False
    search = db.session.get_one(SavedSearch, search_id, populate_existing=True)
    to = recipient(db.session.get_one(User, search.user_id), search.organization_id)
    values = {"name": search.name, "count": count}
    outbox.enqueue(FOUND, to, about=search, values=values, path=address_of(search)[:300], now=now)
    audit.record(SYSTEM, "search:found", search, count=count)
    return True
