"""Lists that are filled together: attention is spread over the offers by the capacity that they declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matchhub.matcher import Matcher, Pairs, Ranked, Table

BLOCK = 2048
MOST_JUDGED = 100_000_000
"""Pairs that a full run judges one by one: about a minute of two processors."""

DEPTH = 300
"""How many of the best of each need the allocation looks at."""


def together(
    matcher: Matcher, needs: Table, offers: Table, k: int, length: int, exclusions: Sequence[Any]
) -> Iterator[tuple[Table, Ranked]]:
    """By blocks of needs: their lists (the first `length` places are shown) and the best of them for each offer.

    Prices are found on as many needs as one block holds, spread over all, and kept in the matcher; then every block is
    filled at these prices, with what was shown before it in mind.
    """
    from matchhub.matcher.exposure import houses_of, spread, Spreading  # noqa: PLC0415 -- the matcher is imported late

    exposure, depth = matcher.version.exposure, max(k, min(len(offers), DEPTH))
    step = max(1, -(-len(needs) // BLOCK))
    rank = ranking(matcher, needs, offers, depth, exclusions)
    ranked = rank(needs.take(slice(None, None, step)))
    matcher.spreading_ = Spreading.of(ranked.by_need, offers, exposure, length, 1 / step)
    price, houses, seen = matcher.spreading_.priced(offers.ids), houses_of(offers), np.zeros(len(offers), dtype=bool)
    for first in range(0, max(len(needs), 1), BLOCK):
        block = needs.take(slice(first, first + BLOCK))
        found = ranked if step == 1 else rank(block)
        worth = worth_a_look(matcher, found.by_need)
        lists = spread(found.by_need, price, exposure, length, houses=houses, seen=seen, eligible=worth)
        seen[lists.offer[lists.place <= length]] = True
        yield block, type(found)(_first(lists, k), _first(found.by_offer, k))


def ranking(
    matcher: Matcher, needs: Table, offers: Table, depth: int, exclusions: Sequence[Any]
) -> Callable[[Table], Ranked]:
    """How a block of needs is ranked: every pair judged, or where the pool is large those that a sketch of it puts among the
    best. What an offer's list then lacks are needs in whose own lists it is not among the first `depth`."""
    if len(needs) * len(offers) <= MOST_JUDGED or len(offers) <= 2 * depth:
        return lambda block: matcher.rank(block, offers, depth, exclusions)
    from matchhub.matcher import Pairs, Ranked  # noqa: PLC0415 -- the matcher is imported late
    from matchhub.matcher.shortlist import Sketch  # noqa: PLC0415 -- the matcher is imported late

    sketch = Sketch().fit(matcher, needs, offers, matcher.rules(exclusions))

    def shortlisted(block: Table) -> Ranked:
        parts = matcher.shortlisted(block, offers, depth, exclusions, sketch=sketch, most=depth, refine=True)
        found = Pairs.join(list(parts)).best("need", depth)
        return Ranked(found, found.best("offer", depth))

    return shortlisted


def worth_a_look(matcher: Matcher, pairs: Pairs) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(n_pairs,) what a list may show: it reaches 可一试, or too little is known to say that it does not."""
    version = matcher.version
    return np.asarray((pairs.score >= version.cuts["look"]) | (pairs.coverage < version.fair))


def _first(pairs: Pairs, k: int) -> Pairs:
    return pairs.at(np.flatnonzero(pairs.place <= k))
