"""The search box as a need: typed words and the codes that they name, against what every member may read of the open offers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.core import dictionaries
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Offer
from matchhub.matches.engine.scorer import Scorer
from matchhub.matches.engine.store import store
from matchhub.matches.engine.tables import table_of
from matchhub.matches.queries.columns import offer_columns

if TYPE_CHECKING:
    from matchhub.matcher import Table

LONG_ENOUGH = 8
"""Characters from which on a text is compared; what is shorter is said again."""

ANSWERS_KEPT = 500
"""How many answers are kept while the same offers are: who comes back to a search, or turns its page, asks the same again."""

CODES: Mapping[PairingKind, Mapping[str, str]] = {
    PairingKind.EQUITY: {"industries": "industries", "round": "rounds", "region": "regions"},
    PairingKind.CREDIT: {"industries": "industries", "guarantees": "guarantee_types", "stage": "company_stages"},
    PairingKind.MENTORING: {"topics": "mentor_topics", "industries": "industries", "stage": "company_stages"},
}
"""By kind: the column of a need, and the dictionary whose words name its codes."""


@dataclass(frozen=True, slots=True)
class Suited:
    """An open offer that answers what was typed, and the words that it shares with it."""

    offer_id: int
    score: float
    words: tuple[str, ...]


def suited(session: Session, kind: PairingKind, typed: str, *, most: int, now: datetime) -> list[Suited]:
    """The open offers of a kind that answer typed words, best first; none while the matcher of the kind is not loaded.

    Only titles, statements and codes of open offers are read, which every verified member may read: whoever is no member
    must not be asked for.
    """
    from matchhub.matcher.searching import answering  # noqa: PLC0415 -- the matcher is imported late

    scorer = store(session, kind).scorer()
    if scorer is None or not typed.strip():
        return []
    codes = {column: found for column, words in CODES[kind].items() if (found := named_codes(session, words, typed))}
    opened = open_texts(scorer, session, now=now)
    key = (typed, most, tuple((column, *found) for column, found in codes.items()))
    if (kept := opened.answers.get(key)) is not None:
        return kept
    answers = answering(scorer.matcher, spoken(typed, codes), opened.offers, most)
    suiting = [Suited(opened.offers.ids[one.row], one.score, one.words) for one in answers]
    if len(opened.answers) < ANSWERS_KEPT:
        opened.answers[key] = suiting
    return suiting


def spoken(typed: str, codes: Mapping[str, list[str]]) -> Table:
    """Typed words, and the codes that they name by column, as a need."""
    from matchhub.matcher import Table  # noqa: PLC0415 -- the matcher is imported late

    said = " ".join([typed] * -(-LONG_ENOUGH // len(typed)))
    return Table.of(["typed"], sets={name: [found] for name, found in codes.items()}, texts={"text": [said]})


def named_codes(session: Session, dictionary: str, typed: str) -> list[str]:
    """The codes whose words stand in what was typed, the longest words first: 新材料 does not also mean 材料."""
    rest, found = typed.casefold(), []
    for word, code in _words_of(dictionaries.snapshot(session), dictionary):
        if word in rest:
            rest = rest.replace(word, " ")
            found.append(code)
    return found


@lru_cache(maxsize=32)
def _words_of(held: dictionaries.Snapshot, dictionary: str) -> tuple[tuple[str, str], ...]:
    """(word, code) of a dictionary in both languages, the longest first; the same for every search until a word changes."""
    words = ((word.casefold(), e.code) for e in held.entries(dictionary) for word in (e.label, e.label_en) if word)
    return tuple(sorted((pair for pair in words if len(pair[0]) > 1), key=lambda pair: (-len(pair[0]), pair)))


@dataclass(frozen=True, slots=True)
class OpenTexts:
    """The open offers as they were read, and what was answered from them: the same for every reader, and gone with them."""

    offers: Table
    answers: dict[Hashable, list[Suited]] = field(default_factory=dict)


def open_texts(scorer: Scorer, session: Session, *, now: datetime) -> OpenTexts:
    """The open offers of the kind with the words that their owners show to all members, kept for a while."""

    def read(last: OpenTexts | None) -> OpenTexts:
        columns = offer_columns(session, scorer.kind, now=now)
        asked = select(Offer.id, Offer.title, Offer.statement).where(Offer.kind == scorer.kind)
        texts = {row[0]: f"{row[1]} {row[2] or ''}" for row in session.execute(asked)}
        table = table_of(columns)
        said = replace(table, texts={"text": tuple(texts.get(offer, "") for offer in table.ids)})
        offers = scorer.settled("open texts", said)
        return last if last is not None and last.offers is offers else OpenTexts(offers)

    found: OpenTexts = scorer.kept_on("open texts", read)
    return found
