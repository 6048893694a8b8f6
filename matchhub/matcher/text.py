"""Texts in Chinese and English: characters and words weighed by how rare they are (TF-IDF)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain, pairwise, repeat
from typing import Any, ClassVar, Self, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from matchhub.matcher.arrays import csr
from matchhub.matcher.features import Feature, SILENT
from matchhub.matcher.products import found_among, Postings
from matchhub.matcher.table import Block, Bools, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.history import History

FEWEST_KNOWN, MOST_KNOWN = 100, 5000
"""How many texts there must be, and may be, for a text to be read together with its neighbours."""

NEIGHBOURS = 10
ROWS = 512
MANY = 4096
ITSELF = 0.999

WORD = re.compile(r"\w\w", re.UNICODE)
SPACES = re.compile(r"\s\s+")


@cache
def _segment() -> Callable[[str], list[str]]:
    """The segmenter's search mode, imported on first use: it costs memory and only texts need it."""
    import rjieba  # noqa: PLC0415

    return lambda text: list(rjieba.cut_for_search(text))


@lru_cache(maxsize=512)
def words(text: str) -> tuple[str, ...]:
    """Words of two letters or more, in search mode: long words and the words inside them. The last texts are kept: a need is
    read by two readers, and again for its reasons."""
    return tuple(word for word in _segment()(text.lower()) if WORD.match(word))


