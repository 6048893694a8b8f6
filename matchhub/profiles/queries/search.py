"""Organizations by what somebody typed into the search box, a few of each kind."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import load_only, Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.pinyin import BETWEEN, search_words
from matchhub.core.policy import Actor
from matchhub.profiles.models import Profile
from matchhub.profiles.queries.directory import among, blocked_by, FEW, LONGEST_SEARCH, misspelt, named
from matchhub.profiles.queries.kinds import DIRECTORIES

WITH_NAMES = select(Organization).options(load_only(*NAMED, Organization.sort_key, Organization.search_text))
EACH = 5
SORTED = 200


def found_organizations(session: Session, actor: Actor, text: str) -> dict[OrganizationKind, list[Organization]]:
    """kind → at most `EACH` + 1 of it, those whose name begins with `text` first, then by name.

    One more than is shown tells that the directory has more. Without those that the actor has blocked. One pass over the names
    that the index leaves, where at most `SORTED` fit; where more do, another query walks the names of each kind and stops early.
    Where no name holds what was typed, those nearest to it as a misspelling.
    """
    typed = text.strip()[:LONGEST_SEARCH]
    forms = search_words(typed)
    if not forms:
        return {}
    conditions = [*(among(session, typed, most=FEW) or ()), *_listed(actor, named(typed))]
    rows = list(session.scalars(WITH_NAMES.where(*conditions).limit(SORTED + 1)))
    if len(rows) > SORTED:
        rows = list(_first_of_each(session, conditions))
    if not rows and (near := misspelt(session, typed, DIRECTORIES)):
        rows = list(session.scalars(WITH_NAMES.where(*_listed(actor, Organization.id.in_(near)))))
    rows.sort(key=lambda row: (not _begins(row, forms), row.sort_key, row.id))
    found: dict[OrganizationKind, list[Organization]] = {kind: [] for kind in DIRECTORIES}
    for row in rows:
        if len(found[row.kind]) <= EACH:
            found[row.kind].append(row)
    return {kind: few for kind, few in found.items() if few}


def _begins(row: Organization, forms: Sequence[str]) -> bool:
    return any(BETWEEN + form in row.search_text for form in forms)


def _listed(actor: Actor, condition: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    return [
        Organization.kind.in_(DIRECTORIES),
        Organization.status == OrganizationStatus.VERIFIED,
        condition,
        Organization.id.not_in(blocked_by(actor)),
        select(Profile.id).where(Profile.organization_id == Organization.id).exists(),
    ]


def _first_of_each(session: Session, conditions: list[Any]) -> Sequence[Organization]:
    parts = [
        select(Organization.id)
        .where(Organization.kind == kind, *conditions)
        .order_by(Organization.sort_key, Organization.id)
        .limit(EACH + 1)
        .subquery()
        for kind in DIRECTORIES
    ]
    ids = union_all(*(select(part.c.id) for part in parts))
    return session.scalars(WITH_NAMES.where(Organization.id.in_(ids))).all()
