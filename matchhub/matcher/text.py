"""Texts in Chinese and English: characters and words weighed by how rare they are (TF-IDF)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self, TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from matchhub.matcher.features import Feature, SILENT
from matchhub.matcher.products import Postings
from matchhub.matcher.table import Block, Bools, Rows, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from matchhub.matcher.history import History

FEWEST_KNOWN, MOST_KNOWN = 100, 5000
"""How many texts there must be, and may be, for a text to be read together with its neighbours."""

NEIGHBOURS = 10
ROWS = 512
ITSELF = 0.999

WORD = re.compile(r"\w\w", re.UNICODE)


@cache
def _segment() -> Callable[[str], list[str]]:
    """The segmenter's search mode, imported on first use: it costs memory and only texts need it."""
    import rjieba  # noqa: PLC0415

    return lambda text: list(rjieba.cut_for_search(text))


def words(text: str) -> list[str]:
    """Words of two letters or more, in search mode: long words and the words inside them."""
    return [word for word in _segment()(text.lower()) if WORD.match(word)]


@dataclass
class Reader:
    """Texts as unit vectors: half characters 1-2 (robust to segmentation), half words (meaning).

    scikit-learn's default tokenizer cannot read Chinese; both halves are its TfidfVectorizer with analysers that can. With
    `neighbours` a text also says, at half its voice, what the nearest known texts say (expansion by pseudo-relevance): two
    firms of one trade are alike though they use other words. Left out where there are fewer than FEWEST_KNOWN texts to
    learn from or more than MOST_KNOWN.
    """

    neighbours: int = 0
    known_: sparse.csr_matrix | None = field(default=None, init=False, repr=False)
    letters_: TfidfVectorizer | None = field(default=None, init=False)
    words_: TfidfVectorizer | None = field(default=None, init=False)
    names_: tuple[str, ...] = field(default=(), init=False, repr=False)

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn how rare letters and words are; without any text the reader stays silent."""
        spoken = [text for text in texts if text.strip()]
        self.letters_ = self.words_ = None
        if any(words(text) for text in spoken):
            self.letters_ = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), dtype=np.float32)
            self.words_ = TfidfVectorizer(analyzer=words, dtype=np.float32)
            self.letters_.fit(spoken)
            self.words_.fit(spoken)
            self.names_ = tuple(map(str, self.words_.get_feature_names_out()))
        self.known_ = None
        different = list(dict.fromkeys(spoken))
        if self.words_ is not None and self.neighbours and FEWEST_KNOWN <= len(different) <= MOST_KNOWN:
            self.known_ = self._plain(different)
        return self

    def read(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """(n, vocabulary) float32 csr; the product of two rows is the mean of both cosines."""
        if self.letters_ is None or self.words_ is None:
            return sparse.csr_matrix((len(texts), 1), dtype=np.float32)
        if len(texts) == 0:
            return sparse.csr_matrix(
                (0, len(self.letters_.vocabulary_) + len(self.words_.vocabulary_)), dtype=np.float32
            )
        own = self._plain(texts)
        return own if self.known_ is None else self._expanded(own, self.known_)

    def _plain(self, texts: Sequence[str]) -> sparse.csr_matrix:
        assert self.letters_ is not None and self.words_ is not None
        halves = [self.letters_.transform(texts), self.words_.transform(texts)]
        return sparse.csr_matrix(sparse.hstack(halves, format="csr") * np.float32(np.sqrt(0.5)))

    def _expanded(self, own: sparse.csr_matrix, known: sparse.csr_matrix) -> sparse.csr_matrix:
        """Each row with the weighed mean of its nearest known texts (but itself), as a unit vector again."""
        parts = []
        for first in range(0, own.shape[0], ROWS):
            block = own[first : first + ROWS]
            alike = np.asarray((block @ known.T).toarray(), dtype=np.float32)
            alike[alike > ITSELF] = 0
            least = np.partition(alike, alike.shape[1] - self.neighbours, axis=1)[:, -self.neighbours]
            near = np.where(alike >= np.maximum(least, np.float32(1e-6))[:, None], alike, 0)
            near /= np.maximum(near.sum(axis=1, keepdims=True), np.float32(1e-9))
            said = block + sparse.csr_matrix(near) @ known
            length = np.sqrt(np.asarray(said.multiply(said).sum(axis=1)).ravel())
            parts.append(sparse.diags((1 / np.maximum(length, 1e-9)).astype(np.float32)) @ said)
        return sparse.csr_matrix(sparse.vstack(parts, format="csr"), dtype=np.float32)

    def common_words(self, one: str, other: str, most: int = 5) -> tuple[str, ...]:
        """Words that both texts use, the most telling first."""
        if self.words_ is None:
            return ()
        read = self.words_.transform([one, other])
        return self.shared_words(read[[0]], read[[1]], most)

    def shared_words(self, one: sparse.csr_matrix, other: sparse.csr_matrix, most: int = 5) -> tuple[str, ...]:
        """The same for two rows of words' weights."""
        both, ours, theirs = np.intersect1d(one.indices, other.indices, assume_unique=True, return_indices=True)
        ranked = sorted(zip(-(one.data[ours] * other.data[theirs]), both.tolist(), strict=True))
        return tuple(self.names_[column] for _, column in ranked[:most])