def letters(text: str) -> list[str]:
    """Characters and pairs of neighbouring characters; several spaces count as one."""
    held = SPACES.sub(" ", text.lower())
    return [*held, *map("".join, pairwise(held))]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What texts are made of: the place of each part and (n_parts,) float32 how rare it is. Read without scikit-learn,
    which takes a millisecond a call, whatever the text."""

    parts: Callable[[str], Sequence[str]]
    place: Mapping[str, int]
    rarity: NDArray[np.float32]

    @classmethod
    def of(cls, parts: Callable[[str], Sequence[str]], texts: Sequence[str]) -> Self:
        """Learn from texts, of which at least one has a part."""
        learned = TfidfVectorizer(analyzer=parts, dtype=np.float32).fit(texts)
        place = {part: int(at) for part, at in learned.vocabulary_.items()}
        return cls(parts, place, np.asarray(learned.idf_, dtype=np.float32))

    def __len__(self) -> int:
        return len(self.place)

    def weigh(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """The known parts of texts, text by text and by place: rows, places, and weights: counts times rarity, of length
        one together in each text."""
        parts = [self.parts(text) for text in texts]
        lengths = np.fromiter(map(len, parts), np.int64, len(parts))
        found = np.fromiter(map(self.place.get, chain.from_iterable(parts), repeat(-1)), np.int64, int(lengths.sum()))
        rows, known, width = np.repeat(np.arange(len(parts)), lengths), found >= 0, max(len(self), 1)
        both, often = np.unique(rows[known] * width + found[known], return_counts=True)
        row, place = np.divmod(both, width)
        weights = often.astype(np.float32) * self.rarity[place]
        length = np.sqrt(np.bincount(row, np.square(weights, dtype=np.float64), len(parts)))
        return row, place, (weights / length[row]).astype(np.float32)


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
    letters_: Vocabulary | None = field(default=None, init=False, repr=False)
    words_: Vocabulary | None = field(default=None, init=False, repr=False)
    names_: tuple[str, ...] = field(default=(), init=False, repr=False)

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn how rare letters and words are; without any text the reader stays silent."""
        spoken = [text for text in texts if text.strip()]
        self.letters_ = self.words_ = None
        if any(words(text) for text in spoken):
            self.letters_, self.words_ = Vocabulary.of(letters, spoken), Vocabulary.of(words, spoken)
            self.names_ = tuple(sorted(self.words_.place))
        self.known_ = None
        different = list(dict.fromkeys(spoken))
        if self.words_ is not None and self.neighbours and FEWEST_KNOWN <= len(different) <= MOST_KNOWN:
            self.known_ = self._plain(different)
        return self

    @property
    def width(self) -> int:
        """How many letters, pairs of letters and words are known."""
        return 1 if self.letters_ is None or self.words_ is None else len(self.letters_) + len(self.words_)

    def read(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """(n, vocabulary) float32 csr; the product of two rows is the mean of both cosines."""
        if self.letters_ is None or self.words_ is None or len(texts) == 0:
            return sparse.csr_matrix((len(texts), self.width), dtype=np.float32)
        own = self._plain(texts)
        return own if self.known_ is None else self._expanded(own, self.known_)

    def _plain(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Some at a time: all letters of many texts are many objects."""
        if len(texts) <= MANY:
            return self._at_once(texts)
        starts = range(0, len(texts), MANY)
        return sparse.csr_matrix(sparse.vstack([self._at_once(texts[at : at + MANY]) for at in starts], format="csr"))

    def _at_once(self, texts: Sequence[str]) -> sparse.csr_matrix:
        assert self.letters_ is not None and self.words_ is not None
        (row, place, light), (other, word, heavy) = self.letters_.weigh(texts), self.words_.weigh(texts)
        rows = np.concatenate([row, other])
        order = np.argsort(rows, kind="stable")
        weights = np.concatenate([light, heavy])[order] * np.float32(np.sqrt(0.5))
        places = np.concatenate([place, word + len(self.letters_)])[order]
        ends = np.searchsorted(rows[order], np.arange(len(texts) + 1))
        return csr(weights, places, ends, (len(texts), self.width))

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

    def words_of(self, texts: Sequence[str]) -> list[dict[int, float]]:
        """The words of each text and how much each tells."""
        if self.words_ is None:
            return [{} for _ in texts]
        rows, places, weights = self.words_.weigh(texts)
        ends = np.searchsorted(rows, np.arange(len(texts) + 1))
        said = list(zip(places.tolist(), weights.tolist(), strict=True))
        return [dict(said[first:last]) for first, last in pairwise(ends.tolist())]

    def shared_words(self, one: Mapping[int, float], other: Mapping[int, float], most: int = 5) -> tuple[str, ...]:
        """Words of two texts (see `words_of`) that both use, the most telling first."""
        ranked = sorted((-(one[word] * other[word]), word) for word in one.keys() & other.keys())
        return tuple(self.names_[word] for _, word in ranked[:most])


@dataclass
class TextFit(Feature):
    """How much two texts speak of the same: 1 - exp(-cosine / scale), since honest cosines of short texts are small.

    A text of fewer than `shortest` characters is silent.
    """

    need: str
    offer: str
    scale: float = 0.15
    shortest: int = 8
    by_side: ClassVar[bool] = True
    reader_: Reader = field(default_factory=Reader, init=False)

    def fit(self, needs: Table, offers: Table, history: History | None) -> Self:
        """Learn how rare words are from both sides and the past."""
        past = history.rounds.text(self.need) if history else ()
        self.reader_ = Reader(NEIGHBOURS).fit([*needs.text(self.need), *offers.text(self.offer), *past])
        self.forget()
        return self

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1), NaN where a text is too short to compare."""
        fit = self._fit(needs, offers)
        fit[~self.needs_speak(needs), :] = SILENT
        fit[:, self._silent(offers)] = SILENT
        return fit

    def near(self, need: Table, offers: Table) -> NDArray[np.float32]:
        """(n_offers,) the same for one need that speaks, 0 where an offer's text is too short."""
        fit: NDArray[np.float32] = self._fit(need, offers)[0]
        fit[self._silent(offers)] = 0
        return fit

    def _fit(self, needs: Table, offers: Table) -> Block:
        fit = self._postings(offers).product(self.read(needs))
        np.exp(np.multiply(fit, np.float32(-1 / self.scale), out=fit), out=fit)
        return np.subtract(np.float32(1), fit, out=fit)

    def _silent(self, offers: Table) -> Rows:
        """The rows whose text is too short."""
        return self.remembered("offer silent", offers, lambda table: np.flatnonzero(~self.offers_speak(table)))

    def read(self, needs: Table) -> sparse.csr_matrix:
        """(n_needs, vocabulary) the needs' texts as unit vectors."""
        return self.remembered("need", needs, lambda table: self.reader_.read(table.text(self.need)))

    def _postings(self, offers: Table) -> Postings:
        return self.remembered("offer", offers, lambda table: Postings.of(table.text(self.offer), self.reader_.read))

    def lend(self, whole: Table, part: Table, rows: Rows) -> None:
        """Read no text again."""
        self.keep("offer", part, self._postings(whole).take(rows))
        self.keep("offer speaks", part, self.offers_speak(whole)[rows])

    def renew(self, before: Table, now: Table) -> None:
        """Read only texts that were not there."""
        if (held := self.made("offer", before)) is not None:
            self.keep("offer", now, held.renewed(before.text(self.offer), now.text(self.offer), self.reader_.read))
        if (read := self.made("need", before)) is not None:
            rows, fresh = found_among(before.text(self.need), now.text(self.need), self.reader_.read)
            self.keep("need", now, sparse.vstack([read, fresh], format="csr")[rows])

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
        ours = self._said(needs.text(self.need), {row for row, _ in pairs})
        theirs = self._said(offers.text(self.offer), {row for _, row in pairs})
        return [self._told(*ours[need], *theirs[offer]) for need, offer in pairs]

    def _said(self, texts: Sequence[str], rows: set[int]) -> dict[int, tuple[Mapping[int, float], int]]:
        """The words and the length of the texts of these rows."""
        read = self.reader_.words_of([texts[row] for row in rows])
        return {row: (held, len(texts[row].strip())) for row, held in zip(rows, read, strict=True)}

    def _told(
        self, ours: Mapping[int, float], length: int, theirs: Mapping[int, float], other: int
    ) -> Mapping[str, Any]:
        return {"common": self.reader_.shared_words(ours, theirs), "need": length, "offer": other}
