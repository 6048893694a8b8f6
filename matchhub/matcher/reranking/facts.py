"""Facts of a pair for the second stage: what the past says of this offer for this need, each under a named topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matchhub.matcher.affinity import Encoded, Vector
from matchhub.matcher.arrays import one_hot, spread
from matchhub.matcher.asking import asked as made_of
from matchhub.matcher.attention import Attention
from matchhub.matcher.products import product
from matchhub.matcher.reranking.dossier import bins, Dossier, level_names, of_rows, SUMS, sums
from matchhub.matcher.reranking.head import RECORD
from matchhub.matcher.table import Block, Rows, Table

SHARP = 2.0
JOINS = "joins_"
"""How the names of the facts begin that tell who joins."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A block of needs and, for each, the rows of the offers (with a past) that are looked at: (n_needs, length)."""

    needs: Encoded
    logits: Block
    columns: Rows

    def of(self, block: Block) -> Block:
        """The values of the listed offers from an (n_needs, n_offers) block."""
        return np.take_along_axis(block, self.columns, axis=1)

    def alone(self, values: Vector) -> Block:
        """The values of the listed offers from an (n_offers,) column."""
        return np.asarray(values, np.float32)[self.columns]


def facts(
    attention: Attention, dossier: Dossier, needs: Table, columns: Rows, later: bool = False
) -> Iterator[tuple[str, str, Block]]:
    """(topic, name, (n_needs, length) float32) of every fact, in a fixed order; with those of who joins where the needs are for
    `later` rounds than a firm's first."""
    encoded, logits = made_of(attention, needs)
    asked = Asked(encoded, logits, columns)
    yield from _record(attention, dossier, asked)
    yield from _codes(dossier, asked)
    yield from _amounts(dossier, asked)
    yield from (("activity", name, asked.alone(values)) for name, values in dossier.traits.items())
    yield from _telling(dossier, asked)
    yield from _people(dossier, asked)
    yield "text", "words", asked.of(product(encoded.text, dossier.words))
    if later:
        yield from ((topic, JOINS + name, values) for topic, name, values in _joining(attention, dossier, asked))


def _record(attention: Attention, dossier: Dossier, asked: Asked) -> Iterator[tuple[str, str, Block]]:
    """Attention over past rounds: all of it, a round's mean, that of first rounds and of the last year, its sharp peak, its
    best round, that of rounds that told as much; and what those get who invest with the offer's owner."""
    assert attention.part_ is not None
    part, rounds = attention.part_, asked.alone(dossier.traits["rounds"])
    logits = asked.logits - asked.logits.max(axis=1, keepdims=True)
    mass = np.exp(logits)
    whole = np.log(mass.sum(axis=1, keepdims=True))
    everywhere = spread(mass, part)
    reached = np.log(asked.of(everywhere) + 1e-9) - whole
    yield RECORD, "mass", reached
    yield RECORD, "share", reached + np.log(attention.pull_[asked.columns])
    yield RECORD, "mass_a_round", reached - rounds
    for name, weight in dossier.subsets.items():
        yield RECORD, f"mass_{name}", np.log(asked.of(spread(mass * weight, part)) + 1e-9) - whole
    as_told = mass * dossier.telling.alike(asked.needs)
    yield RECORD, "mass_as_told", np.log(asked.of(spread(as_told, part)) + 1e-9) - whole
    yield from _company(attention, dossier, asked, everywhere)
    sharp = np.square(mass, out=mass)
    peak = asked.of(spread(sharp, part))
    yield RECORD, "peak", np.log(peak + 1e-12) - np.log(sharp.sum(axis=1, keepdims=True))
    yield RECORD, "best", asked.of(_best(logits, attention.by_offer))


def _company(
    attention: Attention, dossier: Dossier, asked: Asked, everywhere: Block
) -> Iterator[tuple[str, str, Block]]:
    """What share those get with whom the offer's owner invests, as it is and for each of its rounds."""
    everywhere = everywhere / everywhere.sum(axis=1, keepdims=True)
    yield "network", "company", np.log(asked.of(spread(everywhere, dossier.company)) + 1e-8)
    everywhere *= attention.pull_
    everywhere /= everywhere.sum(axis=1, keepdims=True)
    pulled = np.log(asked.of(spread(everywhere, dossier.company)) + 1e-8)
    yield "network", "company_a_round", pulled - asked.alone(dossier.traits["rounds"])


def _best(logits: Block, columns: sparse.csc_matrix) -> Block:
    """(n_needs, n_offers) the best log attention of an offer's rounds, which its column holds."""
    filled = np.flatnonzero(np.diff(columns.indptr))
    best = np.full((len(logits), columns.shape[1]), -20, np.float32)
    best[:, filled] = np.maximum.reduceat(logits[:, columns.indices], columns.indptr[filled], axis=1)
    return best


TOPICS: Mapping[str, str] = {"industries": "industry", "region": "region"}


CROSSED: Mapping[str, str] = {"field": "industry", "round": "round"}
"""The topics of two codes together, by the first of them."""


