"""Organizations by what somebody typed into the search box, a few of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, ColumnElement, Integer, or_, Row, select, String, union_all
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.name_index import holds
from matchhub.core.pinyin import BETWEEN, search_words
from matchhub.core.policy import Actor
from matchhub.profiles.models import Profile
from matchhub.profiles.queries.directory import among, blocked, FEW, LONGEST_SEARCH, looked_for, misspelt, named
from matchhub.profiles.queries.kinds import DIRECTORIES

LISTED: tuple[ColumnElement[bool], ...] = (
    Organization.kind.in_(DIRECTORIES),
    Organization.status == OrganizationStatus.VERIFIED,
    Organization.id.not_in(blocked(bindparam("own", type_=Integer))),
    select(Profile.id).where(Profile.organization_id == Organization.id).exists(),
)
NAMES: Any = select(
    Organization.id, Organization.kind, Organization.name, Organization.name_en, Organization.region_code,
    Organization.district_code, Organization.sort_key, Organization.search_text,
)  # fmt: skip
WITH_NAMES = NAMES.where(*LISTED)
EACH = 5
SORTED = 200


@dataclass(frozen=True, slots=True)
class FoundOrganization:
    """An organization as a line of results shows it."""

    id: int
    kind: OrganizationKind
    name: str
    name_en: str
    region_code: str | None
    district_code: str | None


def found_organizations(session: Session, actor: Actor, text: str) -> dict[OrganizationKind, list[FoundOrganization]]:
    """kind → at most `EACH` + 1 of it, those whose name begins with `text` first, then by name.

    One more than is shown tells that the directory has more. Without those that the actor has blocked. One pass over the names
    that the index leaves, where at most `SORTED` fit; where more do, another query walks the names of each kind and stops early,
    and so it does at once where the index leaves more than `FEW`. Where no name holds what was typed, those nearest to it as a
    misspelling.
    """
    typed = text.strip()[:LONGEST_SEARCH]
    forms = search_words(typed)
    if not forms:
        return {}
    own = {"own": actor.organization_id or 0}
    few = among(session, typed, most=FEW)
    rows = [] if few is None else session.execute(WITH_NAMES.where(*few, named(typed)).limit(SORTED + 1), own).all()
    if few is None or len(rows) > SORTED:
        sought = {f"form_{place}": looked_for(form) for place, form in enumerate(forms)}
        rows = session.execute(_first_of_each(len(forms)), own | sought).all()
    if not rows and (near := misspelt(session, typed, DIRECTORIES)):
        rows = session.execute(WITH_NAMES.where(Organization.id.in_(near)), own).all()
    found: dict[OrganizationKind, list[FoundOrganization]] = {kind: [] for kind in DIRECTORIES}
    for row in sorted(rows, key=lambda row: (not _begins(row, forms), row.sort_key, row.id)):
        if len(found[row.kind]) <= EACH:
            found[row.kind].append(_found(row))
    return {kind: few for kind, few in found.items() if few}


def _found(row: Row[Any]) -> FoundOrganization:
    return FoundOrganization(row.id, row.kind, row.name, row.name_en, row.region_code, row.district_code)


def _begins(row: Row[Any], forms: Sequence[str]) -> bool:
    return any(BETWEEN + form in row.search_text for form in forms)


@cache
def _first_of_each(forms: int) -> Any:
    """The first of each kind whose names hold one of so many forms; put together once."""
    asked = [bindparam(f"form_{place}", type_=String) for place in range(forms)]
    hold = or_(*(holds(Organization.search_text, form) for form in asked))
    parts = [
        select(Organization.id)
        .where(Organization.kind == kind, Organization.status == OrganizationStatus.VERIFIED, hold, *LISTED[2:])
        .order_by(Organization.sort_key, Organization.id)
        .limit(EACH + 1)
        .subquery()
        for kind in DIRECTORIES
    ]
    ids = union_all(*(select(part.c.id) for part in parts))
    # they are listed: asked once more, a database would begin with all that are
    return NAMES.where(Organization.id.in_(ids))
