"""What any matcher has to beat: chance, the most popular, the lately popular, and a toy text comparison."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from matchhub.matcher.evaluation.dataset import Dataset
from matchhub.matcher.evaluation.metrics import DEEP, Ranking
from matchhub.matcher.ranking import top
from matchhub.matcher.table import Block, SetColumn
from matchhub.matcher.text import words

HALF_LIFE_DAYS = 365
ROWS = 256


def chance(data: Dataset, seed: int = 0) -> Ranking:
    """Every order equally likely."""
    keys = np.random.default_rng(seed).random((len(data.needs), len(data.offers)), dtype=np.float32)
    return listed(without_known(keys, data))


def popularity(data: Dataset) -> Ranking:
    """By how many distinct firms an offer's owner has backed."""
    part = data.evidence.participation(data.offers.ids).tocoo()
    pairs = {(data.evidence.rounds.ids[row], column) for row, column in zip(*part.coords, strict=True)}
    counts = np.bincount([column for _, column in pairs], minlength=len(data.offers))
    return listed(without_known(everywhere(counts.astype(np.float64), data), data))


def recent_popularity(data: Dataset) -> Ranking:
    """By rounds, each halved for every year since."""
    part = data.evidence.participation(data.offers.ids)
    days = data.evidence.rounds.day("updated_on")
    weight = 0.5 ** ((days.max(initial=0) - days) / HALF_LIFE_DAYS)
    return listed(without_known(everywhere(np.asarray(part.T @ weight), data), data))


def place_and_field(data: Dataset) -> Ranking:
    """By how many rounds of the need's field, of its place and of both an offer's owner has taken, both counting most."""
    rounds, needs = data.evidence.rounds, data.needs
    part = data.evidence.participation(data.offers.ids)
    field, place = (_same(needs.codes(name), rounds.codes(name)) for name in ("industries", "region"))
    keys = (4 * field.multiply(place) + field + place) @ part
    popular = np.asarray(part.sum(axis=0), dtype=np.float32).ravel()
    return listed(without_known(np.asarray(keys.toarray(), np.float32) + popular / (1 + popular.sum()), data))


def _same(ours: SetColumn, theirs: SetColumn) -> sparse.csr_matrix:
    """(n_needs, n_rounds) ones where both have the same first part of a code, the field or the widest place that is told."""
    heads = sorted({_head(code) for column in (ours, theirs) for code in column.codes})
    at = {head: column for column, head in enumerate(heads)}

    def hot(column: SetColumn) -> sparse.csr_matrix:
        links = np.zeros((len(column.codes), len(heads)), dtype=np.float32)
        links[np.arange(len(column.codes)), [at[_head(code)] for code in column.codes]] = 1
        return sparse.csr_matrix((column.hot @ links) > 0, dtype=np.float32)

    return sparse.csr_matrix((hot(ours) @ hot(theirs).T) > 0, dtype=np.float32)


def _head(code: str) -> str:
    """The field of an industry, the country and region of a place (the city of a register's code)."""
    return code[:4] if code.isdecimal() else ".".join(code.split(".")[:2])


def text_cosine(data: Dataset) -> Ranking:
    """TF-IDF of single characters and pairs, the firm's profile against all that the owner has backed: the usual toy."""
    portfolios = _portfolios(data)
    reader = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), dtype=np.float32)
    theirs = reader.fit_transform(portfolios).T.tocsr()
    ours = reader.transform(data.needs.text("profile"))
    starts = range(0, len(data.needs), ROWS)
    keys = np.vstack([(ours[first : first + ROWS] @ theirs).toarray() for first in starts])
    return listed(without_known(keys, data))


def bm25(data: Dataset, k1: float = 1.2, b: float = 0.75) -> Ranking:
    """Okapi BM25 of the words of the firm's profile in all that the owner has backed."""
    portfolios = _portfolios(data)
    counter = CountVectorizer(analyzer=words, dtype=np.float32)
    theirs = counter.fit_transform(portfolios).tocsr()
    ours = counter.transform(data.needs.text("profile"))
    ours.data[:] = 1
    seen = np.bincount(theirs.indices, minlength=theirs.shape[1])
    rarity = np.log(1 + (len(portfolios) - seen + 0.5) / (seen + 0.5)).astype(np.float32)
    length = np.asarray(theirs.sum(axis=1)).ravel()
    norm = k1 * (1 - b + b * length / max(float(length.mean()), 1e-9))
    of = np.repeat(norm, np.diff(theirs.indptr))
    theirs.data = theirs.data * (k1 + 1) / (theirs.data + of) * rarity[theirs.indices]
    turned = theirs.T.tocsr()
    starts = range(0, len(data.needs), ROWS)
    keys = np.vstack([np.asarray((ours[at : at + ROWS] @ turned).toarray(), np.float32) for at in starts])
    return listed(without_known(keys, data))


def content_neighbours(data: Dataset, neighbours: int = 200) -> Ranking:
    """Who backed the `neighbours` past rounds whose firms are described most alike, weighed by the likeness (item kNN)."""
    part = data.evidence.participation(data.offers.ids)
    reader = TfidfVectorizer(analyzer=words, dtype=np.float32)
    theirs = reader.fit_transform(data.evidence.rounds.text("profile")).T.tocsr()
    ours = reader.transform(data.needs.text("profile"))
    found = []
    for at in range(0, len(data.needs), ROWS):
        alike = np.asarray((ours[at : at + ROWS] @ theirs).toarray(), dtype=np.float32)
        count = min(neighbours, alike.shape[1])
        least = np.partition(alike, alike.shape[1] - count, axis=1)[:, alike.shape[1] - count]
        found.append(np.asarray(np.where(alike >= least[:, None], alike, 0) @ part, dtype=np.float32))
    return listed(without_known(np.vstack(found), data))


def _portfolios(data: Dataset) -> list[str]:
    """The profiles of all that each owner has backed, as one text."""
    profiles = data.evidence.rounds.text("profile")
    columns = data.evidence.participation(data.offers.ids).tocsc()
    spans = zip(columns.indptr, columns.indptr[1:], strict=False)
    return [" ".join(profiles[row] for row in columns.indices[first:last]) for first, last in spans]


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
    """The best DEEP offers of every need, ties to the lower row; -1 beyond the end of a list."""
    rows, columns = top(keys, DEEP)
    order = np.lexsort((columns, -keys[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    starts = np.searchsorted(rows, np.arange(len(keys)))
    ranking = np.full((len(keys), DEEP), -1, dtype=np.int64)
    ranking[rows, np.arange(len(rows)) - starts[rows]] = columns
    return ranking
