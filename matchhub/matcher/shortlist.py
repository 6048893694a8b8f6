"""All needs against all offers at sizes where not every pair can be judged: a sketch finds who may be among the best of a need,
the judge of every pair orders them.

The sketch is learned from the judge itself. For a sample of needs all keys are known; ridge regression from what a need says
(codes, silences, hat functions of numbers, projected words) gives every offer the line that comes nearest to its keys, and the
leading singular directions of these lines (reduced-rank regression) give needs and offers codes of a few hundred numbers whose
product is the sketched key. One product of blocks of codes is then all that a pair costs which is not looked at more closely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.table import Block, Rows, SetColumn, Table

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher
    from matchhub.matcher.rules import Rule

Vector: TypeAlias = NDArray[np.float32]
KNOTS = 8
FEWEST_CODES, MOST_CODES = 4, 16
"""How many codes a set may have to be looked at together with others."""

STEP = 8
"""The threshold of a row is read off every so many-th offer."""


@dataclass
class Sketch:
    """Codes of needs and offers whose product comes near to the key. `width` numbers a code, learned from `sample` needs."""

    width: int = 256
    sample: int = 3000
    words: int = 96
    ridge: float = 0.5
    seed: int = 0
    knots_: dict[str, NDArray[np.float64]] = field(default_factory=dict, init=False)
    fields_: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    axes_: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32), init=False)
    needs_: Block = field(default_factory=lambda: np.zeros((0, 0), np.float32), init=False)
    offers_: Block = field(default_factory=lambda: np.zeros((0, 0), np.float32), init=False)

    def fit(self, matcher: Matcher, needs: Table, offers: Table, rules: tuple[Rule, ...]) -> Sketch:
        """Learn from the keys of a sample of the needs with all offers."""
        random = np.random.default_rng(self.seed)
        rows = np.sort(random.permutation(len(needs))[: self.sample])
        sampled = needs.take(rows)
        self.knots_ = {name: _knots(column) for name, column in needs.numbers.items()}
        self.fields_ = {name: column.codes for name, column in needs.sets.items()}
        text = matcher.text()
        if text is not None:
            width = text.read(sampled).shape[1]
            self.axes_ = random.standard_normal((width, self.words), dtype=np.float32) / np.float32(self.words**0.5)
        said = self.said(matcher, sampled)
        both = said.T @ said
        both[np.diag_indices(len(both))] += self.ridge
        heard = np.zeros((said.shape[1], len(offers)), dtype=np.float32)
        never = np.ones(len(offers), dtype=bool)
        for first in range(0, len(sampled), matcher.block):
            part = slice(first, first + matcher.block)
            key = matcher.judge(sampled.take(part), offers, rules).key
            never &= ~np.isfinite(key).any(axis=0)
            heard += said[part].T @ np.where(np.isfinite(key), key, np.float32(0))
        lines = np.linalg.solve(both.astype(np.float64), heard.astype(np.float64)).astype(np.float32)
        self.needs_, self.offers_ = _reduced(said, lines, self.width)
        self.offers_[:, never] = 0
        return self

    def said(self, matcher: Matcher, needs: Table) -> Block:
        """(n, width of all that is said) float32."""
        sets = {name: _hot(needs.codes(name), codes) for name, codes in self.fields_.items()}
        numbers = {name: _hats(needs.number(name), knots) for name, knots in self.knots_.items()}
        silent = [~needs.codes(name).known[:, None] for name in sets] + [
            needs.codes(name).anything[:, None] for name in sets
        ]
        few = [hot for hot in sets.values() if FEWEST_CODES < hot.shape[1] <= MOST_CODES]
        few += [numbers[name] for name in (matcher.recipe.amount or ())[-1:] if name in numbers]
        fields = [
            _heads(sets[name], codes) for name, codes in self.fields_.items() if any("." in code for code in codes)
        ]
        groups = [*fields, *few]
        parts = [np.ones((len(needs), 1), np.float32), *sets.values(), *silent, *numbers.values(), *fields]
        parts += [_crossed(one, other) for at, one in enumerate(groups) for other in groups[at + 1 :]]
        text = matcher.text()
        if text is not None:
            parts.append(np.asarray(text.read(needs) @ self.axes_))
        return np.hstack([np.asarray(part, dtype=np.float32) for part in parts])

    def keys(self, matcher: Matcher, needs: Table) -> Block:
        """(n_needs, n_offers) float32 sketched keys."""
        return np.asarray((self.said(matcher, needs) @ self.needs_) @ self.offers_, dtype=np.float32)

    def candidates(self, matcher: Matcher, needs: Table, most: int) -> Rows:
        """The offers that are among about `most` best of a need of this block, by their sketched keys."""
        keys = self.keys(matcher, needs)
        few = keys[:, ::STEP]
        at = max(0, few.shape[1] - max(1, most // STEP))
        least = np.partition(few, at, axis=1)[:, at]
        return np.flatnonzero((keys >= least[:, None]).any(axis=0))


def _hot(column: SetColumn, codes: tuple[str, ...]) -> Block:
    """(n, len(codes)) ones for codes that were there when the sketch was learned."""
    place = {code: at for at, code in enumerate(codes)}
    links = np.zeros((len(column.codes), len(codes)), dtype=np.float32)
    known = [(at, place[code]) for at, code in enumerate(column.codes) if code in place]
    links[tuple(np.array(known, dtype=np.int64).reshape(-1, 2).T)] = 1
    return np.asarray(column.hot @ links, dtype=np.float32)


def _heads(hot: Block, codes: tuple[str, ...]) -> Block:
    """(n, n_heads) the widest codes of a hierarchy."""
    heads = sorted({code.split(".")[0] for code in codes})
    links = np.array([[code.split(".")[0] == head for head in heads] for code in codes], dtype=np.float32)
    return hot @ links


def _crossed(one: Block, other: Block) -> Block:
    """(n, n_one · n_other) both at once."""
    return (one[:, :, None] * other[:, None, :]).reshape(len(one), -1)


def _knots(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the logarithm."""
    known = values[~np.isnan(values)]
    return np.unique(np.quantile(np.log1p(np.maximum(known, 0)), np.linspace(0, 1, KNOTS))) if len(known) else known


