"""Whose word is yes, learned from many answers: who asks, who offers, what both name, and which offer it is.

A logistic regression whose columns belong to facts that a person can name. The log odds are the intercept and one addend per
fact, and within a fact one per code, so that what is said of a pair adds up to what was foretold of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from matchhub.matcher.table import Bools, Rows, Table

Numbers = NDArray[np.float64]

VOICES = {
    "asks": 1.0, "offers": 1.0, "both": 0.5, "itself": 1.0, "words asked": 1.0, "words offered": 1.0, "how many": 0.5
}  # fmt: skip
"""How freely the weights of a fact move, in the order of the columns: the codes of the need, of the offer, those that both name,
the offer itself, the words of the need, of the offer, and how many codes either names (none apart)."""

STRENGTH = 0.1
"""The inverse precision of the prior "no weight"."""

RAREST = 5
"""In how many texts a piece of a word must stand to be learned from."""


@dataclass
class Profiles:
    """What answers teach of codes (`sets`, the same columns on both sides), words (`text`) and offers.

    `fit` numbers the codes and pieces of words; an offer is its row, so `odds` wants the table of offers that it was fitted to.
    """

    sets: Sequence[str]
    text: str = "text"
    strength: float = STRENGTH
    codes_: dict[str, dict[str, int]] = field(default_factory=dict, init=False)
    reader_: TfidfVectorizer | None = field(default=None, init=False)
    model_: LogisticRegression | None = field(default=None, init=False)

    def fit(
        self, needs: Table, offers: Table, rows: Rows, columns: Rows, right: Bools, weight: Numbers | None = None
    ) -> Profiles:
        """Learn from pairs (row of needs, row of offers), whether each was accepted, and how much each counts."""
        self.codes_ = {}
        for name in self.sets:
            named = sorted({*needs.codes(name).codes, *offers.codes(name).codes})
            self.codes_[name] = {code: at for at, code in enumerate(named)}
        texts = [*needs.text(self.text), *offers.text(self.text)]
        reader = TfidfVectorizer(
            analyzer="char", ngram_range=(3, 4), min_df=RAREST, sublinear_tf=True, dtype=np.float32
        )
        try:
            self.reader_ = reader.fit(texts)
        except ValueError:  # no piece stands in RAREST texts: words stay silent
            self.reader_ = None
        said = sparse.hstack(list(self.facts(needs, offers, rows, columns).values()), format="csr")
        self.model_ = LogisticRegression(C=self.strength, max_iter=300).fit(said, right, sample_weight=weight)
        return self

    def odds(self, needs: Table, offers: Table, rows: Rows, columns: Rows) -> Numbers:
        """(n_pairs,) log odds of a yes."""
        return np.asarray(self.level + sum(self.addends(needs, offers, rows, columns).values()))

    @property
    def level(self) -> float:
        """The log odds of which no fact tells."""
        assert self.model_ is not None
        return float(self.model_.intercept_[0])

    def addends(self, needs: Table, offers: Table, rows: Rows, columns: Rows) -> dict[str, Numbers]:
        """(n_pairs,) what each fact adds to the log odds; with the intercept they are the log odds."""
        assert self.model_ is not None
        found, first = {}, 0
        for name, part in self.facts(needs, offers, rows, columns).items():
            found[name] = np.asarray(part @ self.model_.coef_[0, first : first + part.shape[1]])
            first += part.shape[1]
        return found

    def facts(self, needs: Table, offers: Table, rows: Rows, columns: Rows) -> dict[str, sparse.csr_matrix]:
        """By fact (n_pairs, n_columns), already scaled by VOICES."""
        ours, theirs = ([self._hot(table, name) for name in self.sets] for table in (needs, offers))
        asks, offered = (sparse.hstack([_unit(part) for part in side], format="csr") for side in (ours, theirs))
        left, right = (sparse.hstack(side, format="csr") for side in (ours, theirs))
        words, answering = self._words(needs), self._words(offers)
        named = sparse.hstack([self._named(needs)[rows], self._named(offers)[columns]], format="csr")
        parts = (
            asks[rows],
            offered[columns],
            left[rows].multiply(right[columns]),
            sparse.identity(len(offers), np.float32, "csr")[columns],
            words[rows],
            answering[columns],
            named,
        )
        return {
            name: sparse.csr_matrix(part * np.float32(voice))
            for (name, voice), part in zip(VOICES.items(), parts, strict=True)
        }

    def _hot(self, table: Table, name: str) -> sparse.csr_matrix:
        """(n, n_codes) ones where a row names a code that was known when learning."""
        column, place = table.codes(name), self.codes_[name]
        known = [(at, place[code]) for at, code in enumerate(column.codes) if code in place]
        at, to = np.array(known, dtype=np.int64).reshape(-1, 2).T
        links = sparse.csr_matrix((np.ones(len(at), np.float32), (at, to)), shape=(len(column.codes), len(place)))
        return sparse.csr_matrix(column.hot @ links)

    def _named(self, table: Table) -> sparse.csr_matrix:
        """(n, 2 · n_sets) for each set the log of how many codes a row names, and whether it is silent; 不限 is no silence."""
        held = [table.codes(name) for name in self.sets]
        counts = np.column_stack([np.asarray(column.hot.sum(axis=1)).ravel() for column in held])
        silent = np.column_stack([~column.known for column in held])
        return sparse.csr_matrix(np.hstack([np.log1p(counts), silent]).astype(np.float32))

    def _words(self, table: Table) -> sparse.csr_matrix:
        """(n, n_pieces) unit rows of the text's pieces of three and four letters."""
        if self.reader_ is None:
            return sparse.csr_matrix((len(table), 0), dtype=np.float32)
        return sparse.csr_matrix(self.reader_.transform(table.text(self.text)))


def _unit(hot: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of length one."""
    length = np.sqrt(np.asarray(hot.multiply(hot).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags((1 / np.maximum(length, 1e-9)).astype(np.float32)) @ hot)
