"""Firms and carriers by what their published profiles say to every member: typed words read as a need, as in the search box.

A directory shows a firm's field and its one line; what it asks for is confidential and is not read here.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine.searching import ANSWERS_KEPT, named_codes, spoken
from matchhub.matches.engine.store import store
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile

if TYPE_CHECKING:
    from matchhub.matcher import Matcher, Table
    from matchhub.matcher.searching import Answer
    from matchhub.matches.engine.scorer import Scorer

KINDS_THAT_SAY = frozenset({OrganizationKind.ENTERPRISE, OrganizationKind.CARRIER})
MOST = 50
MOST_READ = 20_000
"""Profiles that are read: a larger city finds its firms by name and by field, not by their words."""
LEARNED_SECONDS = 3600
"""For so long the words that profiles use are not learned anew; new texts are read with those."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the published profiles of a kind say, who can read it since when, and what was answered from it; gone together."""

    profiles: Table
    reader: Matcher
    since: float
    answers: dict[Hashable, list[Answer]] = field(default_factory=dict)


def who_says(session: Session, kind: OrganizationKind, typed: str) -> dict[int, tuple[str, ...]]:
    """Organization id → the words that its profile shares with what was typed, best first; for verified members.

    Nobody while the matcher, which can read, is not loaded. Whoever is not published any more is left out now.
    """
    from matchhub.matcher.searching import answering  # noqa: PLC0415 -- the matcher is imported late

    scorer = store(session, PairingKind.EQUITY).scorer()
    if scorer is None or not typed.strip():
        return {}
    said, fields = _said(scorer, session, kind), named_codes(session, "industries", typed)
    answers = said.answers.get(typed)
    if answers is None:
        answers = answering(said.reader, spoken(typed, {"industries": fields}), said.profiles, MOST)
        if len(said.answers) < ANSWERS_KEPT:
            said.answers[typed] = answers
    found = {said.profiles.ids[one.row]: one.words for one in answers}
    asked = select(Profile.organization_id).where(
        Profile.organization_id.in_(found), Profile.state == ProfileState.PUBLISHED
    )
    still = set(session.scalars(asked)) if found else set()
    return {organization: words for organization, words in found.items() if organization in still}


def _said(scorer: Scorer, session: Session, kind: OrganizationKind) -> Said:
    from matchhub.matcher.searching import well_read  # noqa: PLC0415 -- the matcher is imported late

    def read(last: Said | None) -> Said:
        fresh = _read(session, kind)
        if last is None or time.monotonic() - last.since > LEARNED_SECONDS:
            return Said(fresh, well_read(scorer.matcher, fresh), time.monotonic())
        table = last.reader.renewed(last.profiles, fresh)
        return last if table is last.profiles else Said(table, last.reader, last.since)

    found: Said = scorer.kept_on(f"said by {kind.value}", read)
    return found


def _read(session: Session, kind: OrganizationKind) -> Table:
    from matchhub.matcher import Table  # noqa: PLC0415 -- the matcher is imported late

    asked = select(Profile.organization_id, Profile.industries, Profile.one_liner, Profile.one_liner_en)
    published = asked.where(Profile.kind == kind, Profile.state == ProfileState.PUBLISHED)
    rows = session.execute(published.order_by(Profile.organization_id).limit(MOST_READ + 1)).all()
    rows = rows if len(rows) <= MOST_READ else []
    return Table.of(
        [row.organization_id for row in rows],
        sets={"industries": [row.industries for row in rows]},
        texts={"text": [f"{row.one_liner} {row.one_liner_en}".strip() for row in rows]},
    )
