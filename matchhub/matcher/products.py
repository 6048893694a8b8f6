"""Products of sparse rows with many others that stay: what is asked again is turned once."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.arrays import added, csr
from matchhub.matcher.table import Block, Rows

TILE = 1 << 16
FEW = 24
"""Up to so many codes a single row is multiplied without the overhead of sparse products."""

MANY = 16
"""From so many rows on, what most of the others use is multiplied as a dense matrix."""

OFTEN, MOST_OFTEN = 1 / 12, 384
"""A code is multiplied so where this share of the rows use it; how many codes at most."""


class _Turned:
    """A matrix by its columns, and the columns that are used most as a dense matrix, made when many rows ask for it."""

    def __init__(self, matrix: sparse.csr_matrix) -> None:
        self.by_code = matrix.T.tocsr()
        self.by_code.sum_duplicates()

    @cached_property
    def often(self) -> tuple[Rows, Block]:
        """(n_codes,) place of each code in the dense matrix, -1 outside; (n_often, rows) the matrix."""
        users = np.diff(self.by_code.indptr)
        codes = np.flatnonzero(users >= max(OFTEN * self.by_code.shape[1], 1))
        codes = codes[np.argsort(-users[codes], kind="stable")][:MOST_OFTEN]
        place = np.full(len(users), -1, dtype=np.int64)
        place[codes] = np.arange(len(codes))
        return place, np.asarray(self.by_code[codes].toarray(), dtype=np.float32)


_TURNED: dict[int, tuple[weakref.ref[sparse.csr_matrix], _Turned]] = {}


def _turned(matrix: sparse.csr_matrix) -> _Turned:
    key = id(matrix)
    held = _TURNED.get(key)
    if held is None or held[0]() is not matrix:
        gone = weakref.ref(matrix, lambda _: _TURNED.pop(key, None))
        _TURNED[key] = held = (gone, _Turned(matrix))
    return held[1]


def turned(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """The transposed matrix by rows, made once while the matrix lives; for matrices that nobody changes."""
    return _turned(matrix).by_code


def product(ours: sparse.csr_matrix, theirs: sparse.csr_matrix, scale: NDArray[np.float32] | None = None) -> Block:
    """(n, m) dense float32 products of two sets of sparse rows, `ours` scaled column by column; `theirs` is kept turned."""
    held, weights = _turned(theirs), ours.data if scale is None else ours.data * scale[ours.indices]
    if ours.shape[0] == 1 and len(weights) <= FEW:
        return _single(ours.indices, weights, held.by_code)
    if ours.shape[0] >= MANY and len(weights) > FEW * ours.shape[0]:
        return _many(ours, weights, held)
    scaled = ours if scale is None else csr(weights, ours.indices, ours.indptr, ours.shape)
    return np.asarray((scaled @ held.by_code).toarray(), dtype=np.float32)


def _single(codes: NDArray[np.int32], weights: NDArray[np.float32], by_code: sparse.csr_matrix) -> Block:
    found = np.zeros((1, by_code.shape[1]), dtype=np.float32)
    for code, weight in zip(codes.tolist(), weights.reshape(-1, 1), strict=True):
        added(found[0], by_code, code, weight)
    return found


def _many(ours: sparse.csr_matrix, weights: NDArray[np.float32], held: _Turned) -> Block:
    """Texts share their commonest letters with nearly all others: those are a dense product, the rest is sparse."""
    place, dense = held.often
    at, rows = place[ours.indices], np.repeat(np.arange(ours.shape[0]), np.diff(ours.indptr))
    common = at >= 0
    asked = np.zeros((ours.shape[0], len(dense)), dtype=np.float32)
    asked[rows[common], at[common]] = weights[common]
    found = np.asarray(asked @ dense)
    ends = np.concatenate([[0], np.cumsum(~common)])[ours.indptr]
    rare = sparse.csr_matrix((weights[~common], ours.indices[~common], ends), shape=ours.shape)
    product_ = rare @ held.by_code
    line = np.repeat(np.arange(ours.shape[0]), np.diff(product_.indptr))
    found[line, product_.indices] += product_.data
    return found


def found_among(
    before: Sequence[str], now: Sequence[str], read: Callable[[Sequence[str]], sparse.csr_matrix]
) -> tuple[Rows, sparse.csr_matrix]:
    """Where each text of now stood before, those that are new numbered after all; and the new ones, read."""
    place = {text: at for at, text in enumerate(before)}
    new: dict[str, int] = {}
    rows = [at if (at := place.get(text, -1)) >= 0 else len(before) + new.setdefault(text, len(new)) for text in now]
    return np.array(rows, dtype=np.int64), read(list(new))


@dataclass(frozen=True, slots=True)
class Postings:
    """Sparse rows by their columns, in tiles of rows: for each word who uses it and how much."""

    rows: int
    tiles: tuple[sparse.csr_matrix, ...]

    @classmethod
    def of(cls, texts: Sequence[str], read: Callable[[Sequence[str]], sparse.csr_matrix]) -> Self:
        """From texts, read a tile at a time."""
        starts = range(0, max(len(texts), 1), TILE)
        return cls(len(texts), tuple(read(texts[at : at + TILE]).T.tocsr() for at in starts))

    def take(self, rows: Rows) -> Self:
        """The same for some rows, in ascending order."""
        ends = np.searchsorted(rows, [at * TILE for at in range(len(self.tiles) + 1)])
        held = [turned(tile)[rows[ends[at] : ends[at + 1]] - at * TILE] for at, tile in enumerate(self.tiles)]
        return type(self)(len(rows), (sparse.vstack(held, format="csr").T.tocsr(),))

    def renewed(
        self, before: Sequence[str], now: Sequence[str], read: Callable[[Sequence[str]], sparse.csr_matrix]
    ) -> Self:
        """Those of other texts, most of which were there before: only the new ones are read, and tiles that stayed are kept."""
        rows, fresh = found_among(before, now, read)
        tiles = list[sparse.csr_matrix]()
        for at, first in enumerate(range(0, max(len(now), 1), TILE)):
            wanted = rows[first : first + TILE]
            kept = at < len(self.tiles) and np.array_equal(wanted, first + np.arange(self.tiles[at].shape[1]))
            tiles.append(self.tiles[at] if kept else self._tile(wanted, fresh))
        return type(self)(len(now), tuple(tiles))

    def _tile(self, wanted: Rows, fresh: sparse.csr_matrix) -> sparse.csr_matrix:
        """Of these rows, those of `fresh` numbered after all rows."""
        order = np.argsort(wanted, kind="stable")
        ends = np.searchsorted(wanted[order], [*(at * TILE for at in range(len(self.tiles))), self.rows])
        parts = [turned(tile)[wanted[order[ends[at] : ends[at + 1]]] - at * TILE] for at, tile in enumerate(self.tiles)]
        parts.append(fresh[wanted[order[ends[-1] :]] - self.rows])
        return sparse.vstack(parts, format="csr")[np.argsort(order)].T.tocsr()

    def product(self, ours: sparse.csr_matrix) -> Block:
        """(n, rows) float32 dense products of `ours` (n rows) with all rows."""
        found = np.zeros((ours.shape[0], self.rows), dtype=np.float32)
        for at, tile in enumerate(self.tiles):
            part = slice(at * TILE, at * TILE + tile.shape[1])
            if ours.shape[0] == 1:
                _one(ours, tile, found[0, part])
            else:
                found[:, part] = (ours @ tile).toarray()
        return found


def _one(ours: sparse.csr_matrix, tile: sparse.csr_matrix, found: NDArray[np.float32]) -> None:
    """Add the product of a single row with a tile to `found`: only the postings of its own words are touched, where they lie."""
    for code, weight in zip(ours.indices.tolist(), ours.data.reshape(-1, 1), strict=True):
        added(found, tile, code, weight)
