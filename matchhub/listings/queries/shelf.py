"""The shelf: which instruments a firm finds open here at each of its stages, from the start to maturity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matchhub.core import dictionaries
from matchhub.listings.enums import PairingKind
from matchhub.listings.queries.offers import OnShelf


@dataclass(frozen=True, slots=True)
class Tool:
    """One instrument at one stage: a code of instruments (none for mentoring) and how many open offers there are of it."""

    kind: PairingKind
    instrument: str | None
    offers: int


@dataclass(slots=True)
class Shelf:
    """A stage of a firm's life and what it finds there, the most offered first."""

    stage: str
    tools: list[Tool] = field(default_factory=list)


def shelves(offers: Iterable[OnShelf]) -> list[Shelf]:
    """All stages in order. An offer that names no stage serves all of them. Pure but for the dictionaries."""
    entries = dictionaries.snapshot().entries("company_stages")
    rounds = {entry.code: frozenset(entry.extra.get("rounds", ())) for entry in entries}
    counts: dict[tuple[str, PairingKind, str | None], int] = {}
    for offer in offers:
        for stage in _stages(offer, rounds):
            for instrument in offer.instruments or [None]:
                key = (stage, offer.kind, instrument)
                counts[key] = counts.get(key, 0) + offer.offers
    found = {entry.code: Shelf(entry.code) for entry in entries}
    for (stage, kind, code), number in counts.items():
        found[stage].tools.append(Tool(kind, code, number))
    for shelf in found.values():
        shelf.tools.sort(key=lambda tool: (-tool.offers, tool.kind.value, tool.instrument or ""))
    return list(found.values())


def _stages(offer: OnShelf, rounds: Mapping[str, frozenset[str]]) -> list[str]:
    if offer.rounds:
        return [stage for stage, known in rounds.items() if known & set(offer.rounds)]
    return [stage for stage in rounds if not offer.stages or stage in offer.stages]
