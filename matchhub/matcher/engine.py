"""The matcher: fit on what is known, rank blocks of pairs from both sides, explain the ones that are shown."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.advice import Advice, advise, count, Counts
from matchhub.matcher.compute import Prepared, run
from matchhub.matcher.estimator import Estimator
from matchhub.matcher.explaining import explained
from matchhub.matcher.explanation import Explanation
from matchhub.matcher.exposure import Spreading
from matchhub.matcher.features import Feature
from matchhub.matcher.hearing import Answered, corrected, Hearing
from matchhub.matcher.history import History
from matchhub.matcher.kinds import Kinds
from matchhub.matcher.newcomers import Newcomers
from matchhub.matcher.ranking import Pairs, Ranked, score, Scores, SideWeights, top
from matchhub.matcher.recipes import Recipe
from matchhub.matcher.refining import by_past, learned, refined, reranker
from matchhub.matcher.reranking import Applied, Reranker
from matchhub.matcher.rules import Exclusion, FAIL, NotExcluded, Outcomes, PASS, Rule, UNKNOWN
from matchhub.matcher.scan import keys, top_rows
from matchhub.matcher.shortlist import side_by_side, Sketch
from matchhub.matcher.table import Block, Rows, Table
from matchhub.matcher.text import TextFit
from matchhub.matcher.track_record import TrackRecord
from matchhub.matcher.weights import Weights

T = TypeVar("T", bound=np.generic)
ARTEFACT_FORMAT = 14
NEAR_TIES = 16
"""How many more than asked for are judged, where keys differ by rounding only."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything about a block of pairs: outcomes of the rules by name and the worst of them, values of the features by
    name, scores, key of the order, facts missing. After the second stage `first` holds the first one's scores, and `heard` what
    answers to earlier proposals added to the score."""

    outcomes: Mapping[str, Outcomes]
    verdict: Outcomes
    values: Mapping[str, Block]
    scores: Scores
    key: Block
    missing: NDArray[np.int16]
    first: Block | None = None
    applied: Applied | None = None
    heard: Block | None = None


@dataclass
class Matcher(Estimator):
    """One kind of pairing, learned. `weights` replaces the recipe's version; `block` is the rows scored at a time; `compute`
    says where `rank` does so: "" in this process, "2" in two, "dask://host:port" on a cluster (see `compute`)."""

    recipe: Recipe
    weights: Weights | None = None
    block: int = 256
    compute: str = ""
    features_: tuple[Feature, ...] = field(default=(), init=False, repr=False)
    offers_: Table | None = field(default=None, init=False, repr=False)
    spreading_: Spreading | None = field(default=None, init=False, repr=False)
    second_: Reranker | None = field(default=None, init=False, repr=False)
    newcomers_: Newcomers = field(default_factory=Newcomers, init=False, repr=False)
    hearing_: Hearing | None = field(default=None, init=False, repr=False)

    def fit(
        self, needs: Table, offers: Table, history: History | None = None, answered: Answered | None = None
    ) -> Self:
        """Learn words, the offers' track records and, where there is a past, the second stage and how newcomers stand, and
        from answers to earlier proposals; the recipe stays as it was."""
        self.features_ = tuple(deepcopy(part).fit(needs, offers, history) for part in self.recipe.features)
        self.offers_, self.second_, self.hearing_, self.newcomers_ = offers, None, None, Newcomers()
        self.forget()
        self.second_ = reranker(self, history)
        self.newcomers_ = Newcomers.learned(self, history)
        self.hearing_ = Hearing.learned(self, self.recipe.alike, answered)
        return self

    @property
    def record(self) -> TrackRecord | None:
        """The feature that learns from past rounds, where the recipe has one."""
        return next((part for part in self.features_ if isinstance(part, TrackRecord)), None)

    @property
    def version(self) -> Weights:
        """The version of the weights in use."""
        return self.weights or self.recipe.weights

    def rank(self, needs: Table, offers: Table, k: int = 10, exclusions: Iterable[Exclusion] = ()) -> Ranked:
        """The best k offers of every need and the best k needs of every offer; failed pairs are in neither."""
        rules = self.rules(exclusions)
        starts = range(0, max(len(needs), 1), self.block)
        blocks = ((needs.take(slice(first, first + self.block)), first) for first in starts)
        where = self.compute if len(starts) > 1 else ""
        if where:
            self.judge(needs.take([0]), offers, rules)  # what is made of the offers is made once and goes to all
        held = Prepared(Ranking(self, offers, rules, k), Ranking.estimators, offers)
        found = list(run(_ranked_block, held, blocks, where))
        return Ranked(
            Pairs.join([part.by_need for part in found]).best("need", k),
            Pairs.join([part.by_offer for part in found]).best("offer", k),
        )

    def best(self, need: Table, offers: Table, k: int = 10, exclusions: Iterable[Exclusion] = ()) -> Pairs:
        """The best k offers of one need (a table of one row), best first: those of `rank`, without looking at anything else
        than the order of the others. An offers table that is kept is prepared once."""
        return self.suggested(need, offers, k, exclusions)[0]

    def suggested(
        self, need: Table, offers: Table, k: int = 10, exclusions: Iterable[Exclusion] = ()
    ) -> tuple[Pairs, list[Explanation]]:
        """The same, and why each of them stands there: reasons are made of what was judged for the list."""
        if len(need) != 1:
            raise ValueError("suggested takes one need")
        rules = self.rules(exclusions)
        found = keys(self, need, offers, rules)
        listed = self._listed(found, offers)
        others = found.copy()
        others[listed] = -np.inf  # these are ordered anew, and may leave their places to any of the others
        chosen = np.union1d(top_rows(others, k + NEAR_TIES), listed)
        few = self._lent(offers, chosen)
        judged = self.judge(need, few, rules)
        found[chosen] = judged.key[0]  # to the last bit, for the second stage
        judged = refined(self, judged, need, few, rules, by_past(self, found, offers))
        judged = corrected(self, judged, need, few)
        pairs = _pairs(judged, *top(judged.key, k), 0).best("need", k)
        why = list(explained(self, need, few, rules, judged, pairs.offer))
        return replace(pairs, offer=chosen[pairs.offer]), why

    def _listed(self, found: NDArray[np.float32], offers: Table) -> Rows:
        """The offers that the second stage orders anew: the best with a past, wherever they stand among all."""
        if self.second_ is None or self.record is None:
            return np.zeros(0, dtype=np.int64)
        past = self.record.with_past(offers)
        return past[top_rows(found[past], self.second_.schedule.length)]

    def _lent(self, offers: Table, chosen: Rows) -> Table:
        """Some of the offers, with what was made of all of them."""
        few = offers.take(chosen)
        for part in self.features_:
            part.lend(offers, few, chosen)
        return few

    def shortlisted(
        self,
        needs: Table,
        offers: Table,
        k: int = 10,
        exclusions: Iterable[Exclusion] = (),
        *,
        sketch: Sketch | None = None,
        most: int = 200,
        refine: bool = False,
    ) -> Iterator[Pairs]:
        """The best k offers of every need where the pairs are too many to judge all, by blocks of needs that ask for the same.

        Judges exactly, with every rule and feature, the offers that the sketch (learned here unless given) puts among about
        the `most` best of a need of the block. Which of the true best are missed depends on `most`. The order is that of
        `judge`, or with `refine` that of both stages, each list's context being what was judged for its block.
        """
        rules = self.rules(exclusions)
        learned = sketch or Sketch().fit(self, needs, offers, rules)
        order = side_by_side(needs)
        blocks = (order[first : first + self.block] for first in range(0, len(order), self.block))
        held = Prepared(Ranking(self, offers, rules, k, learned, most, refine), Ranking.estimators, offers)
        yield from run(_shortlisted_block, held, ((needs.take(rows), rows) for rows in blocks), self.compute)

    def renewed(self, before: Table, now: Table) -> Table:
        """A table that was read anew, of which most rows are as they were: the one of before where all are, with all that was
        made of it; else the new one, whose unchanged rows are not prepared again."""
        if now.same_as(before):
            return before
        for part in self.features_:
            part.renew(before, now)
        return now

    def text(self) -> TextFit | None:
        """The feature that reads texts, if there is one."""
        return next((part for part in self.features_ if isinstance(part, TextFit)), None)

    def _rank_block(self, needs: Table, offers: Table, k: int, rules: tuple[Rule, ...], first: int) -> Ranked:
        judged = self.refined(self.judge(needs, offers, rules), needs, offers, rules)
        rows, columns = top(judged.key, k)
        turned_columns, turned_rows = top(np.ascontiguousarray(judged.key.T), k)
        return Ranked(_pairs(judged, rows, columns, first), _pairs(judged, turned_rows, turned_columns, first))

    def refined(self, judged: Judged, needs: Table, offers: Table, rules: tuple[Rule, ...] | None = None) -> Judged:
        """The second stage on what `judge` found under the same rules, and what was answered before: what `rank`, `best` and
        `explain` show."""
        return corrected(self, refined(self, judged, needs, offers, rules), needs, offers)

    def key(self, score: float, coverage: float, offer: Any = None) -> float:
        """The key of the order of a list from what is stored of a pair: a second stage has weighed the silence of those with
        a past already, and who has none (by the offer's id, where it is given) stands as newcomers do."""
        discounted = score * (1 - self.version.silence_discount * (1 - coverage))
        if offer is not None and self.record is not None and offer not in self.record.offers_:
            return discounted * self.newcomers_.factor
        return score if self.second_ is not None else discounted

    def standing(self, offers: Table) -> NDArray[np.float32]:
        """(n_offers,) what the keys of an offer are multiplied with: 1, or less for who has no past (see `newcomers`)."""
        found = np.ones(len(offers), dtype=np.float32)
        if self.record is not None and self.newcomers_.factor != 1:
            found[self.record.columns(offers) < 0] = self.newcomers_.factor
        return found

    def judge(self, needs: Table, offers: Table, rules: tuple[Rule, ...] | None = None) -> Judged:
        """Rules, scores and order of every pair of a block: what `rank`, `explain`, `count` and `advise` all stand on."""
        shape = (len(needs), len(offers))
        rules = self.recipe.rules if rules is None else rules
        outcomes = {rule.name: self._by_kind(rule, rule.judge, needs, offers) for rule in rules}
        values = {part.name: self._by_kind(part, part.compare, needs, offers) for part in self.features_}
        verdict = np.minimum.reduce([np.full(shape, PASS), *outcomes.values()])
        scores = score(values, *self.side_weights(offers), shape)
        kept = (1 - self.version.silence_discount * (1 - scores.coverage)) * self.standing(offers)
        key = np.where(verdict == FAIL, -np.inf, scores.joint * kept).astype(np.float32)
        return Judged(outcomes, verdict, values, scores, key, self._missing(outcomes, values, shape))

    def _by_kind(
        self, part: Rule | Feature, compare: Callable[[Table, Table], NDArray[T]], needs: Table, offers: Table
    ) -> NDArray[T]:
        """The block of a rule or a feature, in which offers that are equal in what it reads are compared once."""
        kinds = self.kinds(part, offers)
        return compare(needs, offers) if kinds is None else np.take(compare(needs, kinds.rows), kinds.of, axis=1)

    def kinds(self, part: Rule | Feature, offers: Table) -> Kinds | None:
        """The kinds of offers for a rule or a feature; None where there are none to speak of."""
        names = part.offer_columns()
        if names is None:
            return None
        return self.remembered(f"kinds of {names}", offers, lambda table: Kinds.among(table, names))

    def _missing(
        self, outcomes: Mapping[str, Outcomes], values: Mapping[str, Block], shape: tuple[int, int]
    ) -> NDArray[np.int16]:
        """(n_needs, n_offers) how many facts are not known; a rule and a feature of the same name are one fact."""
        silent = {name: np.isnan(values[name]) for name in self._weighed() if name in values}
        for name, outcome in outcomes.items():
            silent[name] = silent.get(name, np.zeros(shape, dtype=bool)) | (outcome == UNKNOWN)
        return sum((part.astype(np.int16) for part in silent.values()), np.zeros(shape, dtype=np.int16))

    def _weighed(self) -> list[str]:
        """Features that have weight on a side, in the recipe's order."""
        a, b = self.version.a, self.version.b
        return [part.name for part in self.features_ if a.get(part.name) or b.get(part.name)]

    def side_weights(self, offers: Table) -> tuple[SideWeights, SideWeights]:
        """The weights of both sides for every offer: history leads where there is much of it and the offer has a part."""
        return self._side("a", self.version.a, offers), self._side("b", self.version.b, offers)

    def _side(self, side: str, weights: Mapping[str, float], offers: Table) -> SideWeights:
        names = [part.name for part in self.features_ if weights.get(part.name)]
        spread = {name: np.broadcast_to(np.float32(weights[name]), len(offers)) for name in names}
        record = self.record
        if record is not None and record.name in spread:
            share = self.version.lead.share(side, record.rounds, record.rounds_of(offers))
            others = sum(weights[name] for name in names) - weights[record.name]
            spread[record.name] = np.maximum(weights[record.name], others * share / (1 - share)).astype(np.float32)
        return SideWeights(spread)

    def rules(self, exclusions: Iterable[Exclusion] = ()) -> tuple[Rule, ...]:
        """The recipe's rules, and that these pairs are out of the question."""
        return (*self.recipe.rules, NotExcluded.of(exclusions))

    def explain(self, need: Table, offer: Table, exclusions: Iterable[Exclusion] = ()) -> Explanation:
        """Why one pair (tables of one row) stands where it stands; failed pairs are explained as well."""
        if len(need) != 1 or len(offer) != 1:
            raise ValueError("explain takes one need and one offer")
        return self.explained(need, offer, exclusions)[0]

    def explained(self, need: Table, offers: Table, exclusions: Iterable[Exclusion] = ()) -> list[Explanation]:
        """The same for one need and some offers, such as those of its list, in their order."""
        return list(explained(self, need, offers, self.rules(exclusions)))

    def count(self, needs: Table, offers: Table) -> Counts:
        """How many pairs fit, may fit, or do not: one need against all offers, or all needs against one offer."""
        return count(self, needs, offers)

    def additions(self, need: Table, offers: Table, most: int = 3, peers: Table | None = None) -> Advice:
        """Which missing facts of one need would change its list most (tried with what `peers`, other needs, tell), and
        which amounts to move."""
        return advise(self, need, offers, most, peers)

    def save(self, path: Path) -> None:
        """Write the learned matcher as one file, a compressed pickle: joblib takes five times as long for so many small parts."""
        path.write_bytes(zlib.compress(pickle.dumps({"format": ARTEFACT_FORMAT, "matcher": self}, protocol=5), 3))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote; ValueError for another format. Load only files that the worker wrote: it is a pickle."""
        try:
            held = pickle.loads(zlib.decompress(path.read_bytes()))
        except (zlib.error, pickle.UnpicklingError) as error:
            raise ValueError("not a matcher") from error
        if (
            not isinstance(held, dict)
            or held.get("format") != ARTEFACT_FORMAT
            or not isinstance(held.get("matcher"), cls)
        ):
            raise ValueError("not a matcher of this format")
        found: Self = held["matcher"]
        return found

    def reweighed(self, weights: Weights) -> Matcher:
        """The same learned matcher under another version of the weights."""
        copied = replace(self, weights=weights)
        copied.features_, copied.offers_, copied.spreading_ = self.features_, self.offers_, self.spreading_
        copied.second_, copied.hearing_, copied.newcomers_ = self.second_, self.hearing_, self.newcomers_
        return copied


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that is the same for every block of needs."""

    matcher: Matcher
    offers: Table
    rules: tuple[Rule, ...]
    k: int
    sketch: Sketch | None = None
    most: int = 0
    refine: bool = False

    def estimators(self) -> tuple[Estimator, ...]:
        """Everything that remembers what it made of the offers."""
        return (self.matcher, *self.matcher.features_)


def _ranked_block(held: Prepared[Ranking], block: tuple[Table, int]) -> Ranked:
    ranking, (needs, first) = held.body, block
    return ranking.matcher._rank_block(needs, ranking.offers, ranking.k, ranking.rules, first)


def _shortlisted_block(held: Prepared[Ranking], block: tuple[Table, Rows]) -> Pairs:
    ranking, (needs, rows) = held.body, block
    assert ranking.sketch is not None
    chosen = ranking.sketch.candidates(ranking.matcher, needs, ranking.most)
    few = ranking.matcher._lent(ranking.offers, chosen)
    judged = ranking.matcher.judge(needs, few, ranking.rules)
    if ranking.refine:
        context = by_past(ranking.matcher, judged.key, few)
        judged = refined(ranking.matcher, judged, needs, few, ranking.rules, context)
        judged = corrected(ranking.matcher, judged, needs, few)
    pairs = _pairs(judged, *top(judged.key, ranking.k), 0).best("need", ranking.k)
    return replace(pairs, need=rows[pairs.need], offer=chosen[pairs.offer])


def _pairs(judged: Judged, rows: NDArray[np.int64], columns: NDArray[np.int64], first: int) -> Pairs:
    at = (rows, columns)
    scores = judged.scores
    return Pairs(
        rows + first,
        columns,
        np.zeros(len(rows), dtype=np.int64),
        judged.key[at],
        scores.joint[at],
        scores.a[at],
        scores.b[at],
        scores.coverage[at],
        judged.verdict[at],
        judged.missing[at],
        np.column_stack([np.zeros((len(rows), 0), np.float32), *(block[at] for block in judged.values.values())]),
        learned(judged, rows, columns).astype(np.float32),
        np.zeros(len(rows), np.float32) if judged.heard is None else judged.heard[at],
    )
