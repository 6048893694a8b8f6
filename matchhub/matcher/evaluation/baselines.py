"""What any matcher has to beat: chance, the most popular, the lately popular, and a toy text comparison."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from matchhub.matcher.evaluation.dataset import Dataset
from matchhub.matcher.evaluation.metrics import DEPTH, Ranking
from matchhub.matcher.ranking import top
from matchhub.matcher.table import Block

HALF_LIFE_DAYS = 365
ROWS = 256


def chance(data: Dataset, seed: int = 0) -> Ranking:
    """Every order equally likely."""
    keys = np.random.default_rng(seed).random((len(data.needs), len(data.offers)), dtype=np.float32)
    return listed(without_known(keys, data))


def popularity(data: Dataset) -> Ranking:
    """By how many distinct firms an offer's owner has backed."""
    part = data.history.participation(data.offers.ids).tocoo()
    pairs = {(data.history.rounds.ids[row], column) for row, column in zip(*part.coords, strict=True)}
    counts = np.bincount([column for _, column in pairs], minlength=len(data.offers))
    return listed(without_known(everywhere(counts.astype(np.float64), data), data))


def recent_popularity(data: Dataset) -> Ranking:
    """By rounds, each halved for every year since."""
    part = data.history.participation(data.offers.ids)
    days = data.history.rounds.day("updated_on")
    weight = 0.5 ** ((days.max() - days) / HALF_LIFE_DAYS)
    return listed(without_known(everywhere(np.asarray(part.T @ weight), data), data))


def text_cosine(data: Dataset) -> Ranking:
    """TF-IDF of single characters and pairs, the firm's profile against all that the owner has backed: the usual toy."""
    part = data.history.participation(data.offers.ids)
    profiles = data.history.rounds.text("profile")
    columns = part.tocsc()
    spans = zip(columns.indptr, columns.indptr[1:], strict=False)
    portfolios = [" ".join(profiles[row] for row in columns.indices[first:last]) for first, last in spans]
    reader = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), dtype=np.float32)
    theirs = reader.fit_transform(portfolios).T.tocsr()
    ours = reader.transform(data.needs.text("profile"))
    starts = range(0, len(data.needs), ROWS)
    keys = np.vstack([(ours[first : first + ROWS] @ theirs).toarray() for first in starts])
    return listed(without_known(keys, data))


def everywhere(counts: NDArray[np.float64], data: Dataset) -> Block:
    """(n_needs, n_offers) the same keys for every need."""
    return np.repeat(counts.astype(np.float32)[None, :], len(data.needs), axis=0)


def without_known(keys: Block, data: Dataset) -> Block:
    """The keys with the pairs that need no suggestion taken out."""
    if data.known:
        rows, columns = np.array(data.known, dtype=np.int64).T
        keys[rows, columns] = -np.inf
    return keys


def listed(keys: Block) -> Ranking:
    """The best DEPTH offers of every need, ties to the lower row; -1 beyond the end of a list."""
    rows, columns = top(keys, DEPTH)
    order = np.lexsort((columns, -keys[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    starts = np.searchsorted(rows, np.arange(len(keys)))
    ranking = np.full((len(keys), DEPTH), -1, dtype=np.int64)
    ranking[rows, np.arange(len(rows)) - starts[rows]] = columns
    return ranking
