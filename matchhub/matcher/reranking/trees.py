"""Boosted trees over the facts of a list, and how much each topic moved what they say of a pair.

On its way from the root to a leaf a pair passes splits, each on one fact; the mean of what is below moves with every split, and
the move belongs to the topic of that fact. So what the trees say is their mean plus one part a topic, exactly.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from matchhub.matcher.affinity import Vector
from matchhub.matcher.reranking.lists import Sample
from matchhub.matcher.reranking.listwise import Swaps
from matchhub.matcher.table import Bools, Rows

ROWS = 4096


@dataclass(frozen=True, slots=True)
class Growing:
    """How trees are grown: `groves` times, each with other facts tried, and the mean of them speaks; by turns they learn the
    order of lists and each pair for itself. `tried`: the share of facts looked at for a split; `depth`: the places whose swaps
    count; `most`: pairs that they learn from at most, of whole lists."""

    groves: int = 2
    trees: int = 120
    leaves: int = 8
    rate: float = 0.08
    fewest: int = 40
    bins: int = 63
    ridge: float = 5.0
    tried: float = 0.2
    depth: int = 15
    most: int = 250_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Paths:
    """All trees as arrays over their nodes: `fact` that a node splits on (a leaf: -1), `least` of the right branch is above
    it, `left` and `right` nodes, `roots` (n_trees,), and (n_nodes, n_topics) what each topic has moved on the way there."""

    fact: NDArray[np.int64]
    least: NDArray[np.float64]
    left: Rows
    right: Rows
    roots: Rows
    moved: NDArray[np.float64]
    base: float

    @classmethod
    def of(cls, groves: Sequence[HistGradientBoostingClassifier], topic: Rows) -> Self:
        """Read fitted groves, of which the mean counts; `topic` (n_facts,) is the number of each fact's topic."""
        held = [predictor.nodes for grove in groves for (predictor,) in grove._predictors]
        starts = np.cumsum([0, *(len(nodes) for nodes in held)])[:-1]
        moved, base = [], sum(float(np.ravel(grove._baseline_prediction)[0]) for grove in groves)
        for nodes in held:
            mean = _means(nodes)
            moved.append(_moves(nodes, mean, topic) / len(groves))
            base += float(mean[0])
        leaf = np.concatenate([nodes["is_leaf"] for nodes in held]).astype(bool)
        below = [
            np.concatenate([nodes[side].astype(np.int64) + start for nodes, start in zip(held, starts, strict=True)])
            for side in ("left", "right")
        ]
        itself = np.arange(len(leaf))
        return cls(
            np.where(leaf, -1, np.concatenate([nodes["feature_idx"] for nodes in held])).astype(np.int64),
            np.concatenate([nodes["num_threshold"] for nodes in held]),
            np.where(leaf, itself, below[0]),
            np.where(leaf, itself, below[1]),
            starts.astype(np.int64),
            np.concatenate(moved),
            base / len(groves),
        )

    def parts(self, facts: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n_pairs, n_topics) what each topic adds to `base`."""
        held = _falls(self)
        return np.concatenate(
            [
                self.moved[held.leaves(facts[first : first + ROWS])].sum(axis=0)
                for first in range(0, max(len(facts), 1), ROWS)
            ]
        )

    def total(self, facts: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n_pairs,) all that the trees say: `base` and all parts."""
        held = _falls(self)
        found = [
            held.whole[held.leaves(facts[first : first + ROWS])].sum(axis=0)
            for first in range(0, max(len(facts), 1), ROWS)
        ]
        return np.asarray(np.concatenate(found) + self.base)


@dataclass(frozen=True, slots=True)
class Falls:
    """Which leaf a pair falls into, found for all trees at once (QuickScorer, Lucchese et al. 2015): every split that a pair
    lies to the right of rules out the leaves to its left; the first leaf that remains is the pair's.

    By split, tree after tree: `fact`, the largest number that goes `least` left, and in `out` a bit for each leaf that may
    still be (eight bits or 64: so many leaves a tree may have); `starts` (n_trees,) the first split of each tree, `node`
    (n_trees, n_leaves) the leaves from the left, and (n_nodes,) `whole` what a node says.
    """

    fact: Rows
    least: NDArray[np.float32]
    out: NDArray[np.unsignedinteger[Any]]
    starts: Rows
    node: Rows
    whole: NDArray[np.float64]

    @classmethod
    def of(cls, paths: Paths) -> Self:
        """From the nodes of all trees; a tree that is one leaf has a split that rules out nothing."""
        fact, least, out, starts = list[int](), list[float](), list[int](), list[int]()
        nodes: list[list[int]] = []
        for root in paths.roots.tolist():
            starts.append(len(fact))
            leaves = list[int]()
            _split(paths, root, leaves, (fact, least, out))
            if starts[-1] == len(fact):
                _note((fact, least, out), 0, np.inf, 0)
            nodes.append(leaves)
        width = max(map(len, nodes), default=1)
        bits = np.uint8 if width <= EIGHT else np.uint64
        return cls(
            np.array(fact, dtype=np.int64),
            _below(np.array(least)),
            np.bitwise_not(np.array(out, dtype=bits)),
            np.array(starts, dtype=np.int64),
            np.array([leaves + leaves[-1:] * (width - len(leaves)) for leaves in nodes], dtype=np.int64),
            paths.moved.sum(axis=1),
        )

    def leaves(self, facts: NDArray[np.float32]) -> Rows:
        """(n_trees, n_pairs) the node of the leaf."""
        right = np.ascontiguousarray(facts.T)[self.fact] > self.least[:, None]
        every = np.bitwise_not(self.out.dtype.type(0))
        left = np.bitwise_and.reduceat(np.where(right, self.out[:, None], every), self.starts, axis=0)
        first = np.log2((left & (~left + self.out.dtype.type(1))).astype(np.float64)).astype(np.int64)
        return np.asarray(np.take_along_axis(self.node, first, axis=1))


