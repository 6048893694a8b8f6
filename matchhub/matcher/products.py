"""Products of sparse rows with many others that stay: what is asked again is turned once."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.table import Block, Rows

TILE = 1 << 16
_TURNED: dict[int, tuple[weakref.ref[sparse.csr_matrix], sparse.csr_matrix]] = {}


def turned(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """The transposed matrix by rows, made once while the matrix lives; for matrices that nobody changes."""
    key = id(matrix)
    held = _TURNED.get(key)
    if held is None or held[0]() is not matrix:
        gone = weakref.ref(matrix, lambda _: _TURNED.pop(key, None))
        flipped = matrix.T.tocsr()
        flipped.sum_duplicates()
        _TURNED[key] = held = (gone, flipped)
    return held[1]


FEW = 24
"""Up to so many codes a single row is multiplied without the overhead of sparse products."""


def product(ours: sparse.csr_matrix, theirs: sparse.csr_matrix, scale: NDArray[np.float32] | None = None) -> Block:
    """(n, m) dense float32 products of two sets of sparse rows, `ours` scaled column by column; `theirs` is kept turned."""
    flipped, weights = turned(theirs), ours.data if scale is None else ours.data * scale[ours.indices]
    if ours.shape[0] != 1 or len(weights) > FEW:
        scaled = ours if scale is None else sparse.csr_matrix((weights, ours.indices, ours.indptr), shape=ours.shape)
        return np.asarray((scaled @ flipped).toarray(), dtype=np.float32)
    found = np.zeros((1, flipped.shape[1]), dtype=np.float32)
    ends, columns, values = flipped.indptr, flipped.indices, flipped.data
    for code, weight in zip(ours.indices.tolist(), weights, strict=True):
        part = slice(ends[code], ends[code + 1])
        found[0, columns[part]] += values[part] * weight
    return found


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

    def product(self, ours: sparse.csr_matrix) -> Block:
        """(n, rows) float32 dense products of `ours` (n rows) with all rows."""
        found = np.zeros((ours.shape[0], self.rows), dtype=np.float32)
        for at, tile in enumerate(self.tiles):
            part = slice(at * TILE, at * TILE + tile.shape[1])
            found[:, part] = _one(ours, tile) if ours.shape[0] == 1 else (ours @ tile).toarray()
        return found


def _one(ours: sparse.csr_matrix, tile: sparse.csr_matrix) -> Block:
    """A single row touches only the postings of its own words."""
    touched = tile[ours.indices]
    columns = sparse.csc_matrix(
        (touched.data, touched.indices, touched.indptr), shape=(tile.shape[1], len(ours.indices))
    )
    return np.asarray(columns @ ours.data, dtype=np.float32)
