"""Products of sparse rows with many others that stay: what is asked again is turned once."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
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
        _TURNED[key] = held = (gone, matrix.T.tocsr())
    return held[1]


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