def _hats(values: NDArray[np.float64], knots: NDArray[np.float64]) -> Block:
    """(n, n_knots + 1) linear interpolation between the knots, and whether the number is silent."""
    silent = np.isnan(values)
    found = np.zeros((len(values), len(knots) + 1), dtype=np.float32)
    found[:, -1] = silent
    if len(knots):
        place = np.interp(np.log1p(np.maximum(np.nan_to_num(values), 0)), knots, np.arange(len(knots)))
        low = np.minimum(place.astype(np.int64), len(knots) - 1)
        rows = np.arange(len(values))
        found[rows, low] = 1 - (place - low)
        found[rows, np.minimum(low + 1, len(knots) - 1)] += (place - low).astype(np.float32)
        found[silent, :-1] = 0
    return found


def _reduced(said: Block, lines: Block, width: int) -> tuple[Block, Block]:
    """The lines (n_said, n_offers) as a product of `width` numbers: (n_said, width) and (width, n_offers), nearest in what
    they give for the needs that were said."""
    spread = (said.T @ said / len(said)).astype(np.float64)
    values, vectors = np.linalg.eigh(spread)
    root = vectors * np.sqrt(np.maximum(values, 1e-9))
    seen = root.T @ lines
    _, axes = np.linalg.eigh(seen @ seen.T)
    axes = axes[:, ::-1][:, :width]
    back = (vectors / np.sqrt(np.maximum(values, 1e-9))) @ axes
    return back.astype(np.float32), np.asarray(axes.T @ seen, dtype=np.float32)


def side_by_side(needs: Table) -> Rows:
    """(n,) the rows in an order in which needs that ask for the same lie together: blocks of them have few candidates."""
    keys = [_first_codes(needs, name) for name in needs.sets if len(needs.codes(name).codes) > 1]
    return np.lexsort(keys[::-1]).astype(np.int64) if keys else np.arange(len(needs))


def _first_codes(needs: Table, name: str) -> Rows:
    hot = needs.codes(name).hot
    first = np.full(hot.shape[0], -1, dtype=np.int64)
    held = np.diff(hot.indptr) > 0
    first[held] = hot.indices[hot.indptr[:-1][held]]
    return first