@dataclass
class TextFit(Feature):
    """How much two texts speak of the same: 1 - exp(-cosine / scale), since honest cosines of short texts are small.

    A text of fewer than `shortest` characters is silent.
    """

    need: str
    offer: str
    scale: float = 0.15
    shortest: int = 8
    reader_: Reader = field(default_factory=Reader, init=False)

    def fit(self, needs: Table, offers: Table, history: History | None) -> Self:
        """Learn how rare words are from both sides and the past."""
        past = history.rounds.text(self.need) if history else ()
        self.reader_ = Reader(NEIGHBOURS).fit([*needs.text(self.need), *offers.text(self.offer), *past])
        self.forget()
        return self

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1), NaN where a text is too short to compare."""
        fit = self._postings(offers).product(self.read(needs))
        np.negative(np.expm1(np.divide(fit, np.float32(-self.scale), out=fit), out=fit), out=fit)
        fit[~self.needs_speak(needs), :] = SILENT
        fit[:, ~self.offers_speak(offers)] = SILENT
        return fit

    def read(self, needs: Table) -> sparse.csr_matrix:
        """(n_needs, vocabulary) the needs' texts as unit vectors."""
        return self.remembered("need", needs, lambda table: self.reader_.read(table.text(self.need)))

    def _postings(self, offers: Table) -> Postings:
        return self.remembered("offer", offers, lambda table: Postings.of(table.text(self.offer), self.reader_.read))

    def lend(self, whole: Table, part: Table, rows: Rows) -> None:
        """Read no text again."""
        self.keep("offer", part, self._postings(whole).take(rows))
        self.keep("offer speaks", part, self.offers_speak(whole)[rows])

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether the text is long enough to compare."""
        return self.remembered("need speaks", needs, lambda table: self._long_enough(table.text(self.need)))

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the text is long enough to compare."""
        return self.remembered("offer speaks", offers, lambda table: self._long_enough(table.text(self.offer)))

    def _long_enough(self, texts: Sequence[str]) -> Bools:
        readable = self.reader_.letters_ is not None
        return np.array([readable and len(text.strip()) >= self.shortest for text in texts], dtype=bool)

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """Words that both use, and how long the texts are."""
        return self.evidences(need, offer, [(0, 0)])[0]

    def evidences(self, needs: Table, offers: Table, pairs: Sequence[tuple[int, int]]) -> list[Mapping[str, Any]]:
        """The evidence of many pairs of rows; every text is read once."""
        ours = self._words_of(needs.text(self.need), {row for row, _ in pairs})
        theirs = self._words_of(offers.text(self.offer), {row for _, row in pairs})
        return [self._told(needs, offers, ours, theirs, pair) for pair in pairs]

    def _words_of(self, texts: Sequence[str], rows: set[int]) -> dict[int, sparse.csr_matrix]:
        if self.reader_.words_ is None or not rows:
            return {}
        read = self.reader_.words_.transform([texts[row] for row in rows])
        return {row: read[[line]] for line, row in enumerate(rows)}

    def _told(
        self,
        needs: Table,
        offers: Table,
        ours: Mapping[int, sparse.csr_matrix],
        theirs: Mapping[int, sparse.csr_matrix],
        pair: tuple[int, int],
    ) -> Mapping[str, Any]:
        need, offer = pair
        return {
            "common": self.reader_.shared_words(ours[need], theirs[offer]) if ours and theirs else (),
            "need": len(needs.text(self.need)[need].strip()),
            "offer": len(offers.text(self.offer)[offer].strip()),
        }