EIGHT = 8
_FALLS: dict[int, tuple[weakref.ref[NDArray[np.float64]], Falls]] = {}


def _falls(paths: Paths) -> Falls:
    """Made once while the trees live."""
    key = id(paths.moved)
    held = _FALLS.get(key)
    if held is None or held[0]() is not paths.moved:
        gone = weakref.ref(paths.moved, lambda _: _FALLS.pop(key, None))
        _FALLS[key] = held = (gone, Falls.of(paths))
    return held[1]


Splits: TypeAlias = tuple[list[int], list[float], list[int]]


def _note(told: Splits, fact: int, least: float, out: int) -> None:
    told[0].append(fact)
    told[1].append(least)
    told[2].append(out)


def _split(paths: Paths, node: int, leaves: list[int], told: Splits) -> None:
    """Collect the leaves below a node from the left, and the splits with the leaves to their left as bits."""
    if paths.fact[node] < 0:
        leaves.append(node)
        return
    first = len(leaves)
    _split(paths, int(paths.left[node]), leaves, told)
    _note(told, int(paths.fact[node]), float(paths.least[node]), (1 << len(leaves)) - (1 << first))
    _split(paths, int(paths.right[node]), leaves, told)


def _below(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest 32-bit number that is not above each: a fact of 32 bits is above the one where it is above the other."""
    near = values.astype(np.float32)
    return np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near)


def _means(nodes: NDArray[Any]) -> NDArray[np.float64]:
    """(n_nodes,) the mean of the leaves below each node, by the pairs that came there; children follow their parents."""
    mean = np.where(nodes["is_leaf"].astype(bool), nodes["value"], 0.0)
    count = nodes["count"].astype(np.float64)
    for node in range(len(nodes) - 1, -1, -1):
        if not nodes["is_leaf"][node]:
            left, right = int(nodes["left"][node]), int(nodes["right"][node])
            mean[node] = (mean[left] * count[left] + mean[right] * count[right]) / (count[left] + count[right])
    return np.asarray(mean, dtype=np.float64)


def _moves(nodes: NDArray[Any], mean: NDArray[np.float64], topic: Rows) -> NDArray[np.float64]:
    """(n_nodes, n_topics) the sum of moves of the mean from the root to each node, under the topics of the splits."""
    moved = np.zeros((len(nodes), int(topic.max(initial=0)) + 1))
    for node in np.flatnonzero(~nodes["is_leaf"].astype(bool)):
        for side in ("left", "right"):
            below = int(nodes[side][node])
            moved[below] = moved[node]
            moved[below, topic[nodes["feature_idx"][node]]] += mean[below] - mean[node]
    return moved


def alike(right: Bools, starts: Rows) -> NDArray[np.float64]:
    """(n_pairs,) what each pair counts, so that the hits of every list count as one."""
    lengths = np.diff([*starts, len(right)])
    return np.repeat(1 / np.add.reduceat(right.astype(np.float64), starts), lengths)


@dataclass(frozen=True, slots=True)
class Trees:
    """Grown trees. `reads` are the facts that they look at."""

    groves: tuple[HistGradientBoostingClassifier, ...]
    reads: Rows
    topics: tuple[str, ...]
    paths: Paths = field(repr=False)

    @classmethod
    def grow(cls, sample: Sample, topics: Sequence[str], growing: Growing, reads: Rows) -> Self:
        """Learn how to order a list, from lists, and who is taken."""
        ends = np.append(sample.starts[1:], len(sample.right))
        lists = max(int(np.searchsorted(ends, growing.most, side="right")), 1)
        kept = slice(None, int(ends[lists - 1]))
        facts, right = sample.facts[kept][:, reads], sample.right[kept]
        swaps, one_list = Swaps(right, sample.starts[:lists], growing.depth), alike(right, sample.starts[:lists])
        groves = []
        for grove in range(growing.groves):
            loss, weight = ("log_loss", one_list) if grove % 2 else (swaps, None)
            model = HistGradientBoostingClassifier(
                loss=loss, max_iter=growing.trees, learning_rate=growing.rate, max_leaf_nodes=growing.leaves,
                min_samples_leaf=growing.fewest, l2_regularization=growing.ridge, max_bins=growing.bins,
                max_features=growing.tried, early_stopping=False, random_state=growing.seed + grove,
            ).fit(facts, right, sample_weight=weight)  # fmt: skip
            model.loss, model._loss = "log_loss", None  # what it learned from is not kept
            groves.append(model)
        named = tuple(dict.fromkeys(topics))
        topic = np.array([named.index(topics[at]) for at in reads], dtype=np.int64)
        return cls(tuple(groves), reads, named, Paths.of(groves, topic))

    def total(self, facts: NDArray[np.float32]) -> Vector:
        """(n_pairs,) how high each stands in its list, from any level."""
        return np.asarray(self.paths.total(facts[:, self.reads]), dtype=np.float32)

    def parts(self, facts: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        """topic → (n_pairs,) its part of `total`; with `paths.base` they add up to it."""
        return dict(zip(self.topics, self.paths.parts(facts[:, self.reads]).T, strict=False))
