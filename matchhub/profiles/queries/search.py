"""Organizations by what somebody typed into the search box, a few of each kind."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, ColumnElement, not_, select, union_all
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.pinyin import BETWEEN, search_words
from matchhub.core.policy import Actor
from matchhub.profiles.models import Profile
from matchhub.profiles.queries.directory import blocked_by, LONGEST_SEARCH, named
from matchhub.profiles.queries.kinds import DIRECTORIES

EACH = 5


def found_organizations(session: Session, actor: Actor, text: str) -> dict[OrganizationKind, list[Organization]]:
    """kind → at most `EACH` + 1 of it, those whose name begins with `text` first, then by name.

    Two queries, however many are found: each walks the index of names and stops at the last one that it needs. One more
    than is shown tells that the directory has more. Without those that the actor has blocked.
    """
    typed = text.strip()[:LONGEST_SEARCH]
    if not search_words(typed):
        return {}
    begins, contains = _begins_with(typed), named(typed)
    found = _by_kind(session, actor, DIRECTORIES, begins)
    lacking = [kind for kind in DIRECTORIES if len(found.get(kind, ())) <= EACH]
    for kind, more in _by_kind(session, actor, lacking, and_(contains, not_(begins))).items():
        found[kind] = [*found.get(kind, ()), *more][: EACH + 1]
    return {kind: found[kind] for kind in DIRECTORIES if kind in found}


def _begins_with(typed: str) -> ColumnElement[bool]:
    text = Organization.search_text
    first, *others = [text.contains(BETWEEN + form, autoescape=True) for form in search_words(typed)]
    return first if not others else first | others[0]


def _by_kind(
    session: Session, actor: Actor, kinds: Iterable[OrganizationKind], condition: ColumnElement[bool]
) -> dict[OrganizationKind, list[Organization]]:
    parts = [_few(actor, kind, condition) for kind in kinds]
    if not parts:
        return {}
    ids = union_all(*(select(part.c.id) for part in parts))
    rows: Sequence[Organization] = session.scalars(
        select(Organization).where(Organization.id.in_(ids)).order_by(Organization.sort_key, Organization.id)
    ).all()
    found: dict[OrganizationKind, list[Organization]] = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    return found


def _few(actor: Actor, kind: OrganizationKind, condition: ColumnElement[bool]) -> Any:
    return (
        select(Organization.id)
        .where(
            Organization.kind == kind,
            Organization.status == OrganizationStatus.VERIFIED,
            condition,
            Organization.id.not_in(blocked_by(actor)),
            select(Profile.id).where(Profile.organization_id == Organization.id).exists(),
        )
        .order_by(Organization.sort_key, Organization.id)
        .limit(EACH + 1)
        .subquery()
    )