def _codes(dossier: Dossier, asked: Asked) -> Iterator[tuple[str, str, Block]]:
    """How much more than others an offer takes this field, place and step."""
    names = level_names(dossier.affinity)
    for at, name in enumerate(names):
        hot = of_rows(asked.needs.levels[at], asked.needs.cell)
        for end in ("", "_lately"):
            topic = name.rstrip("0123456789")
            yield TOPICS.get(topic, topic), f"{name}{end}", asked.of(dossier.levels[f"{name}{end}"].lift(hot))
    hot = of_rows(asked.needs.steps, asked.needs.step)
    for end, shares in dossier.steps.items():
        yield "round", f"round{end}", asked.of(shares.lift(hot))
    rung = asked.needs.rung[asked.needs.step][:, None]
    yield "round", "rung_apart", np.nan_to_num(np.abs(asked.alone(dossier.rung) - rung))
    for name, crossing in dossier.crossings.items():
        yield CROSSED[name.split("_")[0]], name, asked.of(crossing.lift(asked.needs))
    yield "activity", "month", asked.of(dossier.months.lift(one_hot(asked.needs.month, 12)))
    opening = one_hot((asked.needs.opening > 0).astype(np.int64), 2)
    yield "activity", "opening", asked.of(dossier.openings.lift(opening))
    kind = np.where(asked.needs.debut > 0.5, 1, 0)
    yield "round", "start", asked.of(dossier.starts.lift(one_hot(kind, 2)))


def _amounts(dossier: Dossier, asked: Asked) -> Iterator[tuple[str, str, Block]]:
    """How the amount sits among those that an offer took part in."""
    sized = one_hot(bins(asked.needs.amount), dossier.bins[""].taken.shape[1])
    for end, shares in dossier.bins.items():
        yield "amount", f"amount{end}", asked.of(shares.lift(sized))
    yield "amount", "sum", asked.of(dossier.sums.lift(one_hot(sums(asked.needs.amount), SUMS)))
    away = asked.needs.amount[:, None] - asked.alone(dossier.middle)
    yield "amount", "amount_above", np.nan_to_num(away)
    yield "amount", "amount_apart", np.nan_to_num(np.abs(away) / asked.alone(dossier.spread))


def _telling(dossier: Dossier, asked: Asked) -> Iterator[tuple[str, str, Block]]:
    """How much more than others an offer takes what tells as much as this need, and as round a sum."""
    telling = dossier.telling
    told, levels, figures = telling.asked(asked.needs)
    yield "activity", "told", asked.of(telling.told.lift(told))
    for name, hot in levels.items():
        yield TOPICS.get(name, name), f"told_{name}", asked.of(telling.levels[name].lift(hot))
    yield "amount", "figures", asked.of(telling.figures.lift(figures))


def _people(dossier: Dossier, asked: Asked) -> Iterator[tuple[str, str, Block]]:
    """How often an offer's owner was in rounds with those who backed the firm before, and came in after them elsewhere."""
    known = np.asarray(asked.needs.backers.sum(axis=1)).reshape(-1, 1)
    rounds = np.exp(asked.alone(dossier.traits["rounds"])) + 1
    for name, links in (("shared", dossier.near), ("after", dossier.after)):
        times = asked.of(product(asked.needs.backers, links))
        yield "network", name, np.log1p(times)
        yield "network", f"{name}_share", times / rounds
        yield "network", f"{name}_mean", np.log1p(times / np.maximum(known, 1))
    yield "network", "kin", np.log(asked.of(product(asked.needs.backers, dossier.kin)) + 1e-3)


def _joining(attention: Attention, dossier: Dossier, asked: Asked) -> Iterator[tuple[str, str, Block]]:
    """Where an offer came in anew, how late it does so, and how it stands to those who backed the firm before: in rounds with
    them, coming in after them, and at two steps by way of whom they invest with."""
    assert attention.part_ is not None and attention.rounds_ is not None
    joining, backers = dossier.joining, asked.needs.backers
    yield from (("activity", name, asked.alone(values)) for name, values in joining.traits.items())
    for name, links in (("beside", joining.beside), ("behind", joining.after)):
        yield from (("network", f"{name}_{ending}", values) for ending, values in links.facts(backers, asked.of))
    mass = np.exp(asked.logits - asked.logits.max(axis=1, keepdims=True))
    whole = np.log(mass.sum(axis=1, keepdims=True))

    def share(attended: Block, who: sparse.csr_matrix, least: float) -> Block:
        return np.asarray(np.log(asked.of(np.asarray(attended @ who)) + least) - whole)

    yield RECORD, "mass_entries", share(mass, joining.entries, 1e-9)
    yield RECORD, "mass_later", share(mass * joining.later, attention.part_, 1e-9)
    yield RECORD, "mass_later_entries", share(mass * joining.later, joining.entries, 1e-9)
    with_them = mass * np.minimum(product(backers, attention.rounds_.members), 1)
    yield "network", "mass_beside", share(with_them, attention.part_, 1e-6)
    after_them = mass * np.minimum(product(backers, attention.rounds_.backers), 1)
    yield "network", "mass_behind", share(after_them, joining.entries, 1e-6)
    first = sparse.csr_matrix(sparse.csr_matrix(backers @ joining.places) @ dossier.company)
    first.data /= np.maximum(np.diff(backers.indptr), 1).repeat(np.diff(first.indptr))
    second = np.log(asked.of(np.asarray(first.toarray() @ dossier.company)) + 1e-6)
    yield "network", "circle", second
    yield "network", "circle_a_round", second - asked.alone(dossier.traits["rounds"])
